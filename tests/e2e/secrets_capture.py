#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes every packet of the loopback interface to a file until it is killed."""
import socket
import sys

with open(sys.argv[1], "wb", 0) as out:
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
    wire.bind(("lo", 0))
    out.write(b"capture\n")
    while True:
        out.write(wire.recv(70000))
