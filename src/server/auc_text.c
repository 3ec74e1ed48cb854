/* SPDX-License-Identifier: Apache-2.0 */
#include "server/auc_text.h"

#include "codec/hex.h"

#include <string.h>

static const struct {
	const char *request, *response; /* a resynchronisation has no response */
} words[] = {
	[AUC_VECTOR] = {"AKA-REQ-AUTH",  "AKA-RESP-AUTH"},
	[AUC_TRIPLETS] = { "SIM-REQ-AUTH", "SIM-RESP-AUTH"},
	[AUC_RESYNC] = { "AKA-AUTS",     ""             },
};

/* Takes octets up to the next space, or to the end, and the space. */
static struct bytes take_word(struct bytes *in)
{
	const uint8_t *space = in->len == 0 ? NULL : memchr(in->at, ' ', in->len);
	size_t size = space == NULL ? in->len : (size_t)(space - in->at);
	struct bytes word = { NULL, 0 }, separator;

	if (bytes_take(in, size, &word) && space != NULL && !bytes_take(in, 1, &separator))
		return (struct bytes){ NULL, 0 };
	return word;
}

NODISCARD static enum err take_kind(struct bytes *in, enum auc_kind *kind)
{
	struct bytes word = take_word(in);

	for (size_t i = 0; i < COUNT(words); i++) {
		if (bytes_same(word, bytes_text(words[i].request))) {
			*kind = (enum auc_kind)i;
			return ERR_NONE;
		}
	}
	return ERR_VALUE;
}

NODISCARD static enum err take_imsi(struct bytes *in, struct auc_request *out)
{
	struct bytes word = take_word(in);

	if (word.len < AUC_IMSI_MIN || word.len > IMSI_DIGITS_MAX)
		return ERR_VALUE;
	for (size_t i = 0; i < word.len; i++) {
		if (word.at[i] < '0' || word.at[i] > '9')
			return ERR_VALUE;
	}
	memcpy(out->imsi, word.at, word.len);
	out->imsi_size = (uint8_t)word.len;
	return ERR_NONE;
}

NODISCARD static enum err take_hex(struct bytes *in, uint8_t *out, size_t size)
{
	struct bytes word = take_word(in);
	struct room room = { out, size, 0, false };

	return word.len == 2 * size ? hex_read(word, &room) : ERR_VALUE;
}

NODISCARD static enum err take_count(struct bytes *in, uint8_t *out)
{
	struct bytes word = take_word(in);

	if (word.len != 1 || word.at[0] < '1' || word.at[0] > '0' + AUC_TRIPLETS_MAX)
		return ERR_VALUE;
	*out = (uint8_t)(word.at[0] - '0');
	return ERR_NONE;
}

NODISCARD static enum err read_words(struct bytes in, struct auc_request *out)
{
	TRY(take_kind(&in, &out->kind));
	TRY(take_imsi(&in, out));
	switch (out->kind) {
	case AUC_VECTOR:
		break;
	case AUC_TRIPLETS:
		TRY(take_count(&in, &out->count));
		break;
	case AUC_RESYNC:
		TRY(take_hex(&in, out->auts, sizeof out->auts));
		TRY(take_hex(&in, out->rand, sizeof out->rand));
		break;
	}
	return ERR_NONE;
}

enum err auc_request_read(struct bytes datagram, struct auc_request *out)
{
	struct auc_request request = { 0 };
	uint8_t octets[AUC_REQUEST_MAX];
	struct room again = ROOM(octets);

	if (datagram.len > AUC_REQUEST_MAX)
		return ERR_LIMIT;
	TRY(read_words(datagram, &request));
	/* Superfluous spaces, upper-case digits, anything behind: not the form it must have. */
	auc_request_put(&again, &request);
	if (!bytes_same(room_used(&again), datagram))
		return ERR_VALUE;
	*out = request;
	return ERR_NONE;
}

static void put_word(struct room *out, struct bytes word)
{
	room_put_u8(out, ' ');
	room_put(out, word);
}

static void put_hex(struct room *out, const uint8_t *at, size_t size)
{
	room_put_u8(out, ' ');
	hex_put(out, (struct bytes){ at, size });
}

void auc_request_put(struct room *out, const struct auc_request *request)
{
	room_put(out, bytes_text(words[request->kind].request));
	put_word(out, auc_imsi(request));
	if (request->kind == AUC_TRIPLETS) {
		room_put_u8(out, ' ');
		room_put_u8(out, (uint8_t)('0' + request->count));
	}
	if (request->kind == AUC_RESYNC) {
		put_hex(out, request->auts, sizeof request->auts);
		put_hex(out, request->rand, sizeof request->rand);
	}
}

static void put_head(struct room *out, const struct auc_request *request)
{
	room_put(out, bytes_text(words[request->kind].response));
	put_word(out, auc_imsi(request));
}

enum err auc_put_vector(struct room *out, const struct auc_request *request,
                        const struct aka_vector *vector)
{
	if (vector->autn_size != 16 || vector->ck_size != 16 || vector->ik_size != 16 ||
	    vector->xres_size < 4 || vector->xres_size > 16)
		return ERR_UNSUPPORTED;
	put_head(out, request);
	put_hex(out, vector->rand, sizeof vector->rand);
	put_hex(out, vector->autn, vector->autn_size);
	put_hex(out, vector->ik, vector->ik_size);
	put_hex(out, vector->ck, vector->ck_size);
	put_hex(out, vector->xres, vector->xres_size);
	return ERR_NONE;
}

void auc_put_triplets(struct room *out, const struct auc_request *request,
                      const struct aka_triplet *triplets, size_t count)
{
	put_head(out, request);
	for (size_t i = 0; i < count; i++) {
		put_hex(out, triplets[i].kc, sizeof triplets[i].kc);
		room_put_u8(out, ':');
		hex_put(out, BYTES(triplets[i].sres));
		room_put_u8(out, ':');
		hex_put(out, BYTES(triplets[i].rand));
	}
}

void auc_put_failure(struct room *out, const struct auc_request *request)
{
	if (request->kind == AUC_RESYNC)
		return;
	put_head(out, request);
	put_word(out, BYTES_STR("FAILURE"));
}
