#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Freestanding rooms, checked on their objects: no writable data, and nothing undefined but the four
mem* functions, compiler support and the ports. Prints TAP."""
import re
import subprocess
import sys

# What may stay undefined after the freestanding archives are linked with each other.
allowed = re.compile(
    r"^(mem(cpy|move|set|cmp)"
    r"|crypto_\w+"                       # port/crypto.h and its siblings
    r"|attest_(digest|extend|verify|ecdh|oaep)"  # port/attest_crypto.h
    r"|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__assert_fail|__mem(cpy|move|set)_chk)$")
count = failed = 0


def ok(good, says):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {says}")


def symbols(archive):
    out = subprocess.run(["nm", archive], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        parts = line.split()
        if len(parts) >= 2 and len(parts[-2]) == 1:
            yield parts[-2], parts[-1]


def main(archives):
    defined, undefined = set(), {}
    for archive in archives:
        writable = []
        for kind, name in symbols(archive):
            if kind == "U":
                undefined.setdefault(name, archive)
            else:
                defined.add(name)
            # .data.rel.ro is written by the loader only, nm shows it as 'd'
            if kind in "BbDCcSs" or (kind == "d" and not is_relro(archive, name)):
                writable.append(name)
        for name in writable:
            print(f"# {archive}: writable {name}")
        ok(not writable, f"{archive.split('/')[-1]} has no writable data")
    strays = sorted(n for n in undefined if n not in defined and not allowed.match(n))
    for name in strays:
        print(f"# {undefined[name]}: wants {name}")
    ok(not strays, "freestanding rooms want nothing but mem* and their ports")
    print(f"1..{count}")
    return failed != 0


def is_relro(archive, name):
    out = subprocess.run(["objdump", "-t", archive], check=True, capture_output=True,
                         text=True).stdout
    return all(".data.rel.ro" in line for line in out.splitlines() if line.split()[-1:] == [name])


sys.exit(main(sys.argv[1:]))
