/* SPDX-License-Identifier: Apache-2.0 */
/* assay audit verify: an auditor's work, with nothing but the exported log and the public key. */
#include "cli/audit.h"
#include "cli/key_file.h"
#include "server/audit_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX = 1 << 20 };

/* for_lines hands the lines of a file, one after the other. */
static int for_lines(const struct cli *cli, const char *path,
                     int (*each)(const struct cli *cli, void *ctx, const struct audit_line *line),
                     void *ctx)
{
	static char text[LINE_MAX];
	static uint8_t octets[LINE_MAX / 2];
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	int exit = CLI_DONE;

	if (file == NULL)
		return cli_fail(cli, CLI_FAILED, "%s: %s", path, strerror(errno));
	for (unsigned long n = 1; exit == CLI_DONE && fgets(text, sizeof text, file) != NULL; n++) {
		struct room store = ROOM(octets);
		struct audit_line line;
		size_t len = strcspn(text, "\n");
		enum err err = audit_line_read((struct bytes){ (const uint8_t *)text, len }, &store,
		                               &line);
		exit = err == ERR_NONE ? each(cli, ctx, &line)
		                       : cli_fail(cli, CLI_FAILED, "%s, line %lu: %s", path, n,
		                                  err_text(err));
	}
	if (exit == CLI_DONE && ferror(file) != 0)
		exit = cli_fail(cli, CLI_FAILED, "%s: %s", path, strerror(errno));
	if (file != stdin)
		(void)!fclose(file);
	return exit;
}

/* The last head of a file is the one that says most. */
static int keep_head(const struct cli *cli, void *ctx, const struct audit_line *line)
{
	struct audit_head *head = ctx;

	if (line->kind == AUDIT_LINE_HEAD && audit_head_read(line->octets, head) != ERR_NONE)
		return cli_fail(cli, CLI_FAILED, "%s: a line is no head", cli_value(cli, "since"));
	return CLI_DONE;
}

static int check_line(const struct cli *cli, void *ctx, const struct audit_line *line)
{
	struct audit_check *check = ctx;
	enum err err = audit_check_line(check, line);

	if (err == ERR_NONE)
		return CLI_DONE;
	return check->why[0] != '\0' ? cli_fail(cli, CLI_FAILED, "%s", check->why)
	                             : cli_fail_err(cli, err, cli_arg(cli, 0));
}

static void say(const struct audit_check *check)
{
	if (check->has_proof)
		printf("verified: entry %" PRIu64 " is in the log of %" PRIu64 " entries\n",
		       check->last_number, check->head_size);
	else
		printf("verified: %" PRIu64 " entries under %" PRIu64 " signed heads\n",
		       check->actual.size, check->heads);
	if (check->has_since)
		printf("verified: it continues the log of %" PRIu64 " entries\n",
		       check->since.size);
}

static int check_file(struct cli *cli, struct audit_check *check)
{
	int exit = for_lines(cli, cli_arg(cli, 0), check_line, check);

	if (exit != CLI_DONE)
		return exit;
	if (audit_check_end(check) != ERR_NONE)
		return cli_fail(cli, CLI_FAILED, "%s", check->why);
	say(check);
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	const char *key = cli_value(cli, "key"), *since_path = cli_value(cli, "since");
	static struct audit_check check;
	struct audit_head since = { .size = 0 };
	uint8_t point[EC_POINT_SIZE];
	enum err err;

	if (key == NULL)
		return cli_usage(cli, "--key is needed: the log's public key");
	err = key_file_public(key, point);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, key);
	if (since_path != NULL) {
		int exit = for_lines(cli, since_path, keep_head, &since);
		if (exit != CLI_DONE)
			return exit;
		if (since.size == 0)
			return cli_fail(cli, CLI_FAILED, "%s: there is no head", since_path);
	}
	err = audit_check_begin(&check, point, since_path == NULL ? NULL : &since);
	if (err != ERR_NONE)
		return cli_fail(cli, CLI_FAILED, "%s", check.why);
	return check_file(cli, &check);
}

static const struct cli_option options[] = {
	{"key",    'k', "FILE", "the log's public key: audit.pub, PEM"                       },
	{ "since", 0,   "FILE", "a head kept earlier, of which this must be the continuation"},
	CLI_OPTION_END,
};

const struct cli_command audit_verify_command = {
	.name = "verify",
	.args = "FILE",
	.help = "Proves that an exported log is what was signed",
	.about = "No server is asked. Every hash is computed again and every head's signature "
	         "checked; an "
		 "entry that was altered, removed or moved is named. That the end was cut off "
	         "shows against "
		 "a head from earlier (--since; an older export will do). Also checks what \"assay "
	         "audit "
		 "prove\" wrote.",
	.options = options,
	.run = run,
};
