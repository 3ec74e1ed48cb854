#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""evidence_result.py RESULT TEXT SIGNATURE: takes an attestation result, or another COSE_Sign1 without external data,
apart as its readers would (RFC 9052, 4.4): writes what was signed, and the signature in DER, for openssl to verify; prints the payload in hex."""

import sys


def head(at):
    """Major type, number and place behind of the CBOR item that begins there."""
    short = octets[at] & 31
    if short < 24:
        return octets[at] >> 5, short, at + 1
    size = 1 << (short - 24)
    return octets[at] >> 5, int.from_bytes(octets[at + 1:at + 1 + size], "big"), at + 1 + size


def string(at):
    major, size, at = head(at)
    assert major == 2
    return octets[at:at + size], at + size


def number(value):
    value = value.lstrip(b"\0")
    value = (b"\0" if value[:1] >= b"\x80" else b"") + value
    return b"\x02" + bytes([len(value)]) + value


octets = open(sys.argv[1], "rb").read()
assert octets[:2] == b"\xd2\x84", "COSE_Sign1, tagged"
protected, at = string(2)
headers = octets[2:at]
assert octets[at:at + 1] == b"\xa0"
first = at + 1
payload, at = string(first)
encoded = octets[first:at]
signature, at = string(at)
assert at == len(octets) and len(signature) == 64 and protected[1:3] == b"\x01\x26", "ES256"
with open(sys.argv[2], "wb") as out:
    out.write(b"\x84\x6aSignature1" + headers + b"\x40" + encoded)
pair = number(signature[:32]) + number(signature[32:])
with open(sys.argv[3], "wb") as out:
    out.write(b"\x30" + bytes([len(pair)]) + pair)
print(payload.hex())
