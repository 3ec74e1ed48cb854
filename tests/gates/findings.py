#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/verifier.md: its table of findings is the one in src/verifier/finding.h. Prints TAP."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
source = (root / "src/verifier/finding.h").read_text()
flat = re.sub(r"\s*\\\n\s*", " ", source)
built = [(word, text, firm == "FIRM")
         for firm, word, text in re.findall(r'X\(FINDING_\w+, STEP_\w+, (\w+), "([^"]+)", *"([^"]+)"\)', flat)]
document = (root / "docs/verifier.md").read_text()
table = document[document.index("| word | meaning |"):]
told = [(word, text, bool(firm.strip()))
        for word, text, firm in re.findall(r"^\| `([^`]+)` \| ([^|]*) \|([^|]*)\|$", table, re.M)]
rows = flat.count("X(FINDING_")
print("1..2")
print(f"{'ok' if len(built) == rows > 0 else 'not ok'} 1 - all {rows} findings are read")
print(f"{'ok' if built == told else 'not ok'} 2 - docs/verifier.md lists them, in order")
for row in sorted(set(built) ^ set(told)):
    print("#", *row)
sys.exit(built != told or len(built) != rows)
