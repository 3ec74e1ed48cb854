#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A machine that is not ours: the other side of docs/protocol.md, written from that document and public standards, with
tpm2-tools, python3-pyscard, python3-cryptography and python3-cbor2.

    machine.py MACHINE COMMAND [ARGUMENT...]

MACHINE is a JSON file: tcti, logs (of a start, in order), ima, imei, model, firmware, host, port, address, issuer,
signer, approval, reference, supplier. Prints one line of JSON; the exit status is 0, 1 when something failed, 4 when card
or server refused.
"""
import json
import sys

import attacks
import card
import chip
import download
import enrolment
import es9
import evidence
import keys
import pairing
import tlv


class Machine:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.facts = json.load(file)
        self.chip = chip.Chip(self.facts["tcti"])
        self.reader = None

    def card(self):
        self.reader = self.reader or card.Card()
        return self.reader

    def close(self):
        if self.reader:
            self.reader.close()

    def server(self):
        return es9.Server(self.facts["host"], self.facts["port"], self.facts["issuer"])

    def approval(self):
        with open(self.facts["approval"], "rb") as file:
            return pairing.Approval(file.read())

    def proven(self):
        """The card, with a proof of this machine."""
        self.chip.pairing_key(self.facts["signer"])
        found = self.card()
        pairing.prove(found, lambda message: self.chip.sign_in_state(self.approval(), message))
        return found


def hexed(value):
    return {name: part.hex() if isinstance(part, bytes) else part for name, part in value.items()}


COMMANDS = {}


def command(function):
    COMMANDS[function.__name__.replace("_", "-")] = function
    return function


# --- commands: each takes the machine and its arguments, and returns what is printed ---------------------------

@command
def start(machine, *events):
    """start PCR:TEXT...: measures these, with a log."""
    pairs = (event.split(":", 1) for event in events)
    evidence.start(machine.chip, machine.facts["logs"][0], [(int(pcr), text.encode()) for pcr, text in pairs])
    return {"events": len(events)}


@command
def measure(machine, *files):
    """measure PATH=CONTENT...: the kernel measures these files."""
    pairs = (file.split("=", 1) for file in files)
    evidence.ima_measure(machine.chip, machine.facts["ima"], [(path, content.encode()) for path, content in pairs])
    return {"files": len(files)}


@command
def replays(machine, *pcrs):
    """replays PCR...: whether the logs lead to what the chip has."""
    log = evidence.log_read(machine.facts["logs"])
    led, values = evidence.replay(log), machine.chip.pcr_values([int(pcr) for pcr in pcrs])
    return {"same": all(led.get(pcr) == value for pcr, value in values.items()),
            "events": [[pcr, data.decode(errors="replace")] for pcr, _, _, data in evidence.log_events(log)]}


@command
def highest_version(machine):
    """The highest version of a list of components that the chip remembers."""
    bits = machine.chip.tool("nvread", "0x018A55B0")
    return {"version": int.from_bytes(bits, "big").bit_length()}


@command
def endorsement_certificate(machine, path):
    """endorsement-certificate FILE"""
    with open(path, "wb") as file:
        file.write(machine.chip.endorsement_key()[1])
    return {}


@command
def enrol(machine, paired="no"):
    if paired == "paired":
        machine.chip.pairing_key(machine.facts["signer"])
    body = enrolment.request(machine.chip, machine.card().eid(), machine.facts["imei"], machine.facts["model"],
                             paired == "paired")
    return enrolment.enrol(machine.server(), machine.chip, body)


@command
def pairing_key(machine, path):
    """pairing-key FILE: the public key that the card is given, in PEM."""
    point = chip.ecc_point(machine.chip.pairing_key(machine.facts["signer"]))
    with open(path, "wb") as file:
        file.write(keys.pem(point))
    return {"point": point.hex()}


@command
def approve(machine, signer, *pcrs):
    """approve SIGNER-KEY PCR...: what a supplier does, for the state of now."""
    values = machine.chip.pcr_values(sorted(int(pcr) for pcr in pcrs))
    with open(machine.facts["approval"], "wb") as file:
        file.write(pairing.approve(values, keys.private(signer)))
    return {"policy": pairing.policy_pcr(values).hex()}


@command
def challenge(machine):
    return hexed(pairing.challenge(machine.card()))


@command
def reset(machine):
    machine.card().reset()
    return {}


@command
def prove(machine):
    return hexed(pairing.challenge(machine.proven()))


@command
def default_address(machine, how, *addresses):
    """default-address proven|unproven NAME...: SetDefaultDpAddress with each, in one card session."""
    found = machine.proven() if how == "proven" else machine.card()
    answers = [found.es10("SetDefaultDpAddress", tlv.put(0xBF3F, tlv.put(0x80, name.encode()))) for name in addresses]
    return {"results": [tlv.inside(answer, 0xBF3F, 0x80)[0] for answer in answers]}


@command
def order(machine, authority, mode, number, key=None):
    """order AUTHORITY-KEY MODE NUMBER [PUBLIC-KEY]: signs an order for the card and gives it to it."""
    found = machine.card()
    point = keys.point(keys.public(key)) if key else None
    pairing.obey(found, pairing.order(found.eid(), mode, int(number), keys.private(authority), point))
    return hexed(pairing.challenge(found))


@command
def info(machine):
    """What GetEUICCInfo2 says of the pairing; nobody has signed it."""
    state = pairing.state_of_info2(tlv.inside(machine.card().es10("GetEUICCInfo2", bytes.fromhex("BF2200")), 0xBF22))
    return hexed(state or {})


@command
def attest(machine, how=""):
    """attest [named|ima:N|stated]: the server judges the machine, and no profile is asked for."""
    session = download.Session(machine.proven(), machine.server(), machine.facts["address"])
    answer = download.attested(session, machine.chip, machine.facts, None, how, only=True)
    return {"result": answer["equipmentResult"], "members": sorted(answer), "wish": session.wish,
            "card": hexed(pairing.state_of_info2(session.info2) or {}), "octets": len(session.shown or b"")}


@command
def provision(machine, matching_id, how=""):
    """provision MATCHING-ID [named|ima:N|stated]: a complete download, with evidence where the server wants it."""
    session = download.Session(machine.proven(), machine.server(), machine.facts["address"])
    offer = download.attested(session, machine.chip, machine.facts, matching_id, how)
    return {"iccid": session.install(offer).hex(), "members": sorted(offer), "binding": session.binding.hex(),
            "evidence": keys.sha256(session.shown).hex()}


@command
def wrong(machine, what, *arguments):
    """wrong commands AUTHORITY-KEY NUMBER | enrolment | evidence MEANINGS: what the document says is refused, each tried."""
    if what == "commands":
        rows = attacks.commands(machine.card(), keys.private(arguments[0]), int(arguments[1]))
    elif what == "enrolment":
        machine.chip.pairing_key(machine.facts["signer"])
        rows = attacks.enrolment_requests(machine.server(), machine.chip, machine.card().eid(), machine.facts)
    else:
        rows = attacks.evidence_shown(machine.proven(), machine.server(), machine.chip, machine.facts, arguments[0])
    rows = list(rows)
    return {"tried": len(rows), "otherwise": [row for row in rows if row["expected"] not in row["found"]]}


def main():
    machine = Machine(sys.argv[1])
    try:
        print(json.dumps(COMMANDS[sys.argv[2]](machine, *sys.argv[3:])))
    except (card.Refused, es9.Refused, download.CardRefused) as refused:
        print(json.dumps({"refused": str(refused), "answer": getattr(refused, "answer", None)}))
        return 4
    except (chip.Failed, tlv.Malformed, OSError) as failure:
        print(json.dumps({"failed": str(failure)}))
        return 1
    finally:
        machine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
