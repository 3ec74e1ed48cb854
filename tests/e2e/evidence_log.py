#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""evidence_log.py LOG PCR:TEXT...: writes a crypto-agile event log (TCG PC Client Platform Firmware Profile, clause 10)
with these events, and prints for each what tpm2_pcrextend takes."""
import hashlib
import struct
import sys

EV_NO_ACTION, EV_IPL, SHA256 = 3, 13, 0x000B

spec = b"Spec ID Event03\0" + struct.pack("<IBBBBIHHB", 0, 0, 2, 0, 2, 1, SHA256, 32, 0)
log = struct.pack("<II20sI", 0, EV_NO_ACTION, bytes(20), len(spec)) + spec
for argument in sys.argv[2:]:
    pcr, text = argument.split(":", 1)
    digest = hashlib.sha256(text.encode()).digest()
    log += struct.pack("<IIIH", int(pcr), EV_IPL, 1, SHA256) + digest + struct.pack("<I", len(text)) + text.encode()
    print(f"{pcr}:sha256={digest.hex()}")
with open(sys.argv[1], "wb") as file:
    file.write(log)
