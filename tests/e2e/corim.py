#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""corim.py MODEL FIRMWARE PCR=HEX...: prints an unsigned CoRIM (draft-ietf-rats-corim) that has these final values of the
SHA-256 bank as reference values, in CBOR (RFC 8949)."""
import sys


def head(major, number):
    for short, size in ((24, 1), (25, 2), (26, 4)):
        if number < 24:
            return bytes([major << 5 | number])
        if number < 1 << 8 * size:
            return bytes([major << 5 | short]) + number.to_bytes(size, "big")
    raise ValueError(number)


def cbor(item):
    if isinstance(item, int):
        return head(0, item)
    if isinstance(item, bytes):
        return head(2, len(item)) + item
    if isinstance(item, str):
        return head(3, len(item)) + item.encode()
    if isinstance(item, list):
        return head(4, len(item)) + b"".join(map(cbor, item))
    return head(5, len(item)) + b"".join(cbor(key) + cbor(item[key]) for key in item)


def tag(number, content):
    return head(6, number) + content


model, firmware, *values = sys.argv[1:]
measured = [{0: int(pcr), 1: {0: {0: firmware}, 2: [[1, bytes.fromhex(value)]]}}
            for pcr, value in (each.split("=") for each in values)]
comid = cbor({1: {0: model + " " + firmware}, 4: {0: [[{0: {1: "Maker", 2: model}}, measured]]}})
corim = head(5, 2) + cbor(0) + cbor("corim") + cbor(1) + head(4, 1) + tag(506, cbor(comid))
sys.stdout.buffer.write(tag(501, corim))
