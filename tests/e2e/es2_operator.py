#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An operator's ES2+ end: takes call-backs over mutual TLS and writes each to a file, one a line.

    es2_operator.py PORT CERTIFICATE KEY TRUST OUT
"""
import http.server
import json
import ssl
import sys

PATH = "/gsma/rsp2/es2plus/handleDownloadProgressInfo"


class Operator(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        good = self.path == PATH and self.headers["X-Admin-Protocol"].startswith("gsma/rsp/v2")
        with open(sys.argv[5], "a") as out:
            print(json.dumps({"good": good, "body": body}), file=out)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
context.load_verify_locations(sys.argv[4])
context.verify_mode = ssl.CERT_REQUIRED
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Operator)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
