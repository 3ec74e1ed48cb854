/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/agent_evidence.h"

#include "agent/address.h"
#include "cli/agent_pairing.h"
#include "cli/agent_state.h"
#include "codec/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char config_file[] = "/etc/assay/evidence";

enum {
	NAME_MAX_TEXT = 300,
	IMA_LIST_MAX = 16 << 20, /* of which the new part is sent */
	VALUES_MAX = 4 << 20,    /* a distribution's every file */
	MEMORY_SIZE = SHA256_SIZE + 8 + 4,
};

/* The parts that are ours; a TCTI configuration before them has commas of its own. */
static const char *const parts[] = { ",log=",      ",ima=",       ",imei=",  ",model=",
	                             ",firmware=", ",reference=", ",signer=" };
enum { PART_LOG, PART_IMA, PART_IMEI, PART_MODEL, PART_FIRMWARE };

/* The last of our parts in the text; NULL when there is none. */
static char *last_part(char *text, size_t *which)
{
	char *found = NULL;

	for (size_t i = 0; i < COUNT(parts); i++) {
		for (char *at = strstr(text, parts[i]); at != NULL; at = strstr(at + 1, parts[i])) {
			if (found == NULL || at > found) {
				found = at;
				*which = i;
			}
		}
	}
	return found;
}

static enum err take(struct agent_evidence *evidence, size_t which, const char *value)
{
	const char **const places[] = { NULL,
		                        &evidence->ima,
		                        &evidence->imei,
		                        &evidence->model,
		                        &evidence->firmware,
		                        &evidence->reference,
		                        &evidence->signer };

	if (*value == '\0')
		return ERR_VALUE;
	if (which == PART_LOG) { /* they come from the back */
		if (evidence->logs == AGENT_EVIDENCE_LOGS)
			return ERR_LIMIT;
		memmove(&evidence->log[1], &evidence->log[0],
		        evidence->logs * sizeof evidence->log[0]);
		evidence->log[0] = value;
		evidence->logs++;
		return ERR_NONE;
	}
	if (*places[which] != NULL)
		return ERR_EXISTS;
	*places[which] = value;
	if (which == PART_IMEI)
		return imei_is_one(bytes_text(value)) ? ERR_NONE : ERR_VALUE;
	return (which != PART_MODEL && which != PART_FIRMWARE) || strlen(value) <= CLAIM_TEXT_MAX
	               ? ERR_NONE
	               : ERR_LENGTH;
}

enum err agent_evidence_read(struct agent_evidence *evidence, const char *how)
{
	char *text = evidence->text, *part;
	size_t which = 0;

	*evidence = (struct agent_evidence){ 0 };
	int n = snprintf(text, sizeof evidence->text, "%s", how);
	if (n < 0 || (size_t)n >= sizeof evidence->text)
		return ERR_VALUE;
	text[strcspn(text, "\n")] = '\0';
	while ((part = last_part(text, &which)) != NULL) {
		*part = '\0';
		TRY(take(evidence, which, part + strlen(parts[which])));
	}
	if (strncmp(text, "tpm:", 4) != 0 || text[4] == '\0' ||
	    (evidence->firmware != NULL && evidence->model == NULL) ||
	    (evidence->reference != NULL) != (evidence->signer != NULL))
		return ERR_VALUE;
	evidence->tcti = text + 4;
	return ERR_NONE;
}

int agent_evidence_configure(struct agent_evidence *evidence, const struct cli *cli)
{
	const char *how = cli_value(cli, "evidence");
	char line[AGENT_EVIDENCE_MAX + 1];
	struct room room = { (uint8_t *)line, AGENT_EVIDENCE_MAX, 0, false };
	enum err err = ERR_NONE;

	*evidence = (struct agent_evidence){ 0 };
	if (how == NULL) {
		err = agent_file_load(config_file, &room);
		if (err == ERR_NOT_FOUND)
			return CLI_DONE;
		line[room.len] = '\0';
	}
	if (err == ERR_NONE)
		err = agent_evidence_read(evidence, how != NULL ? how : line);
	evidence->cli = cli;
	if (err == ERR_NONE)
		return CLI_DONE;
	evidence->tcti = NULL;
	return cli_usage(
		cli,
		"%s is no way to show the machine's state: tpm:TCTI, or tpm:soft:FILE, and behind "
	        "it log=FILE, "
		"ima=FILE, imei= (15 digits), model=, firmware=, reference=FILE with signer=FILE",
		how != NULL ? how : "what /etc/assay/evidence has");
}

static struct bytes claim(const char *text)
{
	if (text == NULL)
		return (struct bytes){ NULL, 0 };
	return bytes_text(text);
}

struct equipment_claims agent_evidence_claims(const struct agent_evidence *evidence)
{
	struct equipment_claims claims = { .model = claim(evidence->model),
		                           .firmware = claim(evidence->firmware) };

	(void)!equipment_claims_imei(&claims, claim(evidence->imei)); /* as it was read */
	return claims;
}

static enum err unusable(struct agent_evidence *evidence, const char *what, enum err err)
{
	snprintf(evidence->why, sizeof evidence->why, "the machine's evidence: %.200s: %s", what,
	         err_text(err));
	return err;
}

/* load appends a file to a room of `cap` octets. */
static enum err load(struct agent_evidence *evidence, const char *path, struct room *out,
                     size_t cap)
{
	FILE *file;

	if (out->at == NULL)
		*out = (struct room){ malloc(cap), cap, 0, false };
	if (out->at == NULL)
		return unusable(evidence, path, ERR_FULL);
	file = fopen(path, "rbe");
	if (file == NULL)
		return unusable(evidence, path, ERR_NOT_FOUND);
	out->len += fread(out->at + out->len, 1, room_left(out), file);
	bool whole = ferror(file) == 0, more = fgetc(file) != EOF;
	(void)fclose(file); /* only read from */
	if (!whole || more)
		return unusable(evidence, path, more ? ERR_ROOM : ERR_IO);
	return ERR_NONE;
}

/* The list is asked for after the quote, and by then has what was quoted. */
static enum err load_ima(void *ctx, struct bytes *list)
{
	struct agent_evidence *evidence = ctx;

	evidence->list.len = 0;
	TRY(load(evidence, evidence->ima, &evidence->list, IMA_LIST_MAX));
	*list = room_used(&evidence->list);
	return ERR_NONE;
}

/* A file for each server; its address is a host name with a port at most. */
static bool name_of(char *out, size_t cap, struct bytes host)
{
	int n = server_address_good(host)
	                ? snprintf(out, cap, "log-%.*s", (int)host.len, (const char *)host.at)
	                : -1;

	return n > 0 && (size_t)n < cap;
}

/* recall fills in what the server has: digest of the log, entries of the IMA list, reset count. */
static void recall(const struct agent_evidence *evidence, struct bytes host,
                   struct machine *machine)
{
	uint8_t octets[MEMORY_SIZE + 1];
	struct room known = ROOM(octets);
	char name[NAME_MAX_TEXT];
	uint64_t entries, reset;

	if (!name_of(name, sizeof name, host) || agent_state_read(name, &known) != ERR_NONE ||
	    known.len != MEMORY_SIZE ||
	    !bytes_uint((struct bytes){ octets + SHA256_SIZE, 8 }, &entries) ||
	    !bytes_uint((struct bytes){ octets + SHA256_SIZE + 8, 4 }, &reset))
		return;
	machine->log_known =
		bytes_same((struct bytes){ octets, SHA256_SIZE }, BYTES(evidence->digest));
	machine->ima_first = entries;
	machine->ima_reset = (uint32_t)reset;
}

static enum err prepare(struct agent_evidence *evidence, struct machine *machine)
{
	struct bytes log;

	evidence->files.len = 0;
	for (size_t i = 0; i < evidence->logs; i++)
		TRY(load(evidence, evidence->log[i], &evidence->files, EQUIPMENT_EVIDENCE_MAX));
	log = room_used(&evidence->files);
	memset(evidence->digest, 0, sizeof evidence->digest);
	machine->log = log;
	machine->claims = agent_evidence_claims(evidence);
	if (evidence->ima != NULL) {
		machine->ima = load_ima;
		machine->ima_ctx = evidence;
		machine->ima_form = strstr(evidence->ima, "ascii") != NULL ? IMA_ASCII : IMA_BINARY;
	}
	return log.len > 0 ? crypto_sha256(evidence->digest, &log, 1) : ERR_NONE;
}

static enum err read_self(struct agent_evidence *evidence, struct machine *machine)
{
	evidence->values.len = 0;
	TRY(load(evidence, evidence->reference, &evidence->values, VALUES_MAX));
	enum err err = agent_self_read(&evidence->self, room_used(&evidence->values),
	                               evidence->signer, &machine->claims, machine->ima_form);
	if (err != ERR_NONE)
		return unusable(evidence, evidence->reference, err);
	machine->self = &evidence->self.check;
	return ERR_NONE;
}

/* Reference values that cannot be believed are none. Where a quote will do one is made, and somebody is told. */
static enum err know_self(struct agent_evidence *evidence, const struct equipment_session *session,
                          bool whole, struct machine *machine)
{
	bool quotes = (session->wanted.formats >> EVIDENCE_TPM & 1) != 0;

	if (evidence->reference == NULL || (whole && quotes) ||
	    !(session->wanted.formats >> EVIDENCE_STATEMENT & 1))
		return ERR_NONE;
	enum err err = read_self(evidence, machine);
	if (err == ERR_NONE || !quotes)
		return err;
	if (evidence->cli != NULL)
		cli_warn(evidence->cli, "%s: no statement, but a quote", evidence->why);
	evidence->why[0] = '\0';
	return ERR_NONE;
}

static enum err prove(void *ctx, const struct equipment_session *session, bool whole,
                      struct room *out)
{
	struct agent_evidence *evidence = ctx;
	struct machine machine = { .trust = NULL };

	evidence->why[0] = '\0';
	TRY(prepare(evidence, &machine));
	TRY(know_self(evidence, session, whole, &machine));
	if (!whole)
		recall(evidence, session->host, &machine);
	enum err err = trust_open(&machine.trust, evidence->tcti);
	if (err != ERR_NONE) {
		snprintf(evidence->why, sizeof evidence->why, "the machine's evidence: %.200s: %s",
		         evidence->tcti, trust_open_text(err));
		return err;
	}
	err = evidence_gather(&machine, session, out, &evidence->shown);
	trust_close(machine.trust);
	if (err == ERR_NONE || evidence->why[0] != '\0')
		return err;
	return unusable(evidence, err == ERR_UNSUPPORTED ? "what the server takes" : evidence->tcti,
	                err);
}

static void taken(void *ctx, const struct equipment_session *session)
{
	const struct agent_evidence *evidence = ctx;
	uint8_t octets[MEMORY_SIZE];
	struct room memory = ROOM(octets);
	char name[NAME_MAX_TEXT];

	if (evidence->shown.statement)
		return; /* which shows neither log nor list */
	room_put(&memory, BYTES(evidence->digest));
	room_put_u64(&memory, evidence->shown.ima_entries);
	room_put_u32(&memory, evidence->shown.ima_reset);
	/* Best effort: without it everything is sent again. */
	if (name_of(name, sizeof name, session->host))
		(void)!agent_state_keep(name, room_used(&memory));
}

static const char *why(void *ctx)
{
	const struct agent_evidence *evidence = ctx;

	return evidence->why;
}

struct equipment_prover agent_evidence_prover(struct agent_evidence *evidence)
{
	return (struct equipment_prover){ evidence, prove, taken, why };
}

void agent_evidence_clear(struct agent_evidence *evidence)
{
	free(evidence->files.at);
	free(evidence->list.at);
	free(evidence->values.at);
	evidence->files = evidence->list = evidence->values = (struct room){ 0 };
	agent_self_clear(&evidence->self);
}
