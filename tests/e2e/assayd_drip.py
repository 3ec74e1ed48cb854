#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peers that mean harm, or are slow: what the server does with their connections.

    assayd_drip.py CASE CA PORT      prints how long the connection lived and what came back
"""
import socket
import ssl
import sys
import time

HEAD = (b"POST /gsma/rsp2/es9plus/initiateAuthentication HTTP/1.1\r\nHost: localhost\r\n"
        b"X-Admin-Protocol: gsma/rsp/v2.5.0\r\nContent-Type: application/json\r\n")


def plain(port):
    return socket.create_connection(("127.0.0.1", port))


def tls(ca, port):
    context = ssl.create_default_context(cafile=ca)
    return context.wrap_socket(plain(port), server_hostname="localhost")


def drip(sock, octets, every):
    """One octet at a time until the peer has had enough; returns what it said."""
    try:
        for octet in octets:
            sock.sendall(bytes([octet]))
            time.sleep(every)
        return rest(sock)
    except OSError:
        return b""


def rest(sock):
    got = b""
    try:
        while True:
            more = sock.recv(65536)
            if not more:
                return got
            got += more
    except OSError:
        return got


def run(case, ca, port):
    if case == "silent":                      # connects and says nothing
        return rest(plain(port))
    if case == "handshake":                   # a TLS record that never ends
        return drip(plain(port), b"\x16\x03\x01\x40\x00" + b"\x01" * 500, 0.1)
    sock = tls(ca, port)
    if case == "header":
        return drip(sock, HEAD + b"X: " + b"y" * 5000, 0.1)
    if case == "body":
        sock.sendall(HEAD + b"Content-Length: 5000\r\n\r\n")
        return drip(sock, b"{" + b" " * 4999, 0.1)
    if case == "idle":                        # a request, then nothing
        sock.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
        return rest(sock)
    if case == "lengths":
        sock.sendall(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ")
        return rest(sock)
    if case == "both":
        sock.sendall(HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
        return rest(sock)
    if case == "large":
        sock.sendall(HEAD + b"Content-Length: 300000\r\n\r\n")
        return rest(sock)
    if case == "chunks":                      # too large, but does not say so
        try:
            sock.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(400):
                sock.sendall(b"400\r\n" + b" " * 1024 + b"\r\n")
        except OSError:
            pass
        return rest(sock)
    if case == "plain":                       # no TLS at all
        sock = plain(port)
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        return rest(sock)
    raise SystemExit("no such case")


def main():
    case, ca, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    began = time.monotonic()
    said = run(case, ca, port)
    line = said.split(b"\r\n")[0].decode("latin-1") if said.startswith(b"HTTP") else ""
    print(f"{time.monotonic() - began:.1f} {line}")


main()
