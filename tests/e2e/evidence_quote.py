#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""evidence_quote.py DIRECTORY EID: takes apart what evidence_proxy.py has recorded there, as docs/protocol.md has it: the
quote into DIRECTORY/attest and its signature into DIRECTORY/signature, as the chip made them. Prints what the quote has
to have as its qualifyingData, in hex."""
import base64
import hashlib
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
opened = json.loads((folder / "opened").read_text())
bundle = base64.b64decode(json.loads((folder / "kept").read_text())["equipmentEvidence"])


def string(at):
    """The byte string that begins there, and what is behind it."""
    size, at = bundle[at] - 0x40, at + 1
    if size >= 24:
        more = 1 << (size - 24)
        size, at = int.from_bytes(bundle[at:at + more], "big"), at + more
    return bundle[at:at + size], at + size


assert bundle[0] >> 5 == 5 and bundle[1:4] == b"\x01\x01\x02", "a map; format 1; claims"
claims, at = string(4)
assert bundle[at] == 3
attest, at = string(at + 1)
assert bundle[at] == 4
signature, at = string(at + 1)
(folder / "attest").write_bytes(attest)
(folder / "signature").write_bytes(signature)
session = base64.b64decode(opened["serverSigned1"])
print(hashlib.sha256(b"assay provisioning v1" + hashlib.sha256(session).digest() + bytes.fromhex(sys.argv[2]) +
                     hashlib.sha256(claims).digest()).hexdigest())
