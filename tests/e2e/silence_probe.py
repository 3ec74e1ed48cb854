#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ES9+ and the AuC, asked once.

    silence_probe.py es9 PKI [PID]   initiateAuthentication; with PID: a second time on the same connection, when that
                                     process has been stopped. Prints a line for each, "ok" or subject/reason code
    silence_probe.py auc SOCKET IMSI the AuC's answer to hostapd's request for a vector: "vector", "FAILURE" or nothing
"""
import base64
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys


def key_id(pki):
    text = subprocess.run(["openssl", "x509", "-in", pki, "-noout", "-ext", "subjectKeyIdentifier"],
                          check=True, capture_output=True, text=True).stdout
    return bytes.fromhex(text.splitlines()[1].strip().replace(":", ""))


def body(pki):
    ci = b"\x04\x14" + key_id(pki)
    info = b"\x82\x03\x02\x05\x00" + b"\xa9" + bytes([len(ci)]) + ci + b"\xaa" + bytes([len(ci)]) + ci
    info = b"\xbf\x20" + bytes([len(info)]) + info
    return json.dumps({"euiccChallenge": base64.b64encode(os.urandom(16)).decode(),
                       "euiccInfo1": base64.b64encode(info).decode(), "smdpAddress": "localhost"})


def initiate(connection, ca):
    connection.request("POST", "/gsma/rsp2/es9plus/initiateAuthentication", body(ca),
                       {"X-Admin-Protocol": "gsma/rsp/v2.5.0", "Content-Type": "application/json"})
    answer = connection.getresponse()
    status = json.loads(answer.read())["header"]["functionExecutionStatus"]
    code = status.get("statusCodeData", {})
    return "ok" if status["status"] == "Executed-Success" else f"{code['subjectCode']}/{code['reasonCode']}"


def es9(pki, pid=None):
    ca = pki + "/CERT_CI_ECDSA_NIST.pem"
    connection = http.client.HTTPSConnection("localhost", 8443, context=ssl.create_default_context(cafile=ca),
                                             timeout=60)
    print(initiate(connection, ca))
    if pid:
        os.kill(int(pid), signal.SIGSTOP)
        print(initiate(connection, ca))


def auc(path, imsi):
    own = f"{path}.probe.{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asks:
        asks.bind(own)
        asks.settimeout(60)
        try:
            asks.sendto(f"AKA-REQ-AUTH {imsi}".encode(), path)
            print("FAILURE" if b"FAILURE" in asks.recv(1024) else "vector")
        finally:
            os.unlink(own)


{"es9": es9, "auc": auc}[sys.argv[1]](*sys.argv[2:])
