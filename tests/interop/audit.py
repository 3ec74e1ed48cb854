# SPDX-License-Identifier: Apache-2.0
"""docs/protocol.md, "The audit log": an export, or one entry with its proof, is what was signed."""
import keys

HEAD_TEXT = b"assay log head 1"
FIRST_LINE = "assay audit log 1"


class Wrong(Exception):
    """The log is not what was signed."""


# --- RFC 9162, 2.1 ------------------------------------------------------------------------------------------

def leaf_hash(entry):
    return keys.sha256(b"\0", entry)


def node_hash(left, right):
    return keys.sha256(b"\1", left, right)


def root_of(leaves):
    """2.1.1, as it is defined."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def root_by_path(leaf, index, size, path):
    """2.1.3.2: the root that an inclusion path leads to."""
    if index >= size:
        raise Wrong(f"leaf {index} is not in a tree of {size}")
    last, root = size - 1, leaf
    for node in path:
        if last == 0:
            raise Wrong("the path is too long")
        if index & 1 or index == last:
            root = node_hash(node, root)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            root = node_hash(root, node)
        index, last = index >> 1, last >> 1
    if last:
        raise Wrong("the path is too short")
    return root


# --- entries and heads --------------------------------------------------------------------------------------

def sized(data, name):
    """A field of two octets of length; and what follows."""
    size = int.from_bytes(data[:2], "big")
    if len(data) < 2 + size:
        raise Wrong(f"{name} is cut")
    return data[2:2 + size], data[2 + size:]


def entry_read(data):
    if len(data) < 17 or data[0] != 1:
        raise Wrong("an entry of another version")
    entry = {"number": int.from_bytes(data[1:9], "big"), "time": int.from_bytes(data[9:17], "big")}
    rest = data[17:]
    for name, sizes in (("event", None), ("iccid", (0, 10)), ("eid", (0, 16)), ("detail", None),
                        ("evidence", (0, 32)), ("policy", (0, 32)), ("result", (0, 32))):
        entry[name], rest = sized(rest, name)
        if sizes and len(entry[name]) not in sizes:
            raise Wrong(f"{name} of {len(entry[name])} octets")
    if rest:
        raise Wrong("something follows an entry")
    return entry


def head_read(data, key):
    """Size, time and root of a head, once its signature is the key's."""
    if len(data) != 160 or data[:16] != HEAD_TEXT:
        raise Wrong("no head")
    if data[16:48] != keys.sha256(keys.point(key)):
        raise Wrong("a head of another log")
    if not keys.verify(key, data[96:], data[:96]):
        raise Wrong("a head that the log's key did not sign")
    return int.from_bytes(data[48:56], "big"), int.from_bytes(data[56:64], "big"), data[64:96]


# --- the file -----------------------------------------------------------------------------------------------

def lines(path):
    with open(path, encoding="ascii", newline="\n") as file:
        first, *rest = file.read().split("\n")
    if first != FIRST_LINE or rest.pop() != "":
        raise Wrong("not such a file, or cut")
    return [line.split(" ") for line in rest]


def entry_line(words):
    octets, leaf = map(bytes.fromhex, words)
    if leaf_hash(octets) != leaf:
        raise Wrong(f"entry {entry_read(octets)['number']} is altered")
    return entry_read(octets), leaf


def verify_export(path, key):
    """Every entry, hash, root and signature. The entries, and (size, root) of each head."""
    entries, leaves, heads = [], [], []
    for word, *rest in lines(path):
        if word == "entry":
            entry, leaf = entry_line(rest)
            if entry["number"] != len(entries) + 1:
                raise Wrong(f"entry {entry['number']} is where {len(entries) + 1} should be")
            entries.append(entry)
            leaves.append(leaf)
        elif word == "head":
            size, _, root = head_read(bytes.fromhex(rest[0]), key)
            if size != len(leaves) or root != root_of(leaves):
                raise Wrong(f"the head of {size} entries has another root")
            heads.append((size, root))
        else:
            raise Wrong(f"a line {word}")
    if not heads or heads[-1][0] != len(entries):
        raise Wrong("entries are under no head")
    return entries, heads


def verify_proof(path, key):
    """One entry, its path, one head: the entry, and the size of the tree."""
    (entry_word, *entry_rest), (proof_word, proof), (head_word, head) = lines(path)
    if (entry_word, proof_word, head_word) != ("entry", "proof", "head"):
        raise Wrong("other lines than entry, proof, head")
    entry, leaf = entry_line(entry_rest)
    size, _, root = head_read(bytes.fromhex(head), key)
    octets = bytes.fromhex(proof)
    nodes = [octets[at:at + 32] for at in range(0, len(octets), 32)]
    if root_by_path(leaf, entry["number"] - 1, size, nodes) != root:
        raise Wrong("the path does not lead to the root")
    return entry, size
