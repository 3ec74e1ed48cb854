#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills an inventory with subscriptions whose keys are known to this test, orders each of them.

    secrets_fill.py SOCKET PREFIX COUNT KEYS [FIRST]     writes K and OPc of each, in hex, to KEYS
"""
import http.client
import json
import os
import socket
import sys


class Admin(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("admin")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def post(self, path, body):
        self.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = self.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{path}: {answer.status} {text.decode()}")
        return json.loads(text)


def main():
    admin, prefix, count = Admin(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    first = int(sys.argv[5]) if len(sys.argv) > 5 else 0
    with open(sys.argv[4], "w") as keys:
        for i in range(first, first + count):
            k, opc = os.urandom(16).hex(), os.urandom(16).hex()
            text = f"name = Secret\nimsi = 00101{i:010d}\niccid = 89001010{i:011d}\nk = {k}\nopc = {opc}\n"
            made = admin.post("/v1/profiles/generate", {"description": text, "type": "secret"})
            admin.post("/v1/orders", {"iccid": made["iccid"], "matchingId": f"{prefix}-{i - first}"})
            print(k, opc, sep="\n", file=keys)


main()
