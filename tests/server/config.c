/* SPDX-License-Identifier: Apache-2.0 */
#include "server/config.h"
#include "server/listen.h"

#include "tests/tap.h"

static const struct {
	const char *says, *text; /* lines; the last one is what is looked at */
	enum err want;
	const char *why;
} rows[] = {
	{ "an empty line", "", ERR_NONE, NULL },
	{ "a comment", "# data = x", ERR_NONE, NULL },
	{ "a section", "[server]", ERR_NONE, NULL },
	{ "a section with a name", "[ci nist]", ERR_NONE, NULL },
	{ "a key", "[server]\ndata = /var/lib/x", ERR_NONE, NULL },
	{ "a key with a comment behind", "[server]\nworkers = 3 # as many as CPUs", ERR_NONE, NULL },
	{ "several addresses", "[es9]\nlisten = 127.0.0.1:443 [::1]:443", ERR_NONE, NULL },
	{ "no address: the service is off", "[es9]\nlisten =", ERR_NONE, NULL },
	{ "an unknown section", "[sever]", ERR_VALUE, "no such section" },
	{ "a section that does not end", "[server", ERR_VALUE, "a section is written [name]" },
	{ "something behind a section", "[server] x", ERR_VALUE, "a section is written [name]" },
	{ "a CI without a name", "[ci]", ERR_VALUE, "this section needs a name" },
	{ "a server with a name", "[server x]", ERR_VALUE, "this section has no name" },
	{ "a CI given twice", "[ci a]\n[ci b]\n[ci a]", ERR_EXISTS, "a CI of that name was given above" },
	{ "an operator given twice", "[operator a]\n[operator a]", ERR_EXISTS,
	  "an operator of that name was given above" },
	{ "a key before any section", "data = x", ERR_ORDER, "a [section] must come first" },
	{ "a line without =", "[server]\ndata", ERR_VALUE, "key = value is wanted" },
	{ "an unknown key", "[server]\ndatum = x", ERR_NOT_FOUND, "no such key in this section" },
	{ "a key of another section", "[es9]\ntrust = x", ERR_NOT_FOUND, "no such key in this section" },
	{ "a key given twice", "[server]\nworkers = 1\nworkers = 1", ERR_EXISTS, "given twice" },
	{ "the same key in two CIs", "[ci a]\ncertificate = a\n[ci b]\ncertificate = b", ERR_NONE, NULL },
	{ "a number that is none", "[server]\nworkers = four", ERR_VALUE, "not a number" },
	{ "a negative number", "[server]\nworkers = -1", ERR_VALUE, "not a number" },
	{ "a number with a unit", "[limits]\nbody-ms = 10s", ERR_VALUE, "not a number" },
	{ "a number too large", "[server]\nworkers = 65", ERR_VALUE, "number is out of range" },
	{ "a number too small", "[limits]\nbody-ms = 1", ERR_VALUE, "number is out of range" },
	{ "a number beyond all", "[limits]\nbody-ms = 99999999999999999999", ERR_VALUE, "not a number" },
	{ "neither yes nor no", "[server]\nsandbox = maybe", ERR_VALUE, "yes or no is wanted" },
	{ "five addresses", "[es9]\nlisten = a:1 a:2 a:3 a:4 a:5", ERR_LIMIT, "too many addresses" },
};

/* Where something may listen; the paths are those of any host. */
static const struct {
	const char *at;
	bool good;
} places[] = {
	{ "127.0.0.1:8443", true },  { "[::]:443", true },         { "[::1]:1", true },
	{ "/tmp/sock", true },       { "/sock", true },            { "127.0.0.1", false },
	{ "127.0.0.1:", false },     { "127.0.0.1:84430", false }, { "127.0.0.1:0", false },
	{ "127.0.0.1:-1", false },   { "127.0.0.1:80x", false },   { "localhost:80", false },
	{ "256.0.0.1:80", false },   { "::1", false },             { "/no/such/folder/sock", false },
	{ "", false },               { "8443", false },
};

static enum err feed(struct config *config, const char *text, const char **why)
{
	struct config_section section = { .seen = 0 };
	char copy[512], *rest = copy;
	enum err err = ERR_NONE;

	snprintf(copy, sizeof copy, "%s", text);
	for (char *line; err == ERR_NONE && (line = strsep(&rest, "\n")) != NULL;)
		err = config_line(config, &section, line, why);
	return err;
}

static void lines(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		static struct config config;
		const char *why = NULL;
		config_defaults(&config);
		ok_err(feed(&config, rows[i].text, &why), rows[i].want, rows[i].says);
		if (rows[i].why != NULL)
			ok(why != NULL && strcmp(why, rows[i].why) == 0, "... and says: %s", rows[i].why);
	}
}

static void values(void)
{
	static struct config config;
	const char *why;
	char text[] = "[server]\ndata = here\nuser = assay\nsandbox = no\nworkers = 7\n"
		      "[es9]\nlisten = 127.0.0.1:1 sock\n[limits]\nbody-ms = 123\n"
		      "[ci a]\ncertificate = /a\n[ci b]\ncertificate = b\ndppb-key = k\n"
		      "[operator o]\nsubject = s\nnotify-url = https://o:1";

	config_defaults(&config);
	snprintf(config.base, sizeof config.base, "/etc/assay");
	ok_err(feed(&config, text, &why), ERR_NONE, "a whole configuration");
	ok(strcmp(config.data, "/etc/assay/here") == 0, "a path is relative to the file");
	ok(strcmp(config.user, "assay") == 0 && !config.sandbox && config.workers == 7, "[server]");
	ok(config.es9.count == 2 && strcmp(config.es9.at[0], "127.0.0.1:1") == 0, "an address stays");
	ok(strcmp(config.es9.at[1], "/etc/assay/sock") == 0, "a socket file is a path");
	ok(config.deadlines.body_ms == 123 && config.deadlines.header_ms == 30000,
	   "what is not given has its default");
	ok(config.ci_count == 2 && strcmp(config.ci[0].certificate, "/a") == 0 &&
	           strcmp(config.ci[1].certificate, "/etc/assay/b") == 0 &&
	           strcmp(config.ci[1].dppb_key, "/etc/assay/k") == 0 && config.ci[0].dppb_key[0] == 0,
	   "two CIs");
	ok(config.operator_count == 1 && strcmp(config.operators[0].notify_url, "https://o:1") == 0,
	   "an operator");
}

static void listening(void)
{
	char long_path[TEXT_PATH_SIZE] = "/tmp/";

	for (size_t i = 0; i < COUNT(places); i++)
		ok((listen_fault(places[i].at) == NULL) == places[i].good, "listen = %s is %s", places[i].at,
		   places[i].good ? "taken" : "refused");
	memset(long_path + 5, 'x', 104);
	ok(listen_fault(long_path) != NULL, "a path that no socket can have is refused");
}

int main(void)
{
	lines();
	listening();
	values();
	return done();
}
