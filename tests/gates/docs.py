#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The documents agree with the tree and with each other: links lead somewhere, files that are named are there, decisions
are numbered one after the other, and who refers to one refers to one that is there. Prints TAP."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
pages = sorted([*root.glob("*.md"), *root.glob("docs/*.md")])
link = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
named = re.compile(r"`((?:src|tests|docs|bench|tools|fuzz|packaging)/[\w./-]*[\w/])")
count = failed = 0


def ok(says, faults):
    global count, failed
    count += 1
    failed += bool(faults)
    for fault in faults:
        print(f"# {fault}")
    print(f"{'not ok' if faults else 'ok'} {count} - {says}")


def dead_links():
    for page in pages:
        for target in link.findall(page.read_text()):
            if not (page.parent / target).exists():
                yield f"{page.name}: {target}"


def missing_files():
    """A name without an ending stands for a pair of files, or for a program made from one source."""
    for page in pages:
        for name in named.findall(page.read_text()):
            if not (root / name).exists() and not (root / f"{name}.c").exists():
                yield f"{page.name}: {name}"


def misnumbered(numbers):
    return [f"{found} where {due} is due" for due, found in enumerate(numbers, 1) if found != due]


def unknown(numbers):
    for page in pages:
        for group in re.findall(r"\bdecisions? (\d+(?:, \d+)*)", page.read_text()):
            yield from (f"{page.name}: decision {n}" for n in group.split(", ") if int(n) not in numbers)


decisions = [int(n) for n in re.findall(r"^(\d+)\. ", (root / "docs/decisions.md").read_text(), re.M)]
ok("links of the documents lead to files", list(dead_links()))
ok("files that the documents name are there", list(missing_files()))
ok("decisions are numbered one after the other", misnumbered(decisions) if decisions else ["there are none"])
ok("decisions that are referred to are there", list(unknown(decisions)))
print(f"1..{count}")
sys.exit(failed != 0)
