# SPDX-License-Identifier: Apache-2.0
"""docs/protocol.md, "Evidence inside ES9+": event log, claims, binding, bundle."""
import hashlib
import os
import struct

import cbor2

import keys

BINDING_TEXT = b"assay provisioning v1"
EV_NO_ACTION, EV_IPL, SHA256 = 3, 13, 0x000B
SPEC_ID = b"Spec ID Event03\0" + struct.pack("<IBBBBIHHB", 0, 0, 2, 0, 2, 1, SHA256, 32, 0)


# --- event log, TCG PC Client Platform Firmware Profile 10: crypto-agile, SHA-256 alone --------------------

def log_begin():
    return struct.pack("<II20sI", 0, EV_NO_ACTION, bytes(20), len(SPEC_ID)) + SPEC_ID


def log_event(pcr, data):
    """An event whose digest is that of its data; and the digest."""
    digest = keys.sha256(data)
    return struct.pack("<IIIH", pcr, EV_IPL, 1, SHA256) + digest + struct.pack("<I", len(data)) + data, digest


def log_events(log):
    """(PCR, type, digest, data) of each event but the first."""
    _, _, _, size = struct.unpack_from("<II20sI", log)
    if log[32:32 + size] != SPEC_ID:
        raise ValueError("this reader knows logs of SHA-256 alone")
    at = 32 + size
    while at < len(log):
        pcr, kind, count, algorithm = struct.unpack_from("<IIIH", log, at)
        if (count, algorithm) != (1, SHA256):
            raise ValueError("an event with other digests than the log says")
        digest = log[at + 14:at + 46]
        size, = struct.unpack_from("<I", log, at + 46)
        yield pcr, kind, digest, log[at + 50:at + 50 + size]
        at += 50 + size


def replay(log):
    """PCR to the value that the log leads to."""
    values = {}
    for pcr, kind, digest, _ in log_events(log):
        if kind != EV_NO_ACTION:
            values[pcr] = keys.sha256(values.get(pcr, bytes(32)), digest)
    return values


def log_read(paths):
    """The log of a start, of whose pieces each goes on where the one before ends."""
    log = b""
    for path in paths:
        with open(path, "rb") as file:
            log += file.read()
    return log


def start(chip, path, events):
    """The machine starts: each (PCR, data) is measured into the chip and goes into the log."""
    log = log_begin()
    for pcr, data in events:
        event, digest = log_event(pcr, data)
        chip.extend(pcr, digest)
        log += event
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(log)


# --- the kernel's list of what it has measured (IMA, template ima-ng), into PCR 10 --------------------------

IMA_PCR = 10


def ima_template(digest, path):
    """What is hashed into each bank: fields d-ng and n-ng, each behind its length."""
    named, name = b"sha256:\0" + digest, path.encode() + b"\0"
    return struct.pack("<I", len(named)) + named + struct.pack("<I", len(name)) + name


def ima_line(digest, path):
    """The entry as in ascii_runtime_measurements."""
    return f"{IMA_PCR} {hashlib.sha1(ima_template(digest, path)).hexdigest()} ima-ng sha256:{digest.hex()} {path}\n"


def ima_measure(chip, list_path, files):
    """The kernel measures files, (path, content), before they are used."""
    with open(list_path, "a", encoding="ascii") as file:
        for path, content in files:
            digest = keys.sha256(content)
            chip.extend(IMA_PCR, keys.sha256(ima_template(digest, path)))
            file.write(ima_line(digest, path))


# --- what is sent ------------------------------------------------------------------------------------------

def claims(imei, model, firmware):
    """An EAT claims-set (RFC 9711): ueid, swname, swversion."""
    ueid = b"\x03" + bytes(int(digit) for digit in imei[:14])
    return cbor2.dumps({256: ueid, 270: model, 271: [firmware]}, canonical=True)


def binding(server_signed1, eid, claimed):
    return keys.sha256(BINDING_TEXT, keys.sha256(server_signed1), eid, keys.sha256(claimed))


def parts_of(chip, wish, bound, claimed, log, ima=None):
    """The bundle's members, with a quote for the session of that binding. ima: (first, lines)."""
    assert "tpm" in wish["formats"] and "sha256" in wish["banks"], wish
    led = replay(log)
    pcrs = sorted(set(wish["pcrs"]) | set(led))
    values = chip.pcr_values(pcrs)
    quote, signature = chip.quote(pcrs, bound)
    parts = {1: 1, 2: claimed, 3: quote, 4: signature, 5: log}
    told = {pcr: values[pcr] for pcr in pcrs if led.get(pcr) != values[pcr]}
    if told:
        parts[7] = told
    if ima:
        parts[8] = [0, ima[0], ima[1]]
    return parts


def named(parts):
    """The same, with the log named by its digest."""
    rest = dict(parts)
    return rest | {6: keys.sha256(rest.pop(5))}


def bundle(parts):
    return cbor2.dumps(parts, canonical=True)
