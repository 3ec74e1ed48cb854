#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who includes whom: tools/rooms.txt against every #include under src/. Prints TAP."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
include = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
freestanding_headers = {
    "stdbool.h", "stddef.h", "stdint.h", "limits.h", "stdarg.h", "stdalign.h", "stdnoreturn.h",
    "string.h", "assert.h",  # string.h: mem* only, checked on the objects; assert.h: stops, see base/check.h
}
count = failed = 0


def ok(good, says):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {says}")


def read_table():
    table, free = {}, set()
    for line in (root / "tools/rooms.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        head, may = line.split(":")
        name, *marks = head.split()
        table[name] = set(may.split()) | {name}
        if "F" in marks:
            free.add(name)
    return table, free


def main():
    table, free = read_table()
    rooms = {p.name for p in (root / "src").iterdir() if p.is_dir()}
    ok(rooms <= set(table), f"every room stands in tools/rooms.txt {sorted(rooms - set(table)) or ''}")
    for room in sorted(rooms & set(table)):
        bad = []
        for path in sorted((root / "src" / room).rglob("*.[ch]")):
            text = path.read_text()
            where = path.relative_to(root)
            if not text.startswith("/* SPDX-License-Identifier: Apache-2.0 */"):
                bad.append(f"{where}: no SPDX line")
            for kind, target in include.findall(text):
                if kind == '"':
                    other = target.split("/")[0]
                    if other not in table[room]:
                        bad.append(f"{where}: includes {target}")
                elif room in free and target not in freestanding_headers:
                    bad.append(f"{where}: freestanding, includes <{target}>")
        for line in bad:
            print("# " + line)
        ok(not bad, f"room {room} includes only {' '.join(sorted(table[room] - {room})) or 'nothing'}"
                    f"{', freestanding' if room in free else ''}")
    names = list(table)
    for room in names:
        ok(all(names.index(other) <= names.index(room) for other in table[room]),
           f"room {room} uses only rooms above it")
    print(f"1..{count}")
    return failed != 0


sys.exit(main())
