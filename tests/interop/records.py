#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who relies on a server and has its public keys alone: written from docs/protocol.md, like machine.py.

    records.py COMMAND ARGUMENT...

Prints one line of JSON; the exit status is 1 when something is not what was signed.
"""
import json
import sys

from cryptography.hazmat.primitives import serialization

import audit
import keys
import signed

COMMANDS = {}


def command(function):
    COMMANDS[function.__name__.replace("_", "-")] = function
    return function


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, octets):
    with open(path, "wb") as file:
        file.write(octets)


def plain(value):
    """Octets as hexadecimal digits, for JSON."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value


@command
def log(key, path):
    """log PUBLIC-KEY EXPORT: an exported audit log."""
    entries, heads = audit.verify_export(path, keys.public(key))
    return {"entries": len(entries), "heads": len(heads), "events": sorted({e["event"].decode() for e in entries})}


@command
def decided(key, path):
    """decided PUBLIC-KEY EXPORT: the last entry that rests on an attestation result."""
    return [entry for entry in audit.verify_export(path, keys.public(key))[0] if entry["result"]][-1]


@command
def proof(key, path):
    """proof PUBLIC-KEY FILE: one entry of it."""
    entry, size = audit.verify_proof(path, keys.public(key))
    return {"size": size, "entry": entry}


@command
def head(key, kept, export):
    """head PUBLIC-KEY HEAD EXPORT: the export goes on where a head that was kept ends."""
    public = keys.public(key)
    (word, octets), = audit.lines(kept)
    size, _, root = audit.head_read(bytes.fromhex(octets), public)
    audit.verify_export(export, public)
    leaves = [audit.entry_line(rest)[1] for word, *rest in audit.lines(export) if word == "entry"]
    if len(leaves) < size or audit.root_of(leaves[:size]) != root:
        raise audit.Wrong("the log was cut or rewritten")
    return {"size": size, "entries": len(leaves)}


@command
def alter(path, out):
    """alter EXPORT OUT: one octet of the entry in the middle is another, and its hash is made again."""
    rows = audit.lines(path)
    places = [at for at, row in enumerate(rows) if row[0] == "entry"]
    row = rows[places[len(places) // 2]]
    octets = bytearray.fromhex(row[1])
    octets[16] ^= 1  # its time
    row[1:] = [octets.hex(), audit.leaf_hash(bytes(octets)).hex()]
    write(out, "".join(" ".join(row) + "\n" for row in [[audit.FIRST_LINE], *rows]).encode())
    return {}


@command
def notice(key, name):
    """notice PUBLIC-KEY NAME: NAME.json as it was posted, NAME.jws as its header was."""
    return signed.notice_verify(keys.public(key), read(name + ".jws"), read(name + ".json"))


@command
def result(key, path):
    """result PUBLIC-KEY FILE: an attestation result, as CWT."""
    return signed.result_verify(keys.public(key), read(path))


@command
def result_jwt(key, path):
    """result-jwt PUBLIC-KEY FILE: one as JWT."""
    return signed.result_verify_jwt(keys.public(key), read(path))


@command
def components(key, out, model, firmware, version, *pairs):
    """components PRIVATE-KEY OUT MODEL FIRMWARE VERSION NAME=PATH...: makes a list."""
    write(out, signed.components_sign(keys.private(key), model, firmware, version,
                                      [pair.split("=", 1) for pair in pairs]))
    return {"components": len(pairs)}


@command
def listed(key, path):
    """listed PUBLIC-KEY LIST: what it says."""
    return signed.components_verify(keys.public(key), read(path))


@command
def manifest(key, out, batch, eid, certificate, imei, model):
    """manifest PRIVATE-KEY OUT BATCH EID EK-CERTIFICATE IMEI MODEL: makes one of one machine."""
    ek = keys.certified(read(certificate)).public_bytes(serialization.Encoding.DER,
                                                        serialization.PublicFormat.SubjectPublicKeyInfo)
    entry = bytes.fromhex(eid), keys.sha256(ek), imei, model
    write(out, signed.manifest_sign(keys.private(key), batch, [entry]))
    return {"endorsementKey": keys.sha256(ek)}


@command
def manifested(key, path):
    """manifested PUBLIC-KEY MANIFEST: what it says."""
    batch, entries = signed.manifest_verify(keys.public(key), read(path))
    return {"batch": batch, "entries": entries}


def main():
    try:
        print(json.dumps(plain(COMMANDS[sys.argv[1]](*sys.argv[2:]))))
    except (audit.Wrong, signed.Wrong) as wrong:
        print(json.dumps({"wrong": str(wrong)}))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
