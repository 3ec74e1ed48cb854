#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""evidence_proxy.py DIRECTORY CERTIFICATE KEY: somebody between a machine and its SM-DP+ who has the server's TLS key.

Listens on 127.0.0.1:9443 and passes on to 127.0.0.1:8443 what comes, but for what DIRECTORY/mode says:
pass, strip-wish (the server wants no evidence), strip (evidence is taken out), flip (one bit of it changes),
record (AuthenticateClient is kept, and what the server opened the session with), replay (the kept one is sent instead), evidence (that one's evidence is sent),
race FUNCTION (two machines' requests for that function go on at the same moment; DIRECTORY/met gets a line for each).
DIRECTORY/sizes gets a line for each request: function, octets of the bundle (- when there is none)."""
import base64
import http.client
import http.server
import json
import pathlib
import ssl
import sys
import threading

FOLDER = pathlib.Path(sys.argv[1])
BOTH = threading.Barrier(2)


def meet(function):
    """Waits for the other machine, but not for long: it may be through already."""
    try:
        BOTH.wait(5)
        with open(FOLDER / "met", "a") as met:
            print(function, file=met)
    except threading.BrokenBarrierError:
        BOTH.reset()


def changed_request(mode, body):
    kept = FOLDER / "kept"
    evidence = body.get("equipmentEvidence")
    if mode == "record":
        kept.write_text(json.dumps(body))
    elif mode == "replay":
        return json.loads(kept.read_text())
    elif mode == "evidence":
        body["equipmentEvidence"] = json.loads(kept.read_text())["equipmentEvidence"]
    elif mode == "strip":
        body.pop("equipmentEvidence", None)
    elif mode == "flip":
        octets = bytearray(base64.b64decode(evidence))
        octets[len(octets) // 2] ^= 1
        body["equipmentEvidence"] = base64.b64encode(octets).decode()
    return body


class Between(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        mode = (FOLDER / "mode").read_text().strip()
        function = self.path.rsplit("/", 1)[1]
        octets = self.rfile.read(int(self.headers["Content-Length"]))
        if function == "authenticateClient":
            body = json.loads(octets)
            evidence = body.get("equipmentEvidence")
            with open(FOLDER / "sizes", "a") as sizes:
                print(function, len(base64.b64decode(evidence)) if evidence else "-", file=sizes)
            octets = json.dumps(changed_request(mode, body)).encode()
        if mode == f"race {function}":
            meet(function)
        status, answer = self.ask(octets)
        if mode == "record" and function == "initiateAuthentication":
            (FOLDER / "opened").write_bytes(answer)
        if mode == "strip-wish" and function == "initiateAuthentication":
            body = json.loads(answer)
            body.pop("equipmentEvidence", None)
            answer = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Admin-Protocol", "gsma/rsp/v2.5.0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def ask(self, octets):
        anybody = ssl.create_default_context()
        anybody.check_hostname = False
        anybody.verify_mode = ssl.CERT_NONE
        server = http.client.HTTPSConnection("127.0.0.1", 8443, context=anybody, timeout=30)
        server.request("POST", self.path, octets, {"Content-Type": "application/json",
                                                   "X-Admin-Protocol": "gsma/rsp/v2.5.0"})
        answer = server.getresponse()
        octets = answer.read()
        server.close()
        return answer.status, octets

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 9443), Between)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
server.socket = context.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)
server.serve_forever()
