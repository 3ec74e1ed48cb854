# SPDX-License-Identifier: Apache-2.0
"""docs/protocol.md: what is signed besides the log. Lists of components, suppliers' manifests and attestation results
(COSE_Sign1, RFC 9052), notices to operators (JWS without payload, RFC 7515)."""
import base64
import json

import cbor2

import keys

MANIFEST_TEXT = b"assay manifest v1"
COSE_SIGN1 = 18
ES256_PROTECTED = cbor2.dumps({1: -7})


class Wrong(Exception):
    """Not signed, or not well formed."""


def name_of(key):
    """What kid has: the first octets of SHA-256 of the point."""
    return keys.sha256(keys.point(key))[:8]


# --- COSE_Sign1 with ES256 ----------------------------------------------------------------------------------

def to_be_signed(protected, external, payload):
    return cbor2.dumps(["Signature1", protected, external, payload])


def cose_put(payload, signature):
    return cbor2.dumps(cbor2.CBORTag(COSE_SIGN1, [ES256_PROTECTED, {}, payload, signature]))


def cose_sign(key, payload, external=b""):
    return cose_put(payload, keys.sign(key, to_be_signed(ES256_PROTECTED, external, payload)))


def cose_read(key, octets, external):
    message = cbor2.loads(octets)
    if not isinstance(message, cbor2.CBORTag) or message.tag != COSE_SIGN1:
        raise Wrong("no COSE_Sign1")
    protected, unprotected, payload, signature = message.value
    header = cbor2.loads(protected)
    if header.get(1) != -7 or not keys.verify(key, signature, to_be_signed(protected, external, payload)):
        raise Wrong("the signature is not the key's")
    return header, unprotected, payload


def cose_payload(key, octets, external=b""):
    return cose_read(key, octets, external)[2]


def cose_verify(key, octets, external=b""):
    """Protected and unprotected header, and payload, decoded."""
    header, unprotected, payload = cose_read(key, octets, external)
    return header, unprotected, cbor2.loads(payload)


# --- a supplier's manifest ----------------------------------------------------------------------------------

def manifest_sign(key, batch, entries):
    """entries: (EID, SHA-256 of the endorsement key, IMEI, model)"""
    return cose_sign(key, cbor2.dumps({1: 1, 2: batch, 3: [list(entry) for entry in entries]}, canonical=True),
                     MANIFEST_TEXT)


def manifest_verify(key, octets):
    _, _, manifest = cose_verify(key, octets, MANIFEST_TEXT)
    if manifest[1] != 1:
        raise Wrong("a manifest of another version")
    return manifest[2], manifest[3]


# --- a list of components -----------------------------------------------------------------------------------

def components_sign(key, model, firmware, version, components):
    """components: (name, path)"""
    lines = ["assay-components 1", f"model {model}", f"firmware {firmware}", f"version {version}"]
    for name, path in components:
        with open(path, "rb") as file:
            lines.append(f"component {name} {keys.sha256(file.read()).hex()} {path}")
    text = "".join(line + "\n" for line in lines).encode()
    return text + b"signature " + keys.sign(key, text).hex().encode() + b"\n"


def components_verify(key, octets):
    """The lines of a list, as words."""
    text, mark, signature = octets.rpartition(b"signature ")
    if not mark or not signature.endswith(b"\n") or not keys.verify(key, bytes.fromhex(signature.decode()), text):
        raise Wrong("the list is not signed by that key")
    lines = text.decode().splitlines()
    if lines.pop(0) != "assay-components 1":
        raise Wrong("no list of components")
    return [line.split(" ", 3 if line.startswith("component ") else 1) for line in lines]


def result_verify(key, octets):
    """The claims of an attestation result as CWT."""
    header, unprotected, claims = cose_verify(key, octets)
    if header != {1: -7, 4: name_of(key)} or unprotected:
        raise Wrong(f"other headers: {header}, {unprotected}")
    return claims


def result_verify_jwt(key, octets):
    """The claims of one as JWT, in compact form (RFC 7515, 7.1)."""
    header, payload, signature = octets.strip().split(b".")
    if json.loads(base64url_read(header)) != {"alg": "ES256", "typ": "eat+jwt", "kid": name_of(key).hex()}:
        raise Wrong(f"another header: {base64url_read(header)}")
    if not keys.verify(key, base64url_read(signature), header + b"." + payload):
        raise Wrong("the signature is not the key's")
    return json.loads(base64url_read(payload))


# --- a notice to the operator -------------------------------------------------------------------------------

def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def base64url_read(text):
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def notice_verify(key, header_line, body):
    """What is in the body, once the signature of the header line Assay-Signature is over it."""
    header, payload, signature = header_line.split(b".")
    facts = json.loads(base64url_read(header))
    if payload or facts["alg"] != "ES256" or facts["kid"] != name_of(key).hex():
        raise Wrong(f"no JWS without payload of ES256 by that key: {facts}")
    if not keys.verify(key, base64url_read(signature), header + b"." + base64url(body)):
        raise Wrong("the signature is not the key's")
    return json.loads(body)
