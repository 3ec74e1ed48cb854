#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""card_size.py [--functions] [--cpu cortex-m4|cortex-m33]: flash, RAM and stack of the card core on a
microcontroller, crypto library apart (R11).

Compiles the freestanding rooms with arm-none-eabi-gcc -Os, links them from the card's entry points with
unused sections dropped, and prints what is left: the UICC/USIM part alone, and with the eUICC and the
profile interpreter. Flash is code and constants. RAM is `struct card`, which the caller owns; there is no
other writable data (a gate checks it). Stack is the deepest path through the call graph that the
compiler wrote down, a call through a table counted as the deepest function whose address is taken in
that part of the program and that fits the caller's table (see TABLES)."""
import argparse
import collections
import pathlib
import re
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent
CROSS = "arm-none-eabi-"
CPUS = {"cortex-m4": ["-mcpu=cortex-m4", "-mthumb"], "cortex-m33": ["-mcpu=cortex-m33", "-mthumb"]}
FLAGS = ["-std=c17", "-Os", "-ffreestanding", "-nostdinc", "-DFREESTANDING", "-DNDEBUG",
         "-ffunction-sections", "-fdata-sections", "-fcallgraph-info=su",
         "-isystem", str(root / "tests/gates/include"), "-I", str(root / "src")]
AIMS = {"uicc": 32 * 1024, "euicc": 96 * 1024, "ram": 12 * 1024}
EUICC_FILES = re.compile(r"^(isdr|euicc|install|pairing)")
ENTRY = ["card_init", "card_reset", "card_run"]


def run(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def sources(part):
    rooms = ["base", "codec", "aka", "vault", "card"] + (["rsp", "profile"] if part == "euicc" else [])
    for room in rooms:
        for path in sorted((root / "src" / room).glob("*.c")):
            if part == "euicc" or room != "card" or not EUICC_FILES.match(path.name):
                yield path


def build(cpu, part, out):
    builtin = run(CROSS + "gcc", "-print-file-name=include").strip()
    objects = []
    for path in sources(part):
        target = out / f"{path.parent.name}_{path.stem}.o"
        run(CROSS + "gcc", *CPUS[cpu], *FLAGS, "-isystem", builtin, "-c", str(path), "-o", str(target))
        objects.append(str(target))
    image = out / "image.elf"
    roots = [arg for name in ENTRY for arg in ("-u", name)]
    run(CROSS + "ld", "--gc-sections", "-e", ENTRY[0], "--unresolved-symbols=ignore-all", *roots,
        "-o", str(image), *objects)
    return image


def sizes(image):
    """Octets by symbol, for code and constants; and writable data, which must be none."""
    flash, writable = {}, 0
    for line in run(CROSS + "nm", "-S", "--size-sort", str(image)).splitlines():
        _, size, kind, name = line.split()
        if kind in "tTrR":
            flash[name] = flash.get(name, 0) + int(size, 16)
        elif kind in "bBdD":
            writable += int(size, 16)
    return flash, writable


def section_total(image):
    total = 0
    for line in run(CROSS + "size", "-A", str(image)).splitlines():
        parts = line.split()
        if len(parts) == 3 and re.match(r"\.(text|rodata|ARM)", parts[0]):
            total += int(parts[1])
    return total


def ram(cpu, out):
    """sizeof(struct card), read from an object's symbol."""
    probe = out / "probe.c"
    probe.write_text('#include "card/card.h"\nchar size_of_card[sizeof(struct card)];\n'
                     "char size_of_card_end;\n")
    target = out / "probe.o"
    builtin = run(CROSS + "gcc", "-print-file-name=include").strip()
    run(CROSS + "gcc", *CPUS[cpu], *FLAGS, "-isystem", builtin, "-c", str(probe), "-o", str(target))
    for line in run(CROSS + "nm", "-S", str(target)).splitlines():
        if line.endswith(" size_of_card"):
            return int(line.split()[1], 16)
    return 0


def call_graph(out):
    frames, calls = {}, collections.defaultdict(set)
    for path in out.glob("*.ci"):
        for line in path.read_text().splitlines():
            node = re.match(r'node: \{ title: "([^"]+)" label: "[^"]*\\n(\d+) bytes', line)
            edge = re.match(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', line)
            if node:
                frames[plain(node[1])] = int(node[2])
            elif edge:
                calls[plain(edge[1])].add(plain(edge[2]))
    return frames, calls


def plain(title):
    return title.split(":")[-1]


def address_taken(out):
    """Functions that a table or a pointer names: relocations outside of call instructions."""
    taken = set()
    for path in out.glob("*.o"):
        for line in run(CROSS + "objdump", "-r", str(path)).splitlines():
            match = re.search(r"R_ARM_ABS32\s+(?:\.text\.)?([\w.]+)", line)
            if match:
                taken.add(match[1])
    return taken


def deepest(frames, calls, taken, start):
    """The deepest path from `start`, its octets and names. A call through a pointer goes to the deepest
    of the taken functions that is not on the path already."""
    memo = {}

    def visit(name, path):
        if name in path:
            return 0, []
        if name in memo and not path & memo[name][2]:
            return memo[name][:2]
        best, names = 0, []
        for callee in calls[name]:
            targets = [t for t in taken if t in frames] if callee == "__indirect_call" else [callee]
            for target in targets:
                depth, below = visit(target, path | {name})
                if depth > best:
                    best, names = depth, below
        total = frames.get(name, 0) + best
        memo[name] = (total, [name] + names, set(names))
        return total, [name] + names

    sys.setrecursionlimit(10000)
    return visit(start, frozenset())


def report(cpu, part, functions):
    with tempfile.TemporaryDirectory() as name:
        out = pathlib.Path(name)
        image = build(cpu, part, out)
        flash, writable = sizes(image)
        total, state = section_total(image), ram(cpu, out)
        frames, calls = call_graph(out)
        stack, path = deepest(frames, calls, address_taken(out), "card_run")
    if functions:
        for symbol, size in sorted(flash.items(), key=lambda item: -item[1]):
            print(f"  {size:6d}  {frames.get(symbol, 0):5d}  {symbol}")
    what = "UICC and USIM" if part == "uicc" else "with eUICC and profile interpreter"
    print(f"{cpu:11s} {what:36s} flash {total:6d} of {AIMS[part]:6d} ({total / AIMS[part]:.2f})  "
          f"RAM {state:5d} of {AIMS['ram']} ({state / AIMS['ram']:.2f})  stack {stack:5d}")
    if functions:
        print("  deepest: " + " > ".join(path))
    if writable:
        print(f"  {writable} octets of writable data beside struct card")
    return total <= AIMS[part] and state <= AIMS["ram"] and not writable


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--functions", action="store_true",
                        help="list every function and table: octets of flash, octets of stack frame")
    parser.add_argument("--cpu", choices=CPUS, action="append")
    options = parser.parse_args()
    good = True
    for cpu in options.cpu or CPUS:
        for part in ("uicc", "euicc"):
            good &= report(cpu, part, options.functions)
    return not good


if __name__ == "__main__":
    sys.exit(main())
