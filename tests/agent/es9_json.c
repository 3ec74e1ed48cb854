/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of ES9+ servers, good and bad, and our own bodies. */
#include "agent/es9_json.h"
#include "agent/status.h"

#include "tests/tap.h"

#define OK_HEADER "\"header\":{\"functionExecutionStatus\":{\"status\":\"Executed-Success\"}}"
#define FAILED(data) "{\"header\":{\"functionExecutionStatus\":{\"status\":\"Failed\"" data "}}}"
#define CODES ",\"statusCodeData\":{\"subjectCode\":\"8.2.6\",\"reasonCode\":\"3.8\",\"message\":\"Refused\\u0007\"}"

static const struct {
	const char *says, *json;
	enum err want;
	const char *id, *data;
} rows[] = {
	{ "both members", "{" OK_HEADER ",\"transactionId\":\"0aFF\",\"data\":\"AQID\"}", ERR_NONE, "0AFF", "010203" },
	{ "members that nobody asked for", "{\"x\":[1,2]," OK_HEADER ",\"transactionId\":\"00\",\"data\":\"AQ==\"}", ERR_NONE, "00", "01" },
	{ "executed with a warning", "{\"header\":{\"functionExecutionStatus\":{\"status\":\"Executed-WithWarning\"}},\"transactionId\":\"00\",\"data\":\"\"}", ERR_NONE, "00", "" },
	{ "no transaction id", "{" OK_HEADER ",\"data\":\"AQID\"}", ERR_NOT_FOUND, NULL, NULL },
	{ "null is missing", "{" OK_HEADER ",\"transactionId\":null,\"data\":\"AQID\"}", ERR_NOT_FOUND, NULL, NULL },
	{ "a number instead of text", "{" OK_HEADER ",\"transactionId\":1,\"data\":\"AQID\"}", ERR_VALUE, NULL, NULL },
	{ "odd hexadecimal", "{" OK_HEADER ",\"transactionId\":\"0\",\"data\":\"AQID\"}", ERR_VALUE, NULL, NULL },
	{ "foreign hexadecimal", "{" OK_HEADER ",\"transactionId\":\"0g\",\"data\":\"AQID\"}", ERR_VALUE, NULL, NULL },
	{ "Base64 without padding", "{" OK_HEADER ",\"transactionId\":\"00\",\"data\":\"AQ\"}", ERR_VALUE, NULL, NULL },
	{ "Base64 with a line break", "{" OK_HEADER ",\"transactionId\":\"00\",\"data\":\"AQ\\nID\"}", ERR_VALUE, NULL, NULL },
	{ "the same member twice", "{" OK_HEADER ",\"transactionId\":\"00\",\"transactionId\":\"01\",\"data\":\"AQID\"}", ERR_VALUE, NULL, NULL },
	{ "text behind the object", "{" OK_HEADER ",\"transactionId\":\"00\",\"data\":\"AQID\"} x", ERR_VALUE, NULL, NULL },
	{ "cut off", "{" OK_HEADER ",\"transactionId\":\"00\",\"data\":\"AQ", ERR_VALUE, NULL, NULL },
	{ "no header", "{\"transactionId\":\"00\",\"data\":\"AQID\"}", ERR_VALUE, NULL, NULL },
	{ "a header of another kind", "{\"header\":[],\"transactionId\":\"00\",\"data\":\"AQID\"}", ERR_VALUE, NULL, NULL },
	{ "an array", "[]", ERR_VALUE, NULL, NULL },
	{ "a web page", "<html>503</html>", ERR_VALUE, NULL, NULL },
	{ "nothing", "", ERR_VALUE, NULL, NULL },
	{ "not UTF-8", "{" OK_HEADER ",\"transactionId\":\"\xC3\x28\",\"data\":\"AQID\"}", ERR_VALUE, NULL, NULL },
	{ "more than there is room for", "{" OK_HEADER ",\"transactionId\":\"00\",\"data\":\"AAAAAAAAAAAAAAAAAAAAAAAA\"}", ERR_ROOM, NULL, NULL },
	{ "refused", FAILED(CODES), ERR_DENIED, NULL, NULL },
	{ "refused without a reason", FAILED(""), ERR_DENIED, NULL, NULL },
	{ "a status that is none", "{\"header\":{\"functionExecutionStatus\":{\"status\":7}}}", ERR_VALUE, NULL, NULL },
};

static void read_row(size_t i)
{
	uint8_t store[17], a[16], b[16];
	struct room room = { store, sizeof store, 1, false };
	struct bytes id = { NULL, 99 }, data = { NULL, 99 };
	struct es9_field fields[] = { { "transactionId", ES9_HEX, &id }, { "data", ES9_BASE64, &data } };
	struct es9_status status;

	ok_err(es9_answer_read(bytes_text(rows[i].json), fields, 2, &room, &status), rows[i].want,
	       rows[i].says);
	if (rows[i].id == NULL) {
		ok(id.len == 99 && data.len == 99 && room.len == 1 && !room.full, "... nothing moved");
		return;
	}
	ok_bytes(id, unhex(rows[i].id, a, sizeof a), "... hexadecimal");
	ok_bytes(data, unhex(rows[i].data, b, sizeof b), "... Base64");
}

static void write_bodies(void)
{
	uint8_t store[256], octets[] = { 0x0A, 0xFF, 0x00 };
	struct room out = ROOM(store);
	struct bytes id = BYTES(octets), host = BYTES_STR("smdp.example.com");
	struct es9_field fields[] = { { "transactionId", ES9_HEX, &id },
		{ "euiccInfo1", ES9_BASE64, &id }, { "smdpAddress", ES9_TEXT, &host } };

	es9_body_put(&out, fields, COUNT(fields));
	ok_bytes(room_used(&out),
	         BYTES_STR("{\"transactionId\":\"0AFF00\",\"euiccInfo1\":\"Cv8A\","
	                   "\"smdpAddress\":\"smdp.example.com\"}"),
	         "a body is one object, members in order");
}

static const struct {
	struct es9_status status;
	const char *words;
} refusals[] = {
	{ { "8.2.6", "3.8", "", "Refused", false }, "the matching ID is not known here, or was used already (8.2.6/3.8: Refused)" },
	{ { "8.2.7", "2.2", "", "", false }, "the confirmation code is missing (8.2.7/2.2)" },
	{ { "8.8.3", "6.1", "", "x", false }, "specification version: verification failed (8.8.3/6.1: x)" },
	{ { "9.9", "9.9", "", "", false }, "request: failed (9.9/9.9)" },
	{ { "", "", "", "", false }, "refused without a reason" },
};

static void words(void)
{
	char text[STATUS_WORDS_MAX];
	struct es9_status status;
	struct room none = { 0 };

	for (size_t i = 0; i < COUNT(refusals); i++) {
		status_words(&refusals[i].status, text);
		ok(strcmp(text, refusals[i].words) == 0, "%s", text);
	}
	ok_err(es9_answer_read(bytes_text(FAILED(CODES)), NULL, 0, &none, &status), ERR_DENIED,
	       "refused");
	ok(strcmp(status.subject, "8.2.6") == 0 && strcmp(status.reason, "3.8") == 0, "... with codes");
	ok(strcmp(status.message, "Refused?") == 0, "... and a message that no terminal obeys");
}

int main(void)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		read_row(i);
	write_bodies();
	words();
	return done();
}
