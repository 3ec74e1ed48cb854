# SPDX-License-Identifier: Apache-2.0
"""docs/protocol.md, "Enrolment": the chip becomes known to a server, for its card."""
import hashlib
import hmac

import es9
import keys

PROOF_TEXT = b"assay enrolment v1"


def enrol(server, chip, eid, imei, model, paired):
    """Enrols; with `paired` the pairing key in pairing.ctx is certified, too. The server's answer."""
    ek_public, ek_certificate = chip.endorsement_key()
    ak_public = chip.attestation_key()
    body = {"eid": eid.hex(), "ekPublic": es9.text(ek_public), "ekCertificate": es9.text(ek_certificate),
            "akPublic": es9.text(ak_public), "imei": imei, "model": model}
    if paired:
        certify, signature = chip.certify("pairing.ctx")
        body |= {"pairingPublic": es9.text(chip.public("pairing.ctx")), "certify": es9.text(certify),
                 "certifySignature": es9.text(signature)}
    challenge = server.enrol("enrol", body)
    secret = chip.activate(es9.octets(challenge["credential"]), es9.octets(challenge["secret"]))
    claimed = PROOF_TEXT + b"\0" + eid + keys.sha256(ak_public) + imei.encode() + b"\0" + model.encode()
    proof = hmac.new(secret, claimed, hashlib.sha256).digest()
    answer = server.enrol("enrol/prove", {"id": challenge["id"], "proof": es9.text(proof)})
    if answer["chip"] != keys.sha256(ak_public)[:16].hex().upper():
        raise ValueError(f"another chip: {answer}")
    return answer
