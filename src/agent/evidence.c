/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/evidence.h"

#include "evidence/eventlog.h"

#include <string.h>

enum {
	QUOTE_ATTEMPTS =
		3, /* the kernel may measure a file between reading PCRs and quoting them */
	CLAIMS_MAX = 3 * (CLAIM_TEXT_MAX + 4),
	DEFAULT_PCRS = 0xFF, /* when the server names none: what firmware measures */
};

/* What is gathered, and where it lies. */
struct gathered {
	struct evidence evidence;
	uint8_t claims[CLAIMS_MAX], attest[TPM_ATTEST_MAX], signature[TPM_SIGNATURE_MAX];
	uint8_t log_digest[SHA256_SIZE], statement[STATEMENT_MAX];
	struct tpm_bank now;
};

enum err machine_pcrs(struct trust *trust, uint32_t pcrs, struct tpm_bank *out)
{
	tpm_bank_clear(out, ATTEST_SHA256);
	for (unsigned n = 0; n < TPM_PCRS; n++) {
		if (!(pcrs >> n & 1))
			continue;
		TRY(trust_pcr(trust, n, out->value[n]));
		out->known |= (uint32_t)1 << n;
	}
	return ERR_NONE;
}

/* same_state tells whether the quote is over the values that were read. */
static bool same_state(struct bytes octets, const struct tpm_bank *bank)
{
	uint8_t digest[ATTEST_HASH_MAX];
	struct tpm_attest attest;

	return tpm_attest_read(octets, &attest) == ERR_NONE && attest.type == TPM_ST_ATTEST_QUOTE &&
	       tpm_pcr_digest(&attest.selection, bank, 1, ATTEST_SHA256, digest) == ERR_NONE &&
	       bytes_same(attest.pcr_digest, (struct bytes){ digest, SHA256_SIZE });
}

static enum err quote(const struct machine *machine, uint32_t pcrs, struct bytes binding,
                      struct gathered *g)
{
	for (int i = 0; i < QUOTE_ATTEMPTS; i++) {
		struct room attest = ROOM(g->attest), signature = ROOM(g->signature);

		TRY(machine_pcrs(machine->trust, pcrs, &g->now));
		TRY(trust_quote(machine->trust, pcrs, binding, &attest, &signature));
		g->evidence.attest = room_used(&attest);
		g->evidence.signature = room_used(&signature);
		if (same_state(g->evidence.attest, &g->now))
			return ERR_NONE;
	}
	return ERR_BUSY;
}

static void tell(struct evidence *evidence, const struct tpm_bank *now, uint32_t n)
{
	evidence->pcr.value[n] = (struct bytes){ now->value[n], SHA256_SIZE };
	evidence->pcr.known |= (uint32_t)1 << n;
}

/* What the log does not lead to, and what is not as it was when the chip started. */
static void tell_values(struct bytes log, bool ima, uint32_t pcrs, struct gathered *g)
{
	struct eventlog_count count;
	struct tpm_bank replayed;

	/* A log that cannot be read is sent as it is: what it lacks is for the verifier to say. */
	if (log.len == 0 || eventlog_replay(log, ATTEST_SHA256, &replayed, &count) != ERR_NONE)
		tpm_bank_clear(&replayed, ATTEST_SHA256);
	for (uint32_t n = 0; n < TPM_PCRS; n++) {
		if ((pcrs >> n & 1) &&
		    ((ima && n == IMA_PCR) ||
		     memcmp(replayed.value[n], g->now.value[n], SHA256_SIZE) != 0))
			tell(&g->evidence, &g->now, n);
	}
}

/* cut_ima looks for the entry at which the list is what was quoted: the kernel goes on while we read. What comes
 * before `first` the server has. A list that never gets there is shown as it is, for the verifier to judge. */
static void cut_ima(struct bytes list, enum ima_form form, uint64_t first, struct gathered *g,
                    struct machine_shown *shown)
{
	static _Thread_local uint8_t store[IMA_TEMPLATE_MAX];
	struct bytes quoted = { g->now.value[IMA_PCR], SHA256_SIZE }, in = list;
	struct ima_state state = { .hash = ATTEST_SHA256 };
	struct room scratch = ROOM(store);
	const uint8_t *from = first == 0 ? list.at : NULL;
	struct ima_entry entry;

	while (in.len > 0 && !bytes_same(quoted, (struct bytes){ state.pcr, SHA256_SIZE })) {
		scratch.len = 0;
		if (ima_next(&in, form, &scratch, &entry) != ERR_NONE ||
		    ima_extend(&state, &entry) != ERR_NONE)
			break;
		if (state.entries == first)
			from = in.at;
	}
	g->evidence.ima = list;
	if (!bytes_same(quoted, (struct bytes){ state.pcr, SHA256_SIZE }))
		return;
	shown->ima_entries = state.entries;
	if (from == NULL) /* shorter than what the server has: not the list that it knows */
		from = list.at;
	else
		g->evidence.ima_first = first;
	g->evidence.ima = (struct bytes){ from, (size_t)(in.at - from) };
}

static enum err add_ima(const struct machine *machine, struct gathered *g,
                        struct machine_shown *shown)
{
	struct tpm_attest attest;
	struct bytes list;

	TRY(machine->ima(machine->ima_ctx, &list));
	TRY(tpm_attest_read(g->evidence.attest, &attest));
	shown->ima_reset = attest.clock.reset_count;
	cut_ima(list, machine->ima_form,
	        machine->ima_reset == attest.clock.reset_count ? machine->ima_first : 0, g, shown);
	g->evidence.has_ima = true;
	g->evidence.ima_form = machine->ima_form;
	return ERR_NONE;
}

static enum err add_logs(const struct machine *machine, uint32_t pcrs, struct gathered *g,
                         struct machine_shown *shown)
{
	if (machine->log.len > 0 && machine->log_known) {
		TRY(crypto_sha256(g->log_digest, &machine->log, 1));
		g->evidence.log_digest = BYTES(g->log_digest);
	} else if (machine->log.len > 0) {
		g->evidence.log = machine->log;
	}
	if (machine->ima != NULL)
		TRY(add_ima(machine, g, shown));
	tell_values(machine->log, machine->ima != NULL, pcrs, g);
	return ERR_NONE;
}

static enum err put_quote(const struct machine *machine, const struct equipment_session *session,
                          struct bytes binding, struct gathered *g, struct machine_shown *shown)
{
	uint32_t pcrs = session->wanted.pcrs != 0 ? session->wanted.pcrs : DEFAULT_PCRS;

	if (machine->ima != NULL)
		pcrs |= (uint32_t)1 << IMA_PCR;
	TRY(quote(machine, pcrs, binding, g));
	return add_logs(machine, pcrs, g, shown);
}

/* What the server takes, and this machine has: a statement rather than a quote, as it is shorter. */
static enum evidence_format format_of(const struct machine *machine,
                                      const struct equipment_wanted *wanted)
{
	if ((wanted->formats >> EVIDENCE_STATEMENT & 1) && machine->self != NULL &&
	    machine->self->pcrs != 0)
		return EVIDENCE_STATEMENT;
	return (wanted->formats >> EVIDENCE_TPM & 1) && (wanted->banks >> ATTEST_SHA256 & 1)
	               ? EVIDENCE_TPM
	               : EVIDENCE_NONE;
}

enum err evidence_gather(const struct machine *machine, const struct equipment_session *session,
                         struct room *out, struct machine_shown *shown)
{
	struct gathered g = { .evidence = { .format = format_of(machine, &session->wanted) } };
	struct room claims = ROOM(g.claims), statement = ROOM(g.statement);
	uint8_t binding[BINDING_SIZE];

	if (g.evidence.format == EVIDENCE_NONE)
		return ERR_UNSUPPORTED;
	equipment_claims_put(&claims, &machine->claims);
	if (claims.full)
		return ERR_ROOM;
	g.evidence.claims = room_used(&claims);
	TRY(evidence_binding(BYTES_STR(EVIDENCE_LABEL), session->server_signed1, session->eid,
	                     g.evidence.claims, binding));
	*shown = (struct machine_shown){ .statement = g.evidence.format == EVIDENCE_STATEMENT };
	if (shown->statement) {
		TRY(machine_state(machine, BYTES(binding), &statement));
		g.evidence.token = room_used(&statement);
	} else {
		TRY(put_quote(machine, session, BYTES(binding), &g, shown));
	}
	evidence_put(out, &g.evidence);
	return out->full ? ERR_ROOM : ERR_NONE;
}
