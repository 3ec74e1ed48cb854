/* SPDX-License-Identifier: Apache-2.0 */
/* Appraisal of a TPM quote with the logs behind it. */
#include "verifier/work.h"

#include <string.h>

struct quote {
	struct tpm_attest attest;
	struct tpm_signature signature;
	enum attest_hash bank;
	uint32_t mask;
	struct bytes log; /* whole, sent or remembered; at == NULL for none */
	struct cache_entry *cached;
	struct tpm_bank replayed;   /* what the log alone replays to, when it is not cached */
	struct tpm_bank values;     /* of all quoted PCRs */
	uint32_t unexplained;       /* quoted PCRs whose values were only told */
	struct ima_state ima_state; /* where the list then stands */
};

static void read_structures(struct work *work, struct quote *quote)
{
	enum err err = tpm_attest_read(work->evidence.attest, &quote->attest);

	if (err == ERR_TAG)
		work_found(work, FINDING_MAGIC);
	else if (err != ERR_NONE && err != ERR_UNSUPPORTED)
		work_found(work, FINDING_MALFORMED);
	else if (err == ERR_UNSUPPORTED || quote->attest.type != TPM_ST_ATTEST_QUOTE)
		work_found(work, FINDING_NOT_QUOTE);
	else if (tpm_signature_read(work->evidence.signature, &quote->signature) != ERR_NONE)
		work_found(work, FINDING_MALFORMED);
}

/* One bank, and one that the policy takes: a second, weaker one beside it would only be another
 * thing to get wrong. */
static void check_selection(struct work *work, struct quote *quote)
{
	const struct tpm_selection *selection = &quote->attest.selection;
	uint32_t used = 0;

	for (uint32_t i = 0; i < selection->count; i++) {
		if (selection->bank[i].mask == 0)
			continue;
		used++;
		quote->mask = selection->bank[i].mask;
		if (tpm_hash(selection->bank[i].hash, &quote->bank) != ERR_NONE ||
		    !(work->rule->banks >> quote->bank & 1)) {
			work_found(work, FINDING_BANK);
			return;
		}
	}
	if (used != 1 || (work->rule->pcrs & ~quote->mask) != 0) {
		struct finding *finding =
			work_found(work, used > 1 ? FINDING_BANK : FINDING_SELECTION);
		for (uint32_t n = TPM_PCRS; used == 1 && n-- > 0;) {
			if ((work->rule->pcrs & ~quote->mask) >> n & 1) {
				finding->has_pcr = true;
				finding->pcr = n;
			}
		}
	}
}

enum err work_key(const struct work *work, struct room *point, struct attest_key *out)
{
	const uint32_t must = TPM_RESTRICTED | TPM_SIGN | TPM_FIXED_TPM | TPM_SENSITIVE_DATA_ORIGIN;
	const struct enrolment *known = work->appraisal->enrolment;
	struct tpm_public public;

	if (known->format != EVIDENCE_TPM)
		return ERR_UNSUPPORTED;
	TRY(tpm_public_read(known->key, false, &public));
	if ((public.attributes & must) != must || (public.attributes & TPM_DECRYPT) != 0)
		return ERR_DENIED;
	return tpm_public_key(&public, point, out);
}

/* The magic of the structure proves who made it. */
static void check_signature(struct work *work, const struct quote *quote)
{
	uint8_t store[ATTEST_POINT_MAX];
	struct room point = ROOM(store);
	struct attest_key key;

	if (work_key(work, &point, &key) != ERR_NONE)
		work_found(work, FINDING_KEY);
	else if (quote->signature.hash == ATTEST_SHA1)
		work_found(work, FINDING_BANK); /* a signature over SHA-1 proves too little */
	else if (tpm_verify(&key, &quote->signature, work->evidence.attest) != ERR_NONE)
		work_found(work, FINDING_SIGNATURE);
}

static void replay_log(struct work *work, struct quote *quote)
{
	struct log_cache *cache = &work->verifier->cache;
	struct bytes quoted = quote->attest.pcr_digest;
	struct eventlog_count count;

	quote->log = work->evidence.log;
	if (work->evidence.log_digest.at != NULL) {
		quote->cached = log_cache_by_digest(cache, work->evidence.log_digest, quote->bank);
		if (quote->cached == NULL) {
			finding_found(work_found(work, FINDING_LOG_UNKNOWN),
			              work->evidence.log_digest);
			return;
		}
		quote->log = (struct bytes){ quote->cached->log, quote->cached->len };
	} else if (quote->log.at != NULL) {
		quote->cached = log_cache_find(cache, quote->log, quote->bank, quoted);
	} else {
		tpm_bank_clear(&quote->values, quote->bank);
		return;
	}
	if (quote->cached != NULL) {
		quote->values = quote->cached->bank;
		return;
	}
	enum err err = eventlog_replay(quote->log, quote->bank, &quote->values, &count);
	if (err != ERR_NONE) {
		struct finding *finding = work_found(work, FINDING_LOG_MALFORMED);
		finding->has_event = true;
		finding->event = count.events;
		finding->type = FINDING_TYPE_UNKNOWN;
	}
	quote->replayed = quote->values;
}

static void clear(struct findings *findings)
{
	findings->count = 0;
	findings->more = false;
}

/* Entries are replayed until the PCR has the value that was told, which the quote then proves; what
 * the list has beyond that happened after the quote. Without a told value the whole list must have
 * been quoted. */
static void replay_ima(struct work *work, struct quote *quote, const struct reference *reference)
{
	static _Thread_local uint8_t store[IMA_TEMPLATE_MAX];
	const struct evidence *evidence = &work->evidence;
	const struct enrolment *known = work->appraisal->enrolment;
	struct ima_state state = { .hash = quote->bank };
	bool told = (evidence->pcr.known >> IMA_PCR & 1) != 0;
	struct bytes in = evidence->ima, until = evidence->pcr.value[IMA_PCR];
	size_t size = attest_hash_size(quote->bank);
	struct room scratch = ROOM(store);
	struct ima_entry entry;

	if (evidence->ima_first != 0) {
		if (known->ima.entries != evidence->ima_first || known->ima.hash != quote->bank ||
		    known->ima_reset != quote->attest.clock.reset_count ||
		    known->ima_generation != work->verifier->references.generation) {
			work_found(work, FINDING_IMA_GAP);
			return;
		}
		state = known->ima;
	}
	clear(&work->verifier->ima);
	while (in.len > 0 && !(told && bytes_same(until, (struct bytes){ state.pcr, size }))) {
		if (ima_next(&in, evidence->ima_form, &scratch, &entry) != ERR_NONE ||
		    ima_entry_check(&entry) != ERR_NONE || ima_extend(&state, &entry) != ERR_NONE) {
			work_found(work, FINDING_IMA_MALFORMED);
			return;
		}
		if (reference != NULL)
			content_ima(&entry, reference, &work->verifier->ima);
	}
	memcpy(quote->values.value[IMA_PCR], state.pcr, size);
	quote->values.known |= 1u << IMA_PCR;
	quote->ima_state = state;
}

/* A PCR that no log extends has the value that is told, or still the one it starts with. */
static void take_told(const struct work *work, struct quote *quote)
{
	size_t size = attest_hash_size(quote->bank);

	for (uint32_t n = 0; n < TPM_PCRS; n++) {
		if (!(quote->mask >> n & 1) || (quote->values.known >> n & 1))
			continue;
		if ((work->evidence.pcr.known >> n & 1) &&
		    work->evidence.pcr.value[n].len == size) {
			memcpy(quote->values.value[n], work->evidence.pcr.value[n].at, size);
			quote->unexplained |= (uint32_t)1 << n;
		}
		quote->values.known |= (uint32_t)1 << n;
	}
}

/* When the values that the machine tells are the quoted ones, the PCRs can be named in which its log is
 * wrong. */
static bool name_mismatch(struct work *work, const struct quote *quote)
{
	const struct evidence *evidence = &work->evidence;
	size_t size = attest_hash_size(quote->bank);
	struct tpm_bank told = quote->values;
	uint8_t digest[ATTEST_HASH_MAX];
	bool named = false;

	for (uint32_t n = 0; n < TPM_PCRS; n++) {
		if ((evidence->pcr.known >> n & 1) && evidence->pcr.value[n].len == size)
			memcpy(told.value[n], evidence->pcr.value[n].at, size);
	}
	if (tpm_pcr_digest(&quote->attest.selection, &told, 1, quote->signature.hash, digest) !=
	            ERR_NONE ||
	    !bytes_same(quote->attest.pcr_digest,
	                (struct bytes){ digest, attest_hash_size(quote->signature.hash) }))
		return false;
	for (uint32_t n = 0; n < TPM_PCRS; n++) {
		if (!(quote->mask >> n & 1) ||
		    memcmp(told.value[n], quote->values.value[n], size) == 0)
			continue;
		struct finding *finding = work_found(work, FINDING_LOG_MISMATCH);
		finding->has_pcr = true;
		finding->pcr = n;
		finding_expected(finding, (struct bytes){ told.value[n], size });
		finding_found(finding, (struct bytes){ quote->values.value[n], size });
		named = true;
	}
	return named;
}

static void compare_quoted(struct work *work, struct quote *quote)
{
	uint8_t digest[ATTEST_HASH_MAX];
	size_t size = attest_hash_size(quote->signature.hash);

	if (tpm_pcr_digest(&quote->attest.selection, &quote->values, 1, quote->signature.hash,
	                   digest) == ERR_NONE &&
	    bytes_same(quote->attest.pcr_digest, (struct bytes){ digest, size }))
		return;
	if (name_mismatch(work, quote))
		return;
	struct finding *finding = work_found(work, FINDING_LOG_MISMATCH);
	finding_expected(finding, quote->attest.pcr_digest);
	finding_found(finding, (struct bytes){ digest, size });
}

/* What the log was found to be under this set is remembered with it, as long as the sets and the
 * PCRs stay and no told value has part in it. */
static bool content_of(struct work *work, struct quote *quote, size_t set, uint32_t pcrs,
                       struct findings *out)
{
	const struct references *references = &work->verifier->references;
	struct cached_content *kept = quote->cached == NULL ? NULL : &quote->cached->content;
	bool keep = kept != NULL && (quote->unexplained & pcrs) == 0;

	clear(out);
	if (keep && kept->generation == references->generation && kept->set == set &&
	    kept->pcrs == pcrs) {
		out->count = kept->count;
		memcpy(out->at, kept->finding, kept->count * sizeof kept->finding[0]);
		return true;
	}
	if (quote->log.at == NULL)
		content_values(&quote->values, pcrs, &references->sets[set], out);
	else if (content_log(quote->log, &quote->values, pcrs, &references->sets[set], out) !=
	         ERR_NONE)
		return false;
	if (keep && !out->more) {
		kept->generation = references->generation;
		kept->set = set;
		kept->pcrs = pcrs;
		kept->count = out->count;
		memcpy(kept->finding, out->at, out->count * sizeof kept->finding[0]);
	}
	return true;
}

static void append(struct findings *to, const struct findings *from)
{
	for (size_t i = 0; i < from->count; i++)
		*findings_add(to, from->at[i].cause) = from->at[i];
	to->more = to->more || from->more;
}

/* Several sets may be in force during a roll-out: the one that explains the log best counts. */
static void step_content(struct work *work, struct quote *quote)
{
	uint32_t pcrs = work->rule->pcrs & ~(work->evidence.has_ima ? 1u << IMA_PCR : 0);
	struct why_not why = { false, false, false };
	struct findings *these = &work->verifier->these, *best = &work->verifier->best;
	const struct findings *ima_findings = &work->verifier->ima;
	const struct reference *set;
	size_t from = 0;
	bool any = false;

	while ((set = work_reference(work, &from, &why)) != NULL) {
		bool ima = work->evidence.has_ima && (quote->mask >> IMA_PCR & 1);

		if (set->bank != quote->bank)
			continue;
		if (!content_of(work, quote, from - 1, pcrs, these)) {
			work_found(work, FINDING_LOG_MALFORMED);
			return;
		}
		if (ima) {
			replay_ima(work, quote, set);
			append(these, ima_findings);
		}
		/* A list with a deviation in it is not gone on from, or the deviation would be
		 * forgotten. */
		if (ima && !work->over && ima_findings->count == 0) {
			work->result->ima = quote->ima_state;
			work->result->ima_generation = work->verifier->references.generation;
		}
		work_keep(best, &any, these);
	}
	if (!any)
		work_no_reference(work, why);
	else
		append(&work->result->findings, best);
}

/* Succeeds when there are PCR values whose content can be spoken of, be they the quoted ones or
 * not. */
static bool step_replay(struct work *work, struct quote *quote)
{
	replay_log(work, quote);
	if (!work->over && work->evidence.has_ima && (quote->mask >> IMA_PCR & 1))
		replay_ima(work, quote, NULL);
	if (work->over)
		return false;
	take_told(work, quote);
	compare_quoted(work, quote);
	/* Only what a chip has quoted is remembered: nobody fills the cache with logs of his
	 * own. */
	if (!work->over && quote->cached == NULL && quote->log.at != NULL)
		quote->cached = log_cache_add(&work->verifier->cache, quote->log,
		                              quote->attest.pcr_digest, &quote->replayed);
	return true;
}

void appraise_tpm(struct work *work)
{
	struct quote quote;

	quote.log = (struct bytes){ NULL, 0 };
	quote.cached = NULL;
	quote.mask = quote.unexplained = 0;
	read_structures(work, &quote);
	if (!work->over)
		check_selection(work, &quote);
	if (work->over)
		return;
	step_binding(work, quote.attest.extra_data);
	if (work->over)
		return;
	step_enrolment(work);
	if (work->over)
		return;
	check_signature(work, &quote);
	if (work->over)
		return;
	step_clock(work, &quote.attest.clock);
	if (work->over)
		return;
	work->result->remember = true;
	work->result->clock = quote.attest.clock;
	if (step_replay(work, &quote))
		step_content(work,
		             &quote); /* after a mismatch too: it may tell which event deviates */
}
