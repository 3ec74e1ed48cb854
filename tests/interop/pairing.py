# SPDX-License-Identifier: Apache-2.0
"""docs/protocol.md, "The pairing of card and machine": approvals, challenge and proof, orders."""
import keys
import tlv

PROOF_TEXT = b"assay pairing v1"
ORDER_TEXT = b"assay pairing order v1"
MODES = {"off": 0, "observe": 1, "enforce": 2}
CC_POLICY_PCR = (0x0000017F).to_bytes(4, "big")  # TCG TPM 2.0 Library, part 2, table 12


def pcr_selection(pcrs):
    """TPML_PCR_SELECTION of the SHA-256 bank."""
    bits = sum(1 << pcr for pcr in pcrs)
    return b"\0\0\0\1\0\x0b\3" + bits.to_bytes(3, "little")


def policy_pcr(values):
    """Digest of a policy of one TPM2_PolicyPCR over these values (part 3, 23.7)."""
    pcrs = sorted(values)
    return keys.sha256(bytes(32), CC_POLICY_PCR, pcr_selection(pcrs), keys.sha256(*(values[pcr] for pcr in pcrs)))


class Approval:
    """The file that says which state of the machine is a good one."""

    def __init__(self, octets):
        sequence = tlv.fields(octets)[0x30]
        parts = tlv.fields(sequence)
        self.pcrs = [n for n in range(24) if int.from_bytes(parts[0x80], "big") >> n & 1]
        self.policy, self.signature = parts[0x81], parts[0x82]


def approve(values, signer):
    """An approval of these values of PCRs."""
    policy = policy_pcr(values)
    mask = sum(1 << pcr for pcr in values)
    return tlv.put(0x30, tlv.put(0x80, mask.to_bytes(4, "big")), tlv.put(0x81, policy),
                   tlv.put(0x82, keys.sign(signer, policy)))


def challenge(card):
    """80 54: what the card says of the pairing, and a fresh challenge."""
    data = card.command("challenge", bytes.fromhex("8054000000"))
    parts = tlv.fields(data)
    return {"challenge": parts[0x80], "eid": parts[0x81], "mode": parts[0x82][0], "proven": parts[0x83][0],
            "last": parts[0x84][0], "refused": int.from_bytes(parts[0x85], "big"),
            "unproven": int.from_bytes(parts[0x86], "big"), "order": int.from_bytes(parts[0x87], "big"),
            "key": parts.get(0x88)}


def prove(card, sign):
    """80 54, 80 56: the machine proves itself; sign makes r || s over SHA-256 of what it is given."""
    with card.alone():
        said = challenge(card)
        signature = sign(PROOF_TEXT + said["challenge"] + said["eid"])
        card.command("proof", bytes.fromhex("8056000042") + tlv.put(0x80, signature))


def order(eid, mode, number, authority, point=None):
    """An order of the card's authority."""
    body = tlv.put(0xA0, tlv.put(0x81, eid), tlv.put(0x82, bytes([MODES[mode]])),
                   tlv.put(0x87, number.to_bytes(4, "big")), tlv.put(0x89, point) if point else b"")
    return body + tlv.put(0x5F37, keys.sign(authority, ORDER_TEXT + body))


def obey(card, octets):
    """80 58: the order is given to the card."""
    card.command("order", bytes([0x80, 0x58, 0, 0, len(octets)]) + octets)


def state_of_info2(info2):
    """Element DF22 at the end of EUICCInfo2, or None."""
    last = list(tlv.each(info2))[-1]
    if last[0] != 0xDF22:
        return None
    parts = tlv.fields(last[1])
    return {"mode": parts[0x82][0], "proven": parts[0x83][0], "last": parts[0x84][0],
            "refused": int.from_bytes(parts[0x85], "big"), "unproven": int.from_bytes(parts[0x86], "big"),
            "order": int.from_bytes(parts[0x87], "big"), "key": parts.get(0x88)}
