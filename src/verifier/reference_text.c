/* SPDX-License-Identifier: Apache-2.0 */
/* Reference values in the native text form; reference.h shows it. */
#include "codec/hex.h"
#include "port/crypto.h"
#include "verifier/lines.h"
#include "verifier/reference.h"

#include <string.h>

/* What must come before digests can be read. */
struct reading {
	struct reference set;
	bool begun, bank;
};

static enum err next_word(struct lines *lines, struct bytes *word)
{
	return lines_word(lines, word) ? ERR_NONE : ERR_TRUNCATED;
}

static enum err read_text(struct lines *lines, char *out, size_t size)
{
	struct bytes word;

	TRY(next_word(lines, &word));
	return word_copy(word, out, size);
}

static enum err read_pcr_number(struct lines *lines, uint32_t *out)
{
	struct bytes word;
	uint64_t pcr;

	TRY(next_word(lines, &word));
	TRY(word_number(word, TPM_PCRS - 1, &pcr));
	*out = (uint32_t)pcr;
	return ERR_NONE;
}

/* A digest of `size` octets, or of any hash's size when that is 0. */
static enum err read_digest(struct bytes word, size_t size, uint8_t *out, uint8_t *len)
{
	struct room room = { out, ATTEST_HASH_MAX, 0, false };

	TRY(hex_read(word, &room));
	if (size != 0 ? room.len != size
	              : room.len != 20 && room.len != 32 && room.len != 48 && room.len != 64)
		return ERR_LENGTH;
	*len = (uint8_t)room.len;
	return ERR_NONE;
}

static enum err read_event(struct lines *lines, struct reading *reading)
{
	struct reference_event event = { .pcr = 0 };
	struct bytes word;
	uint8_t len;

	if (!reading->bank)
		return ERR_ORDER;
	TRY(read_pcr_number(lines, &event.pcr));
	TRY(next_word(lines, &word));
	if (word_is(word, "optional")) {
		event.optional = true;
		TRY(next_word(lines, &word));
	}
	TRY(read_digest(word, attest_hash_size(reading->set.bank), event.digest, &len));
	if (lines_word(lines, &word))
		TRY(word_copy(word, event.text, sizeof event.text));
	return reference_add_event(&reading->set, &event);
}

static enum err read_pcr(struct lines *lines, struct reading *reading)
{
	struct reference_pcr pcr = { .pcr = 0 };
	struct bytes word;
	uint8_t len;

	if (!reading->bank)
		return ERR_ORDER;
	TRY(read_pcr_number(lines, &pcr.pcr));
	TRY(next_word(lines, &word));
	TRY(read_digest(word, attest_hash_size(reading->set.bank), pcr.value, &len));
	return reference_add_pcr(&reading->set, &pcr);
}

static enum err read_file(struct lines *lines, struct reading *reading)
{
	struct reference_file file = { .len = 0 };
	struct bytes word;

	TRY(next_word(lines, &word));
	TRY(read_digest(word, 0, file.digest, &file.len));
	TRY(read_text(lines, file.path, sizeof file.path));
	return reference_add_file(&reading->set, &file);
}

static enum err read_component(struct lines *lines, struct reading *reading)
{
	struct reference_component c = { .type = "" };
	struct bytes word;

	TRY(read_text(lines, c.type, sizeof c.type));
	TRY(next_word(lines, &word));
	TRY(read_digest(word, 0, c.value, &c.value_len));
	TRY(next_word(lines, &word));
	TRY(read_digest(word, 0, c.signer, &c.signer_len));
	if (lines_word(lines, &word))
		TRY(word_copy(word, c.version, sizeof c.version));
	return reference_add_component(&reading->set, &c);
}

static enum err read_bank(struct lines *lines, struct reading *reading)
{
	static const char *const names[ATTEST_HASHES] = { "sha1", "sha256", "sha384", "sha512" };
	struct bytes word;

	if (reading->bank)
		return ERR_EXISTS;
	TRY(next_word(lines, &word));
	for (int i = 0; i < ATTEST_HASHES; i++) {
		if (word_is(word, names[i])) {
			reading->set.bank = (enum attest_hash)i;
			reading->bank = true;
			return ERR_NONE;
		}
	}
	return ERR_VALUE;
}

static enum err read_exact(struct lines *lines, struct reading *reading)
{
	struct bytes word;
	uint64_t pcr;

	while (lines_word(lines, &word)) {
		TRY(word_number(word, TPM_PCRS - 1, &pcr));
		reading->set.exact |= (uint32_t)1 << pcr;
	}
	return ERR_NONE;
}

static enum err read_valid(struct lines *lines, struct reading *reading)
{
	struct bytes from, until;
	uint64_t number;

	TRY(next_word(lines, &from));
	TRY(next_word(lines, &until));
	TRY(word_number(from, INT64_MAX, &number));
	reading->set.not_before = (int64_t)number;
	TRY(word_number(until, INT64_MAX, &number));
	reading->set.not_after = (int64_t)number;
	return ERR_NONE;
}

static enum err read_model(struct lines *lines, struct reading *reading)
{
	return read_text(lines, reading->set.model, sizeof reading->set.model);
}

static enum err read_firmware(struct lines *lines, struct reading *reading)
{
	return read_text(lines, reading->set.firmware, sizeof reading->set.firmware);
}

static enum err read_revoked(struct lines *lines, struct reading *reading)
{
	(void)lines;
	reading->set.revoked = true;
	return ERR_NONE;
}

static const struct {
	const char *word;
	enum err (*read)(struct lines *lines, struct reading *reading);
} keys[] = {
	{ "model", read_model }, { "firmware", read_firmware },
	{ "valid", read_valid }, { "revoked", read_revoked },
	{ "bank", read_bank },   { "exact", read_exact },
	{ "pcr", read_pcr },     { "event", read_event },
	{ "ima", read_file },    { "component", read_component },
};

static enum err read_line(struct lines *lines, struct reading *reading)
{
	struct bytes key, word;

	if (!lines_word(lines, &key))
		return ERR_VALUE;
	if (!reading->begun) {
		reading->begun = true;
		return word_is(key, "assay-reference") && lines_word(lines, &word) &&
		                       word_is(word, "1")
		               ? lines_end(lines)
		               : ERR_UNSUPPORTED;
	}
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (!word_is(key, keys[i].word))
			continue;
		TRY(keys[i].read(lines, reading));
		return lines_end(lines);
	}
	return ERR_TAG;
}

static enum err read_all(struct bytes text, struct reading *reading, uint32_t *line)
{
	struct lines lines = { .rest = text };

	while (lines_next(&lines)) {
		*line = lines.number;
		TRY(read_line(&lines, reading));
	}
	const struct reference *set = &reading->set;
	/* A set without a single value would be matched by nothing, or worse, by nothing at all. */
	return set->model[0] != '\0' && set->firmware[0] != '\0' &&
	                       set->event_count + set->pcr_count + set->component_count > 0
	               ? crypto_sha256(reading->set.digest, &text, 1)
	               : ERR_NOT_FOUND;
}

enum err references_add_text(struct references *references, struct bytes text, uint32_t *line)
{
	struct reading reading = { .begun = false };

	*line = 0;
	enum err err = read_all(text, &reading, line);
	if (err == ERR_NONE)
		err = references_adopt(references, &reading.set);
	if (err != ERR_NONE)
		reference_free(&reading.set);
	return err;
}
