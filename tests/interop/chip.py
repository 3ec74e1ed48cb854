# SPDX-License-Identifier: Apache-2.0
"""The machine's chip, a TPM 2.0, by tpm2-tools. Structures are in the TPM's own encoding, without a TPM2B's size."""
import os
import subprocess
import tempfile

import keys

EK_CERTIFICATE = "0x01C00002"  # RSA-2048, TCG EK Credential Profile 2.2.1.4
CERTIFY_MAGIC = b"\xffTCG"


class Failed(Exception):
    """A tool failed."""


class Chip:
    def __init__(self, tcti):
        self.tcti = tcti
        self.room = tempfile.TemporaryDirectory()

    def path(self, name):
        return os.path.join(self.room.name, name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def tool(self, name, *arguments):
        done = subprocess.run([f"tpm2_{name}", "-T", self.tcti, *arguments], cwd=self.room.name, timeout=60,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise Failed(f"tpm2_{name}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def flush(self, what="-t"):
        """Room for further objects: what is needed again is in a context file."""
        self.tool("flushcontext", what)

    def public(self, context):
        """TPMT_PUBLIC of the key in that context."""
        self.tool("readpublic", "-c", context, "-o", "public")
        self.flush()
        return self.read("public")[2:]

    # --- its keys -------------------------------------------------------------------------------------

    def endorsement_key(self):
        """Makes ek.ctx; its certificate is in the chip's memory."""
        self.tool("createek", "-G", "rsa", "-c", "ek.ctx", "-u", "ek.pub")
        self.flush()
        return self.read("ek.pub")[2:], self.tool("nvread", EK_CERTIFICATE)

    def attestation_key(self):
        """Makes ak.ctx: a primary key, so that the chip finds it again after each start."""
        return self.signing_key("ak.ctx", "userwithauth|restricted|sign|noda")

    def signing_key(self, context, attributes, *policy):
        """Makes a primary key on P-256, and gives its TPMT_PUBLIC."""
        self.tool("createprimary", "-C", "e", "-G", "ecc256:ecdsa-sha256:null", "-g", "sha256", "-c", context, *policy,
                  "-a", f"fixedtpm|fixedparent|sensitivedataorigin|{attributes}")
        self.flush()
        return self.public(context)

    # --- what they do ---------------------------------------------------------------------------------

    def activate(self, credential, secret):
        """TPM2_ActivateCredential with ek.ctx and ak.ctx. The file is the tool's: magic, version, two TPM2B."""
        sized = b"".join(len(part).to_bytes(2, "big") + part for part in (credential, secret))
        self.write("blob", b"\xba\xdc\xc0\xde\0\0\0\1" + sized)
        self.tool("startauthsession", "--policy-session", "-S", "session")
        try:
            self.tool("policysecret", "-S", "session", "-c", "e")
            self.tool("activatecredential", "-c", "ak.ctx", "-C", "ek.ctx", "-i", "blob", "-o", "opened",
                      "-P", "session:session")
        finally:
            self.flush("session")
            self.flush()
        return self.read("opened")

    def certify(self, context):
        """TPMS_ATTEST and TPMT_SIGNATURE of TPM2_Certify by ak.ctx."""
        self.tool("certify", "-c", context, "-C", "ak.ctx", "-g", "sha256", "-o", "certify", "-s", "certify.sig")
        self.flush()
        return self.read("certify"), self.read("certify.sig")

    def quote(self, pcrs, qualifying, context="ak.ctx"):
        """TPMS_ATTEST and TPMT_SIGNATURE of TPM2_Quote."""
        self.tool("quote", "-c", context, "-l", "sha256:" + ",".join(map(str, pcrs)), "-q", qualifying.hex(),
                  "-g", "sha256", "-m", "quote", "-s", "quote.sig")
        self.flush()
        return self.read("quote"), self.read("quote.sig")

    def clock(self):
        """resetCount, restartCount and clock of TPM2_ReadClock."""
        said = dict(line.strip().split(": ") for line in self.tool("readclock").decode().splitlines() if ": " in line)
        return tuple(int(said[name]) for name in ("reset_count", "restart_count", "clock"))

    def sign_hashed(self, octets):
        """r || s by ak.ctx, which signs only what the chip has hashed itself (TPM2_Hash and its ticket)."""
        self.write("octets", octets)
        self.tool("hash", "-C", "e", "-g", "sha256", "-o", "hashed", "-t", "ticket", "octets")
        self.tool("sign", "-c", "ak.ctx", "-g", "sha256", "-d", "-t", "ticket", "-f", "tss", "-o", "signature", "hashed")
        self.flush()
        return ecdsa_pair(self.read("signature"))

    # --- platform configuration registers of the SHA-256 bank -----------------------------------------

    def pcr_values(self, pcrs):
        self.tool("pcrread", "sha256:" + ",".join(map(str, pcrs)), "-o", "values")
        values = self.read("values")
        return {pcr: values[32 * at:32 * at + 32] for at, pcr in enumerate(pcrs)}

    def extend(self, pcr, digest):
        self.tool("pcrextend", f"{pcr}:sha256={digest.hex()}")

    # --- the pairing key ------------------------------------------------------------------------------

    def signer(self, pem):
        """Makes signer.ctx and signer.name of who approves states."""
        public = signer_public(keys.point(keys.public(pem)))
        self.write("signer", len(public).to_bytes(2, "big") + public)
        self.tool("loadexternal", "-C", "o", "-u", "signer", "-c", "signer.ctx", "-n", "signer.name")
        self.flush()

    def pairing_key(self, pem):
        """Makes pairing.ctx: a primary key under PolicyAuthorize of the signer in that file."""
        self.signer(pem)
        self.write("any", bytes(32))
        self.tool("startauthsession", "-S", "trial")  # a trial session: computes the policy only
        try:
            self.tool("policyauthorize", "-S", "trial", "-i", "any", "-n", "signer.name", "-L", "policy")
        finally:
            self.flush("trial")
        return self.signing_key("pairing.ctx", "sign|noda", "-L", "policy")

    def sign_in_state(self, approval, message):
        """r || s by pairing.ctx over SHA-256 of the message, if the chip's state is as approved."""
        self.write("approved", approval.policy)
        self.write("approved.sig", keys.der(approval.signature))
        self.tool("verifysignature", "-c", "signer.ctx", "-g", "sha256", "-m", "approved", "-s", "approved.sig",
                  "-f", "ecdsa", "-t", "ticket")
        self.flush()
        self.tool("startauthsession", "--policy-session", "-S", "session")
        try:
            self.tool("policypcr", "-S", "session", "-l", "sha256:" + ",".join(map(str, approval.pcrs)))
            self.tool("policyauthorize", "-S", "session", "-i", "approved", "-n", "signer.name", "-t", "ticket")
            self.write("digest", keys.sha256(message))
            self.tool("sign", "-c", "pairing.ctx", "-g", "sha256", "-s", "ecdsa", "-d", "-f", "tss", "-o", "signature",
                      "-p", "session:session", "digest")
        finally:
            self.flush("session")
            self.flush()
        return ecdsa_pair(self.read("signature"))


def signer_public(point):
    """TPMT_PUBLIC of the signer: docs/protocol.md has this one, so that the pairing key is the same everywhere."""
    head = bytes.fromhex("0023 000B 00040040 0000 0010 0018 000B 0003 0010")
    return head + b"\0\x20" + point[1:33] + b"\0\x20" + point[33:]


def ecdsa_pair(signature):
    """r || s of a TPMT_SIGNATURE: scheme, hash, and two TPM2B, of which leading zeros may be missing."""
    at, pair = 4, b""
    for _ in range(2):
        size = int.from_bytes(signature[at:at + 2], "big")
        pair += signature[at + 2:at + 2 + size].rjust(32, b"\0")
        at += 2 + size
    return pair


def ecc_point(public):
    """04 || X || Y of a TPMT_PUBLIC of a key on P-256: it ends in two TPM2B, of which leading zeros may be missing."""
    at = 8  # type, nameAlg, attributes
    at += 2 + int.from_bytes(public[at:at + 2], "big")  # policy
    at += 2  # symmetric: null
    at += 4 if public[at:at + 2] != b"\x00\x10" else 2  # scheme
    at += 2 + 2  # curve, kdf: null
    point = b"\x04"
    for _ in range(2):
        size = int.from_bytes(public[at:at + 2], "big")
        point += public[at + 2:at + 2 + size].rjust(32, b"\0")
        at += 2 + size
    return point
