#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a page links to beside itself is there."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
pages = sorted(root.glob("*.md")) + sorted((root / "docs").rglob("*.md"))
print(f"1..{len(pages)}")
failed = 0
for number, page in enumerate(pages, 1):
    missing = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path = target.split("#")[0]
        if path and "://" not in path and not path.startswith("mailto:") and not (page.parent / path).exists():
            missing.append(target)
    failed += bool(missing)
    print(f"{'not ok' if missing else 'ok'} {number} - {page.relative_to(root)}: every link leads somewhere")
    for target in missing:
        print(f"# {target} is not there")
sys.exit(failed != 0)
