/* SPDX-License-Identifier: Apache-2.0 */
/* assay audit: what was decided, and the proof that nobody has changed it since. */
#include "cli/audit.h"
#include "cli/admin.h"
#include "cli/commands.h"
#include "codec/hex.h"
#include "server/audit_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX = 40 << 10 };

static const struct admin_column columns[] = {
	{"number",  "NUMBER"},
        { "time",   "TIME"  },
        { "event",  "EVENT" },
	{ "iccid",  "ICCID" },
        { "eid",    "EID"   },
        { "detail", "DETAIL"},
};
static const struct admin_column head_columns[] = {
	{"size",  "entries"},
        { "time", "time"   },
        { "root", "root"   },
        { "log",  "log"    }
};

static int run_list(struct cli *cli)
{
	char from[32] = "";
	json_t *array = NULL;
	uint64_t after;

	if (!cli_number(cli, "after", 0, UINT64_MAX >> 1, 0, &after))
		return CLI_USAGE;
	if (after > 0)
		snprintf(from, sizeof from, "%" PRIu64, after);
	int exit = admin_list(cli, "/v1/audit", from, "events", &array);
	if (exit != CLI_DONE)
		return exit;
	return admin_show_list(cli, array, columns, COUNT(columns), "no entries");
}

/* --- files of lines ------------------------------------------------------------------------------ */

static int file_open(const struct cli *cli, const char *path, FILE **file)
{
	*file = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	return *file != NULL ? CLI_DONE
	                     : cli_fail(cli, CLI_FAILED, "%s: %s", path, strerror(errno));
}

static int file_close(const struct cli *cli, const char *path, FILE *file)
{
	bool bad = fflush(file) != 0 || ferror(file) != 0;

	if (file != stdout && fclose(file) != 0)
		bad = true;
	return bad ? cli_fail(cli, CLI_FAILED, "%s: %s", path, strerror(errno)) : CLI_DONE;
}

static bool line_write(FILE *file, const struct audit_line *line)
{
	static uint8_t text[LINE_MAX];
	struct room room = ROOM(text);

	audit_line_put(&room, line);
	return !room.full && fwrite(text, 1, room.len, file) == room.len;
}

/* line_of makes a line of a member in hexadecimal; the octets live until the next one. */
static bool line_of(enum audit_line_kind kind, const json_t *object, const char *member,
                    struct audit_line *line)
{
	static uint8_t octets[LINE_MAX / 2];
	const json_t *text = json_object_get(object, member);
	struct room room = ROOM(octets);

	if (!json_is_string(text) ||
	    hex_read((struct bytes){ (const uint8_t *)json_string_value(text),
	                             json_string_length(text) },
	             &room) != ERR_NONE)
		return false;
	*line = (struct audit_line){ .kind = kind, .octets = room_used(&room) };
	return kind != AUDIT_LINE_ENTRY || merkle_leaf(line->hash, line->octets) == ERR_NONE;
}

static int strange(const struct cli *cli)
{
	return cli_fail(cli, CLI_FAILED, "the server's answer is not what was asked for");
}

static int write_member(const struct cli *cli, FILE *file, enum audit_line_kind kind,
                        const json_t *object, const char *member)
{
	struct audit_line line;

	if (!line_of(kind, object, member, &line))
		return strange(cli);
	return line_write(file, &line) ? CLI_DONE
	                               : cli_fail(cli, CLI_FAILED, "writing: %s", strerror(errno));
}

static int write_title(const struct cli *cli, FILE *file)
{
	static const struct audit_line title = { .kind = AUDIT_LINE_TITLE };

	return line_write(file, &title) ? CLI_DONE
	                                : cli_fail(cli, CLI_FAILED, "writing: %s", strerror(errno));
}

/* --- export -------------------------------------------------------------------------------------- */

static int64_t number_of(const json_t *object, const char *member)
{
	return json_integer_value(json_object_get(object, member));
}

/* write_entry writes one entry, and the head of that many, if there is one. */
static int write_entry(const struct cli *cli, FILE *file, const json_t *entry, const json_t *heads,
                       size_t *next)
{
	const json_t *head = json_array_get(heads, *next);
	int exit = write_member(cli, file, AUDIT_LINE_ENTRY, entry, "entry");

	if (exit != CLI_DONE || head == NULL ||
	    number_of(head, "size") != number_of(entry, "number"))
		return exit;
	(*next)++;
	return write_member(cli, file, AUDIT_LINE_HEAD, head, "head");
}

static int write_log(const struct cli *cli, FILE *file, const json_t *heads, int64_t size)
{
	char path[ADMIN_PATH_MAX];
	int64_t done = 0;
	size_t next = 0;
	int exit = write_title(cli, file);

	while (exit == CLI_DONE && done < size) {
		json_t *page = NULL, *entry;
		size_t i;
		snprintf(path, sizeof path, "/v1/audit?limit=1000&after=%" PRId64, done);
		exit = admin_call(cli, "GET", path, NULL, &page);
		if (exit != CLI_DONE)
			return exit;
		if (json_array_size(json_object_get(page, "events")) == 0)
			exit = strange(cli);
		json_array_foreach(json_object_get(page, "events"), i, entry)
		{
			if (exit == CLI_DONE && done < size)
				exit = write_entry(cli, file, entry, heads, &next);
			done = number_of(entry, "number");
		}
		json_decref(page);
	}
	return exit;
}

static int run_export(struct cli *cli)
{
	const char *path = cli_arg(cli, 0);
	json_t *head = NULL, *heads = NULL;
	FILE *file = NULL;
	int exit = admin_call(cli, "POST", "/v1/audit/head", NULL, &head);

	if (exit == CLI_DONE)
		exit = admin_list(cli, "/v1/audit/heads", "", "heads", &heads);
	if (exit == CLI_DONE)
		exit = file_open(cli, path, &file);
	if (exit == CLI_DONE) {
		exit = write_log(cli, file, heads, number_of(head, "size"));
		int closed = file_close(cli, path, file);
		exit = exit != CLI_DONE ? exit : closed;
	}
	json_decref(heads);
	json_decref(head);
	return exit;
}

/* --- heads and proofs ---------------------------------------------------------------------------- */

static int save_head(const struct cli *cli, const char *path, const json_t *head)
{
	FILE *file = NULL;
	int exit = file_open(cli, path, &file);

	if (exit != CLI_DONE)
		return exit;
	exit = write_title(cli, file);
	if (exit == CLI_DONE)
		exit = write_member(cli, file, AUDIT_LINE_HEAD, head, "head");
	int closed = file_close(cli, path, file);
	return exit != CLI_DONE ? exit : closed;
}

static int run_head(struct cli *cli)
{
	const char *path = cli_value(cli, "out");
	json_t *head = NULL;
	int exit = admin_call(cli, "POST", "/v1/audit/head", NULL, &head);

	if (exit == CLI_DONE && path != NULL) {
		exit = save_head(cli, path, head);
		if (exit != CLI_DONE)
			json_decref(head);
	}
	return exit == CLI_DONE ? admin_show(cli, head, head_columns, COUNT(head_columns)) : exit;
}

static int write_proof(const struct cli *cli, FILE *file, const json_t *entry, const json_t *proof,
                       const json_t *head)
{
	int exit = write_title(cli, file);

	if (exit == CLI_DONE)
		exit = write_member(cli, file, AUDIT_LINE_ENTRY, entry, "entry");
	if (exit == CLI_DONE)
		exit = write_member(cli, file, AUDIT_LINE_PROOF, proof, "proof");
	return exit == CLI_DONE ? write_member(cli, file, AUDIT_LINE_HEAD, head, "head") : exit;
}

static int prove(const struct cli *cli, uint64_t number, json_t **entries, json_t **proof,
                 json_t **head)
{
	char path[ADMIN_PATH_MAX];
	int exit = admin_call(cli, "POST", "/v1/audit/head", NULL, head);

	if (exit != CLI_DONE)
		return exit;
	snprintf(path, sizeof path, "/v1/audit?limit=1&after=%" PRIu64, number - 1);
	exit = admin_call(cli, "GET", path, NULL, entries);
	if (exit != CLI_DONE)
		return exit;
	snprintf(path, sizeof path, "/v1/audit/proof?number=%" PRIu64 "&size=%" PRId64, number,
	         number_of(*head, "size"));
	return admin_call(cli, "GET", path, NULL, proof);
}

static int run_prove(struct cli *cli)
{
	const char *out = cli_value(cli, "out"), *path = out == NULL ? "-" : out;
	json_t *entries = NULL, *proof = NULL, *head = NULL;
	char *end;
	uint64_t number = strtoull(cli_arg(cli, 0), &end, 10);
	FILE *file = NULL;
	int exit;

	if (*end != '\0' || number == 0 || number > INT64_MAX)
		return cli_usage(cli, "\"%s\" is no number of an entry", cli_arg(cli, 0));
	exit = prove(cli, number, &entries, &proof, &head);
	if (exit == CLI_DONE)
		exit = file_open(cli, path, &file);
	if (exit == CLI_DONE) {
		exit = write_proof(cli, file, json_array_get(json_object_get(entries, "events"), 0),
		                   proof, head);
		int closed = file_close(cli, path, file);
		exit = exit != CLI_DONE ? exit : closed;
	}
	json_decref(entries);
	json_decref(proof);
	json_decref(head);
	return exit;
}

static const struct cli_option list_options[] = {
	{"after", 'a', "NUMBER", "only entries after this one"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
static const struct cli_option export_options[] = { CLI_OPTION_SOCKET, CLI_OPTION_END };
static const struct cli_option head_options[] = {
	{"out", 'o', "FILE", "write the head there as well, for verify --since"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};
static const struct cli_option prove_options[] = {
	{"out", 'o', "FILE", "where to (default: standard output)"},
	CLI_OPTION_SOCKET,
	CLI_OPTION_END,
};
static const struct cli_command list_command = {
	.name = "list",
	.args = "",
	.help = "Lists what was decided, in order",
	.options = list_options,
	.run = run_list,
};
static const struct cli_command export_command = {
	.name = "export",
	.args = "FILE",
	.help = "Writes the whole log with its signed heads",
	.about = "\"-\" is standard output. A head over everything is signed first. The file is "
	         "all that "
		 "\"assay audit verify\" needs besides the log's public key.",
	.options = export_options,
	.run = run_export,
};
static const struct cli_command head_command = {
	.name = "head",
	.args = "",
	.help = "Has the log as it is now signed, and shows the head",
	.about = "Who keeps a head can prove later that the log was cut, rolled back or rewritten.",
	.options = head_options,
	.run = run_head,
};
static const struct cli_command prove_command = {
	.name = "prove",
	.args = "NUMBER",
	.help = "Writes one entry with the proof that it is in the log",
	.about = "What is written is checked with \"assay audit verify\" and shows nothing of the "
	         "others.",
	.options = prove_options,
	.run = run_prove,
};
static const struct cli_command *const subs[] = { &list_command,         &export_command,
	                                          &head_command,         &prove_command,
	                                          &audit_verify_command, NULL };

const struct cli_command cli_audit = {
	.name = "audit",
	.args = "",
	.help = "Shows what was decided, and proves it",
	.subs = subs,
};
