#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gpio.py KERNEL: the tamper line on a GPIO chip that we did not write: the PL061 of QEMU's arm64 board, under a Linux kernel
for arm64 (Debian's linux-image-arm64 has what it takes). The board's power key, which is line 3, is the lid. Needs
qemu-system-aarch64 and aarch64-linux-gnu-gcc; not part of ./test.sh. Prints TAP."""
import gzip
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def entry(name, mode, data=b"", number=0, device=(0, 0)):
    """A file of an initramfs (Documentation/driver-api/early-userspace/buffer-format.rst)."""
    name = name.encode() + b"\0"
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        subprocess.run(["aarch64-linux-gnu-gcc", "-static", "-std=c17", "-D_GNU_SOURCE", f"-I{ROOT}", f"-I{ROOT}/src",
                        "-o", work / "init", *(ROOT / name for name in ("tests/interop/gpio.c", "src/port/posix/tamper.c",
                                                                        "src/base/err.c", "src/base/bytes.c"))], check=True)
        (work / "initrd").write_bytes(gzip.compress(
            entry("dev", 0o40755, number=1) + entry("dev/console", 0o20600, number=2, device=(5, 1)) +
            entry("init", 0o100755, (work / "init").read_bytes(), 3) + entry("TRAILER!!!", 0)))
        machine = subprocess.Popen(
            ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a57", "-m", "512", "-nographic", "-no-reboot", "-net", "none",
             "-kernel", sys.argv[1], "-initrd", work / "initrd", "-append", "console=ttyAMA0 quiet panic=1",
             "-monitor", f"unix:{work}/monitor,server,nowait", "-serial", "stdio"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace")
        limit = threading.Timer(300, machine.kill)
        limit.start()
        good = False
        for line in machine.stdout:
            print(line.rstrip(), flush=True)
            if "# watching" in line:
                time.sleep(2)  # so that it sleeps
                with socket.socket(socket.AF_UNIX) as monitor:
                    monitor.connect(f"{work}/monitor")
                    monitor.sendall(b"system_powerdown\n")
                    time.sleep(1)
            if line.startswith("not ok"):
                break
            if line.startswith("1.."):
                good = True
                break
        limit.cancel()
        machine.kill()
    return 0 if good else 1


sys.exit(main())
