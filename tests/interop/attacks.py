# SPDX-License-Identifier: Apache-2.0
"""What docs/protocol.md says is refused: each is tried, and must be refused as it says."""
import re

import cbor2

import card
import download
import enrolment
import es9
import evidence
import keys
import pairing
import tlv


def row(what, expected, found):
    return {"what": what, "expected": expected, "found": found}


# --- 80 54, 80 56, 80 58 --------------------------------------------------------------------------------------

def commands(found, authority, number):
    """Of a card that has carried out the order `number`."""
    eid = found.eid()
    found.reset()
    proof = bytes.fromhex("8056000042") + tlv.put(0x80, bytes(64))

    def answer(what, expected, command):
        return row(what, expected, f"{found.exchange(command)[1]:04X}")

    def order(what, expected, body, key=authority):
        signed = body + tlv.put(0x5F37, keys.sign(key, pairing.ORDER_TEXT + body))
        return answer(what, expected, bytes([0x80, 0x58, 0, 0, len(signed)]) + signed)

    def body(*more, of=eid, mode=1, at=number + 1):
        return tlv.put(0xA0, tlv.put(0x81, of), tlv.put(0x82, bytes([mode])), tlv.put(0x87, at.to_bytes(4, "big")),
                       *more)

    yield answer("a proof without a challenge", "6985", proof)
    yield answer("P1 of a challenge", "6A86", bytes.fromhex("8054010000"))
    yield row("another Le", "6C49", f"{found.transmit(bytes.fromhex('8054000000'))[1]:04X}")
    yield answer("which gave no challenge", "6985", proof)
    said = pairing.challenge(found)
    yield answer("a proof that is none", "6982", proof)
    yield answer("... and its challenge is used up", "6985", proof)
    yield row("a challenge is fresh", "True", str(said["challenge"] != pairing.challenge(found)["challenge"]))
    yield answer("a proof cut short", "6700", bytes.fromhex("80560000028000"))
    yield order("an element that is not known", "6A80", body(tlv.put(0x8A, b"\0")))
    yield order("a mode that is not known", "6A80", body(mode=3))
    yield order("somebody else's order", "6982", body(), keys.generate())
    yield order("another card's", "6A88", body(of=bytes(16)))
    yield order("one that was overtaken", "6985", body(at=number))
    yield order("a point that is none", "6A80", body(tlv.put(0x89, b"\x04" + bytes(64))))
    channel = found.command("MANAGE CHANNEL", bytes.fromhex("0070000001"))[0]
    yield answer("a challenge on another channel", "9000", bytes([0x80 | channel, 0x54, 0, 0, 0x49]))
    found.exchange(bytes([0, 0x70, 0x80, channel]))


# --- enrolment ------------------------------------------------------------------------------------------------

def enrolment_requests(server, chip, eid, facts):
    good = enrolment.request(chip, eid, facts["imei"], facts["model"], True)
    plain = chip.signing_key("plain.ctx", "userwithauth|sign")
    garbage = es9.text(b"no key")
    without = {name: {key: value for key, value in good.items() if key != name} for name in good}

    def answer(what, expected, body):
        try:
            server.enrol("enrol", body)
        except es9.Refused as refused:
            return row(what, expected, str(refused))
        return row(what, expected, "taken")

    yield answer("an EID too short", "400 malformed", good | {"eid": "1"})
    yield answer("no model", "400 malformed", without["model"])
    yield answer("no attestation key", "400 malformed", without["akPublic"])
    yield answer("an IMEI with another check digit", "403 imei", good | {"imei": facts["imei"][:14] + "0"})
    yield answer("an empty model", "403 model", good | {"model": ""})
    yield answer("an endorsement key that is none", "403 ek-malformed", good | {"ekPublic": garbage})
    yield answer("a signing key in its place", "403 ek-template", good | {"ekPublic": es9.text(plain)})
    yield answer("no certificate", "403 ek-no-certificate", without["ekCertificate"])
    yield answer("an attestation key that is none", "403 ak-malformed", good | {"akPublic": garbage})
    yield answer("one that is not restricted", "403 ak-attributes", good | {"akPublic": es9.text(plain)})
    yield answer("a pairing key that is none", "403 pairing-malformed", good | {"pairingPublic": garbage})
    yield answer("one that signs in any state", "403 pairing-attributes",
                 good | enrolment.certified(chip, "plain.ctx"))
    yield answer("one that nobody certifies", "403 pairing-uncertified", without["certify"])
    yield from proofs(server, chip, good)


def proofs(server, chip, good):
    def answer(what, expected, challenge, proof):
        try:
            server.enrol("enrol/prove", {"id": challenge["id"], "proof": es9.text(proof)})
        except es9.Refused as refused:
            return row(what, expected, str(refused))
        return row(what, expected, "taken")

    challenge = server.enrol("enrol", good)
    yield answer("a guess", "403 proof", challenge, bytes(32))
    yield answer("a challenge that was used", "403 no-challenge", challenge, bytes(32))
    challenge = server.enrol("enrol", good)
    secret = chip.activate(es9.octets(challenge["credential"]), es9.octets(challenge["secret"]))
    yield answer("another model than was claimed", "403 proof", challenge,
                 enrolment.proof(good | {"model": "Meter 6"}, secret))


# --- evidence -------------------------------------------------------------------------------------------------

def meanings(path):
    """Of each finding, from the table of docs/verifier.md."""
    with open(path, encoding="utf-8") as file:
        return dict(re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \|", file.read(), re.M))


class Shown:
    """One session in which the machine is judged; what is shown is made by the attack."""

    def __init__(self, found, server, chip, facts):
        self.session = download.Session(found, server, facts["address"])
        self.chip, self.facts, self.eid = chip, facts, found.eid()
        self.log = evidence.log_read(facts["logs"])
        self.claims = evidence.claims(facts["imei"], facts["model"], facts["firmware"])
        self.other_claims = evidence.claims("356938035643809", facts["model"], facts["firmware"])

    def parts(self, signed=None, eid=None, claims=None, log=None):
        claims = claims or self.claims
        bound = evidence.binding(signed or self.session.server_signed1, eid or self.eid, claims)
        return evidence.parts_of(self.chip, self.session.wish, bound, claims, self.log if log is None else log)

    def show(self, shown, digest=None, imei=None):
        """What the server says: why, or its codes."""
        try:
            answer = self.session.authenticate(None, imei or self.facts["imei"], shown, True, digest)
        except es9.Refused as refused:
            return str(refused)
        return f'{answer["equipmentResult"]["decision"]}: {answer["equipmentResult"]["why"]}'

    def show_parts(self, parts):
        return self.show(evidence.bundle(parts))


def flipped(octets, at):
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1:]


def digest_of(octets):
    return tlv.put(0xDF23, keys.sha256(octets))


def changed_after(shown):
    good = evidence.bundle(shown.parts())
    return shown.show(flipped(good, len(good) - 1), digest_of(good))


def other_key(shown):
    parts = shown.parts()
    shown.chip.signing_key("other.ctx", "userwithauth|restricted|sign")
    bound = evidence.binding(shown.session.server_signed1, shown.eid, shown.claims)
    pcrs = sorted(set(evidence.replay(shown.log)) | set(shown.session.wish["pcrs"]))
    parts[3], parts[4] = shown.chip.quote(pcrs, bound, "other.ctx")
    return shown.show_parts(parts)


def certification(shown):
    parts = shown.parts()
    parts[3], parts[4] = shown.chip.certify("ak.ctx")
    return shown.show_parts(parts)


def fewer_pcrs(shown):
    parts = shown.parts()
    bound = evidence.binding(shown.session.server_signed1, shown.eid, shown.claims)
    parts[3], parts[4] = shown.chip.quote([0, 4], bound)
    return shown.show_parts(parts)


def not_the_chips(shown):
    parts = shown.parts()
    return shown.show_parts(parts | {3: flipped(parts[3], 0)})


def backwards(shown):
    parts = shown.parts()
    return shown.show(cbor2.dumps(dict(reversed(parts.items()))))


def again(shown):
    shown.show_parts(shown.parts())
    try:
        return str(shown.session.authenticate_client())
    except es9.Refused as refused:
        return str(refused)


def no_log(shown):
    parts = shown.parts(log=evidence.log_begin())
    return shown.show_parts({key: value for key, value in parts.items() if key != 5})


def digests(shown, *octets):
    good = evidence.bundle(shown.parts())
    return shown.show(good, b"".join(tlv.put(0xDF23, (keys.sha256(good) + b"\0")[:size]) for size in octets))


BEGIN = len(evidence.log_begin())  # of a log: where its first event is
EVIDENCE = [  # what, found as (docs/verifier.md) or its codes, how
    ("a good machine", "admit", lambda s: s.show_parts(s.parts())),
    ("evidence of another session", "binding", lambda s: s.show_parts(s.parts(signed=b"another"))),
    ("evidence of another card", "binding", lambda s: s.show_parts(s.parts(eid=bytes(16)))),
    ("claims swapped after the chip signed", "binding", lambda s: s.show_parts(s.parts() | {2: s.other_claims})),
    ("another key of the same chip", "signature", other_key),
    ("the same evidence again", "8.10.1/3.9", again),
    ("evidence changed after the card signed", "digest", changed_after),
    ("evidence beside a card that signed none", "digest", lambda s: s.show(evidence.bundle(s.parts()), b"")),
    ("evidence stripped", "no-evidence", lambda s: s.show(None, digest_of(b"something"))),
    ("the log shortened", "log-mismatch", lambda s: s.show_parts(s.parts() | {5: s.log[:BEGIN]})),
    ("an event altered", "log-mismatch", lambda s: s.show_parts(s.parts() | {5: flipped(s.log, BEGIN + 14)})),
    ("values without a log", "pcr-value", no_log),
    ("an IMEI in the claims", "imei", lambda s: s.show_parts(s.parts(claims=s.other_claims))),
    ("an IMEI in deviceInfo", "imei", lambda s: s.show(evidence.bundle(s.parts()), imei="356938035643809")),
    ("what is no quote", "not-quote", certification),
    ("what the chip did not make", "magic", not_the_chips),
    ("a PCR left out", "selection", fewer_pcrs),
    ("two logs", "malformed", lambda s: s.show_parts(s.parts() | {6: keys.sha256(s.log)})),
    ("a key that is not known", "malformed", lambda s: s.show_parts(s.parts() | {10: 1})),
    ("no quote", "malformed", lambda s: s.show_parts({k: v for k, v in s.parts().items() if k != 3})),
    ("keys out of order", "malformed", backwards),
    ("DF23 twice", "1.3.1/2.1", lambda s: digests(s, 32, 32)),
    ("DF23 of another size", "1.3.1/2.1", lambda s: digests(s, 31)),
]


def evidence_shown(found, server, chip, facts, path):
    chip.attestation_key()
    meaning = meanings(path)
    for what, expected, how in EVIDENCE:
        try:
            answer = how(Shown(found, server, chip, facts))
        except (card.Refused, download.CardRefused) as refused:
            answer = f"the card: {refused}"
        yield row(what, meaning.get(expected, expected), answer)
