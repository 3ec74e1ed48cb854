/* SPDX-License-Identifier: Apache-2.0 */
/* The format is the kernel's: security/integrity/ima/ima_fs.c and ima_template*.c of Linux. */
#include "evidence/ima.h"

#include "codec/hex.h"

#include <string.h>

enum {
	SHA1_SIZE = 20,
	NAME_MAX_OLD = 256, /* template "ima" hashes the path in a field of this size */
	TEMPLATE_NAME_MAX = 32,
};

enum template { TEMPLATE_IMA, TEMPLATE_NG, TEMPLATE_SIG, TEMPLATE_BUF };

static const struct {
	const char *name;
	size_t len;
} templates[] = {
	[TEMPLATE_IMA] = { "ima", 3 },
	[TEMPLATE_NG] = { "ima-ng", 6 },
	[TEMPLATE_SIG] = { "ima-sig", 7 },
	[TEMPLATE_BUF] = { "ima-buf", 7 },
};

/* Digest algorithms by the names of include/uapi/linux/hash_info.h. */
static const struct {
	const char *name;
	size_t len, size;
} digests[] = {
	{ "sha1", 4, 20 },    { "md5", 3, 16 },          { "sha224", 6, 28 }, { "sha256", 6, 32 },
	{ "sha384", 6, 48 },  { "sha512", 6, 64 },       { "sm3", 3, 32 },    { "sm3_256", 7, 32 },
	{ "sm3-256", 7, 32 }, { "sm3-generic", 11, 32 },
};

static bool is(struct bytes text, const char *name, size_t len)
{
	return bytes_same(text, (struct bytes){ (const uint8_t *)name, len });
}

static enum err find_template(struct bytes name, enum template *out)
{
	for (size_t i = 0; i < COUNT(templates); i++) {
		if (is(name, templates[i].name, templates[i].len)) {
			*out = (enum template)i;
			return ERR_NONE;
		}
	}
	return ERR_UNSUPPORTED;
}

static enum err check_algorithm(struct bytes name, size_t size)
{
	for (size_t i = 0; i < COUNT(digests); i++) {
		if (is(name, digests[i].name, digests[i].len))
			return digests[i].size == size ? ERR_NONE : ERR_LENGTH;
	}
	return ERR_UNSUPPORTED;
}

static enum err read_le(struct bytes *in, uint32_t *out)
{
	struct bytes o;

	if (!bytes_take(in, 4, &o))
		return ERR_TRUNCATED;
	*out = (uint32_t)o.at[0] | (uint32_t)o.at[1] << 8 | (uint32_t)o.at[2] << 16 |
	       (uint32_t)o.at[3] << 24;
	return ERR_NONE;
}

static enum err read_field(struct bytes *in, size_t max, struct bytes *out)
{
	uint32_t len;

	TRY(read_le(in, &len));
	if (len > max)
		return ERR_LIMIT;
	return bytes_take(in, len, out) ? ERR_NONE : ERR_TRUNCATED;
}

static void put_le(struct room *out, size_t value)
{
	for (size_t i = 0; i < 4; i++)
		room_put_u8(out, (uint8_t)(value >> 8 * i));
}

/* Splits `text` at the first (or last) `mark`, which goes to neither side; false when there is
 * none. */
static bool split(struct bytes text, uint8_t mark, bool last, struct bytes *head,
                  struct bytes *tail)
{
	size_t at = text.len;

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == mark && (last || at == text.len))
			at = i;
	}
	if (at == text.len)
		return false;
	*head = (struct bytes){ text.at, at };
	return bytes_slice(text, at + 1, text.len - at - 1, tail);
}

/* d-ng is "sha256:" NUL digest; n-ng is the path with its NUL. */
static enum err parse_ng(struct bytes *data, struct ima_entry *out)
{
	struct bytes field, path;

	TRY(read_field(data, IMA_TEMPLATE_MAX, &field));
	if (!split(field, ':', false, &out->algorithm, &field))
		return ERR_VALUE;
	if (field.len == 0 || field.at[0] != 0)
		return ERR_VALUE;
	out->digest = (struct bytes){ field.at + 1, field.len - 1 };
	TRY(check_algorithm(out->algorithm, out->digest.len));
	TRY(read_field(data, IMA_PATH_MAX, &path));
	out->path = path;
	if (path.len > 0 && path.at[path.len - 1] == 0)
		out->path.len--;
	return ERR_NONE;
}

static enum err parse_data(enum template template, struct ima_entry *out)
{
	struct bytes data = out->data;

	if (template == TEMPLATE_IMA) {
		if (!bytes_take(&data, SHA1_SIZE, &out->digest))
			return ERR_TRUNCATED;
		out->algorithm = (struct bytes){ (const uint8_t *)"sha1", 4 };
		out->path = data;
		while (out->path.len > 0 && out->path.at[out->path.len - 1] == 0)
			out->path.len--;
		return ERR_NONE;
	}
	TRY(parse_ng(&data, out));
	if (template != TEMPLATE_NG)
		TRY(read_field(&data, IMA_TEMPLATE_MAX, &out->extra));
	return data.len == 0 ? ERR_NONE : ERR_TRAILING;
}

/* The old template is hashed with the path in a field of fixed size, unlike it is listed. */
static enum err put_old(struct room *scratch, struct bytes digest, struct bytes path)
{
	static const uint8_t zeros[NAME_MAX_OLD];

	if (digest.len != SHA1_SIZE)
		return ERR_LENGTH;
	if (path.len > NAME_MAX_OLD - 1)
		return ERR_LIMIT;
	room_put(scratch, digest);
	room_put(scratch, path);
	room_put(scratch, (struct bytes){ zeros, NAME_MAX_OLD - path.len });
	return scratch->full ? ERR_ROOM : ERR_NONE;
}

static enum err next_binary(struct bytes *in, struct room *scratch, struct ima_entry *out,
                            enum template *template)
{
	struct bytes digest, path;

	TRY(read_le(in, &out->pcr));
	if (!bytes_take(in, SHA1_SIZE, &out->template_hash))
		return ERR_TRUNCATED;
	TRY(read_field(in, TEMPLATE_NAME_MAX, &out->template_name));
	TRY(find_template(out->template_name, template));
	if (*template != TEMPLATE_IMA)
		return read_field(in, IMA_TEMPLATE_MAX, &out->data);
	if (!bytes_take(in, SHA1_SIZE, &digest))
		return ERR_TRUNCATED;
	TRY(read_field(in, NAME_MAX_OLD - 1, &path));
	TRY(put_old(scratch, digest, path));
	out->data = room_used(scratch);
	return ERR_NONE;
}

static enum err put_hex_field(struct room *scratch, struct bytes text)
{
	size_t start = scratch->len;

	put_le(scratch, text.len / 2);
	enum err err = hex_read(text, scratch);
	if (err != ERR_NONE)
		scratch->len = start;
	return err;
}

/* "sha256:<hex> <path>" and for ima-sig and ima-buf " <hex>", into template data. */
static enum err put_ng(struct room *scratch, enum template template, struct bytes text)
{
	struct bytes digest, path, name, extra = { NULL, 0 };

	if (!split(text, ' ', false, &digest, &path) || !split(digest, ':', false, &name, &digest))
		return ERR_VALUE;
	if (template != TEMPLATE_NG)
		(void)!split(path, ' ', true, &path,
		             &extra); /* an empty signature may lack its space */
	put_le(scratch, name.len + 2 + digest.len / 2);
	room_put(scratch, name);
	room_put(scratch, (struct bytes){ (const uint8_t *)":", 2 });
	TRY(hex_read(digest, scratch));
	put_le(scratch, path.len + 1);
	room_put(scratch, path);
	room_put_u8(scratch, 0);
	if (template != TEMPLATE_NG)
		TRY(put_hex_field(scratch, extra));
	return scratch->full ? ERR_ROOM : ERR_NONE;
}

static enum err read_pcr(struct bytes text, uint32_t *out)
{
	if (text.len == 0 || text.len > 2)
		return ERR_VALUE;
	*out = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return ERR_VALUE;
		*out = *out * 10 + (uint32_t)(text.at[i] - '0');
	}
	return ERR_NONE;
}

/* "10 <template hash> <template> <fields>" and a line feed. */
static enum err next_ascii(struct bytes *in, struct room *scratch, struct ima_entry *out,
                           enum template *template)
{
	struct bytes line, pcr, hash, digest;
	uint8_t old[SHA1_SIZE];
	struct room digest_room = ROOM(old);

	/* The last line may lack its line feed: a path cut short shows in the template hash. */
	if (!split(*in, '\n', false, &line, in)) {
		line = *in;
		in->len = 0;
	}
	if (line.len > 0 && line.at[0] == ' ')
		line = (struct bytes){ line.at + 1, line.len - 1 }; /* "%2d" of a PCR below 10 */
	if (!split(line, ' ', false, &pcr, &line) || !split(line, ' ', false, &hash, &line) ||
	    !split(line, ' ', false, &out->template_name, &line))
		return ERR_VALUE;
	TRY(read_pcr(pcr, &out->pcr));
	TRY(find_template(out->template_name, template));
	if (hash.len < 2 * SHA1_SIZE || hash.len > 2 * ATTEST_HASH_MAX)
		return ERR_LENGTH;
	TRY(hex_read(hash, scratch));
	size_t start = scratch->len;
	if (*template == TEMPLATE_IMA) {
		if (!split(line, ' ', false, &digest, &line))
			return ERR_VALUE;
		TRY(hex_read(digest, &digest_room));
		TRY(put_old(scratch, room_used(&digest_room), line));
	} else {
		TRY(put_ng(scratch, *template, line));
	}
	out->template_hash = (struct bytes){ scratch->at, start };
	out->data = (struct bytes){ scratch->at + start, scratch->len - start };
	return ERR_NONE;
}

static bool all_zero(struct bytes in)
{
	for (size_t i = 0; i < in.len; i++) {
		if (in.at[i] != 0)
			return false;
	}
	return true;
}

enum err ima_next(struct bytes *in, enum ima_form form, struct room *scratch, struct ima_entry *out)
{
	struct ima_entry entry = { 0 };
	enum template template = TEMPLATE_IMA;
	struct bytes rest = *in;

	scratch->len = 0;
	scratch->full = false;
	TRY(form == IMA_ASCII ? next_ascii(&rest, scratch, &entry, &template)
	                      : next_binary(&rest, scratch, &entry, &template));
	TRY(parse_data(template, &entry));
	entry.violation = all_zero(entry.template_hash);
	*in = rest;
	*out = entry;
	return ERR_NONE;
}

static enum err hash_of_size(size_t size, enum attest_hash *out)
{
	for (int i = 0; i < ATTEST_HASHES; i++) {
		if (attest_hash_size((enum attest_hash)i) == size) {
			*out = (enum attest_hash)i;
			return ERR_NONE;
		}
	}
	return ERR_LENGTH;
}

enum err ima_entry_check(const struct ima_entry *entry)
{
	uint8_t digest[ATTEST_HASH_MAX];
	enum attest_hash hash;

	if (entry->violation)
		return ERR_NONE;
	TRY(hash_of_size(entry->template_hash.len, &hash));
	TRY(attest_digest(hash, digest, &entry->data, 1));
	return bytes_same(entry->template_hash, (struct bytes){ digest, entry->template_hash.len })
	               ? ERR_NONE
	               : ERR_VALUE;
}

enum err ima_extend(struct ima_state *state, const struct ima_entry *entry)
{
	uint8_t digest[ATTEST_HASH_MAX] = { 0 };
	size_t size = attest_hash_size(state->hash);

	if (entry->pcr != IMA_PCR)
		return ERR_VALUE;
	if (entry->violation)
		memset(digest, 0xFF, size); /* ima_add_violation() */
	else if (state->padded)
		TRY(attest_digest(ATTEST_SHA1, digest, &entry->data, 1));
	else
		TRY(attest_digest(state->hash, digest, &entry->data, 1));
	if (state->padded && !entry->violation)
		memset(digest + SHA1_SIZE, 0, sizeof digest - SHA1_SIZE);
	TRY(attest_extend(state->hash, state->pcr, digest));
	state->entries++;
	return ERR_NONE;
}
