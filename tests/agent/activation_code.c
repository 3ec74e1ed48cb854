/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/activation_code.h"

#include "tests/tap.h"

/* What is written again from what was read; NULL for a text that is refused. */
static const struct {
	const char *says, *text;
	enum err want;
	const char *again;
} rows[] = { /* SGP.22 4.1 */
	{ "a matching ID", "1$smdp.example.com$AB-12", ERR_NONE, "LPA:1$smdp.example.com$AB-12" },
	{ "as a QR code says it", "LPA:1$smdp.example.com$AB-12", ERR_NONE, "LPA:1$smdp.example.com$AB-12" },
	{ "without a matching ID", "LPA:1$smdp.example.com$", ERR_NONE, "LPA:1$smdp.example.com$" },
	{ "with an OID", "1$smdp.example.com$$1.3.6.1.4.1.31746", ERR_NONE, "LPA:1$smdp.example.com$$1.3.6.1.4.1.31746" },
	{ "with a confirmation code", "1$smdp.example.com$A$1.3.6$1", ERR_NONE, "LPA:1$smdp.example.com$A$1.3.6$1" },
	{ "with a confirmation code, no OID", "1$smdp.example.com$A$$1", ERR_NONE, "LPA:1$smdp.example.com$A$$1" },
	{ "an empty flag asks for nothing", "1$smdp.example.com$A$$", ERR_NONE, "LPA:1$smdp.example.com$A" },
	{ "fields of later versions are ignored", "1$smdp.example.com$A$$1$x$y", ERR_NONE, "LPA:1$smdp.example.com$A$$1" },
	{ "white space around it", " LPA:1$smdp.example.com$A\n", ERR_NONE, "LPA:1$smdp.example.com$A" },
	{ "a port", "1$localhost:8443$A", ERR_NONE, "LPA:1$localhost:8443$A" },
	{ "an address", "1$127.0.0.1:8443$A", ERR_NONE, "LPA:1$127.0.0.1:8443$A" },
	{ "nothing", "", ERR_TRUNCATED, NULL },
	{ "only the prefix", "LPA:", ERR_TRUNCATED, NULL },
	{ "only the format", "1", ERR_TRUNCATED, NULL },
	{ "no matching ID field", "1$smdp.example.com", ERR_TRUNCATED, NULL },
	{ "another format", "2$smdp.example.com$A", ERR_UNSUPPORTED, NULL },
	{ "a format of two digits", "10$smdp.example.com$A", ERR_UNSUPPORTED, NULL },
	{ "an empty format", "$smdp.example.com$A", ERR_TRUNCATED, NULL },
	{ "no address", "1$$A", ERR_VALUE, NULL },
	{ "a path in the address", "1$smdp.example.com/x$A", ERR_VALUE, NULL },
	{ "a user in the address", "1$me@smdp.example.com$A", ERR_VALUE, NULL },
	{ "a space in the address", "1$smdp example.com$A", ERR_VALUE, NULL },
	{ "two dots in the address", "1$smdp..com$A", ERR_VALUE, NULL },
	{ "a dash at a label's end", "1$smdp-.com$A", ERR_VALUE, NULL },
	{ "a dash at a label's begin", "1$smdp.-com$A", ERR_VALUE, NULL },
	{ "a dash before the port", "1$smdp-:1$A", ERR_VALUE, NULL },
	{ "port 0", "1$localhost:0$A", ERR_VALUE, NULL },
	{ "port 65536", "1$localhost:65536$A", ERR_VALUE, NULL },
	{ "no port behind the colon", "1$localhost:$A", ERR_VALUE, NULL },
	{ "a matching ID with a quote", "1$smdp.example.com$A\"", ERR_VALUE, NULL },
	{ "an OID that is none", "1$smdp.example.com$A$1..3", ERR_VALUE, NULL },
	{ "an OID ending in a dot", "1$smdp.example.com$A$1.", ERR_VALUE, NULL },
	{ "a flag that is neither", "1$smdp.example.com$A$$2", ERR_VALUE, NULL },
	{ "a flag that begins well", "1$smdp.example.com$A$$11", ERR_VALUE, NULL },
};

static struct bytes text_bytes(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static void too_long(void)
{
	char text[400];
	struct activation_code code = { .matching_id = { (const uint8_t *)"x", 1 } };

	snprintf(text, sizeof text, "1$smdp.example.com$%0100d", 1);
	ok_err(activation_code_read(text_bytes(text), &code), ERR_LIMIT, "a matching ID of 100");
	snprintf(text, sizeof text, "1$%0200d$A", 1);
	ok_err(activation_code_read(text_bytes(text), &code), ERR_LIMIT, "an address of 200");
	snprintf(text, sizeof text, "1$a$A$$1$%0300d", 1);
	ok_err(activation_code_read(text_bytes(text), &code), ERR_LIMIT, "more than 255 in all");
	ok(code.matching_id.len == 1, "... and the result is untouched");
}

int main(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct activation_code code;
		char again[ACTIVATION_CODE_MAX + 8];
		struct room out = ROOM(again);

		if (!ok_err(activation_code_read(text_bytes(rows[i].text), &code), rows[i].want,
		            rows[i].says) ||
		    rows[i].again == NULL)
			continue;
		activation_code_put(&out, &code);
		ok_bytes(room_used(&out), text_bytes(rows[i].again), "... written again");
	}
	too_long();
	return done();
}
