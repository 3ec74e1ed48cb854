/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One profile's file tree in one vault volume: files, PINs, keys and other objects are nodes of one
 * table, their contents lie in a heap beside it. A tree is built as a draft (nothing sees it, a power
 * cut forgets it) and adopted whole; afterwards it changes in transactions only.
 *
 * It knows file types and contents. It does not know channels, access rules or commands.
 */
#ifndef CARD_FS_H
#define CARD_FS_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/limits.h"
#include "vault/vault.h"

enum {
	FS_NODES_MAX = 512, /* the GSMA test profile has about 230 nodes */
	FS_NODE_SIZE = 64,
	FS_NO_NODE = 0xFFFF,
	FS_MF = 0,           /* the first node of every tree */
	FS_PIN_REFS_MAX = 8, /* key references in a PIN status template */
	FS_SECURITY_MAX =
		8, /* securityAttributesReferenced: FID and record, or FID and SEID pairs */
	FS_FILE_SIZE_MAX =
		0xFFFF, /* transparent files beyond 32 KB need offsets that READ BINARY lacks */
};

enum node_kind {
	NODE_FREE,
	NODE_MF,
	NODE_DF,
	NODE_ADF,
	NODE_TRANSPARENT,
	NODE_LINEAR,
	NODE_CYCLIC,
	NODE_BER_TLV,
	NODE_PIN, /* fid is the key reference, parent the directory it belongs to; see pin.h */
	NODE_PUK,
	NODE_AKA,    /* parent is the ADF; see naa.h */
	NODE_OBJECT, /* fid is a number the creator chose: security domains, RFM parameters ... */
	NODE_KINDS
};

/* Life cycle status integer, TS 102 221 11.1.1.4.9. */
enum lcsi {
	LCSI_NONE = 0x00,
	LCSI_CREATION = 0x01,
	LCSI_INITIALISATION = 0x03,
	LCSI_ACTIVATED = 0x05,
	LCSI_DEACTIVATED = 0x04,
	LCSI_TERMINATED = 0x0C,
};

/* What a node is. Only the members of its kind count; the others are zero. */
struct node {
	uint8_t kind; /* enum node_kind */
	uint8_t lcsi;
	uint8_t sfi;     /* 1 to 30; 0: none */
	uint8_t special; /* special file information, TS 102 222 6.3.2.2.6 / proprietary tag C0 */
	uint16_t fid;
	uint16_t parent; /* node number; the MF is its own parent */
	uint8_t security_len; /* tag 8B as it came: 1, 3, or 2 + 2n octets; 0: inherit nothing, never allowed */
	uint8_t security[FS_SECURITY_MAX];

	/* directories */
	uint8_t aid_len; /* ADF */
	uint8_t aid[AID_MAX];
	uint8_t pin_refs_len; /* key references of the PIN status template DO, in its order */
	uint8_t pin_refs[FS_PIN_REFS_MAX];

	/* elementary files and objects */
	uint16_t link;       /* node whose content this file shares, or FS_NO_NODE */
	uint32_t at;         /* where the content is in the volume */
	uint32_t size;       /* octets reserved: file size, BER-TLV maximum, object length */
	uint8_t record_size; /* linear and cyclic */
	uint8_t records;     /* linear and cyclic: size / record_size, at most 254 */
	uint8_t newest;      /* cyclic: the slot that is record 1 */
	uint32_t used;       /* BER-TLV: octets taken by objects */

	/* PINs and PUKs, see pin.h */
	uint8_t pin_flags, pin_max, pin_left, pin_unblock;
	uint8_t pin_value[8];
};

/* An octet or two about each node, so that a search need not open pages to pass most of them by. */
struct fs_index {
	uint8_t name[FS_NODES_MAX];  /* mixed from kind, directory and id */
	uint8_t place[FS_NODES_MAX]; /* short id and three bits of the directory */
};

/* An open tree. */
struct fs {
	struct vault *vault;
	const struct fs_index *index; /* NULL: searches look at every node */
	uint8_t volume;               /* 0: no tree */
	uint16_t nodes;               /* rows of the table in use */
	uint32_t heap;                /* where the next content goes */
	bool draft;
};

/* How a new file's content looks before anything is filled in: the pattern once and then its last octet
 * for ever, or the pattern again and again (TCA interoperable profile, fillPattern, repeatPattern).
 * Empty: FF. For linear and cyclic files the pattern restarts with every record. */
struct fs_fill {
	struct bytes pattern;
	bool repeat;
};

/* fs_draft starts an empty tree in a volume that is not live. */
NODISCARD enum err fs_draft(struct fs *fs, struct vault *vault, uint8_t volume);

/* fs_adopt makes a draft live when the caller's transaction commits. fs_discard forgets a draft. */
NODISCARD enum err fs_adopt(struct fs *fs);
void fs_discard(struct fs *fs);

/* fs_open opens a live tree. ERR_NOT_FOUND, ERR_CORRUPT. */
NODISCARD enum err fs_open(struct fs *fs, struct vault *vault, uint8_t volume);

/* fs_index fills an index for a live tree and lets searches use it; it outlives the tree. */
NODISCARD enum err fs_index(struct fs *fs, struct fs_index *index);

/* fs_create adds a node to a draft and reserves its content; at, records and newest are set by it. The
 * first node is the MF. `number` may be NULL. ERR_EXISTS when the directory has that file id (or short
 * id, or AID) already; ERR_VALUE when kind, sizes and parent do not fit; ERR_LIMIT, ERR_FULL. A linked
 * file takes size, records and kind from its target. */
NODISCARD enum err fs_create(struct fs *fs, const struct node *node, struct fs_fill fill,
                             uint16_t *number);

/* fs_create_object adds an object (NODE_OBJECT, NODE_AKA) that holds these octets. */
NODISCARD enum err fs_create_object(struct fs *fs, uint8_t kind, uint16_t parent, uint16_t fid,
                                    struct bytes content, uint16_t *number);

/* fs_node reads a node, fs_set writes it back; fs_set needs a draft or a transaction. */
NODISCARD enum err fs_node(struct fs *fs, uint16_t number, struct node *out);
NODISCARD enum err fs_set(struct fs *fs, uint16_t number, const struct node *node);

/* fs_read and fs_write copy content, through the link if there is one, from the start of the file, in
 * the order in which records lie (see fs_record_at). ERR_VALUE when the range is not inside the file. */
NODISCARD enum err fs_read(struct fs *fs, uint16_t number, uint32_t at, uint8_t *out, size_t len);
NODISCARD enum err fs_write(struct fs *fs, uint16_t number, uint32_t at, struct bytes data);

/* fs_target follows the link: the number of the node that has the content. */
NODISCARD enum err fs_target(struct fs *fs, uint16_t number, uint16_t *target);

/* fs_remove deletes a node of a draft (with everything below a directory). */
NODISCARD enum err fs_remove(struct fs *fs, uint16_t number);

/* What fs_find looks for: the first node >= from that meets all of it. */
struct fs_query {
	uint16_t from;
	uint16_t parent;            /* FS_NO_NODE: any */
	int32_t fid;                /* -1: any */
	uint8_t sfi;                /* 0: any */
	uint8_t kind_from, kind_to; /* inclusive range of enum node_kind */
	struct bytes aid;           /* ADFs whose AID starts so; at == NULL: any */
};

/* fs_find gives the number, and the node when `out` is not NULL. ERR_NOT_FOUND. */
NODISCARD enum err fs_find(struct fs *fs, const struct fs_query *query, uint16_t *number,
                           struct node *out);

/* fs_child finds a file or directory by id inside a directory. ERR_NOT_FOUND. */
NODISCARD enum err fs_child(struct fs *fs, uint16_t parent, uint16_t fid, uint16_t *number);

/* fs_path walks file ids, two octets each, down from a directory. 3F00 as the first id restarts at the
 * MF; 7FFF stands for `adf` (FS_NO_NODE: none). ERR_NOT_FOUND, ERR_LENGTH. */
NODISCARD enum err fs_path(struct fs *fs, uint16_t from, uint16_t adf, struct bytes path,
                           uint16_t *number);

/* fs_record_at is where record 1..records of the file begins (cyclic files turn). */
uint32_t fs_record_at(const struct node *file, uint8_t record);

static inline bool node_is_directory(const struct node *node)
{
	return node->kind >= NODE_MF && node->kind <= NODE_ADF;
}

static inline bool node_is_file(const struct node *node)
{
	return node->kind >= NODE_TRANSPARENT && node->kind <= NODE_BER_TLV;
}

/* fs_check asserts what can be seen in RAM. */
void fs_check(const struct fs *fs);

#endif
