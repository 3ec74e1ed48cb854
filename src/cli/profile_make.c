/* SPDX-License-Identifier: Apache-2.0 */
/* `assay profile new`: packages into files, and lists of what was made. */
#include "cli/profile.h"

#include "cli/profile_file.h"
#include "cli/profile_new.h"
#include "cli/progress.h"
#include "codec/hex.h"
#include "profile/describe.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COUNT_MAX = 1000000, PATH_SIZE = 4096, SET_MAX = 16384 };

struct job {
	struct cli *cli;
	struct profile_description first;
	uint64_t count;
	const char *out; /* a file for one package, a directory for many; NULL: by ICCID */
	bool replace;
	FILE *list, *keys; /* or NULL */
	json_t *made;      /* with --json */
	char path[PATH_SIZE];
};

/* --- lists ------------------------------------------------------------------------------------ */

static void hex_print(FILE *file, const struct secret *secret)
{
	for (size_t n = 0; n < secret->len; n++)
		fprintf(file, "%02X", secret->at[n]);
}

static void list_row(const struct job *job, const struct profile_description *what)
{
	if (job->list != NULL)
		fprintf(job->list, "%s,%s,%s,%s\n", what->iccid, what->imsi, what->msisdn,
		        job->path);
	if (job->made != NULL)
		(void)json_array_append_new(job->made,
		                            json_pack("{s:s, s:s, s:s, s:s}", "iccid", what->iccid,
		                                      "imsi", what->imsi, "msisdn", what->msisdn,
		                                      "file", job->path));
}

static const char *algorithm_name(uint8_t algorithm)
{
	return algorithm == ALGORITHM_MILENAGE ? "milenage"
	       : algorithm == ALGORITHM_TUAK   ? "tuak"
	                                       : "test";
}

static void keys_row(const struct job *job, const struct profile_description *what)
{
	if (job->keys == NULL)
		return;
	(void)fprintf(job->keys, "%s,%s,%s,", what->iccid, what->imsi,
	              algorithm_name(what->algorithm));
	hex_print(job->keys, &what->k);
	(void)fputc(',', job->keys);
	hex_print(job->keys, &what->opc);
	(void)fprintf(job->keys, ",%s,%s,%s,%s,", what->pin1, what->puk1, what->pin2, what->puk2);
	hex_print(job->keys, &what->adm1);
	for (size_t n = 0; n < PROFILE_OTA_KEYS; n++) {
		(void)fputc(',', job->keys);
		hex_print(job->keys, &what->ota_keys[n]);
	}
	(void)fputc('\n', job->keys);
}

/* Lists are made with mode 0600 and not over one that is there: keys may be in them. */
static bool list_open(struct cli *cli, const char *option, const char *head, bool replace,
                      FILE **out)
{
	const char *path = cli_value(cli, option);

	*out = NULL;
	if (path == NULL)
		return true;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (replace ? O_TRUNC : O_EXCL), 0600);
	if (fd < 0 || (*out = fdopen(fd, "w")) == NULL) {
		(void)cli_fail(cli, CLI_FAILED, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	fprintf(*out, "%s\n", head);
	return true;
}

static bool list_close(struct cli *cli, const char *option, FILE *file)
{
	if (file == NULL)
		return true;
	bool failed = ferror(file) != 0;
	if ((fclose(file) == 0) && !failed)
		return true;
	(void)cli_fail(cli, CLI_FAILED, "%s: not written whole", cli_value(cli, option));
	return false;
}

/* --- packages --------------------------------------------------------------------------------- */

static enum err take(void *ctx, const struct profile_description *what, struct bytes package)
{
	struct job *job = ctx;
	int n;

	if (job->count > 1)
		n = snprintf(job->path, sizeof job->path, "%s/%s.der", job->out, what->iccid);
	else if (job->out != NULL)
		n = snprintf(job->path, sizeof job->path, "%s", job->out);
	else
		n = snprintf(job->path, sizeof job->path, "%s.der", what->iccid);
	if (n < 0 || (size_t)n >= sizeof job->path)
		return ERR_LIMIT;
	TRY(profile_file_write(job->path, package, job->replace));
	list_row(job, what);
	keys_row(job, what);
	return ERR_NONE;
}

static int fail(struct job *job, enum err err, const char *flaw)
{
	if (flaw != NULL)
		return cli_fail(job->cli, CLI_FAILED,
		                "%s: %s is missing, or not of the form it must have",
		                cli_arg(job->cli, 0), flaw);
	if (err == ERR_IO)
		return cli_fail(job->cli, CLI_FAILED, "%s: %s", job->path, strerror(errno));
	if (err == ERR_EXISTS)
		return cli_fail(job->cli, CLI_FAILED, "%s is there already (--replace?)",
		                job->path);
	return cli_fail_err(job->cli, err, cli_arg(job->cli, 0));
}

/* Numbers that run out are told before the first file is written. */
static bool numbers_suffice(const struct job *job)
{
	struct profile_description last = job->first;
	enum err err = profile_step(&last, job->count - 1);

	profile_description_clear(&last);
	return err == ERR_NONE;
}

static int make_all(struct job *job)
{
	struct profile_sink sink = { job, take };
	struct progress progress;
	const char *flaw;

	progress_begin(&progress, "making profiles", job->count);
	for (uint64_t n = 0; n < job->count; n++) {
		enum err err = profile_make(&job->first, n, &sink, &flaw);
		if (err != ERR_NONE) {
			progress_end(&progress);
			return fail(job, err, flaw);
		}
		progress_at(&progress, n + 1);
	}
	progress_end(&progress);
	return CLI_DONE;
}

static void say_made(const struct job *job)
{
	if (job->made != NULL) {
		json_dumpf(job->made, stdout, JSON_INDENT(2));
		printf("\n");
	} else if (job->count > 1) {
		printf("%llu profiles in %s\n", (unsigned long long)job->count, job->out);
	} else {
		printf("%s\n", job->path);
	}
}

static int run_job(struct job *job)
{
	struct cli *cli = job->cli;

	if (!numbers_suffice(job))
		return cli_fail(cli, CLI_FAILED,
		                "%s: IMSI, ICCID or MSISDN runs out before %llu are made",
		                cli_arg(cli, 0), (unsigned long long)job->count);
	if (job->count > 1 && mkdir(job->out, 0700) != 0 && errno != EEXIST)
		return cli_fail(cli, CLI_FAILED, "%s: %s", job->out, strerror(errno));
	if (!list_open(cli, "list", "iccid,imsi,msisdn,file", job->replace, &job->list))
		return CLI_FAILED;
	if (!list_open(cli, "keys",
	               "iccid,imsi,algorithm,k,opc,pin1,puk1,pin2,puk2,adm1,kic,kid,kik",
	               job->replace, &job->keys)) {
		(void)list_close(cli, "list", job->list);
		return CLI_FAILED;
	}
	int done = make_all(job);
	bool lists = list_close(cli, "list", job->list);
	bool keys = list_close(cli, "keys", job->keys);
	if (done != CLI_DONE || !lists || !keys)
		return done != CLI_DONE ? done : CLI_FAILED;
	say_made(job);
	return CLI_DONE;
}

/* --- description ------------------------------------------------------------------------------ */

/* --set lines stand behind the file's, so they win. */
static bool settings(struct cli *cli, struct bytes *text)
{
	char *all = malloc(PROFILE_FILE_MAX + SET_MAX);
	size_t len = text->len, cap = PROFILE_FILE_MAX + SET_MAX;
	const char *set;

	if (all == NULL)
		return false;
	memcpy(all, text->at, len);
	for (size_t n = 0; (set = cli_value_nth(cli, "set", n)) != NULL; n++) {
		int more = snprintf(all + len, cap - len, "\n%s", set);
		if (more < 0 || (size_t)more >= cap - len) {
			wipe(all, len);
			free(all);
			return false;
		}
		len += (size_t)more;
	}
	profile_file_free(text);
	*text = (struct bytes){ (uint8_t *)all, len };
	return true;
}

static bool describe(struct cli *cli, struct profile_description *out)
{
	const char *path = cli_arg(cli, 0);
	struct describe_flaw flaw;
	struct bytes text;
	enum err err = profile_file_read(path, &text);

	if (err != ERR_NONE) {
		(void)cli_fail(cli, CLI_FAILED, "%s: %s", path,
		               err == ERR_IO ? strerror(errno) : err_text(err));
		return false;
	}
	if (!settings(cli, &text)) {
		profile_file_free(&text);
		(void)cli_fail_err(cli, ERR_LIMIT, "--set");
		return false;
	}
	err = profile_describe(text, out, &flaw);
	profile_file_free(&text);
	if (err == ERR_NONE)
		return true;
	(void)cli_fail(cli, CLI_FAILED, "%s, line %u: %s", path, flaw.line, flaw.says);
	return false;
}

static int run_new(struct cli *cli)
{
	struct job job = { .cli = cli, .replace = cli_flag(cli, "replace") };

	if (!cli_number(cli, "count", 1, COUNT_MAX, 1, &job.count))
		return CLI_USAGE;
	job.out = cli_value(cli, "out");
	if (job.count > 1 && job.out == NULL)
		job.out = "profiles";
	if (!describe(cli, &job.first))
		return CLI_FAILED;
	if (cli_flag(cli, "json"))
		job.made = json_array();
	int done = run_job(&job);
	json_decref(job.made);
	profile_description_clear(&job.first);
	return done;
}

static const struct cli_option options_new[] = {
	{"count",    'n', "NUMBER",    "make this many: IMSI, ICCID and MSISDN count up"              },
	{ "out",     'o', "PATH",
         "the file, or the directory for many (default: ICCID.der, profiles)"                         },
	{ "set",     0,   "KEY=VALUE", "a line of the description, instead of the file's; repeatable" },
	{ "list",    0,   "FILE",      "write what was made as CSV, without secrets"                  },
	{ "keys",    0,   "FILE",      "write codes and keys as CSV (mode 0600), for an HSS elsewhere"},
	{ "replace", 0,   NULL,        "write over files that are there"                              },
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};

const struct cli_command cli_profile_new = {
	.name = "new",
	.args = "DESCRIPTION",
	.help = "Make interoperable profile packages from a description",
	.about = "A description has lines \"key = value\"; docs/profiles.md lists the keys. Keys "
		 "and\n"
		 "codes that it leaves out are drawn at random and are never printed. \"-\" is\n"
		 "standard input. For subscriptions whose keys nobody sees at all, see \"assay\n"
		 "subscription new\", which makes them inside the server's keeper.",
	.options = options_new,
	.run = run_new,
};
