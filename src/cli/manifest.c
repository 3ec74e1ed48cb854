/* SPDX-License-Identifier: Apache-2.0 */
/* `assay manifest`: a supplier's signed list of machines, on the desk of the supplier, without a server. */
#include "cli/commands.h"

#include "cli/key_file.h"
#include "cli/profile_file.h"
#include "codec/hex.h"
#include "evidence/imei.h"
#include "evidence/manifest.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORK_MAX = 4 << 20 };

static bool read_file(const struct cli *cli, const char *path, struct bytes *out)
{
	enum err err = profile_file_read(path, out);

	if (err == ERR_NONE)
		return true;
	if (err == ERR_IO)
		(void)cli_fail(cli, CLI_FAILED, "%s: %s", path, strerror(errno));
	else
		(void)cli_fail_err(cli, err, path);
	return false;
}

/* The next word of a line; the model is the rest of it. */
static struct bytes word(struct bytes *line, bool rest)
{
	struct bytes out;

	while (line->len > 0 && (line->at[0] == ' ' || line->at[0] == '\t'))
		*line = (struct bytes){ line->at + 1, line->len - 1 };
	out = *line;
	if (!rest)
		for (out.len = 0;
		     out.len < line->len && line->at[out.len] != ' ' && line->at[out.len] != '\t';)
			out.len++;
	else
		while (out.len > 0 && (out.at[out.len - 1] == ' ' || out.at[out.len - 1] == '\r' ||
		                       out.at[out.len - 1] == '\t'))
			out.len--;
	*line = (struct bytes){ line->at + out.len, line->len - out.len };
	return out;
}

/* EID ENDORSEMENT-KEY-SHA256 IMEI MODEL. ERR_NOT_FOUND for an empty line or a comment. */
static enum err read_line(struct bytes line, struct room *eid, struct room *ek,
                          struct manifest_entry *out)
{
	struct bytes first = word(&line, false);

	if (first.len == 0 || first.at[0] == '#' || first.at[0] == '\r')
		return ERR_NOT_FOUND;
	TRY(hex_read(first, eid));
	TRY(hex_read(word(&line, false), ek));
	out->eid = room_used(eid);
	out->ek_digest = room_used(ek);
	out->imei = word(&line, false);
	out->model = word(&line, true);
	if (!imei_is_one(out->imei) || out->model.len == 0 || out->model.len > MANIFEST_TEXT_MAX ||
	    out->eid.len != EID_SIZE || out->ek_digest.len != SHA256_SIZE)
		return ERR_VALUE;
	return ERR_NONE;
}

static bool take_line(struct bytes *text, struct bytes *line)
{
	if (text->len == 0)
		return false;
	const uint8_t *end = memchr(text->at, '\n', text->len);
	size_t len = end == NULL ? text->len : (size_t)(end - text->at);

	*line = (struct bytes){ text->at, len };
	len += end != NULL;
	*text = (struct bytes){ text->at + len, text->len - len };
	return true;
}

/* The whole list as entries; complains with the line's number. */
static int read_list(const struct cli *cli, struct bytes text, struct room *entries,
                     uint64_t *count)
{
	unsigned number = 0;
	struct bytes line;

	*count = 0;
	while (take_line(&text, &line)) {
		uint8_t eid_store[EID_SIZE], ek_store[SHA256_SIZE];
		struct room eid = ROOM(eid_store), ek = ROOM(ek_store);
		struct manifest_entry entry;
		enum err err = read_line(line, &eid, &ek, &entry);

		number++;
		if (err == ERR_NOT_FOUND)
			continue;
		if (err != ERR_NONE)
			return cli_fail(cli, CLI_FAILED,
			                "%s: line %u is not: EID, SHA-256 of the endorsement key, "
			                "IMEI, model",
			                cli_arg(cli, 0), number);
		manifest_entry_put(entries, &entry);
		++*count;
	}
	if (entries->full)
		return cli_fail_err(cli, ERR_LIMIT, cli_arg(cli, 0));
	return *count > 0 ? CLI_DONE
	                  : cli_fail(cli, CLI_FAILED, "%s: no machines", cli_arg(cli, 0));
}

static int sign_list(const struct cli *cli, struct bytes text, uint8_t *work)
{
	const char *batch = cli_value(cli, "batch"), *key_path = cli_value(cli, "key");
	struct room entries = { work, WORK_MAX / 4, 0, false };
	struct room payload = { work + WORK_MAX / 4, WORK_MAX / 4 + 256, 0, false };
	struct room out = { work + WORK_MAX / 4 * 2 + 256, WORK_MAX / 4 + 1024, 0, false };
	struct manifest manifest = { .count = 0 };
	SECRET key = { .len = 0 };
	enum ec_curve curve;
	int code = read_list(cli, text, &entries, &manifest.count);

	if (code != CLI_DONE)
		return code;
	enum err err = key_file_private(key_path, &curve, &key);
	if (err != ERR_NONE || curve != EC_P256)
		return cli_fail_err(cli, err == ERR_NONE ? ERR_UNSUPPORTED : err, key_path);
	manifest.batch = bytes_text(batch);
	manifest.entries = room_used(&entries);
	err = manifest_put(&out, &payload, &manifest, &key);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, cli_arg(cli, 0));
	return cli_write_new(cli, cli_value(cli, "out"), room_used(&out));
}

static int run_sign(struct cli *cli)
{
	static const char *const needs[] = { "key", "batch", "out" };
	struct bytes text;

	for (size_t i = 0; i < COUNT(needs); i++)
		if (cli_value(cli, needs[i]) == NULL)
			return cli_usage(cli, "--%s is needed", needs[i]);
	if (!read_file(cli, cli_arg(cli, 0), &text))
		return CLI_FAILED;
	uint8_t *work = malloc(WORK_MAX);
	int code =
		work == NULL ? cli_fail_err(cli, ERR_FULL, "memory") : sign_list(cli, text, work);
	free(work);
	profile_file_free(&text);
	return code;
}

static void print_entry(const struct manifest_entry *entry)
{
	char eid[2 * EID_SIZE], ek[2 * SHA256_SIZE];
	struct room eid_room = ROOM(eid), ek_room = ROOM(ek);

	hex_put(&eid_room, entry->eid);
	hex_put(&ek_room, entry->ek_digest);
	printf("%.*s %.*s %.*s %.*s\n", (int)sizeof eid, eid, (int)sizeof ek, ek,
	       (int)entry->imei.len, (const char *)entry->imei.at, (int)entry->model.len,
	       (const char *)entry->model.at);
}

/* A manifest is text again, so that it can be compared with what was signed. */
static int run_check(struct cli *cli)
{
	const char *key = cli_value(cli, "key");
	uint8_t point[EC_POINT_SIZE];
	struct manifest manifest;
	struct manifest_entry entry;
	struct bytes octets;

	if (key == NULL)
		return cli_usage(cli, "--key is needed");
	enum err err = key_file_public(key, point);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, key);
	if (!read_file(cli, cli_arg(cli, 0), &octets))
		return CLI_FAILED;
	err = manifest_read(octets, point, &manifest);
	if (err == ERR_NONE) {
		printf("# %.*s, %llu machines\n", (int)manifest.batch.len,
		       (const char *)manifest.batch.at, (unsigned long long)manifest.count);
		while (manifest_next(&manifest.entries, &entry) == ERR_NONE)
			print_entry(&entry);
	}
	profile_file_free(&octets);
	if (err == ERR_SIGNATURE)
		return cli_fail(cli, CLI_REFUSED, "%s: not signed with that key", cli_arg(cli, 0));
	return err == ERR_NONE ? CLI_DONE : cli_fail_err(cli, err, cli_arg(cli, 0));
}

static const struct cli_option sign_options[] = {
	{"key",    0, "FILE", "the supplier's private key, on P-256"  },
	{ "batch", 0, "NAME", "what the supplier calls these machines"},
	{ "out",   0, "FILE", "the manifest to write"                 },
	CLI_OPTION_END,
};
static const struct cli_option check_options[] = {
	{"key", 0, "FILE", "the supplier's public key"},
	CLI_OPTION_END,
};
static const struct cli_command sign_command = {
	.name = "sign",
	.args = "LIST",
	.help = "Makes a signed manifest of a list of machines",
	.about = "A line of LIST has the card's EID, the SHA-256 of the chip's endorsement key as "
	         "its "
		 "certificate\nhas it (openssl x509 -pubkey -noout | openssl pkey -pubin -outform "
	         "DER | "
		 "sha256sum), the IMEI,\nand the model, which may have spaces. Empty lines and "
	         "lines "
		 "that begin with # are left out.",
	.options = sign_options,
	.run = run_sign,
};
static const struct cli_command check_command = {
	.name = "check",
	.args = "MANIFEST",
	.help = "Checks a manifest's signature, and prints the list",
	.options = check_options,
	.run = run_check,
};
static const struct cli_command *const subs[] = { &sign_command, &check_command, NULL };

const struct cli_command cli_manifest = {
	.name = "manifest",
	.args = "",
	.help = "A supplier's signed list of cards, chips and IMEIs that belong together",
	.subs = subs,
};
