#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A station that names one subscriber in EAP-Response/Identity and another in EAP-AKA's own identity round.

    quarantine_liar.py PORT SECRET FIRST_IDENTITY SECOND_IDENTITY

prints "challenged" when the network had a vector for the second, "refused" when not. RFC 3579, RFC 4187, RFC 9048.
"""
import hashlib
import hmac
import os
import socket
import struct
import sys

AKA, AKA_PRIME = 23, 50
CHALLENGE, IDENTITY, NOTIFICATION = 1, 5, 12
AT_IDENTITY = 14


def attribute(kind, value):
    return bytes([kind, len(value) + 2]) + value


def access_request(number, user, eap, state, secret):
    body = attribute(1, user) + attribute(79, eap)
    if state:
        body += attribute(24, state)
    head = struct.pack("!BBH16s", 1, number, 20 + len(body) + 18, os.urandom(16))
    blank = head + body + attribute(80, bytes(16))
    return blank[:-16] + hmac.new(secret, blank, hashlib.md5).digest()


def attributes(packet, kind):
    at, found = 20, b""
    while at + 2 <= len(packet):
        if packet[at] == kind:
            found += packet[at + 2:at + packet[at + 1]]
        at += packet[at + 1]
    return found


def eap_response(number, kind, data):
    return struct.pack("!BBHB", 2, number, 5 + len(data), kind) + data


def aka_identity(identity):
    padded = identity + bytes(-len(identity) % 4)
    return struct.pack("!BH", IDENTITY, 0) + struct.pack("!BBH", AT_IDENTITY, 1 + len(padded) // 4, len(identity)) + padded


def main():
    port, secret, first, second = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3].encode(), sys.argv[4].encode()
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(5)
    sock.connect(("127.0.0.1", port))
    eap, state = eap_response(0, 1, first), b""
    for number in range(1, 8):
        sock.send(access_request(number, first, eap, state, secret))
        packet = sock.recv(4096)
        got, state = attributes(packet, 79), attributes(packet, 24)
        if packet[0] != 11 or len(got) < 6:
            print("refused")
            return
        kind, subtype = got[4], got[5]
        if kind in (AKA, AKA_PRIME) and subtype == IDENTITY:
            eap = eap_response(got[1], kind, aka_identity(second))
        elif kind in (AKA, AKA_PRIME) and subtype == CHALLENGE:
            print("challenged")
            return
        else:
            print("refused")
            return


main()
