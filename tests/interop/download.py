# SPDX-License-Identifier: Apache-2.0
"""SGP.22 v2.5: common mutual authentication and download, with the machine's evidence (docs/protocol.md)."""
import es9
import evidence
import keys
import selfcheck
import tlv

INFO1, INFO2, CHALLENGE = 0xBF20, 0xBF22, 0xBF2E
AUTHENTICATE, PREPARE, BOUND, INSTALLED = 0xBF38, 0xBF21, 0xBF36, 0xBF37


class CardRefused(Exception):
    """A function of ES10 answered with an error."""


def tbcd(digits):
    pairs = digits + "F" * (len(digits) % 2)
    return bytes(int(pairs[at + 1] + pairs[at], 16) for at in range(0, len(pairs), 2))


def device_info(imei):
    """DeviceInfo (4.2): TAC, no capabilities, IMEI whose last octet has the check digit in its high bits."""
    return tlv.put(0xA1, tlv.put(0x80, tbcd(imei[:8])), tlv.put(0xA1),
                   tlv.put(0x82, tbcd(imei[:14]) + bytes([int(imei[14]) << 4 | 0xF])))


class Session:
    """One session with a server, from InitiateAuthentication on."""

    def __init__(self, card, server, address):
        self.card, self.server = card, server
        info1 = card.es10("GetEUICCInfo1", bytes.fromhex("BF2000"))
        challenge = card.es10("GetEUICCChallenge", bytes.fromhex("BF2E00"))
        self.first = server.es9("initiateAuthentication", {
            "euiccChallenge": es9.text(tlv.inside(challenge, CHALLENGE, 0x80)),
            "euiccInfo1": es9.text(tlv.whole(info1, INFO1)), "smdpAddress": address})
        self.id = self.first["transactionId"]
        self.wish = self.first.get("equipmentEvidence")
        self.server_signed1 = es9.octets(self.first["serverSigned1"])

    def authenticate(self, matching_id, imei, bundle, only=False, digest=None):
        """AuthenticateServer with DF23, and AuthenticateClient with the bundle: the server's answer. digest: what stands in
        the place of DF23."""
        if digest is None:
            digest = tlv.put(0xDF23, keys.sha256(bundle)) if bundle else b""
        context = tlv.put(0xA0, tlv.put(0x80, matching_id.encode()) if matching_id else b"", device_info(imei), digest)
        parts = [es9.octets(self.first[name]) for name in
                 ("serverSigned1", "serverSignature1", "euiccCiPKIdToBeUsed", "serverCertificate")]
        answer = self.card.es10("AuthenticateServer", tlv.put(AUTHENTICATE, *parts, context))
        self.info2 = tlv.inside(signed_by_card(answer), INFO2)
        self.body = {"transactionId": self.id, "authenticateServerResponse": es9.text(answer)}
        if bundle:
            self.body["equipmentEvidence"] = es9.text(bundle)
        if only:
            self.body["equipmentOnly"] = True
        return self.authenticate_client()

    def authenticate_client(self):
        return self.server.es9("authenticateClient", self.body)

    def install(self, offer):
        """PrepareDownload, GetBoundProfilePackage, LoadBoundProfilePackage in segments, HandleNotification."""
        prepared = self.card.es10("PrepareDownload", tlv.put(PREPARE, *(
            es9.octets(offer[name]) for name in ("smdpSigned2", "smdpSignature2", "smdpCertificate"))))
        succeeded(prepared, PREPARE)
        package = es9.octets(self.server.es9("getBoundProfilePackage", {
            "transactionId": self.id, "prepareDownloadResponse": es9.text(prepared)})["boundProfilePackage"])
        for segment in segments(package):
            result = self.card.es10("LoadBoundProfilePackage", segment)
        data = tlv.inside(result, INSTALLED, 0xBF27)
        outcome = tlv.inside(data, 0xA2)
        if tlv.head(outcome)[0] != 0xA0:
            raise CardRefused(f"LoadBoundProfilePackage: {outcome.hex()}")
        self.server.es9("handleNotification", {"pendingNotification": es9.text(result)})
        number = tlv.inside(data, 0xBF2F, 0x80)
        self.card.es10("NotificationSent", tlv.put(0xBF30, tlv.put(0x80, number)))
        return tlv.inside(data, 0xBF2F, 0x5A)


def succeeded(answer, function):
    """The answer's choice is the good one, [0]; else what the card says is raised."""
    choice = tlv.inside(answer, function)
    if tlv.head(choice)[0] != 0xA0:
        raise CardRefused(f"{function:X}: {choice.hex()}")


def segments(package):
    """What LoadBoundProfilePackage is called with, one after the other (5.7.6, 2.5.5)."""
    _, size, at = tlv.head(package)
    rest = package[:at + size][at:]
    begin = package[:at]
    for tag, value, whole in tlv.each(rest):
        if tag == 0xBF23:
            yield begin + whole
        elif tag in (0xA0, 0xA2):
            yield whole
        else:  # A1, A3: the head, then each element
            yield whole[:len(whole) - len(value)]
            for _, _, element in tlv.each(value):
                yield element


def signed_by_card(answer):
    """The value of euiccSigned1 in AuthenticateResponseOk, once the key of the card's certificate has verified it."""
    succeeded(answer, AUTHENTICATE)
    parts = tlv.inside(answer, AUTHENTICATE, 0xA0)
    (_, value, signed), (_, signature, _), (_, _, certificate), *_ = tlv.each(parts)
    if not keys.verify(keys.certified(certificate), signature, signed):
        raise CardRefused("euiccSignature1 is not the card's")
    return value


def ima_from(machine, how):
    """ima:N: the kernel's list from entry N on."""
    if not how.startswith("ima:"):
        return None
    first = int(how[4:])
    with open(machine["ima"], "rb") as file:
        return first, b"".join(file.readlines()[first:])


def attested(session, chip, machine, matching_id, how="", only=False):
    """The session with evidence, if the server wants any: a quote with its log, with the log's digest (`named`), with
    the kernel's list from entry N on (`ima:N`), or a statement (`stated`)."""
    session.shown = session.binding = None
    if session.wish is not None:
        log = evidence.log_read(machine["logs"])
        chip.attestation_key()
        claimed = evidence.claims(machine["imei"], machine["model"], machine["firmware"])
        session.binding = evidence.binding(session.server_signed1, session.card.eid(), claimed)
        if how == "stated":
            reference = selfcheck.reference_read(machine["reference"], keys.public(machine["supplier"]))
            session.shown = selfcheck.bundle(claimed, selfcheck.statement(chip, reference, log, session.binding))
        else:
            parts = evidence.parts_of(chip, session.wish, session.binding, claimed, log, ima_from(machine, how))
            session.shown = evidence.bundle(evidence.named(parts) if how == "named" else parts)
    return session.authenticate(matching_id, machine["imei"], session.shown, only)
