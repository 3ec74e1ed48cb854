/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/components.h"

#include "codec/hex.h"

#include <string.h>

static const char head[] = "assay-components 1", signature_word[] = "signature";

/* line_take takes a line, without its end; false when there is no whole one. */
static bool line_take(struct bytes *in, struct bytes *line)
{
	const uint8_t *end = in->len == 0 ? NULL : memchr(in->at, '\n', in->len);
	struct bytes feed;

	return end != NULL && bytes_take(in, (size_t)(end - in->at), line) &&
	       bytes_take(in, 1, &feed);
}

/* word_take takes what stands before the next space, or all. */
static bool word_take(struct bytes *line, struct bytes *word)
{
	const uint8_t *end = line->len == 0 ? NULL : memchr(line->at, ' ', line->len);
	struct bytes space;

	if (end == NULL)
		return bytes_take(line, line->len, word) && word->len > 0;
	return bytes_take(line, (size_t)(end - line->at), word) && bytes_take(line, 1, &space) &&
	       word->len > 0;
}

static bool plain(struct bytes word, uint8_t least)
{
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] < least || word.at[i] == 0x7F)
			return false;
	}
	return word.len > 0;
}

static enum err digits_read(struct bytes word, uint8_t *out, size_t size)
{
	struct room room = { out, size, 0, false };

	TRY(hex_read(word, &room));
	return room.len == size ? ERR_NONE : ERR_LENGTH;
}

/* The last line, and the octets before it, which it signs. */
static enum err signature_check(struct bytes text, const uint8_t signer[static EC_POINT_SIZE],
                                struct bytes *signed_text)
{
	enum { LINE = 9 + 1 + 2 * EC_SIGNATURE_SIZE + 1 };
	uint8_t signature[EC_SIGNATURE_SIZE];
	struct bytes line, word, last;

	if (text.len < LINE || text.len > COMPONENTS_TEXT_MAX)
		return ERR_LENGTH;
	last = (struct bytes){ text.at + text.len - LINE, LINE };
	*signed_text = (struct bytes){ text.at, text.len - LINE };
	if (!line_take(&last, &line) || last.len > 0 || !word_take(&line, &word) ||
	    !bytes_same(word, bytes_text(signature_word)))
		return ERR_TAG;
	TRY(digits_read(line, signature, sizeof signature));
	return crypto_ecdsa_verify(EC_P256, signer, signed_text, 1, signature);
}

static enum err component_read(struct bytes line, struct components *out)
{
	struct component *component = &out->component[out->count];
	struct bytes digest;

	if (out->count == COMPONENTS_MAX)
		return ERR_LIMIT;
	if (!word_take(&line, &component->name) || !word_take(&line, &digest))
		return ERR_VALUE;
	TRY(digits_read(digest, component->digest, SHA256_SIZE));
	component->path = line;
	if (!plain(component->name, '!') || !plain(line, ' ') || line.at[0] != '/')
		return ERR_VALUE;
	if (components_find(out, component->name) != NULL)
		return ERR_EXISTS;
	out->count++;
	return ERR_NONE;
}

/* There is one way to write a number: no sign, no zeros in front. */
static enum err version_read(struct bytes word, uint32_t *out)
{
	uint32_t number = 0;

	if (*out != 0)
		return ERR_EXISTS;
	if (word.len == 0 || word.at[0] == '0')
		return ERR_VALUE;
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] < '0' || word.at[i] > '9')
			return ERR_VALUE;
		number = 10 * number + (uint32_t)(word.at[i] - '0');
		if (number > COMPONENTS_VERSION_MAX)
			return ERR_VALUE;
	}
	*out = number;
	return ERR_NONE;
}

static enum err line_read(struct bytes line, struct components *out)
{
	struct bytes word, *place;

	if (!word_take(&line, &word))
		return ERR_VALUE;
	if (bytes_same(word, BYTES_STR("version")))
		return version_read(line, &out->version);
	if (bytes_same(word, BYTES_STR("component")))
		return component_read(line, out);
	place = bytes_same(word, BYTES_STR("model"))      ? &out->model
	        : bytes_same(word, BYTES_STR("firmware")) ? &out->firmware
	                                                  : NULL;
	if (place == NULL)
		return ERR_TAG;
	if (place->at != NULL)
		return ERR_EXISTS;
	*place = line;
	return plain(line, '!') ? ERR_NONE : ERR_VALUE;
}

enum err components_read(struct bytes text, const uint8_t signer[static EC_POINT_SIZE],
                         struct components *out)
{
	struct components read = { .count = 0 };
	struct bytes in, line;

	TRY(signature_check(text, signer, &in));
	if (!line_take(&in, &line) || !bytes_same(line, bytes_text(head)))
		return ERR_UNSUPPORTED;
	while (line_take(&in, &line))
		TRY(line_read(line, &read));
	if (in.len > 0)
		return ERR_TRAILING;
	if (read.model.at == NULL || read.firmware.at == NULL || read.version == 0 ||
	    read.count == 0)
		return ERR_NOT_FOUND;
	*out = read;
	return ERR_NONE;
}

const struct component *components_find(const struct components *components, struct bytes name)
{
	for (size_t i = 0; i < components->count; i++) {
		if (bytes_same(components->component[i].name, name))
			return &components->component[i];
	}
	return NULL;
}

static void put_line(struct room *out, struct bytes word, struct bytes value)
{
	room_put(out, word);
	room_put_u8(out, ' ');
	room_put(out, value);
	room_put_u8(out, '\n');
}

static void version_put(struct room *out, uint32_t version)
{
	uint8_t digits[10];
	size_t from = sizeof digits;

	for (; version > 0; version /= 10)
		digits[--from] = (uint8_t)('0' + version % 10);
	put_line(out, BYTES_STR("version"), (struct bytes){ digits + from, sizeof digits - from });
}

static enum err component_put(struct room *out, const struct component *component)
{
	if (!plain(component->name, '!') || !plain(component->path, ' ') ||
	    component->path.at[0] != '/')
		return ERR_VALUE;
	room_put(out, BYTES_STR("component "));
	room_put(out, component->name);
	room_put_u8(out, ' ');
	hex_put(out, BYTES(component->digest));
	room_put_u8(out, ' ');
	room_put(out, component->path);
	room_put_u8(out, '\n');
	return ERR_NONE;
}

enum err components_put(struct room *out, const struct components *components,
                        const struct secret *key)
{
	uint8_t signature[EC_SIGNATURE_SIZE], digits[2 * EC_SIGNATURE_SIZE];
	uint32_t version = components->version;
	struct room hex = ROOM(digits);
	size_t before = out->len;
	struct bytes text;

	if (!plain(components->model, '!') || !plain(components->firmware, '!') || version == 0 ||
	    version > COMPONENTS_VERSION_MAX)
		return ERR_VALUE;
	room_put(out, bytes_text(head));
	room_put_u8(out, '\n');
	put_line(out, BYTES_STR("model"), components->model);
	put_line(out, BYTES_STR("firmware"), components->firmware);
	version_put(out, version);
	for (size_t i = 0; i < components->count; i++)
		TRY(component_put(out, &components->component[i]));
	if (out->full)
		return ERR_ROOM;
	text = (struct bytes){ out->at + before, out->len - before };
	TRY(crypto_ecdsa_sign(EC_P256, key, &text, 1, signature));
	hex_put(&hex, BYTES(signature));
	put_line(out, bytes_text(signature_word), room_used(&hex));
	return out->full ? ERR_ROOM : ERR_NONE;
}
