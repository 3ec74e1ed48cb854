/* SPDX-License-Identifier: Apache-2.0 */
/* Whose signatures count: suppliers' keys that are in force, and reference values under them. */
#include "appraiser/appraiser_work.h"

#include "server/log.h"
#include "server/store_chips.h"

#include <string.h>

enum { P384_POINT_SIZE = 97 };

enum err appraiser_each_item(struct appraiser_state *state,
                             enum err (*take)(void *ctx, const struct item *item), void *ctx)
{
	const struct item *after = NULL;
	struct item item, last;
	struct bytes reply;
	enum err err;

	do {
		TRY(state->ports.items(state->ports.ctx, after, &reply));
		after = NULL;
		while ((err = store_items_next(&reply, &item)) == ERR_NONE) {
			TRY(take(ctx, &item));
			last = item;
			after = &last;
		}
		if (err != ERR_NOT_FOUND)
			return err;
	} while (after != NULL);
	return ERR_NONE;
}

/* SubjectPublicKeyInfo of such a key is this and the point (RFC 5480). */
static const uint8_t p256_head[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
	0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
};
static const uint8_t p384_head[] = {
	0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02,
	0x01, 0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
};

struct bytes appraiser_point(struct bytes spki)
{
	static const struct {
		struct bytes head;
		size_t point;
	} curves[] = {
		{{ p256_head, sizeof p256_head },  EC_POINT_SIZE  },
		{ { p384_head, sizeof p384_head }, P384_POINT_SIZE},
	};

	for (size_t i = 0; i < COUNT(curves); i++) {
		struct bytes key = spki, head;
		if (bytes_take(&key, curves[i].head.len, &head) &&
		    bytes_same(head, curves[i].head) && key.len == curves[i].point &&
		    key.at[0] == 0x04)
			return key;
	}
	return (struct bytes){ NULL, 0 };
}

const uint8_t *appraiser_supplier(const struct item *item)
{
	struct bytes point = appraiser_point(item->body);

	return item->kind == ITEM_SUPPLIER && point.len == EC_POINT_SIZE ? point.at : NULL;
}

/* One too many is said and left out: it can only make less believed. */
static enum err take_supplier(void *ctx, const struct item *item)
{
	struct appraiser_suppliers *suppliers = ctx;
	const uint8_t *point = appraiser_supplier(item);

	if (point == NULL)
		return ERR_NONE;
	if (suppliers->count == SUPPLIERS_MAX)
		log_error("supplier \"%.*s\": %s", (int)item->name.len, (const char *)item->name.at,
		          err_text(ERR_LIMIT));
	else
		memcpy(suppliers->point[suppliers->count++], point, EC_POINT_SIZE);
	return ERR_NONE;
}

enum err appraiser_suppliers_load(struct appraiser_state *state, struct appraiser_suppliers *out)
{
	out->count = 0;
	return appraiser_each_item(state, take_supplier, out);
}

/* ES384 under a key that is on P-256 is another's signature, too. */
static enum err add_signed(const struct appraiser_suppliers *suppliers,
                           struct references *references, struct bytes file, uint32_t *line)
{
	for (size_t i = 0; i < suppliers->count; i++) {
		const struct attest_key key = { .kind = ATTEST_P256,
			                        .point = BYTES(suppliers->point[i]) };
		enum err err = references_add_signed(references, file, &key, line);

		if (err != ERR_SIGNATURE && err != ERR_UNSUPPORTED)
			return err;
	}
	return ERR_SIGNATURE;
}

enum err appraiser_reference(const struct appraiser_suppliers *suppliers, const struct item *item,
                             struct references *references, uint32_t *line)
{
	*line = 0;
	if (references_are_signed(item->body))
		return add_signed(suppliers, references, item->body, line);
	return item->kind == ITEM_CORIM ? references_add_corim(references, item->body, NULL)
	                                : references_add_text(references, item->body, line);
}
