/* SPDX-License-Identifier: Apache-2.0 */
#include "server/audit.h"

#include <string.h>

static const uint8_t version = 1;
static const char label[AUDIT_LABEL_SIZE + 1] = "assay log head 1";

static void put_text(struct room *out, struct bytes text)
{
	if (text.len > UINT16_MAX) {
		out->full = true;
		return;
	}
	room_put_u16(out, (uint16_t)text.len);
	room_put(out, text);
}

static void put_digest(struct room *out, struct bytes digest)
{
	if (digest.len != 0 && digest.len != SHA256_SIZE)
		out->full = true;
	put_text(out, digest);
}

void audit_entry_put(struct room *out, const struct audit_entry *entry)
{
	room_put_u8(out, version);
	room_put_u64(out, entry->number);
	room_put_u64(out, entry->time_ms);
	put_text(out, entry->audit.event);
	put_text(out, entry->audit.iccid);
	put_text(out, entry->audit.eid);
	put_text(out, entry->audit.detail);
	put_digest(out, entry->audit.evidence);
	put_digest(out, entry->audit.policy);
	put_digest(out, entry->audit.result);
}

static enum err read_number(struct bytes *in, uint64_t *out)
{
	struct bytes octets;

	return bytes_take(in, 8, &octets) && bytes_uint(octets, out) ? ERR_NONE : ERR_TRUNCATED;
}

static enum err read_text(struct bytes *in, struct bytes *out)
{
	struct bytes head;
	uint64_t len;

	if (!bytes_take(in, 2, &head) || !bytes_uint(head, &len) ||
	    !bytes_take(in, (size_t)len, out))
		return ERR_TRUNCATED;
	return ERR_NONE;
}

static enum err read_digest(struct bytes *in, struct bytes *out)
{
	TRY(read_text(in, out));
	return out->len == 0 || out->len == SHA256_SIZE ? ERR_NONE : ERR_LENGTH;
}

enum err audit_entry_read(struct bytes in, struct audit_entry *out)
{
	struct audit_entry entry;
	struct bytes first;

	if (!bytes_take(&in, 1, &first))
		return ERR_TRUNCATED;
	if (first.at[0] != version)
		return ERR_UNSUPPORTED;
	TRY(read_number(&in, &entry.number));
	TRY(read_number(&in, &entry.time_ms));
	TRY(read_text(&in, &entry.audit.event));
	TRY(read_text(&in, &entry.audit.iccid));
	TRY(read_text(&in, &entry.audit.eid));
	TRY(read_text(&in, &entry.audit.detail));
	TRY(read_digest(&in, &entry.audit.evidence));
	TRY(read_digest(&in, &entry.audit.policy));
	TRY(read_digest(&in, &entry.audit.result));
	if (in.len != 0)
		return ERR_TRAILING;
	*out = entry;
	return ERR_NONE;
}

void audit_head_put_signed(struct room *out, const struct audit_head *head)
{
	room_put(out, (struct bytes){ (const uint8_t *)label, AUDIT_LABEL_SIZE });
	room_put(out, BYTES(head->log));
	room_put_u64(out, head->size);
	room_put_u64(out, head->time_ms);
	room_put(out, BYTES(head->root));
}

void audit_head_put(struct room *out, const struct audit_head *head)
{
	audit_head_put_signed(out, head);
	room_put(out, BYTES(head->signature));
}

static enum err read_exact(struct bytes *in, uint8_t *out, size_t n)
{
	struct bytes octets;

	if (!bytes_take(in, n, &octets))
		return ERR_TRUNCATED;
	memcpy(out, octets.at, n);
	return ERR_NONE;
}

static enum err read_signed(struct bytes *in, struct audit_head *out)
{
	struct bytes begin;

	if (!bytes_take(in, AUDIT_LABEL_SIZE, &begin))
		return ERR_TRUNCATED;
	if (memcmp(begin.at, label, AUDIT_LABEL_SIZE) != 0)
		return ERR_TAG;
	TRY(read_exact(in, out->log, sizeof out->log));
	TRY(read_number(in, &out->size));
	TRY(read_number(in, &out->time_ms));
	TRY(read_exact(in, out->root, sizeof out->root));
	return out->size > 0 && out->size >> (MERKLE_LEVELS - 1) == 0 ? ERR_NONE : ERR_VALUE;
}

enum err audit_head_read_signed(struct bytes in, struct audit_head *out)
{
	struct audit_head head = { .size = 0 };

	TRY(read_signed(&in, &head));
	if (in.len != 0)
		return ERR_TRAILING;
	*out = head;
	return ERR_NONE;
}

enum err audit_head_read(struct bytes in, struct audit_head *out)
{
	struct audit_head head;

	TRY(read_signed(&in, &head));
	TRY(read_exact(&in, head.signature, sizeof head.signature));
	if (in.len != 0)
		return ERR_TRAILING;
	*out = head;
	return ERR_NONE;
}

enum err audit_head_verify(const struct audit_head *head, const uint8_t point[static EC_POINT_SIZE])
{
	uint8_t octets[AUDIT_SIGNED_SIZE], id[SHA256_SIZE];
	struct room room = ROOM(octets);
	struct bytes part;

	TRY(audit_log_id(point, id));
	if (memcmp(id, head->log, sizeof id) != 0)
		return ERR_MISMATCH;
	audit_head_put_signed(&room, head);
	part = room_used(&room);
	return crypto_ecdsa_verify(EC_P256, point, &part, 1, head->signature);
}

enum err audit_log_id(const uint8_t point[static EC_POINT_SIZE], uint8_t id[static SHA256_SIZE])
{
	return crypto_sha256(id, &(struct bytes){ point, EC_POINT_SIZE }, 1);
}
