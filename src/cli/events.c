/* SPDX-License-Identifier: Apache-2.0 */
/* assay events: what changed in the machines out there. */
#include "cli/admin.h"
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const struct admin_column columns[] = {
	{"number",  "NUMBER"},
        { "time",   "TIME"  },
        { "kind",   "KIND"  },
	{ "eid",    "EID"   },
        { "before", "BEFORE"},
        { "after",  "AFTER" },
	{"detail",  "BECAUSE"},
};

static const char *text(const json_t *event, const char *member)
{
	const char *value = json_string_value(json_object_get(event, member));

	return value == NULL ? "" : value;
}

static void print_line(const struct cli *cli, const json_t *event)
{
	if (cli_flag(cli, "json")) {
		char *line = json_dumps(event, JSON_COMPACT);
		puts(line == NULL ? "" : line);
		free(line);
		return;
	}
	const char *detail = text(event, "detail");

	printf("%lld  %s  %s  %s  %s -> %s%s%s\n",
	       (long long)json_integer_value(json_object_get(event, "number")), text(event, "time"),
	       text(event, "kind"), text(event, "eid"), text(event, "before"), text(event, "after"),
	       *detail != '\0' ? ": " : "", detail);
}

/* more prints what came after *last, and moves on to its end. */
static int more(const struct cli *cli, const char *path, int64_t *last)
{
	json_t *array = NULL, *event;
	char after[32];
	size_t i;

	snprintf(after, sizeof after, "%" PRId64, *last);
	int exit = admin_list(cli, path, after, "events", &array);
	if (exit != CLI_DONE)
		return exit;
	json_array_foreach(array, i, event)
	{
		print_line(cli, event);
		*last = json_integer_value(json_object_get(event, "number"));
	}
	json_decref(array);
	return fflush(stdout) == 0 ? CLI_DONE : CLI_FAILED;
}

static int follow(const struct cli *cli, const char *path, uint64_t since)
{
	static const struct timespec pause = { .tv_sec = 1 };
	int64_t last = (int64_t)since;

	for (;;) {
		int exit = more(cli, path, &last);
		if (exit != CLI_DONE && exit != CLI_UNREACHABLE)
			return exit;
		do /* a server that is started again is followed on; that it is away was said once */
			nanosleep(&pause, NULL);
		while (exit == CLI_UNREACHABLE && !admin_listens(cli));
	}
}

static int run(struct cli *cli)
{
	const char *eid = cli_arg(cli, 0);
	char path[ADMIN_PATH_MAX] = "/v1/events", from[32];
	json_t *array = NULL;
	uint64_t since;

	if (!cli_number(cli, "since", 0, INT64_MAX, 0, &since))
		return CLI_USAGE;
	if (eid != NULL && (!admin_is_eid(eid) || !admin_path(path, "/v1/events?eid=", eid, "")))
		return cli_usage(cli, "\"%s\" is no EID: 32 digits", eid);
	if (cli_flag(cli, "follow"))
		return follow(cli, path, since);
	snprintf(from, sizeof from, "%" PRIu64, since);
	int exit = admin_list(cli, path, from, "events", &array);
	if (exit != CLI_DONE)
		return exit;
	return admin_show_list(cli, array, columns, COUNT(columns), "no events");
}

static const struct cli_option options[] = {
	{"follow", 'f', NULL,     "go on, a line for each as it happens"},
	{ "since", 0,   "NUMBER", "only events after this one"          },
	CLI_OPTION_SOCKET,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};

const struct cli_command cli_events = {
	.name = "events",
	.args = "[EID]",
	.help = "Tells what changed in the machines",
	.about = "A card in another machine, a new sensitive chip, IMEI or firmware, a failed "
	         "pairing, reported "
		 "tampering, a changed decision: each with what was before and what is now. With "
	         "--follow and "
		 "--json each line is one JSON object.",
	.options = options,
	.run = run,
};
