/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/codes.h"

/* PINKeyReferenceValue: global and local PINs, ADM 1 to 5 and 6 to 10. */
bool pin_reference_valid(uint32_t reference)
{
	uint32_t low = reference & 0x7F;

	return reference <= 0xFF && ((low >= 0x01 && low <= 0x08) || (low >= 0x0A && low <= 0x0E));
}

bool puk_reference_valid(uint32_t reference)
{
	uint32_t low = reference & 0x7F;

	return reference <= 0xFF && low >= 0x01 && low <= 0x08;
}

enum err pin_codes_read(const struct pe *pe, struct pin_codes *out)
{
	struct pin_codes codes = { 0 };
	struct cursor in = pe->body, choice;
	struct element element, list;
	size_t len;

	TRY(cursor_read(&in, 0xA1, &element));
	TRY(cursor_end(&in));
	choice = cursor_in(&in, &element);
	if (cursor_is(&choice, 0x81)) {
		codes.shared = true;
		TRY(cursor_bytes(&choice, 0x81, codes.path.at, 0, FCP_PATH_MAX, &len));
		codes.path.has = true;
		codes.path.len = (uint8_t)len;
		if (len % 2 != 0)
			return cursor_fault(&in, element.at, 0x81, ERR_LENGTH);
	} else {
		TRY(cursor_read(&choice, 0xA0, &list));
		codes.codes = cursor_in(&choice, &list);
	}
	TRY(cursor_end(&choice));
	*out = codes;
	return ERR_NONE;
}

enum err puk_codes_read(const struct pe *pe, struct cursor *codes)
{
	struct cursor in = pe->body;
	struct element list;

	TRY(cursor_read(&in, 0xA1, &list));
	TRY(cursor_end(&in));
	*codes = cursor_in(&in, &list);
	return ERR_NONE;
}

static enum err value_read(struct cursor *in, struct secret *value)
{
	TRY(cursor_fixed(in, 0x81, value->at, CODE_SIZE));
	value->len = CODE_SIZE;
	return ERR_NONE;
}

static enum err reference_read(struct cursor *in, ber_tag tag, bool (*valid)(uint32_t),
                               uint8_t *out)
{
	uint32_t at = in->at, reference;

	TRY(cursor_uint(in, tag, 0xFF, &reference));
	if (!valid(reference))
		return cursor_fault(in, at, tag, ERR_VALUE);
	*out = (uint8_t)reference;
	return ERR_NONE;
}

/* More tries left than allowed makes no sense, and neither does a code that allows none. */
static enum err attempts_read(struct cursor *in, ber_tag tag, uint8_t otherwise, uint8_t *out)
{
	uint32_t at = in->at, attempts;

	TRY(cursor_uint_or(in, tag, 0xFF, otherwise, &attempts));
	if (attempts >> 4 == 0 || (attempts & 0x0F) > attempts >> 4)
		return cursor_fault(in, at, tag, ERR_VALUE);
	*out = (uint8_t)attempts;
	return ERR_NONE;
}

static enum err pin_read(struct cursor *in, struct code *out)
{
	uint32_t attributes;

	TRY(reference_read(in, 0x80, pin_reference_valid, &out->reference));
	TRY(value_read(in, &out->value));
	if (cursor_is(in, 0x82))
		TRY(reference_read(in, 0x82, puk_reference_valid, &out->unblocking));
	TRY(cursor_uint_or(in, 0x83, 0xFF, PIN_ATTRIBUTES, &attributes));
	out->attributes = (uint8_t)attributes;
	TRY(attempts_read(in, 0x84, PIN_ATTEMPTS, &out->attempts));
	return cursor_end(in);
}

static enum err puk_read(struct cursor *in, struct code *out)
{
	TRY(reference_read(in, 0x80, puk_reference_valid, &out->reference));
	TRY(value_read(in, &out->value));
	TRY(attempts_read(in, 0x82, PUK_ATTEMPTS, &out->attempts));
	return cursor_end(in);
}

static enum err code_next(struct cursor *codes, struct code *out,
                          enum err (*read)(struct cursor *, struct code *))
{
	struct cursor rest = *codes, in;
	struct element element;

	*out = (struct code){ 0 };
	TRY(cursor_read(&rest, 0x30, &element));
	in = cursor_in(&rest, &element);
	enum err err = read(&in, out);
	if (err != ERR_NONE) {
		wipe(out, sizeof *out);
		return err;
	}
	*codes = rest;
	return ERR_NONE;
}

enum err pin_next(struct cursor *codes, struct code *out)
{
	return code_next(codes, out, pin_read);
}

enum err puk_next(struct cursor *codes, struct code *out)
{
	return code_next(codes, out, puk_read);
}

/* X.690 11.5: a value that is the default is not encoded. */
static void put_unless(struct room *out, ber_tag tag, uint8_t value, uint8_t otherwise)
{
	if (value != otherwise)
		ber_put_uint(out, tag, value);
}

void pin_put(struct room *out, const struct code *pin)
{
	size_t mark = ber_open(out, 0x30);

	ber_put_uint(out, 0x80, pin->reference);
	ber_put(out, 0x81, secret_bytes(&pin->value));
	if (pin->unblocking != 0)
		ber_put_uint(out, 0x82, pin->unblocking);
	put_unless(out, 0x83, pin->attributes, PIN_ATTRIBUTES);
	put_unless(out, 0x84, pin->attempts, PIN_ATTEMPTS);
	ber_close(out, mark);
}

void puk_put(struct room *out, const struct code *puk)
{
	size_t mark = ber_open(out, 0x30);

	ber_put_uint(out, 0x80, puk->reference);
	ber_put(out, 0x81, secret_bytes(&puk->value));
	put_unless(out, 0x82, puk->attempts, PUK_ATTEMPTS);
	ber_close(out, mark);
}
