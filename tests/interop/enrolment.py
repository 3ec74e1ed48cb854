# SPDX-License-Identifier: Apache-2.0
"""docs/protocol.md, "Enrolment": the chip becomes known to a server, for its card."""
import hashlib
import hmac

import es9
import keys

PROOF_TEXT = b"assay enrolment v1"


def request(chip, eid, imei, model, paired):
    """The first post; with `paired` the pairing key in pairing.ctx is certified, too."""
    ek_public, ek_certificate = chip.endorsement_key()
    body = {"eid": eid.hex(), "ekPublic": es9.text(ek_public), "ekCertificate": es9.text(ek_certificate),
            "akPublic": es9.text(chip.attestation_key()), "imei": imei, "model": model}
    return body | (certified(chip, "pairing.ctx") if paired else {})


def certified(chip, context):
    """The members that make another key of the chip known."""
    certify, signature = chip.certify(context)
    return {"pairingPublic": es9.text(chip.public(context)), "certify": es9.text(certify),
            "certifySignature": es9.text(signature)}


def proof(body, secret):
    claimed = (PROOF_TEXT + b"\0" + bytes.fromhex(body["eid"]) + keys.sha256(es9.octets(body["akPublic"])) +
               body["imei"].encode() + b"\0" + body["model"].encode())
    return hmac.new(secret, claimed, hashlib.sha256).digest()


def enrol(server, chip, body):
    """Both posts. The server's answer."""
    challenge = server.enrol("enrol", body)
    secret = chip.activate(es9.octets(challenge["credential"]), es9.octets(challenge["secret"]))
    answer = server.enrol("enrol/prove", {"id": challenge["id"], "proof": es9.text(proof(body, secret))})
    if answer["chip"] != keys.sha256(es9.octets(body["akPublic"]))[:16].hex().upper():
        raise ValueError(f"another chip: {answer}")
    return answer
