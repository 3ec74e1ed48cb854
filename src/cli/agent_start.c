/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assay-agent start, components: a machine's parts start from a signed list (R1b.3). A file is opened once: what is
 * hashed, measured and started is the same descriptor, so that nothing can be put in its place in between.
 */
#include "agent/components.h"
#include "agent/measure.h"
#include "cli/agent.h"
#include "cli/agent_pairing.h"
#include "cli/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

_Static_assert((int)COMPONENTS_VERSION_MAX == (int)TRUST_FLOOR_MAX,
               "the chip remembers each version");

enum { PCR_DEFAULT = 14, WHAT_MAX = 128, BLOCK = 64 << 10 };

/* The file in memory: a write to it meanwhile changes neither what is measured nor what is started. */
static int copy_of(const char *path, uint8_t digest[static SHA256_SIZE], enum err *err)
{
	static uint8_t block[BLOCK];
	int from = open(path, O_RDONLY | O_CLOEXEC);
	int to = memfd_create("component", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ssize_t n = -1;
	uint8_t *whole = NULL;
	size_t len = 0;

	*err = from < 0 && errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	while (from >= 0 && to >= 0 && (n = read(from, block, sizeof block)) > 0) {
		uint8_t *grown = realloc(whole, len + (size_t)n);
		if (grown == NULL || write(to, block, (size_t)n) != n) {
			n = -1;
			whole = grown == NULL ? whole : grown;
			break;
		}
		whole = grown;
		memcpy(whole + len, block, (size_t)n);
		len += (size_t)n;
	}
	if (from >= 0)
		close(from);
	if (n == 0 &&
	    fcntl(to, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0) {
		struct bytes part = { whole, len };
		*err = crypto_sha256(digest, &part, 1);
	}
	free(whole);
	if (*err != ERR_NONE && to >= 0) {
		close(to);
		to = -1;
	}
	return to;
}

struct start {
	struct cli *cli;
	const char *log;
	bool continues;
	unsigned pcr;
	struct trust *trust;
	struct bytes list; /* its text */
	struct components components;
};

static int measure(const struct start *start, const char *word, const char *name,
                   const uint8_t digest[static SHA256_SIZE])
{
	char what[WHAT_MAX];

	snprintf(what, sizeof what, "%s %s", word, name);
	enum err err = measure_event(start->trust, start->log, start->continues, start->pcr, digest,
	                             bytes_text(what));
	return err == ERR_NONE ? CLI_DONE : cli_fail_err(start->cli, err, start->log);
}

static int start_from(const struct start *start, const char *name, int fd)
{
	size_t count = start->cli->arg_count;
	char **args = calloc(count + 1, sizeof *args);

	if (args == NULL)
		return cli_fail_err(start->cli, ERR_FULL, name);
	args[0] = strdup(name);
	for (size_t i = 1; i < count; i++)
		args[i] = strdup(cli_arg(start->cli, i));
	fexecve(fd, args, environ);
	return cli_fail(start->cli, CLI_FAILED, "%s: %s", name, strerror(errno));
}

/* An older list is signed as well: what its signer has given up since must not come back with it. */
static int refuse_older(const struct start *start)
{
	const char *name = cli_arg(start->cli, 0), *path = cli_value(start->cli, "list");
	uint8_t digest[SHA256_SIZE];
	uint32_t floor;
	enum err err = trust_floor(start->trust, 0, &floor);

	if (err != ERR_NONE)
		return cli_fail_err(start->cli, err, cli_value(start->cli, "trust"));
	if (start->components.version >= floor)
		return CLI_DONE;
	err = crypto_sha256(digest, &start->list, 1);
	if (err != ERR_NONE)
		return cli_fail_err(start->cli, err, path);
	int code = measure(start, "older list:", name, digest);
	return code != CLI_DONE
	               ? code
	               : cli_fail(start->cli, CLI_REFUSED,
	                          "%s is an older list: its version is %u, and this machine "
	                          "has started from version %u. Nothing is started from it, "
	                          "and that it was to be is in the log",
	                          path, (unsigned)start->components.version, (unsigned)floor);
}

/* The chip knows of the list before anything of it runs. */
static int remember_version(const struct start *start)
{
	uint32_t floor;
	enum err err = trust_floor(start->trust, start->components.version, &floor);

	return err == ERR_NONE ? CLI_DONE
	                       : cli_fail_err(start->cli, err, cli_value(start->cli, "trust"));
}

static int start_component(const struct start *start)
{
	const char *name = cli_arg(start->cli, 0);
	const struct component *component = components_find(&start->components, bytes_text(name));
	uint8_t digest[SHA256_SIZE] = { 0 };
	char path[512];
	enum err err;

	if (component == NULL) {
		int code = measure(start, "not listed:", name, digest);
		return code != CLI_DONE
		               ? code
		               : cli_fail(start->cli, CLI_REFUSED, "%s is not in the list", name);
	}
	snprintf(path, sizeof path, "%.*s", (int)component->path.len,
	         (const char *)component->path.at);
	int fd = copy_of(path, digest, &err);
	if (fd < 0)
		return cli_fail_err(start->cli, err, path);
	bool same = memcmp(digest, component->digest, sizeof digest) == 0;
	int code = same ? remember_version(start) : CLI_DONE;
	if (code == CLI_DONE)
		code = measure(start, same ? "start" : "refused", name, digest);
	if (code == CLI_DONE && !same)
		code = cli_fail(start->cli, CLI_REFUSED,
		                "%s is not what the list says: it is not started, and that it was "
		                "to be is in the log",
		                path);
	if (code == CLI_DONE)
		code = start_from(start, name, fd);
	close(fd);
	return code;
}

static int load(struct cli *cli, uint8_t *octets, size_t size, struct start *out)
{
	const char *path = cli_value(cli, "list"), *signer = cli_value(cli, "signer");
	struct room room = { octets, size, 0, false };
	uint8_t point[EC_POINT_SIZE];
	enum err err = key_file_public(signer, point);

	if (err != ERR_NONE)
		return cli_fail_err(cli, err, signer);
	err = agent_file_load(path, &room);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, path);
	out->list = room_used(&room);
	err = components_read(out->list, point, &out->components);
	if (err == ERR_SIGNATURE)
		return cli_fail(cli, CLI_REFUSED, "%s: not signed by %s", path, signer);
	if (err == ERR_NOT_FOUND)
		return cli_fail(cli, CLI_REFUSED, "%s: no model, firmware, version or component",
		                path);
	return err == ERR_NONE ? CLI_DONE
	                       : cli_fail(cli, CLI_REFUSED, "%s: no signed list of components: %s",
	                                  path, err_text(err));
}

static int run_start(struct cli *cli)
{
	static uint8_t text[COMPONENTS_TEXT_MAX];
	struct start start = { .cli = cli,
		               .log = cli_value(cli, "log"),
		               .continues = cli_flag(cli, "continues") };
	const char *trust = cli_value(cli, "trust");
	uint64_t pcr;

	if (cli_value(cli, "list") == NULL || cli_value(cli, "signer") == NULL || trust == NULL ||
	    start.log == NULL)
		return cli_usage(cli, "--list, --signer, --trust and --log are needed");
	if (!cli_number(cli, "pcr", 0, TRUST_PCRS - 1, PCR_DEFAULT, &pcr))
		return CLI_USAGE;
	start.pcr = (unsigned)pcr;
	int code = load(cli, text, sizeof text, &start);
	if (code != CLI_DONE)
		return code;
	enum err err = trust_open(&start.trust, trust);
	if (err != ERR_NONE)
		return cli_fail(cli, CLI_FAILED, "%s: %s", trust, trust_open_text(err));
	code = refuse_older(&start);
	if (code == CLI_DONE)
		code = start_component(&start);
	trust_close(start.trust);
	return code;
}

/* "NAME=PATH" */
static int add(struct cli *cli, const char *text, struct components *out)
{
	struct component *component = &out->component[out->count];
	const char *equals = strchr(text, '=');
	enum err err;

	if (equals == NULL || equals == text || out->count == COMPONENTS_MAX)
		return cli_usage(cli, "\"%s\" is not NAME=PATH, or one too many", text);
	component->name = (struct bytes){ (const uint8_t *)text, (size_t)(equals - text) };
	component->path = bytes_text(equals + 1);
	if (components_find(out, component->name) != NULL)
		return cli_usage(cli, "\"%s\": that name is taken", text);
	if (equals[1] != '/')
		return cli_usage(cli, "\"%s\": a path is absolute", text);
	int fd = copy_of(equals + 1, component->digest, &err);
	if (fd < 0)
		return cli_fail_err(cli, err, equals + 1);
	close(fd);
	out->count++;
	return CLI_DONE;
}

static int run_components(struct cli *cli)
{
	static uint8_t octets[COMPONENTS_TEXT_MAX];
	const char *model = cli_value(cli, "model"), *firmware = cli_value(cli, "firmware");
	const char *key_path = cli_value(cli, "signer");
	struct components components = { .count = 0 };
	struct room text = ROOM(octets);
	enum ec_curve curve;
	uint64_t version;
	SECRET key = { .len = 0 };

	if (model == NULL || firmware == NULL || key_path == NULL ||
	    cli_value(cli, "version") == NULL)
		return cli_usage(cli, "--model, --firmware, --version and --signer are needed");
	if (!cli_number(cli, "version", 1, COMPONENTS_VERSION_MAX, 1, &version))
		return CLI_USAGE;
	components.model = bytes_text(model);
	components.firmware = bytes_text(firmware);
	components.version = (uint32_t)version;
	for (size_t i = 0; i < cli->arg_count; i++) {
		int code = add(cli, cli_arg(cli, i), &components);
		if (code != CLI_DONE)
			return code;
	}
	enum err err = key_file_private(key_path, &curve, &key);
	if (err == ERR_VALUE || (err == ERR_NONE && curve != EC_P256))
		return cli_fail(cli, CLI_FAILED, "%s: no private key on P-256", key_path);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, key_path);
	err = components_put(&text, &components, &key);
	if (err == ERR_VALUE)
		return cli_usage(cli, "model, firmware and names have no spaces, and nothing has "
		                      "control characters");
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, "components");
	fwrite(octets, 1, text.len, stdout);
	return CLI_DONE;
}

static const struct cli_option options_start[] = {
	{"list",       0, "FILE", "the signed list of components"                             },
	{ "signer",    0, "FILE", "public key of who may sign it"                             },
	{ "trust",     0, "TCTI", "the chip, as tpm2-tools name it, or soft:FILE"             },
	{ "log",       0, "FILE", "event log; where memory is lost with the chip's PCRs: /run"},
	{ "pcr",       0, "N",    "which PCR is extended (default: 14)"                       },
	{ "continues", 0, NULL,   "the log goes on where the firmware's ends"                 },
	CLI_OPTION_END,
};
static const struct cli_option options_components[] = {
	{"model",     0, "NAME",    "model of the machine"          },
	{ "firmware", 0, "VERSION", "version of what is listed"     },
	{ "version",  0, "N",       "number of the list, 1 to 1024" },
	{ "signer",   0, "FILE",    "private key that signs (P-256)"},
	CLI_OPTION_END,
};

const struct cli_command agent_start = {
	.name = "start",
	.args = "COMPONENT [ARGUMENT...]",
	.help = "Start a component of the machine from a signed list, measured",
	.about = "The file is hashed, held against the list, measured into the chip and started "
		 "from what "
		 "was\n"
		 "hashed. What differs, or is not listed, is not started, and that it was tried is "
		 "measured. The\nchip remembers the highest version of a list that something was "
		 "started from: from an older one\nnothing starts.",
	.options = options_start,
	.run = run_start,
};
const struct cli_command agent_components = {
	.name = "components",
	.args = "NAME=PATH...",
	.help = "Make and sign the list of components that a machine starts",
	.about =
		"Prints the list. A machine keeps it, and the public key, where its owner alone "
		"may write. Once\na machine has started something from a list, it starts nothing "
		"from "
		"one with a lower --version:\nraise it when what older lists name must not run any "
		"more. To go back to older files, list them\nagain under a higher version.",
	.options = options_components,
	.run = run_components,
};
