#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An operator's end for changes of its machines: HTTPS, each POST kept as OUT/N.json, its signature as OUT/N.jws.
The first one is answered by 503: it must come again.

    events_operator.py PORT CERTIFICATE KEY OUT
    events_operator.py --split OUT/N     writes what openssl wants: OUT/N.input, OUT/N.der
"""
import base64
import http.server
import os
import ssl
import sys


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def integer(octets):
    octets = octets.lstrip(b"\0")
    if not octets or octets[0] & 0x80:
        octets = b"\0" + octets
    return b"\x02" + bytes([len(octets)]) + octets


def split(name):
    """RFC 7515: the input is header and payload in base64url; the signature r || s, for openssl in DER."""
    with open(name + ".json", "rb") as body, open(name + ".jws") as jws:
        header, payload, signature = jws.read().strip().split(".")
        text = base64.urlsafe_b64encode(body.read()).rstrip(b"=")
    if payload != "" or b'"alg":"ES256"' not in decode(header):
        raise SystemExit("no JWS without payload, of ES256")
    pair = decode(signature)
    der = integer(pair[:32]) + integer(pair[32:])
    with open(name + ".input", "wb") as out:
        out.write(header.encode() + b"." + text)
    with open(name + ".der", "wb") as out:
        out.write(b"\x30" + bytes([len(der)]) + der)


class Operator(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count = 0

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Operator.count += 1
        if Operator.count > 1 and self.path == "/machines":
            name = f"{sys.argv[4]}/{Operator.count - 1}"
            with open(name + ".jws", "w") as out:
                out.write(self.headers["Assay-Signature"] or "")
            with open(name + ".tmp", "wb") as out:
                out.write(body)
            os.rename(name + ".tmp", name + ".json")
        self.send_response(204 if Operator.count > 1 else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if sys.argv[1] == "--split":
    split(sys.argv[2])
    sys.exit()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Operator)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
