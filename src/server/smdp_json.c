/* SPDX-License-Identifier: Apache-2.0 */
#include "server/smdp_json.h"

#include "codec/base64.h"
#include "codec/ber.h"
#include "codec/hex.h"

#include <string.h>
#include <time.h>

json_t *json_body(struct bytes body)
{
	json_t *object = json_loadb((const char *)body.at, body.len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

enum err json_text(const json_t *object, const char *name, struct bytes *text)
{
	const json_t *member = json_object_get(object, name);

	if (member == NULL || json_is_null(member))
		return ERR_NOT_FOUND;
	if (!json_is_string(member))
		return ERR_TAG;
	*text = (struct bytes){ (const uint8_t *)json_string_value(member),
		                json_string_length(member) };
	return ERR_NONE;
}

static enum err decoded(const json_t *object, const char *name, struct room *store,
                        struct bytes *octets, enum err (*read)(struct bytes text, struct room *out))
{
	size_t before = store->len;
	struct bytes text;

	TRY(json_text(object, name, &text));
	TRY(read(text, store));
	*octets = (struct bytes){ store->at + before, store->len - before };
	return ERR_NONE;
}

enum err json_octets(const json_t *object, const char *name, struct room *store,
                     struct bytes *octets)
{
	return decoded(object, name, store, octets, base64_read);
}

enum err json_hex(const json_t *object, const char *name, struct room *store, struct bytes *octets)
{
	return decoded(object, name, store, octets, hex_read);
}

static void put_name(struct room *out, const char *name)
{
	if (out->len > 0 && !out->full && out->at[out->len - 1] != '{')
		room_put_u8(out, ',');
	if (name == NULL)
		return;
	room_put_u8(out, '"');
	room_put(out, bytes_text(name));
	room_put(out, BYTES_STR("\":"));
}

void json_put_open(struct room *out, const char *name)
{
	put_name(out, name);
	room_put_u8(out, '{');
}

void json_put_close(struct room *out)
{
	room_put_u8(out, '}');
}

/* RFC 8259 section 7: quotes, backslashes and controls are escaped; the rest is UTF-8 as it is. */
static void put_escaped(struct room *out, struct bytes text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		if (c == '"' || c == '\\') {
			room_put_u8(out, '\\');
			room_put_u8(out, c);
		} else if (c < 0x20) {
			room_put(out, BYTES_STR("\\u00"));
			room_put_u8(out, (uint8_t)digits[c >> 4]);
			room_put_u8(out, (uint8_t)digits[c & 15]);
		} else {
			room_put_u8(out, c);
		}
	}
}

void json_put_text(struct room *out, const char *name, struct bytes text)
{
	put_name(out, name);
	room_put_u8(out, '"');
	put_escaped(out, text);
	room_put_u8(out, '"');
}

void json_put_literal(struct room *out, const char *name, const char *text)
{
	json_put_text(out, name, bytes_text(text));
}

void json_put_number(struct room *out, const char *name, uint64_t number)
{
	uint8_t digits[20];
	size_t n = sizeof digits;

	do {
		digits[--n] = (uint8_t)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	put_name(out, name);
	room_put(out, (struct bytes){ digits + n, sizeof digits - n });
}

void json_put_base64(struct room *out, const char *name, struct bytes octets)
{
	put_name(out, name);
	room_put_u8(out, '"');
	base64_put(out, octets);
	room_put_u8(out, '"');
}

void json_put_hex(struct room *out, const char *name, struct bytes octets)
{
	put_name(out, name);
	room_put_u8(out, '"');
	hex_put_upper(out, octets);
	room_put_u8(out, '"');
}

void json_put_base64_element(struct room *out, const char *name, unsigned tag, struct bytes value)
{
	uint8_t store[128];
	struct room element = ROOM(store);

	ber_put(&element, tag, value);
	if (element.full)
		out->full = true;
	json_put_base64(out, name, room_used(&element));
}

void json_put_status(struct room *out, const char *name, enum smdp_status status)
{
	json_put_status_as(out, name, status, NULL);
}

void json_put_status_as(struct room *out, const char *name, enum smdp_status status,
                        const char *message)
{
	if (message == NULL || message[0] == '\0')
		message = smdp_message(status);
	json_put_open(out, name);
	json_put_literal(out, "status", status == SMDP_OK ? "Executed-Success" : "Failed");
	if (status != SMDP_OK) {
		json_put_open(out, "statusCodeData");
		json_put_literal(out, "subjectCode", smdp_subject_code(status));
		json_put_literal(out, "reasonCode", smdp_reason_code(status));
		json_put_literal(out, "message", message);
		json_put_close(out);
	}
	json_put_close(out);
}

void json_put_header(struct room *out, enum smdp_status status)
{
	json_put_header_as(out, status, NULL);
}

void json_put_header_as(struct room *out, enum smdp_status status, const char *message)
{
	json_put_open(out, NULL);
	json_put_open(out, "header");
	json_put_status_as(out, "functionExecutionStatus", status, message);
	json_put_close(out);
}

void json_put_value(struct room *out, const char *name, struct bytes json)
{
	put_name(out, name);
	room_put(out, json);
}

void json_put_time(struct room *out, const char *name, uint64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm parts;
	char text[32] = "";

	if (gmtime_r(&seconds, &parts) != NULL)
		(void)!strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	json_put_literal(out, name, text);
}
