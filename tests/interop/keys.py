# SPDX-License-Identifier: Apache-2.0
"""P-256 keys and signatures as r || s, by python3-cryptography."""
import hashlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

ECDSA = ec.ECDSA(hashes.SHA256())


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def private(path):
    with open(path, "rb") as file:
        return serialization.load_pem_private_key(file.read(), None)


def generate():
    return ec.generate_private_key(ec.SECP256R1())


def public(path):
    with open(path, "rb") as file:
        return serialization.load_pem_public_key(file.read())


def certified(certificate):
    """The public key in a certificate, DER."""
    return x509.load_der_x509_certificate(certificate).public_key()


def point(key):
    """04 || X || Y"""
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def pem(key_point):
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key_point)
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def sign(key, message):
    r, s = utils.decode_dss_signature(key.sign(message, ECDSA))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(key, signature, message):
    """Whether r || s is the key's over the message."""
    if len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        key.verify(utils.encode_dss_signature(r, s), message, ECDSA)
    except InvalidSignature:
        return False
    return True


def der(signature):
    """r || s as an ECDSA-Sig-Value."""
    return utils.encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
