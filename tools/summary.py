#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""summary.py RESULTS BROKEN: adds up what meson (JUnit files) and the fuzz laws (TAP) left in
RESULTS, and ends with `N passed, N failed, N skipped`. BROKEN is 1 when a runner itself failed."""
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

results, broken = pathlib.Path(sys.argv[1]), sys.argv[2] != "0"


# meson copies what tests print as it is, and XML 1.0 (2.2) has no place for control characters.
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def count_junit(path):
    counts = [0, 0, 0]
    text = NO_XML.sub("?", path.read_text(errors="replace"))
    for case in xml.fromstring(text.encode()).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            counts[1] += 1
        elif case.find("skipped") is not None:
            counts[2] += 1
        else:
            counts[0] += 1
    return counts


def count_tap(path):
    lines = path.read_text().splitlines()
    return [sum(l.startswith("ok") for l in lines), sum(l.startswith("not ok") for l in lines), 0]


total = [0, 0, 0]
for path in sorted(results.iterdir()):
    counts = count_junit(path) if path.suffix == ".xml" else count_tap(path)
    print("%-8s %6d passed, %d failed, %d skipped" % (path.stem, *counts))
    total = [a + b for a, b in zip(total, counts)]
if broken and total[1] == 0:
    total[1] = 1  # a test program died without saying what failed
print("%d passed, %d failed, %d skipped" % tuple(total))
sys.exit(total[1] != 0 or total[0] == 0)
