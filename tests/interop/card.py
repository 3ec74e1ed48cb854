# SPDX-License-Identifier: Apache-2.0
"""The card behind PC/SC (python3-pyscard): APDUs of TS 102 221, and ES10 of SGP.22 5.7 on a logical channel."""
import contextlib

from smartcard.scard import (SCARD_LEAVE_CARD, SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1, SCARD_RESET_CARD,
                             SCARD_S_SUCCESS, SCARD_SCOPE_SYSTEM, SCARD_SHARE_SHARED, SCardBeginTransaction,
                             SCardConnect, SCardDisconnect, SCardEndTransaction, SCardEstablishContext,
                             SCardGetErrorMessage, SCardListReaders, SCardReconnect, SCardReleaseContext,
                             SCardTransmit)

import tlv

ISD_R = bytes.fromhex("A0000005591010FFFFFFFF8900000100")
PROTOCOLS = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1


class Refused(Exception):
    """The card answered with another status word than 9000."""

    def __init__(self, what, sw):
        super().__init__(f"{what}: {sw:04X}")
        self.sw = sw


def pcsc(answer):
    """What a PC/SC call returned behind its result; an error is raised."""
    code, *rest = answer if isinstance(answer, (list, tuple)) else [answer]
    if code != SCARD_S_SUCCESS:
        raise OSError(SCardGetErrorMessage(code))
    return rest[0] if len(rest) == 1 else rest


class Card:
    def __init__(self):
        self.context = pcsc(SCardEstablishContext(SCARD_SCOPE_SYSTEM))
        reader = pcsc(SCardListReaders(self.context, []))[0]
        self.handle, self.protocol = pcsc(SCardConnect(self.context, reader, SCARD_SHARE_SHARED, PROTOCOLS))
        self.isdr = None

    def close(self):
        if self.isdr is not None:
            self.exchange(bytes([0, 0x70, 0x80, self.isdr]))
        pcsc(SCardDisconnect(self.handle, SCARD_LEAVE_CARD))
        pcsc(SCardReleaseContext(self.context))

    def reset(self):
        self.protocol = pcsc(SCardReconnect(self.handle, SCARD_SHARE_SHARED, PROTOCOLS, SCARD_RESET_CARD))
        self.isdr = None

    @contextlib.contextmanager
    def alone(self):
        pcsc(SCardBeginTransaction(self.handle))
        try:
            yield
        finally:
            pcsc(SCardEndTransaction(self.handle, SCARD_LEAVE_CARD))

    def transmit(self, command):
        answer = bytes(pcsc(SCardTransmit(self.handle, self.protocol, list(command))))
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def exchange(self, command):
        """One command with what belongs to it: another Le (6Cxx), GET RESPONSE (61xx). Data and status word."""
        data, sw = self.transmit(command)
        if sw >> 8 == 0x6C:
            data, sw = self.transmit(command[:4] + bytes([sw & 0xFF]))
        while sw >> 8 == 0x61:
            more, sw = self.transmit(bytes([command[0] & 0x03, 0xC0, 0, 0, sw & 0xFF]))
            data += more
        return data, sw

    def command(self, what, command):
        data, sw = self.exchange(command)
        if sw != 0x9000:
            raise Refused(what, sw)
        return data

    def open_isdr(self):
        if self.isdr is None:
            self.isdr = self.command("MANAGE CHANNEL", bytes.fromhex("0070000001"))[0]
            self.command("SELECT ISD-R", bytes([self.isdr, 0xA4, 4, 0, len(ISD_R)]) + ISD_R)

    def es10(self, what, request):
        """STORE DATA in blocks (SGP.22 5.7.2), and the function's answer."""
        self.open_isdr()
        blocks = [request[at:at + 255] for at in range(0, len(request), 255)]
        for number, block in enumerate(blocks):
            p1 = 0x91 if number == len(blocks) - 1 else 0x11
            data = self.command(what, bytes([0x80 | self.isdr, 0xE2, p1, number, len(block)]) + block)
        return data

    def eid(self):
        return tlv.inside(self.es10("GetEID", bytes.fromhex("BF3E035C015A")), 0xBF3E, 0x5A)
