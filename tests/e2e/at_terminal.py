#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""at_terminal.py [EXPECT ANSWER]... -- COMMAND...: runs the command at a terminal of its own, waits for each
text to appear and types the answer. Prints what was seen; ends as the command does, or with 99 when a text
does not appear in ten seconds. An answer that the terminal shows is an error where EXPECT begins with '!'."""
import os
import pty
import select
import sys
import time


def main():
    split = sys.argv.index("--")
    talk, command = sys.argv[1:split], sys.argv[split + 1:]
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    seen = b""

    def read(until):
        nonlocal seen
        end = time.monotonic() + 10
        while until is None or until not in seen:
            if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
                return False
            try:
                data = os.read(fd, 4096)
            except OSError:
                return until is None
            if not data:
                return until is None
            seen += data
        return True

    code = None
    for expect, answer in zip(talk[::2], talk[1::2]):
        if not read(expect.lstrip("!").encode()):
            code = 99
            break
        time.sleep(0.1)
        os.write(fd, answer.encode() + b"\n")
        if expect.startswith("!"):
            time.sleep(0.2)
            read(b"\n")
            code = 98 if answer.encode() in seen else code
    read(None)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if code != 99 else 99
    sys.stdout.buffer.write(seen)
    return status if code is None else code


sys.exit(main())
