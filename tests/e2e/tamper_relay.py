#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tamper_relay.py DIRECTORY: the wires between a card and its virtual reader, which can be held still.

Listens on 127.0.0.1:35970 as vpcd does and passes on to 127.0.0.1:35963. DIRECTORY/when names a moment of a
download: "prepare before" is PrepareDownload on its way to the card, "segment 3 before" the third piece of the bound
profile package on its way, "segment 3 after" its answer on its way back. Then DIRECTORY/held appears, and nothing
moves until DIRECTORY/go does. DIRECTORY/segments has the number of pieces that went by."""
import pathlib
import socket
import sys
import threading
import time

FOLDER = pathlib.Path(sys.argv[1])
STORE_DATA, LAST_BLOCK = 0xE2, 0x80


class Download:
    """Where a download is, told from the commands that pass (SGP.22 5.7.2, 5.7.5, 5.7.6)."""

    def __init__(self):
        self.segment = 0
        self.loading = False
        self.begins = True

    def passes(self, command):
        """The moment that this command is, or nothing."""
        if len(command) < 6 or command[1] != STORE_DATA:
            return None
        data, begins = command[5:], self.begins
        self.begins = bool(command[2] & LAST_BLOCK)
        if begins and data.startswith(b"\xbf\x21"):
            self.segment, self.loading = 0, False
            return "prepare"
        if begins and data.startswith(b"\xbf\x36"):
            self.segment, self.loading = 0, True
        elif begins and data.startswith(b"\xbf"):
            self.loading = False
        if not self.loading or not self.begins:
            return None
        self.segment += 1
        (FOLDER / "segments").write_text(str(self.segment))
        return f"segment {self.segment}"


def hold(moment):
    if (FOLDER / "when").read_text().strip() != moment:
        return
    (FOLDER / "held").write_text(moment)
    release()


def release():
    """Comes back when nothing is held, any more."""
    while (FOLDER / "held").exists() and not (FOLDER / "go").exists():
        time.sleep(0.02)


def message(link):
    octets = b""
    while len(octets) < 2 or len(octets) < 2 + int.from_bytes(octets[:2], "big"):
        more = link.recv(2 if not octets else 2 + int.from_bytes(octets[:2], "big") - len(octets))
        if not more:
            raise ConnectionError
        octets += more
    return octets


def carry(card):
    download = Download()
    with card, socket.create_connection(("127.0.0.1", 35963)) as reader:
        for link in (card, reader):
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = {"moment": None}
        threading.Thread(target=back, args=(card, reader, answers), daemon=True).start()
        try:
            while True:
                octets = message(reader)
                moment = answers["moment"] = download.passes(octets[2:])
                if moment:
                    hold(f"{moment} before")
                card.sendall(octets)
        except OSError:
            pass


def back(card, reader, answers):
    try:
        while True:
            octets = message(card)
            if answers["moment"]:
                hold(f"{answers['moment']} after")
            reader.sendall(octets)
    except OSError:
        release()  # the card has gone: the reader notices when it may
    try:
        reader.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


door = socket.create_server(("127.0.0.1", 35970))
print("ready", flush=True)
while True:
    threading.Thread(target=carry, args=(door.accept()[0],), daemon=True).start()
