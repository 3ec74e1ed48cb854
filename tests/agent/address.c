/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/address.h"

#include "tests/tap.h"

static const struct {
	const char *text;
	bool good;
} rows[] = {
	{ "smdp.example.com", true },      { "localhost", true },
	{ "localhost:8443", true },        { "127.0.0.1:1", true },
	{ "A-B.example:65535", true },     { "3com.example", true },
	{ "", false },                     { ".", false },
	{ "smdp..com", false },            { ".smdp", false },
	{ "smdp.", false },                { "smdp-.com", false },
	{ "-smdp.com", false },            { "smdp-", false },
	{ "smdp-:1", false },              { "localhost:", false },
	{ "localhost:0", false },          { "localhost:65536", false },
	{ "localhost:1x", false },         { "localhost:1:2", false },
	{ ":1", false },                   { "smdp.example.com/x", false },
	{ "me@smdp.example.com", false },  { "smdp example.com", false },
	{ "smdp.example.com?x", false },   { "smdp.example.com#x", false },
	{ "smdp_1.example.com", false },   { "[::1]", false },
	{ "a.b\r\nX: y", false },
};

int main(void)
{
	char label[80];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bytes text = bytes_text(rows[i].text);

		ok(server_address_good(text) == rows[i].good, "\"%.16s\" is%s an address", rows[i].text,
		   rows[i].good ? "" : " not");
	}
	memset(label, 'a', sizeof label);
	ok(server_address_good((struct bytes){ (uint8_t *)label, 63 }), "a label of 63");
	ok(!server_address_good((struct bytes){ (uint8_t *)label, 64 }), "a label of 64 is too long");
	return done();
}
