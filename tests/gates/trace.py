#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/trace.md: every requirement and invariant has a row, and what it quotes is there. Prints TAP."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
requirements = ["R1", "R1a", "R1b", *(f"R1b.{n}" for n in range(1, 8)), "R1c",
                *(f"R{n}" for n in range(2, 13))]
invariants = [f"I{n}" for n in range(1, 8)]
named = re.compile(r"`(tests/[^`]+)`((?:\s*“[^”]*”)*)")
string_break = re.compile(r'"\s*\n\s*"')  # a C literal that goes on in the next line
count = failed = 0


def ok(good, says, *notes):
    global count, failed
    count += 1
    failed += not good
    for note in notes if not good else ():
        print(f"# {note}")
    print(f"{'ok' if good else 'not ok'} {count} - {says}")


def rows(text):
    """The first word of a table's first cell, and the row."""
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("| id "):
            yield line[2:].split()[0], line


def missing(line):
    """What a row names and is not there: files, and sentences in them."""
    for path, quotes in named.findall(line):
        file = root / path
        if not file.is_file():
            yield f"{path} does not exist"
            continue
        text = string_break.sub("", file.read_text())
        for sentence in re.findall("“([^”]*)”", quotes):
            if sentence not in text:
                yield f"{path} has no row “{sentence}”"


def main():
    table = dict(rows((root / "docs/trace.md").read_text()))
    for id in requirements + invariants:
        row = table.pop(id, "")
        if not row:
            ok(False, f"{id} has a row in docs/trace.md")
            continue
        gone = list(missing(row))
        cells = [cell.strip() for cell in row.strip("| ").split("|")]
        proof = named.search(row) or "see R1a" in row or id == "R1b.7"
        ok(not gone and proof and len(cells) >= 3, f"{id}: what docs/trace.md names for it is there",
           *gone, *([] if proof else ["names no test"]))
    ok(not table, "no row for an id that there is not", *table)
    hardware = root / "docs/hardware.md"
    ok(hardware.is_file() and all(word in hardware.read_text() for word in ("TR0", "TR1", "Principle")),
       "R1b.7: docs/hardware.md has the tables")
    print(f"1..{count}")
    return failed != 0


sys.exit(main())
