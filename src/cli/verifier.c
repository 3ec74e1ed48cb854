/* SPDX-License-Identifier: Apache-2.0 */
/* `assay verifier`: reference values and policies on the desk of a person; with a server, verifier_server. */
#include "cli/commands.h"

#include "cli/key_file.h"
#include "cli/profile_file.h"
#include "cli/verifier_server.h"
#include "cli/verifier_sign.h"
#include "evidence/eventlog.h"
#include "verifier/learn.h"
#include "verifier/policy.h"
#include "verifier/reference.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 22, PCRS_DEFAULT = 0xFF, LINE_SHOWN = 80 };

static const char *const banks[ATTEST_HASHES] = { "sha1", "sha256", "sha384", "sha512" };

static bool read_bank(const struct cli *cli, enum attest_hash *out)
{
	const char *name = cli_value(cli, "bank");

	*out = ATTEST_SHA256;
	for (int i = 0; name != NULL && i < ATTEST_HASHES; i++) {
		if (strcmp(name, banks[i]) == 0) {
			*out = (enum attest_hash)i;
			return true;
		}
	}
	return name == NULL;
}

/* "0-7,9,14" */
static bool read_pcrs(const char *text, uint32_t *out)
{
	*out = text == NULL ? PCRS_DEFAULT : 0;
	while (text != NULL && *text != '\0') {
		char *end;
		unsigned long from = strtoul(text, &end, 10), to = from;

		if (end == text)
			return false;
		if (*end == '-') {
			text = end + 1;
			to = strtoul(text, &end, 10);
			if (end == text)
				return false;
		}
		if (from > to || to >= TPM_PCRS || (*end != ',' && *end != '\0'))
			return false;
		for (unsigned long n = from; n <= to; n++)
			*out |= UINT32_C(1) << n;
		text = *end == ',' ? end + 1 : end;
	}
	return *out != 0;
}

/* Reads the file of an option or an argument; says so when that does not work. */
static bool read_file(struct cli *cli, const char *path, struct bytes *out)
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

/* The quote that the good machine's chip made: its key, its signature, and the values that the log
 * replays to. */
struct quote {
	struct bytes attest, signature, key;
};

static enum err check_quote(const struct quote *quote, const struct learn *learn)
{
	uint8_t point_store[ATTEST_POINT_MAX], digest[ATTEST_HASH_MAX];
	struct room point = ROOM(point_store);
	struct eventlog_count count;
	struct tpm_signature signature;
	struct tpm_public public;
	struct tpm_attest attest;
	struct attest_key key;
	struct tpm_bank bank;

	TRY(tpm_public_read(quote->key, true, &public));
	TRY(tpm_public_key(&public, &point, &key));
	TRY(tpm_attest_read(quote->attest, &attest));
	TRY(tpm_signature_read(quote->signature, &signature));
	TRY(tpm_verify(&key, &signature, quote->attest));
	TRY(eventlog_replay(learn->log, learn->bank, &bank, &count));
	bank.known =
		UINT32_MAX; /* a PCR that the log does not extend has the value it started with */
	TRY(tpm_pcr_digest(&attest.selection, &bank, 1, signature.hash, digest));
	if (!bytes_same(attest.pcr_digest,
	                (struct bytes){ digest, attest_hash_size(signature.hash) }))
		return ERR_DENIED;
	for (uint32_t i = 0; i < attest.selection.count; i++) {
		if ((learn->pcrs & ~attest.selection.bank[i].mask) != 0)
			return ERR_NOT_FOUND;
	}
	return ERR_NONE;
}

static int check_given_quote(struct cli *cli, const struct learn *learn)
{
	const char *names[] = { cli_value(cli, "quote"), cli_value(cli, "signature"),
		                cli_value(cli, "key") };
	struct quote quote = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	struct bytes *files[] = { &quote.attest, &quote.signature, &quote.key };
	enum err err = ERR_IO;
	size_t read = 0;

	if (names[0] == NULL && names[1] == NULL && names[2] == NULL) {
		cli_warn(cli, "the log was not checked against a quote: give --quote, --signature "
		              "and --key");
		return CLI_DONE;
	}
	if (names[0] == NULL || names[1] == NULL || names[2] == NULL)
		return cli_usage(cli, "--quote, --signature and --key go together");
	while (read < COUNT(files) && read_file(cli, names[read], files[read]))
		read++;
	if (read == COUNT(files))
		err = check_quote(&quote, learn);
	for (size_t i = 0; i < read; i++)
		profile_file_free(files[i]);
	if (read < COUNT(files) || err == ERR_NONE)
		return err == ERR_NONE ? CLI_DONE : CLI_FAILED;
	if (err == ERR_DENIED)
		return cli_fail(cli, CLI_REFUSED, "the log is not what the chip quoted");
	return cli_fail_err(cli, err, names[0]);
}

static int print_learned(struct cli *cli, const struct learn *learn)
{
	uint8_t *store = malloc(TEXT_MAX);
	struct room text = { store, TEXT_MAX, 0, false };

	if (store == NULL)
		return cli_fail_err(cli, ERR_FULL, "learn");
	const char *policy = cli_value(cli, "policy");
	enum err err = policy == NULL ? learn_put(&text, learn)
	                              : learn_policy_put(&text, learn, bytes_text(policy));
	if (err == ERR_NONE)
		fwrite(store, 1, text.len, stdout);
	free(store);
	return err == ERR_NONE ? CLI_DONE : cli_fail_err(cli, err, cli_arg(cli, 0));
}

static int run_learn(struct cli *cli)
{
	const char *model = cli_value(cli, "model"), *firmware = cli_value(cli, "firmware");
	const char *ima = cli_value(cli, "ima");
	struct learn learn = { .bank = ATTEST_SHA256, .ima_form = IMA_ASCII };

	if (model == NULL || firmware == NULL)
		return cli_usage(cli, "--model and --firmware say what is learned");
	if (!read_bank(cli, &learn.bank) || !read_pcrs(cli_value(cli, "pcrs"), &learn.pcrs))
		return cli_usage(cli, "banks are sha1 to sha512, PCRs 0 to 23 as in 0-7,14");
	learn.model = bytes_text(model);
	learn.firmware = bytes_text(firmware);
	if (!read_file(cli, cli_arg(cli, 0), &learn.log))
		return CLI_FAILED;
	if (ima != NULL && !read_file(cli, ima, &learn.ima)) {
		profile_file_free(&learn.log);
		return CLI_FAILED;
	}
	int exit = check_given_quote(cli, &learn);
	if (exit == CLI_DONE)
		exit = print_learned(cli, &learn);
	profile_file_free(&learn.log);
	profile_file_free(&learn.ima);
	return exit;
}

static void print_hex(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printf("%02x", at[i]);
}

/* What an event says of itself, where that is words. */
static void print_words(struct bytes data)
{
	enum { WORDS_MAX = 128 };

	if (data.len == 0 || data.len > WORDS_MAX)
		return;
	for (size_t i = 0; i < data.len; i++)
		if (data.at[i] < ' ' || data.at[i] > '~')
			return;
	printf(" \"%.*s\"", (int)data.len, (const char *)data.at);
}

static enum err print_log(struct bytes in, enum attest_hash hash)
{
	struct eventlog log;
	struct event event;
	struct tpm_bank bank;
	struct bytes digest;

	tpm_bank_clear(&bank, hash);
	TRY(eventlog_open(in, &log));
	while (!eventlog_done(&log)) {
		TRY(eventlog_next(&log, &event));
		printf("event %u pcr %u %s ", event.index, event.pcr, event_type_text(event.type));
		if (event_digest(&event, hash, &digest) == ERR_NONE)
			print_hex(digest.at, digest.len);
		print_words(event.data);
		printf("%s\n",
		       event_data_measured(&event, hash) ? "" : " (digest is not of the data)");
		TRY(eventlog_extend(&log, &event, &bank));
	}
	for (unsigned n = 0; n < TPM_PCRS; n++) {
		if (!(bank.known >> n & 1))
			continue;
		printf("pcr %u ", n);
		print_hex(bank.value[n], attest_hash_size(hash));
		printf("\n");
	}
	return ERR_NONE;
}

static int run_log(struct cli *cli)
{
	enum attest_hash bank;
	struct bytes log;

	if (!read_bank(cli, &bank))
		return cli_usage(cli, "banks are sha1, sha256, sha384, sha512");
	if (!read_file(cli, cli_arg(cli, 0), &log))
		return CLI_FAILED;
	enum err err = print_log(log, bank);
	profile_file_free(&log);
	return err == ERR_NONE ? CLI_DONE : cli_fail_err(cli, err, cli_arg(cli, 0));
}

static enum err check_values(struct bytes file, const struct attest_key *key, uint32_t *line)
{
	struct references references;
	enum err err;

	references_init(&references);
	if (references_are_signed(file))
		err = key == NULL ? ERR_NOT_FOUND
		                  : references_add_signed(&references, file, key, line);
	else if (file.len > 0 && file.at[0] > '~') /* a CoRIM: a map, or one with a tag */
		err = references_add_corim(&references, file, NULL);
	else
		err = references_add_text(&references, file, line);
	references_clear(&references);
	return err;
}

/* A file is what it begins with. */
static enum err check_file(struct bytes file, const struct attest_key *key, const char **what,
                           uint32_t *line)
{
	static const char policy_word[] = "assay-policy";
	struct policy policy;

	*line = 0;
	if (file.len >= sizeof policy_word - 1 &&
	    memcmp(file.at, policy_word, sizeof policy_word - 1) == 0) {
		*what = "policy";
		return policy_read(file, &policy, line);
	}
	*what = references_are_signed(file) ? "signed reference values" : "reference values";
	return check_values(file, key, line);
}

/* A line by its number, as far as it is printable and fits on a terminal; none of a signed file, whose text is inside. */
static struct bytes line_of(struct bytes file, uint32_t number)
{
	size_t len = 0;

	if (references_are_signed(file))
		return (struct bytes){ file.at, 0 };
	for (uint32_t n = 1; n < number && file.len > 0;) {
		n += file.at[0] == '\n';
		file = (struct bytes){ file.at + 1, file.len - 1 };
	}
	while (len < file.len && len < LINE_SHOWN && file.at[len] >= ' ' && file.at[len] <= '~')
		len++;
	return (struct bytes){ file.at, len };
}

static int complain(const struct cli *cli, const char *what, enum err err, uint32_t line,
                    struct bytes file)
{
	const char *path = cli_arg(cli, 0);
	struct bytes text = line_of(file, line);

	if (err == ERR_SIGNATURE)
		return cli_fail(cli, CLI_REFUSED, "%s: not signed with that key", path);
	if (line > 0)
		return cli_fail(cli, CLI_REFUSED, "%s:%u: %s: %s%s%.*s", path, line, what,
		                err_text(err), text.len > 0 ? ": " : "", (int)text.len,
		                (const char *)text.at);
	return cli_fail(cli, CLI_REFUSED, "%s: %s: %s", path, what, err_text(err));
}

static int run_check(struct cli *cli)
{
	const char *path = cli_arg(cli, 0), *key_path = cli_value(cli, "key"), *what;
	uint8_t point[EC_POINT_SIZE];
	const struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(point) };
	struct bytes file;
	uint32_t line;
	enum err err = key_path == NULL ? ERR_NONE : key_file_public(key_path, point);

	if (err != ERR_NONE)
		return cli_fail_err(cli, err, key_path);
	if (!read_file(cli, path, &file))
		return CLI_FAILED;
	bool keyless = key_path == NULL && references_are_signed(file);
	err = check_file(file, key_path != NULL ? &key : NULL, &what, &line);
	int code = keyless ? cli_usage(cli, "%s is signed: --key says by whom it should be", path)
	           : err != ERR_NONE ? complain(cli, what, err, line, file)
	                             : CLI_DONE;
	profile_file_free(&file);
	if (code != CLI_DONE)
		return code;
	printf("%s: %s, good\n", path, what);
	return CLI_DONE;
}

static const struct cli_option options_check[] = {
	{"key", 0, "FILE", "public key of who should have signed it"},
	CLI_OPTION_END,
};

#define OPTION_BANK                                                                           \
	{                                                                                     \
		"bank", 0, "HASH", "PCR bank: sha1, sha256, sha384, sha512 (default: sha256)" \
	}

static const struct cli_option options_learn[] = {
	{ "model", 0, "NAME", "model of the machine, as it claims it" },
	{ "firmware", 0, "VERSION", "its firmware version" },
	OPTION_BANK,
	{ "pcrs", 0, "LIST", "PCRs to learn, as in 0-7,14 (default: 0-7)" },
	{ "ima", 0, "FILE", "its ascii_runtime_measurements" },
	{ "quote", 0, "FILE", "TPMS_ATTEST that its chip made over these PCRs" },
	{ "signature", 0, "FILE", "TPMT_SIGNATURE of that quote" },
	{ "key", 0, "FILE", "TPM2B_PUBLIC of the key that signed it" },
	{ "policy", 0, "NAME", "print a policy that demands as much of every machine instead" },
	CLI_OPTION_END,
};

static const struct cli_option options_log[] = { OPTION_BANK, CLI_OPTION_END };

static const struct cli_command command_learn = {
	.name = "learn",
	.args = "LOG",
	.help = "Derive reference values from a machine that is known to be good",
	.about = "Prints reference values that admit exactly what the machine did. Read them, take "
	         "out what\n"
		 "may vary, and keep the rest. LOG is its binary_bios_measurements.",
	.options = options_learn,
	.run = run_learn,
};

static const struct cli_command command_log = {
	.name = "log",
	.args = "LOG",
	.help = "Show a boot event log and the PCR values that it replays to",
	.options = options_log,
	.run = run_log,
};

static const struct cli_command command_check = {
	.name = "check",
	.args = "FILE",
	.help = "Check a policy or a file of reference values, signed or not",
	.about = "docs/verifier.md tells what stands in them.",
	.options = options_check,
	.run = run_check,
};

static const struct cli_command *const subs[] = { &command_learn,
	                                          &command_log,
	                                          &command_check,
	                                          &cli_verifier_add,
	                                          &cli_verifier_list,
	                                          &cli_verifier_remove,
	                                          &cli_verifier_revoke,
	                                          &cli_verifier_try,
	                                          &cli_verifier_result,
	                                          &cli_verifier_sign,
	                                          NULL };

const struct cli_command cli_verifier = {
	.name = "verifier",
	.args = "",
	.help = "Reference values and policies of the verifier",
	.subs = subs,
};
