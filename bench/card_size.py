#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""card_size.py [--functions | --check] [--cpu cortex-m4|cortex-m33]: flash, RAM and stack of the card core on a
microcontroller, crypto library apart (R11).

Compiles the freestanding rooms with arm-none-eabi-gcc -Os, links them from the card's entry points with
unused sections dropped, and prints what is left: the UICC/USIM part alone, and with the eUICC and the
profile interpreter. Flash is code and constants. RAM is `struct card`, which the caller owns; there is no
other writable data (a gate checks it). Stack is the deepest path through the call graph that the
compiler wrote down, from whichever entry point is deepest; a call through a pointer goes to the deepest of the
functions that the caller's file puts into tables. Flash driver and crypto library come on top of it."""
import argparse
import collections
import os
import pathlib
import re
import shutil
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
# Calls through a pointer that leave for the flash driver, which is not part of the card.
PORTS = {"vault_destroy", "vault_destroyed", "sync_flash", "wipe_all", "flash_read", "flash_write", "medium_sync"}
# Functions that come to their caller as an argument, not by a table of its file.
ARGUMENTS = {
    r"cursor_\w+|look|install_fill": {"memory_read", "staging_source_read", "place_read"},
    r"reference_read": {"pin_reference_valid", "puk_reference_valid"},
    r"code_next": {"pin_read", "puk_read"},
}


def run(*argv):
    # A compiler that is ccache in truth gives back objects without the call graphs that were written beside them.
    environment = {**os.environ, "CCACHE_DISABLE": "1"}
    return subprocess.run(argv, check=True, capture_output=True, text=True, env=environment).stdout


def sources(part):
    rooms = ["base", "codec", "aka", "vault", "card"] + (["rsp", "profile"] if part == "euicc" else [])
    for room in rooms:
        for path in sorted((root / "src" / room).glob("*.c")):
            if part == "euicc" or room != "card" or not EUICC_FILES.match(path.name):
                yield path


def object_of(out, path):
    return out / f"{path.parent.name}_{path.stem}.o"


def build(cpu, part, out):
    builtin = run(CROSS + "gcc", "-print-file-name=include").strip()
    objects = []
    for path in sources(part):
        target = object_of(out, path)
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
    """Stack frames and calls by title: "PATH:NAME" for a static function, "NAME" for others."""
    frames, calls = {}, collections.defaultdict(set)
    for path in out.glob("*.ci"):
        for line in path.read_text().splitlines():
            node = re.match(r'node: \{ title: "([^"]+)" label: "[^"]*\\n(\d+) bytes \((\w+)\)', line)
            edge = re.match(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', line)
            if node:
                frames[node[1]] = int(node[2])
                if node[3] != "static":
                    raise SystemExit(f"{node[1]}: a frame whose size is not known ({node[3]})")
            elif edge:
                calls[edge[1]].add(edge[2])
    return frames, calls


def title(frames, path, name):
    static = f"{path}:{name}"
    return static if static in frames else name


def address_taken(out, paths, frames):
    """By source file: functions that a table or a pointer in it names, which are relocations outside of
    call instructions."""
    taken = collections.defaultdict(set)
    for path in paths:
        for line in run(CROSS + "objdump", "-r", str(object_of(out, path))).splitlines():
            match = re.search(r"R_ARM_ABS32\s+(?:\.text\.)?([\w.]+)", line)
            if match and title(frames, path, match[1]) in frames:
                taken[str(path)].add(title(frames, path, match[1]))
    return taken


def resolve_pointers(frames, calls, taken, paths):
    """Puts what a call through a pointer may reach in its place: what ARGUMENTS says is passed in, or else,
    since tables are static, whatever the caller's file takes the address of."""
    home = {}
    for path in paths:
        for line in pathlib.Path(path).read_text().splitlines():
            name = re.match(r"(?:[\w*]+ )+\*?(\w+)\(", line)
            if name:
                home.setdefault(title(frames, path, name[1]), str(path))
    for caller in [name for name, callees in calls.items() if "__indirect_call" in callees]:
        name = re.sub(r"\.(part|isra|constprop)\.\d+", "", caller).split(":")[-1]
        if name in PORTS:
            calls[caller] -= {"__indirect_call"}
            continue
        path = caller.rsplit(":", 1)[0] if ":" in caller else home.get(caller, "")
        reached = set(taken[path])
        for pattern, names in ARGUMENTS.items():
            if re.fullmatch(pattern, name):
                reached = {t for t in frames if t.split(":")[-1] in names}
        calls[caller] = (calls[caller] - {"__indirect_call"}) | (reached or {f"unknown, from {name}"})
    return calls


def deepest(frames, calls, start):
    """The deepest path from `start`, its octets and names. There is no recursion in these rooms: a path
    that comes back to itself, or a pointer that leads nobody knows where, has no depth."""
    memo = {}

    def visit(name, path):
        if name in path:
            raise SystemExit("the stack has no bound: " + " > ".join(path[path.index(name):] + [name]))
        if name.startswith("unknown"):
            raise SystemExit(f"where does this pointer lead? {' > '.join(path)}: see ARGUMENTS")
        if name not in memo:
            below = max((visit(callee, path + [name]) for callee in sorted(calls[name])),
                        default=(0, []))
            memo[name] = (frames.get(name, 0) + below[0], [name] + below[1])
        return memo[name]

    return visit(start, [])


def measure(cpu, part):
    with tempfile.TemporaryDirectory() as name:
        out = pathlib.Path(name)
        image = build(cpu, part, out)
        flash, writable = sizes(image)
        frames, calls = call_graph(out)
        files = list(sources(part))
        calls = resolve_pointers(frames, calls, address_taken(out, files, frames), files)
        stack, path = max(deepest(frames, calls, entry) for entry in ENTRY)
        return {"flash": section_total(image), "ram": ram(cpu, out), "stack": stack, "writable": writable,
                "path": path, "frames": frames, "symbols": flash}


def report(cpu, part, found, functions):
    frames = found["frames"]
    if functions:
        named = {name.split(":")[-1]: size for name, size in frames.items()}
        for symbol, size in sorted(found["symbols"].items(), key=lambda item: -item[1]):
            print(f"  {size:6d}  {named.get(symbol, 0):5d}  {symbol}")
    what = "UICC and USIM" if part == "uicc" else "with eUICC and profile interpreter"
    print(f"{cpu:11s} {what:36s} flash {found['flash']:6d} of {AIMS[part]:6d} ({found['flash'] / AIMS[part]:.2f})  "
          f"RAM {found['ram']:5d} of {AIMS['ram']} ({found['ram'] / AIMS['ram']:.2f})  stack {found['stack']:5d}")
    if functions:
        print("  deepest: " + " > ".join(f"{name.split(':')[-1]} {frames.get(name, 0)}" for name in found["path"]))
    if found["writable"]:
        print(f"  {found['writable']} octets of writable data beside struct card")


def check(count, cpu, part, found):
    """The aims as TAP rows."""
    rows = [
        (found["flash"] <= AIMS[part],
         f"R11: {part} takes {found['flash']} octets of flash on {cpu}, at most {AIMS[part]}"),
        (found["ram"] <= AIMS["ram"] and not found["writable"],
         f"R11: ... {found['ram']} octets of RAM, at most {AIMS['ram']}, and no other writable data"),
        (0 < found["stack"] <= AIMS["ram"], f"R11: ... and {found['stack']} octets of stack, in any case"),
    ]
    for good, says in rows:
        count += 1
        print(f"{'ok' if good else 'not ok'} {count} - {says}")
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--functions", action="store_true",
                        help="list every function and table: octets of flash, octets of stack frame")
    parser.add_argument("--check", action="store_true", help="say in TAP whether the aims are met")
    parser.add_argument("--cpu", choices=CPUS, action="append")
    options = parser.parse_args()
    if options.check and shutil.which(CROSS + "gcc") is None:
        print(f"1..0 # SKIP {CROSS}gcc is not installed")
        return False
    good, count = True, 0
    for cpu in options.cpu or CPUS:
        for part in ("uicc", "euicc"):
            found = measure(cpu, part)
            if options.check:
                count = check(count, cpu, part, found)
            else:
                report(cpu, part, found, options.functions)
            good &= found["flash"] <= AIMS[part] and found["ram"] <= AIMS["ram"] and not found["writable"]
    if options.check:
        print(f"1..{count}")
    return not good


if __name__ == "__main__":
    sys.exit(main())
