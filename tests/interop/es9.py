# SPDX-License-Identifier: Apache-2.0
"""Posts of JSON over HTTPS: ES9+ of SGP.22 6.5, and enrolment beside it (docs/protocol.md)."""
import base64
import http.client
import json
import ssl


def text(octets):
    return base64.b64encode(octets).decode()


def octets(member):
    return base64.b64decode(member, validate=True)


class Refused(Exception):
    """The server refused in its protocol's own words: codes, message, and the whole answer."""

    def __init__(self, codes, message, answer):
        super().__init__(f"{codes}: {message}")
        self.answer = answer


class Server:
    def __init__(self, host, port, issuer):
        self.host = host
        self.port = port
        self.tls = ssl.create_default_context(cafile=issuer)

    def post(self, path, body, headers):
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=60, context=self.tls)
        try:
            connection.request("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            data = answer.read()
            return answer.status, json.loads(data) if data else None
        finally:
            connection.close()

    def es9(self, function, body):
        status, answer = self.post(f"/gsma/rsp2/es9plus/{function}", body,
                                   {"X-Admin-Protocol": "gsma/rsp/v2.5.0", "User-Agent": "gsma-rsp-lpad"})
        if status == 204:
            return None
        if status != 200:
            raise OSError(f"{function}: status {status}")
        done = answer["header"]["functionExecutionStatus"]
        if done["status"] != "Executed-Success":
            code = done["statusCodeData"]
            raise Refused(f'{code["subjectCode"]}/{code["reasonCode"]}', code.get("message", ""), answer)
        return answer

    def enrol(self, path, body):
        status, answer = self.post(f"/assay/v1/{path}", body, {})
        if status != 200:
            raise Refused(f'{status} {answer["error"]["reason"]}', answer["error"]["text"], answer)
        return answer
