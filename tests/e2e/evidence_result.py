#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""evidence_result.py RESULT TEXT SIGNATURE: takes an attestation result, or another COSE_Sign1 without external data,
apart as its readers would (RFC 9052, 4.4): writes what was signed, and the signature in DER, for openssl to verify; prints the
payload in hex, and the key's name, where there is one.

evidence_result.py --jwt TOKEN TEXT SIGNATURE: the same with a JWT (RFC 7519, 7515); prints header and claims."""

import base64

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


def write_signature(path, signature):
    pair = number(signature[:32]) + number(signature[32:])
    with open(path, "wb") as out:
        out.write(b"\x30" + bytes([len(pair)]) + pair)


def jwt(token, text, signature):
    parts = open(token, "rb").read().strip().split(b".")
    assert len(parts) == 3
    header, claims, signed = [base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)) for part in parts]
    with open(text, "wb") as out:
        out.write(parts[0] + b"." + parts[1])
    assert len(signed) == 64
    write_signature(signature, signed)
    print(header.decode(), claims.decode())


if sys.argv[1] == "--jwt":
    jwt(*sys.argv[2:])
    sys.exit()
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
write_signature(sys.argv[3], signature)
kid = protected[5:] if protected[:1] == b"\xa2" and protected[3:5] == b"\x04\x48" else b""
print(payload.hex() + (" " + kid.hex() if kid else ""))
