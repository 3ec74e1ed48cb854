#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A machine with a PSA root of trust that is not ours: tokens by RFC 9783, sessions by docs/protocol.md. The root of trust is
a key in a file: it protects nothing.

    psa.py MACHINE attest|provision MATCHING-ID|"" [CHANGE...]
    psa.py MACHINE corim SIGNER-KEY|"" [CHANGE...]

MACHINE is a JSON file: key, instance, components ([type, content, signer]), imei, model, firmware, host, port, address,
issuer, last (where the last token is kept). CHANGE is NAME=VALUE of key, instance, lifecycle, imei, or of a component by
its type, or `replayed`: the token of the session before is shown. Prints one line of JSON; the exit status is 0, 1 when
something failed, 4 when card or server refused. `corim` writes the CoRIM that the machine's maker hands over, signed or not, to
standard output instead.
"""
import json
import sys

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

import card
import download
import es9
import evidence
import keys
import signed
import tlv

PROFILE = "tag:psacertified.org,2023:psa#tfm"
SECURED = 0x3000
ALGORITHMS = {32: (-7, hashes.SHA256()), 48: (-35, hashes.SHA384())}  # by the size of the field: ES256, ES384 (RFC 9053 2.1)


def claims(facts, nonce):
    """A claims-set of RFC 9783 4."""
    components = [{1: kind, 2: keys.sha256(content.encode()), 4: "1.0", 5: keys.sha256(signer.encode())}
                  for kind, content, signer in facts["components"]]
    return cbor2.dumps({10: nonce, 256: bytes.fromhex(facts["instance"]), 265: PROFILE, 2394: 1,
                        2395: int(str(facts.get("lifecycle", SECURED)), 0), 2396: keys.sha256(b"a root of trust"),
                        2399: components}, canonical=True)


def token(facts, nonce):
    """COSE_Sign1 (RFC 9783 5.2) by the initial attestation key."""
    key, payload = keys.private(facts["key"]), claims(facts, nonce)
    size = (key.curve.key_size + 7) // 8
    algorithm, hashed = ALGORITHMS[size]
    protected = cbor2.dumps({1: algorithm})
    r, s = utils.decode_dss_signature(key.sign(signed.to_be_signed(protected, b"", payload), ec.ECDSA(hashed)))
    return cbor2.dumps(cbor2.CBORTag(signed.COSE_SIGN1, [
        protected, {}, payload, r.to_bytes(size, "big") + s.to_bytes(size, "big")]))


def shown(session, facts, replayed):
    """The bundle for this session."""
    assert "psa" in session.wish["formats"], session.wish
    claimed = evidence.claims(facts["imei"], facts["model"], facts["firmware"])
    if replayed:
        with open(facts["last"], "rb") as file:
            made = file.read()
    else:
        made = token(facts, evidence.binding(session.server_signed1, session.card.eid(), claimed))
        with open(facts["last"], "wb") as file:
            file.write(made)
    return cbor2.dumps({1: 2, 2: claimed, 9: made}, canonical=True)


def corim(facts, signer):
    """A CoRIM (draft-ietf-rats-corim) whose attest-key triples have the key of this instance, and of another before it."""
    def triple(instance, key):
        pem = keys.pem(keys.point(key.public_key())).decode()
        environment = {0: {0: cbor2.CBORTag(560, keys.sha256(b"a root of trust"))}, 1: cbor2.CBORTag(550, instance)}
        return [environment, [cbor2.CBORTag(554, pem)]]
    triples = [triple(b"\1" + bytes(32), keys.generate()),
               triple(bytes.fromhex(facts["instance"]), keys.private(facts["key"]))]
    comid = cbor2.dumps({1: {0: "keys"}, 4: {3: triples}})
    tagged = cbor2.dumps(cbor2.CBORTag(501, {0: "week 48", 1: [cbor2.CBORTag(506, comid)]}))
    if not signer:
        return tagged
    protected = cbor2.dumps({1: -7, 3: "application/rim+cbor", 8: cbor2.dumps({0: {0: "maker"}})})
    signature = keys.sign(keys.private(signer), signed.to_be_signed(protected, b"", tagged))
    return cbor2.dumps(cbor2.CBORTag(signed.COSE_SIGN1, [protected, {}, tagged, signature]))


def changed(facts, changes):
    for name, value in (change.split("=", 1) for change in changes):
        kinds = [component[0] for component in facts["components"]]
        if name in kinds:
            facts["components"][kinds.index(name)][1] = value
        else:
            facts[name] = value
    return facts


def run(what, matching_id, facts, replayed):
    found = card.Card()
    try:
        server = es9.Server(facts["host"], facts["port"], facts["issuer"])
        session = download.Session(found, server, facts["address"])
        bundle = shown(session, facts, replayed)
        answer = session.authenticate(matching_id, facts["imei"], bundle, only=what == "attest")
        if what == "attest":
            return {"result": answer["equipmentResult"], "wish": session.wish}
        return {"iccid": session.install(answer).hex()}
    finally:
        found.close()


def main():
    path, what, matching_id, *changes = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        facts = changed(json.load(file), [change for change in changes if change != "replayed"])
    if what == "corim":
        sys.stdout.buffer.write(corim(facts, matching_id))
        return 0
    try:
        print(json.dumps(run(what, matching_id or None, facts, "replayed" in changes)))
    except (card.Refused, es9.Refused, download.CardRefused) as refused:
        print(json.dumps({"refused": str(refused), "answer": getattr(refused, "answer", None)}))
        return 4
    except (tlv.Malformed, OSError) as failure:
        print(json.dumps({"failed": str(failure)}))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
