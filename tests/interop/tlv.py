# SPDX-License-Identifier: Apache-2.0
"""BER-TLV with definite lengths (ISO/IEC 8825-1), as cards and SGP.22 use it. Tags are integers: 0xBF38."""


class Malformed(Exception):
    """The octets are not what they should be."""


def length(n):
    if n < 0x80:
        return bytes([n])
    octets = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def tag_octets(tag):
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big")


def put(tag, *values):
    value = b"".join(values)
    return tag_octets(tag) + length(len(value)) + value


def head(data):
    """Tag, length of the value, length of the head of the element that data begins with."""
    try:
        at = 1
        if data[0] & 0x1F == 0x1F:
            while data[at] & 0x80:
                at += 1
            at += 1
        tag = int.from_bytes(data[:at], "big")
        size = data[at]
        at += 1
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[at:at + count], "big")
            at += count
    except IndexError:
        raise Malformed("an element ends in its head") from None
    if at + size > len(data):
        raise Malformed(f"element {tag:X} is longer than its room")
    return tag, size, at


def each(data):
    """(tag, value, whole element) of all elements in data."""
    while data:
        tag, size, at = head(data)
        yield tag, data[at:at + size], data[:at + size]
        data = data[at + size:]


def fields(data):
    """Tag to value; no tag may come twice."""
    found = {}
    for tag, value, _ in each(data):
        if tag in found:
            raise Malformed(f"element {tag:X} comes twice")
        found[tag] = value
    return found


def inside(data, *path):
    """The value behind a path of tags; the first of each name."""
    for want in path:
        for tag, value, _ in each(data):
            if tag == want:
                data = value
                break
        else:
            raise Malformed(f"no element {want:X}")
    return data


def whole(data, want):
    """The first element of that tag in data, head included."""
    for tag, _, element in each(data):
        if tag == want:
            return element
    raise Malformed(f"no element {want:X}")
