/* SPDX-License-Identifier: Apache-2.0 */
/* Law: members of an accepted answer, written as a body, are read again as the same members; a refused
 * answer leaves room and members untouched, and what it says has no control characters. */
#include "agent/es9_json.h"

#include "fuzz/law.h"

#define HEAD "{\"header\":{\"functionExecutionStatus\":{\"status\":\"Executed-Success\"}},"

static uint8_t store[1 << 16], store_again[1 << 16], text[1 << 18];

struct answer {
	struct bytes id, certificate;
};

static enum err read(struct bytes json, struct room *room, struct answer *out,
                     struct es9_status *status)
{
	struct es9_field fields[] = {
		{"transactionId",      ES9_HEX,    &out->id         },
		{ "serverCertificate", ES9_BASE64, &out->certificate}
	};

	return es9_answer_read(json, fields, COUNT(fields), room, status);
}

static void hold_text(const char *at, size_t cap)
{
	size_t len = 0;

	while (len < cap && at[len] != 0) {
		LAW((unsigned char)at[len] >= 0x20 && at[len] != 0x7F);
		len++;
	}
	LAW(len < cap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct room room = ROOM(store), room_again = ROOM(store_again), body = ROOM(text);
	struct answer answer = { { NULL, 7 }, { NULL, 7 } }, again;
	struct es9_status status;

	if (read((struct bytes){ data, size }, &room, &answer, &status) != ERR_NONE) {
		LAW(room.len == 0 && !room.full && answer.id.len == 7 &&
		    answer.certificate.len == 7);
		hold_text(status.subject, sizeof status.subject);
		hold_text(status.message, sizeof status.message);
		return 0;
	}
	struct es9_field fields[] = {
		{"transactionId",      ES9_HEX,    &answer.id         },
		{ "serverCertificate", ES9_BASE64, &answer.certificate}
	};
	room_put(&body, BYTES_STR(HEAD));
	size_t mark = body.len;
	es9_body_put(&body, fields, COUNT(fields));
	LAW(!body.full && text[mark] == '{');
	text[mark] = ' ';
	LAW(read(room_used(&body), &room_again, &again, &status) == ERR_NONE);
	LAW(bytes_same(answer.id, again.id) && bytes_same(answer.certificate, again.certificate));
	return 0;
}
