#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Freestanding rooms compile without libc headers: only the compiler's own, and the two that
tests/gates/include stands in for (string.h with mem*, assert.h that traps). Prints TAP."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

root, compiler = pathlib.Path(sys.argv[1]), sys.argv[2:]
headers = subprocess.run(compiler + ["-print-file-name=include"], check=True, capture_output=True,
                         text=True).stdout.strip()
flags = ["-std=c17", "-fsyntax-only", "-ffreestanding", "-nostdinc", "-isystem", headers,
         "-isystem", str(root / "tests/gates/include"), "-I", str(root / "src"), "-DFREESTANDING",
         "-Werror=implicit-function-declaration"]
if "clang" in os.path.basename(compiler[-1]):
    resource = subprocess.run(compiler + ["-print-resource-dir"], check=True, capture_output=True,
                              text=True).stdout.strip()
    flags[flags.index(headers)] = resource + "/include"


def free_rooms():
    for line in (root / "tools/rooms.txt").read_text().splitlines():
        head = line.split("#")[0].split(":")[0].split()
        if head[1:] == ["F"]:
            yield head[0]


def compile_one(path):
    done = subprocess.run(compiler + flags + [str(path)], capture_output=True, text=True)
    return done.returncode == 0, done.stderr


count = failed = 0
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for room in free_rooms():
        paths = sorted((root / "src" / room).rglob("*.c"))
        results = list(pool.map(compile_one, paths))
        for path, (good, err) in zip(paths, results):
            if not good:
                print(f"# {path.relative_to(root)}: " + err.strip().replace("\n", "\n# "))
        count += 1
        good = all(g for g, _ in results)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {count} - room {room} compiles without libc headers "
              f"({len(paths)} files)")
print(f"1..{count}")
sys.exit(failed != 0)
