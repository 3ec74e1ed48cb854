#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A machine that lies, with a real chip: what machine.py does, and one lie in it.

    liar.py MACHINE LIE MATCHING-ID [OTHER-MACHINE]

MACHINE is that of machine.py; MATCHING-ID may be - for no profile, a judgement alone. Prints the server's answer as JSON; exits with 0 when it was believed, 4 when it was
refused, 1 when the chip refused to take part."""
import json
import sys

import card
import chip
import download
import es9
import evidence
import keys
import machine

SHA256 = 32


class Show:
    """What an honest machine would show in this session."""

    def __init__(self, liar, session, other):
        self.liar, self.session, self.other = liar, session, other
        self.chip = liar.chip
        self.log = evidence.log_read(liar.facts["logs"])
        self.claimed = evidence.claims(*(liar.facts[name] for name in ("imei", "model", "firmware")))
        self.bound = evidence.binding(session.server_signed1, session.card.eid(), self.claimed)

    def bundle(self):
        self.chip.attestation_key()
        return evidence.bundle(evidence.parts_of(self.chip, self.session.wish, self.bound, self.claimed, self.log))

    def quoting(self, *selection):
        """The chip itself quotes other registers than were asked for."""
        def quote(_, qualifying):
            self.chip.tool("quote", "-c", "ak.ctx", "-l", "+".join(selection), "-q", qualifying.hex(), "-g", "sha256",
                           "-m", "quote", "-s", "quote.sig")
            self.chip.flush()
            return self.chip.read("quote"), self.chip.read("quote.sig")

        self.chip.quote = quote
        return self.bundle()

    def pcrs(self):
        return ",".join(map(str, self.session.wish["pcrs"]))

    def events(self):
        """The log's head, and its events."""
        head, events = evidence.log_begin(), []
        for pcr, _, _, data in evidence.log_events(self.log):
            events.append(evidence.log_event(pcr, data)[0])
        return head, events

    def with_log(self, change):
        head, events = self.events()
        self.log = head + b"".join(change(events))
        return self.bundle()

    def forged(self, sign):
        """A quote in which software writes what the registers of a good machine lead to."""
        led = evidence.replay(self.log)
        good = keys.sha256(b"".join(led.get(pcr, bytes(SHA256)) for pcr in sorted(self.session.wish["pcrs"])))
        honest = self.chip.quote

        def quote(_, qualifying):
            octets = honest(self.session.wish["pcrs"], qualifying)[0][:-SHA256] + good
            return octets, sign(octets)

        self.chip.quote = quote
        return self.bundle()


LIES = {}


def lie(function):
    LIES[function.__name__.replace("_", "-")] = function
    return function


@lie
def none(show):
    return show.bundle()


@lie
def sha1_bank(show):
    return show.quoting("sha1:" + show.pcrs())


@lie
def both_banks(show):
    return show.quoting("sha1:" + show.pcrs(), "sha256:" + show.pcrs())


@lie
def fewer_pcrs(show):
    return show.quoting("sha256:" + ",".join(map(str, show.session.wish["pcrs"][:-1])))


@lie
def other_pcrs(show):
    return show.quoting("sha256:1,2,3")


@lie
def event_removed(show):
    return show.with_log(lambda events: events[:1] + events[2:])


@lie
def event_added(show):
    return show.with_log(lambda events: events + events[-1:])


@lie
def reordered(show):
    return show.with_log(lambda events: events[:1] + events[:0:-1])


@lie
def event_altered(show):
    return show.with_log(lambda events: [*events[:-1], evidence.log_event(4, b"kernel 6.0")[0]])


@lie
def cuckoo(show):
    """Another good machine's chip quotes for this session, with its own log."""
    show.chip = show.other.chip
    show.log = evidence.log_read(show.other.facts["logs"])
    return show.bundle()


@lie
def ordinary_key(show):
    """A key of the same chip that signs anything takes the place of the restricted one."""
    def sign(octets):
        show.chip.tool("createprimary", "-C", "e", "-G", "ecc256:ecdsa-sha256:null", "-g", "sha256", "-c", "any.ctx",
                       "-a", "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign|noda")
        show.chip.flush()
        show.chip.write("octets", octets)
        show.chip.tool("sign", "-c", "any.ctx", "-g", "sha256", "-s", "ecdsa", "-f", "tss", "-o", "sig", "octets")
        show.chip.flush()
        return show.chip.read("sig")

    return show.forged(sign)


@lie
def restricted_key_signs(show):
    """The restricted key is to sign octets that begin as a quote does (TPM_GENERATED_VALUE)."""
    def sign(octets):
        show.chip.write("octets", octets)
        show.chip.tool("hash", "-C", "e", "-g", "sha256", "-t", "ticket", "-o", "digest", "octets")
        show.chip.tool("sign", "-c", "ak.ctx", "-g", "sha256", "-s", "ecdsa", "-d", "-t", "ticket", "-f", "tss", "-o",
                       "sig", "digest")
        return show.chip.read("sig")

    return show.forged(sign)


@lie
def wrong_magic(show):
    """... and signs what does not begin so."""
    def quote(_, qualifying):
        octets = b"\xffTCH" + honest(show.session.wish["pcrs"], qualifying)[0][4:]
        show.chip.write("octets", octets)
        show.chip.tool("hash", "-C", "e", "-g", "sha256", "-t", "ticket", "-o", "digest", "octets")
        show.chip.tool("sign", "-c", "ak.ctx", "-g", "sha256", "-s", "ecdsa", "-d", "-t", "ticket", "-f", "tss", "-o",
                       "sig", "digest")
        show.chip.flush()
        return octets, show.chip.read("sig")

    honest, show.chip.quote = show.chip.quote, quote
    return show.bundle()


@lie
def not_a_quote(show):
    """Another structure of the restricted key, over the same session."""
    def quote(_, qualifying):
        show.chip.tool("gettime", "-c", "ak.ctx", "-q", qualifying.hex(), "-g", "sha256", "--attestation", "time",
                       "-o", "time.sig")
        show.chip.flush()
        return show.chip.read("time"), show.chip.read("time.sig")

    show.chip.quote = quote
    return show.bundle()


@lie
def other_session(show):
    """Evidence that was made for a session before."""
    show.session = download.Session(show.session.card, show.session.server, show.liar.facts["address"])
    return show.bundle()


@lie
def swapped(show):
    """The card signs for one, the server gets the next, as good as the first."""
    first, second = show.bundle(), show.bundle()
    honest = show.session.server.es9

    def es9_(function, body):
        if "equipmentEvidence" in body:
            body["equipmentEvidence"] = es9.text(second)
        return honest(function, body)

    show.session.server.es9 = es9_
    return first


def main():
    liar = machine.Machine(sys.argv[1])
    other = machine.Machine(sys.argv[4]) if len(sys.argv) > 4 else None
    try:
        session = download.Session(liar.card(), liar.server(), liar.facts["address"])
        show = Show(liar, session, other)
        bundle = LIES[sys.argv[2]](show)
        only = sys.argv[3] == "-"
        answer = show.session.authenticate(None if only else sys.argv[3], liar.facts["imei"], bundle, only)
        print(json.dumps({"members": sorted(answer), "result": answer.get("equipmentResult")}))
    except (card.Refused, es9.Refused, download.CardRefused) as refused:
        print(json.dumps({"refused": str(refused), "answer": getattr(refused, "answer", None)}))
        return 4
    except chip.Failed as failure:
        print(json.dumps({"failed": str(failure)}))
        return 1
    finally:
        liar.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
