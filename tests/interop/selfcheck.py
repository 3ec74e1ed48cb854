# SPDX-License-Identifier: Apache-2.0
"""docs/protocol.md, "The statement": the machine checks itself against reference values that a supplier has signed
(docs/verifier.md), and says what deviates."""
import shlex

import cbor2

import evidence
import keys
import signed

REFERENCE_TEXT = b"assay reference v1"
MISSING, OTHER_VALUE = -1, -2
DEVIATIONS_MAX = 8


class Reference:
    """Reference values in the native form, of the SHA-256 bank."""

    def __init__(self, octets):
        self.id = keys.sha256(octets)[:16]
        self.exact, self.values, self.events = set(), {}, {}
        rows = [shlex.split(line, comments=True) for line in octets.decode().splitlines()]
        first, *rows = [row for row in rows if row]
        if first != ["assay-reference", "1"]:
            raise signed.Wrong("no reference values")
        for word, *rest in rows:
            if word == "bank" and rest != ["sha256"]:
                raise signed.Wrong("this machine has the SHA-256 bank")
            if word == "exact":
                self.exact |= set(map(int, rest))
            elif word == "pcr":
                self.values.setdefault(int(rest[0]), []).append(bytes.fromhex(rest[1]))
            elif word == "event":
                optional = rest[1] == "optional"
                digest = bytes.fromhex(rest[2] if optional else rest[1])
                self.events.setdefault(int(rest[0]), []).append((digest, optional))

    def pcrs(self):
        return sorted(self.exact | set(self.values) | set(self.events))


def reference_read(path, signer):
    """The reference values in a file that the signer has signed."""
    with open(path, "rb") as file:
        return Reference(signed.cose_payload(signer, file.read(), REFERENCE_TEXT))


def deviations(reference, log, values):
    """(PCR, index, first octets of a digest) of all that is not as the reference has it."""
    led = evidence.replay(log)
    happened = {}
    for number, (pcr, kind, digest, _) in enumerate(evidence.log_events(log)):
        if kind != evidence.EV_NO_ACTION:
            happened.setdefault(pcr, []).append((number, digest))
    found = []
    for pcr in reference.pcrs():
        value = values[pcr]
        if value in reference.values.get(pcr, []):
            continue
        if led.get(pcr, bytes(32)) == value and pcr not in reference.values:
            found += event_deviations(pcr, reference, happened.get(pcr, []))
        else:
            found.append((pcr, OTHER_VALUE, value))
    return [(pcr, index, digest[:16]) for pcr, index, digest in found[:DEVIATIONS_MAX]]


def event_deviations(pcr, reference, happened):
    listed = reference.events.get(pcr, [])
    if pcr in reference.exact and [digest for _, digest in happened] == [digest for digest, _ in listed]:
        return []
    known = {digest for digest, _ in listed}
    there = {digest for _, digest in happened}
    return ([(pcr, number, digest) for number, digest in happened if digest not in known] +
            [(pcr, MISSING, digest) for digest, optional in listed if digest not in there and not optional])


def statement(chip, reference, log, bound):
    """The statement of the machine as it is, signed by the chip's attestation key."""
    reset, restart, clock = chip.clock()
    flat = [item for deviation in deviations(reference, log, chip.pcr_values(reference.pcrs())) for item in deviation]
    payload = cbor2.dumps([reference.id, reset, restart, clock, flat])
    signature = chip.sign_hashed(signed.to_be_signed(signed.ES256_PROTECTED, bound, payload))
    return signed.cose_put(payload, signature)


def bundle(claimed, stated):
    return cbor2.dumps({1: 3, 2: claimed, 9: stated}, canonical=True)
