/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/es9_json.h"

#include "codec/base64.h"
#include "codec/hex.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

/* copy_text keeps what fits; control characters, which a terminal might obey, become '?'. */
static void copy_text(char *out, size_t cap, const char *text)
{
	size_t len = text != NULL ? strnlen(text, cap - 1) : 0;

	for (size_t i = 0; i < len; i++) {
		out[i] = text[i];
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
			out[i] = '?';
	}
	out[len] = 0;
}

static const char *text_member(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* SGP.22 6.5.1.4: header.functionExecutionStatus.status, and statusCodeData when it is "Failed". */
static enum err header_read(const json_t *body, struct es9_status *status)
{
	const json_t *header = json_object_get(body, "header");
	const json_t *execution = json_object_get(header, "functionExecutionStatus");
	const json_t *data = json_object_get(execution, "statusCodeData");
	const char *word = text_member(execution, "status");

	if (word == NULL)
		return ERR_VALUE;
	if (strcmp(word, "Executed-Success") == 0 || strcmp(word, "Executed-WithWarning") == 0)
		return ERR_NONE;
	copy_text(status->subject, sizeof status->subject, text_member(data, "subjectCode"));
	copy_text(status->reason, sizeof status->reason, text_member(data, "reasonCode"));
	copy_text(status->identifier, sizeof status->identifier,
	          text_member(data, "subjectIdentifier"));
	copy_text(status->message, sizeof status->message, text_member(data, "message"));
	status->wants_log =
		json_is_true(json_object_get(json_object_get(body, "equipmentResult"), "wantsLog"));
	return ERR_DENIED;
}

static enum err object_read(const json_t *member, struct room *store, struct bytes *value)
{
	*value = (struct bytes){ NULL, 0 };
	if (member == NULL || json_is_null(member))
		return ERR_NONE;
	if (!json_is_object(member))
		return ERR_VALUE;
	size_t before = store->len, left = room_left(store);
	size_t len = json_dumpb(member, (char *)store->at + before, left, JSON_COMPACT);
	if (len == 0 || len > left)
		return ERR_ROOM;
	store->len += len;
	*value = (struct bytes){ store->at + before, len };
	return ERR_NONE;
}

static enum err member_read(const json_t *body, const struct es9_field *field, struct room *store,
                            struct bytes *value)
{
	const json_t *member = json_object_get(body, field->name);
	size_t before = store->len;

	if (field->kind == ES9_OBJECT)
		return object_read(member, store, value);
	if (member == NULL || json_is_null(member))
		return ERR_NOT_FOUND;
	if (!json_is_string(member))
		return ERR_VALUE;
	struct bytes text = { (const uint8_t *)json_string_value(member),
		              json_string_length(member) };
	if (field->kind == ES9_HEX) {
		TRY(hex_read(text, store));
	} else if (field->kind == ES9_BASE64) {
		TRY(base64_read(text, store));
	} else {
		if (text.len > room_left(store))
			return ERR_ROOM;
		room_put(store, text);
	}
	*value = (struct bytes){ store->at + before, store->len - before };
	return ERR_NONE;
}

static enum err members_read(const json_t *body, const struct es9_field *fields, size_t count,
                             struct room *store)
{
	struct bytes value[ES9_FIELDS_MAX];

	for (size_t i = 0; i < count; i++)
		TRY(member_read(body, &fields[i], store, &value[i]));
	for (size_t i = 0; i < count; i++)
		*fields[i].value = value[i];
	return ERR_NONE;
}

enum err es9_answer_read(struct bytes json, const struct es9_field *fields, size_t count,
                         struct room *store, struct es9_status *status)
{
	struct room before = *store;

	assert(count <= ES9_FIELDS_MAX);
	*status = (struct es9_status){ 0 };
	json_t *body = json_loadb((const char *)json.at, json.len, JSON_REJECT_DUPLICATES, NULL);
	enum err err = json_is_object(body) ? header_read(body, status) : ERR_VALUE;
	if (err == ERR_NONE)
		err = members_read(body, fields, count, store);
	json_decref(body);
	if (err != ERR_NONE)
		*store = before;
	/* A coding error of a member is a wrong value of the answer. */
	return err == ERR_LENGTH ? ERR_VALUE : err;
}

void es9_body_put(struct room *out, const struct es9_field *fields, size_t count)
{
	bool first = true;

	room_put_u8(out, '{');
	for (size_t i = 0; i < count; i++) {
		const struct es9_field *field = &fields[i];

		if (field->value->at == NULL)
			continue;
		if (!first)
			room_put_u8(out, ',');
		first = false;
		room_put_u8(out, '"');
		room_put(out, bytes_text(field->name));
		if (field->kind == ES9_TRUE) {
			room_put(out, BYTES_STR("\":true"));
			continue;
		}
		room_put(out, BYTES_STR("\":\""));
		if (field->kind == ES9_HEX)
			hex_put_upper(out, *field->value);
		else if (field->kind == ES9_BASE64)
			base64_put(out, *field->value);
		else
			room_put(out, *field->value);
		room_put_u8(out, '"');
	}
	room_put_u8(out, '}');
}
