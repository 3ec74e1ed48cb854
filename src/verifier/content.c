/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/content.h"

#include "evidence/eventlog.h"

#include <stdio.h>
#include <string.h>

enum {
	PCR_EVENTS_MAX = 512, /* events of one PCR in one log; ten times what was ever seen */
};

struct finding *findings_add(struct findings *findings, enum finding_cause cause)
{
	static _Thread_local struct finding overflow;

	findings->more = findings->more || findings->count == FINDINGS_MAX;
	struct finding *finding =
		findings->count < FINDINGS_MAX ? &findings->at[findings->count++] : &overflow;
	*finding = (struct finding){ .cause = cause };
	return finding;
}

static uint8_t put_digest(uint8_t *out, struct bytes digest)
{
	size_t len = digest.len < ATTEST_HASH_MAX ? digest.len : ATTEST_HASH_MAX;

	if (len > 0)
		memcpy(out, digest.at, len);
	return (uint8_t)len;
}

void finding_expected(struct finding *finding, struct bytes digest)
{
	finding->expected_len = put_digest(finding->expected, digest);
}

void finding_found(struct finding *finding, struct bytes digest)
{
	finding->found_len = put_digest(finding->found, digest);
}

static void finding_says(struct finding *finding, struct bytes text)
{
	size_t n = text.len < FINDING_TEXT_MAX - 1 ? text.len : FINDING_TEXT_MAX - 1;

	for (size_t i = 0; i < n; i++)
		finding->text[i] =
			(char)(text.at[i] < 0x20 || text.at[i] >= 0x7F ? '?' : text.at[i]);
	finding->text[n] = '\0';
}

/* What happened in one PCR, and what should have. */
struct happened {
	uint32_t index, type;
	const uint8_t *digest;
};

struct sequence {
	const struct reference *reference;
	uint32_t pcr;
	size_t size; /* of a digest */
	struct happened event[PCR_EVENTS_MAX];
	size_t events;
	const struct reference_event *listed[PCR_EVENTS_MAX];
	bool met[PCR_EVENTS_MAX];
	size_t listings;
	struct findings *findings;
};

static bool same(const struct sequence *s, size_t event, size_t listing)
{
	return memcmp(s->event[event].digest, s->listed[listing]->digest, s->size) == 0;
}

static struct finding *about(struct sequence *s, enum finding_cause cause)
{
	struct finding *finding = findings_add(s->findings, cause);

	finding->has_pcr = true;
	finding->pcr = s->pcr;
	return finding;
}

static void tell_event(struct sequence *s, struct finding *finding, size_t event)
{
	finding->has_event = true;
	finding->event = s->event[event].index;
	finding->type = s->event[event].type;
	finding_found(finding, (struct bytes){ s->event[event].digest, s->size });
}

static void tell_listing(struct sequence *s, struct finding *finding, size_t listing)
{
	const char *text = s->listed[listing]->text;

	finding_expected(finding, (struct bytes){ s->listed[listing]->digest, s->size });
	finding_says(finding, bytes_text(text));
}

static void missing(struct sequence *s, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (!s->listed[i]->optional && !s->met[i])
			tell_listing(s, about(s, FINDING_EVENT_MISSING), i);
	}
}

/* Where from `listing` on the event is listed; `listings` when nowhere. */
static size_t listed_at(const struct sequence *s, size_t event, size_t listing)
{
	while (listing < s->listings && !same(s, event, listing))
		listing++;
	return listing;
}

/* In order. An event that is listed further on means that those between did not happen; one that is
 * listed nowhere stands in the place of the expected one, unless the next event is that. */
static void compare_exact(struct sequence *s)
{
	size_t expected = 0;

	for (size_t i = 0; i < s->events; i++) {
		size_t at = listed_at(s, i, expected);

		if (at < s->listings) {
			missing(s, expected, at);
			expected = at + 1;
			continue;
		}
		bool added =
			expected == s->listings || (i + 1 < s->events && same(s, i + 1, expected));
		struct finding *finding =
			about(s, added ? FINDING_EVENT_UNEXPECTED : FINDING_EVENT_CHANGED);
		tell_event(s, finding, i);
		if (!added)
			tell_listing(s, finding, expected++);
	}
	missing(s, expected, s->listings);
}

static void compare_any_order(struct sequence *s)
{
	for (size_t i = 0; i < s->events; i++) {
		bool known = false;

		for (size_t at = 0; at < s->listings; at++) {
			if (same(s, i, at))
				known = s->met[at] = true;
		}
		if (!known)
			tell_event(s, about(s, FINDING_EVENT_UNEXPECTED), i);
	}
	missing(s, 0, s->listings);
}

static bool value_listed(const struct reference *reference, uint32_t pcr, const uint8_t *value,
                         size_t size, bool *any)
{
	*any = false;
	for (size_t i = 0; i < reference->pcr_count; i++) {
		if (reference->pcrs[i].pcr != pcr)
			continue;
		*any = true;
		if (memcmp(reference->pcrs[i].value, value, size) == 0)
			return true;
	}
	return false;
}

static void value_finding(const struct tpm_bank *bank, uint32_t pcr,
                          const struct reference *reference, struct findings *findings)
{
	struct finding *finding = findings_add(findings, FINDING_PCR_VALUE);
	size_t size = attest_hash_size(bank->hash);

	finding->has_pcr = true;
	finding->pcr = pcr;
	finding_found(finding, (struct bytes){ bank->value[pcr], size });
	for (size_t i = 0; i < reference->pcr_count; i++) {
		if (reference->pcrs[i].pcr == pcr)
			finding_expected(finding, (struct bytes){ reference->pcrs[i].value, size });
	}
}

void content_values(const struct tpm_bank *bank, uint32_t pcrs, const struct reference *reference,
                    struct findings *findings)
{
	bool any;

	for (uint32_t pcr = 0; pcr < TPM_PCRS; pcr++) {
		if ((pcrs >> pcr & 1) && !value_listed(reference, pcr, bank->value[pcr],
		                                       attest_hash_size(bank->hash), &any))
			value_finding(bank, pcr, reference, findings);
	}
}

static void list(struct sequence *s)
{
	for (size_t i = 0; i < s->reference->event_count && s->listings < PCR_EVENTS_MAX; i++) {
		if (s->reference->events[i].pcr == s->pcr)
			s->listed[s->listings++] = &s->reference->events[i];
	}
}

static enum err collect(struct bytes in, enum attest_hash hash, struct sequence *s)
{
	struct eventlog log;
	struct event event;
	struct bytes digest;

	TRY(eventlog_open(in, &log));
	while (!eventlog_done(&log)) {
		TRY(eventlog_next(&log, &event));
		if (event.type == EV_NO_ACTION || event.pcr != s->pcr)
			continue;
		TRY(event_digest(&event, hash, &digest));
		if (s->events == PCR_EVENTS_MAX)
			return ERR_LIMIT;
		s->event[s->events++] = (struct happened){ event.index, event.type, digest.at };
	}
	return ERR_NONE;
}

/* A final value that is listed settles a PCR. Otherwise its events are looked at, and when the
 * reference knows no event of it, the value is what deviates: a PCR of which nothing is known is
 * not accepted. */
static enum err content_pcr(struct bytes log, const struct tpm_bank *bank, uint32_t pcr,
                            const struct reference *reference, struct findings *findings)
{
	struct sequence s = { .reference = reference, .pcr = pcr, .findings = findings };
	bool any;

	s.size = attest_hash_size(bank->hash);
	if (value_listed(reference, pcr, bank->value[pcr], s.size, &any))
		return ERR_NONE;
	list(&s);
	if (s.listings == 0) {
		value_finding(bank, pcr, reference, findings);
		return ERR_NONE;
	}
	TRY(collect(log, bank->hash, &s));
	size_t before = findings->count;
	if (reference->exact >> pcr & 1)
		compare_exact(&s);
	else
		compare_any_order(&s);
	if (any && findings->count == before && !findings->more)
		value_finding(bank, pcr, reference, findings);
	return ERR_NONE;
}

enum err content_log(struct bytes log, const struct tpm_bank *bank, uint32_t pcrs,
                     const struct reference *reference, struct findings *findings)
{
	for (uint32_t pcr = 0; pcr < TPM_PCRS; pcr++) {
		if (pcrs >> pcr & 1)
			TRY(content_pcr(log, bank, pcr, reference, findings));
	}
	return ERR_NONE;
}

void content_ima(const struct ima_entry *entry, const struct reference *reference,
                 struct findings *findings)
{
	struct finding *finding;

	if (!entry->violation && reference_has_file(reference, entry->digest))
		return;
	finding = findings_add(findings,
	                       entry->violation ? FINDING_IMA_VIOLATION : FINDING_IMA_UNEXPECTED);
	finding->has_pcr = true;
	finding->pcr = IMA_PCR;
	finding_says(finding, entry->path);
	finding_found(finding, entry->digest);
	for (size_t i = 0; i < reference->file_count; i++) {
		const struct reference_file *file = &reference->files[i];
		if (bytes_same(entry->path, bytes_text(file->path)))
			finding_expected(finding, (struct bytes){ file->digest, file->len });
	}
}

static bool component_same(const struct reference_component *listed,
                           const struct psa_component *found)
{
	return bytes_same(found->value, (struct bytes){ listed->value, listed->value_len }) &&
	       (listed->signer_len == 0 ||
	        bytes_same(found->signer, (struct bytes){ listed->signer, listed->signer_len }));
}

static bool type_same(const struct reference_component *listed, const struct psa_component *found)
{
	return bytes_same(found->type, bytes_text(listed->type));
}

/* Each component that the token names must be one that is listed. */
static void component_found(const struct psa_component *found, const struct reference *reference,
                            struct findings *findings)
{
	const struct reference_component *expected = NULL;

	for (size_t i = 0; i < reference->component_count; i++) {
		if (component_same(&reference->components[i], found))
			return;
		if (type_same(&reference->components[i], found))
			expected = &reference->components[i];
	}
	struct finding *finding = findings_add(findings, FINDING_COMPONENT_CHANGED);
	finding_says(finding, found->type);
	finding_found(finding, found->value);
	if (expected != NULL)
		finding_expected(finding, (struct bytes){ expected->value, expected->value_len });
}

/* Each type of component that is listed must be there; of several listed with one type, one. */
static void component_listed(const struct reference_component *listed,
                             const struct psa_claims *claims, struct findings *findings)
{
	for (size_t i = 0; i < claims->components; i++) {
		if (listed->type[0] != '\0' ? type_same(listed, &claims->component[i])
		                            : component_same(listed, &claims->component[i]))
			return;
	}
	struct finding *finding = findings_add(findings, FINDING_COMPONENT_MISSING);
	finding_says(finding, bytes_text(listed->type));
	finding_expected(finding, (struct bytes){ listed->value, listed->value_len });
}

void content_psa(const struct psa_claims *claims, const struct reference *reference,
                 struct findings *findings)
{
	if (psa_lifecycle_of(claims->lifecycle) != PSA_SECURED)
		snprintf(findings_add(findings, FINDING_LIFECYCLE)->text, FINDING_TEXT_MAX,
		         "0x%04x", claims->lifecycle);
	for (size_t i = 0; i < claims->components; i++)
		component_found(&claims->component[i], reference, findings);
	for (size_t i = 0; i < reference->component_count; i++)
		component_listed(&reference->components[i], claims, findings);
}
