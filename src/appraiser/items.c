/* SPDX-License-Identifier: Apache-2.0 */
/* What the verifier goes by, from the store: policies, reference values, revocations. */
#include "appraiser/appraiser_work.h"

#include "server/log.h"
#include "server/store_chips.h"

#include <stdio.h>
#include <string.h>

enum { BUILTIN_LIFE_S = 3600 };

/* In force where nobody has given a policy: it asks for nothing, and says so by its name. */
static const struct appraiser_policy *builtin(void)
{
	static struct appraiser_policy none;

	if (none.policy.name[0] != '\0')
		return &none;
	snprintf(none.policy.name, sizeof none.policy.name, "none");
	for (size_t i = 0; i < PURPOSES; i++) {
		struct policy_rule *rule = &none.policy.rule[i];
		rule->present = true;
		rule->formats = UINT32_MAX;
		rule->max_age = BUILTIN_LIFE_S;
		rule->pairing = PAIRING_OBSERVE;
		for (size_t cause = 0; cause < FINDINGS; cause++)
			rule->leads_to[cause] =
				finding_firm((enum finding_cause)cause) ? REFUSE : ADMIT;
	}
	return &none;
}

bool appraiser_asks(const struct appraiser_policy *policy)
{
	return policy != builtin();
}

void appraiser_unasked(const struct appraiser_policy *policy, enum decision decision,
                       char why[static APPRAISE_WHY_MAX])
{
	if (decision == ADMIT && !appraiser_asks(policy))
		snprintf(why, APPRAISE_WHY_MAX, "no policy asks for evidence");
}

static bool named(const struct appraiser_policy *policy, struct bytes operator_name)
{
	return strlen(policy->operator_name) == operator_name.len &&
	       memcmp(policy->operator_name, operator_name.at, operator_name.len) == 0;
}

const struct appraiser_policy *appraiser_policy(const struct appraiser_state *state,
                                                struct bytes operator_name)
{
	const struct appraiser_policy *common = builtin();

	for (size_t i = 0; i < state->policy_count; i++) {
		if (state->policies[i].operator_name[0] == '\0')
			common = &state->policies[i];
		else if (named(&state->policies[i], operator_name))
			return &state->policies[i];
	}
	return common;
}

static enum err policy_add(struct appraiser_state *state, const struct item *item)
{
	struct appraiser_policy *policy = &state->policies[state->policy_count];
	uint32_t line;

	if (state->policy_count == POLICIES_MAX || item->name.len >= sizeof policy->operator_name)
		return ERR_LIMIT;
	TRY(policy_read(item->body, &policy->policy, &line));
	TRY(crypto_sha256(policy->digest, &item->body, 1));
	memset(policy->operator_name, 0, sizeof policy->operator_name);
	if (item->name.len > 0)
		memcpy(policy->operator_name, item->name.at, item->name.len);
	state->policy_count++;
	return ERR_NONE;
}

enum err appraiser_revoke(struct references *references, struct bytes name)
{
	char model[CLAIM_TEXT_MAX + 1] = "", version[CLAIM_TEXT_MAX + 1] = "";
	const uint8_t *nul = name.len == 0 ? NULL : memchr(name.at, 0, name.len);
	size_t len = nul == NULL ? name.len : (size_t)(nul - name.at);

	if (nul == NULL || len > CLAIM_TEXT_MAX || name.len - len - 1 > CLAIM_TEXT_MAX)
		return ERR_VALUE;
	memcpy(model, name.at, len);
	memcpy(version, nul + 1, name.len - len - 1);
	enum err err = references_revoke(references, model, version);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* Whose signer is in force no more says nothing any more, but is known by name: evidence that goes by it is
 * refused as that. */
static enum err reference_take(struct appraiser_state *state, const struct item *item)
{
	struct references *references = &state->verifier.references;
	uint32_t line;
	enum err err = appraiser_reference(&state->suppliers, item, references, &line);

	if (err != ERR_SIGNATURE)
		return err;
	log_error("reference values \"%.*s\": no supplier in force has signed them",
	          (int)item->name.len, (const char *)item->name.at);
	return references_add_orphaned(references, item->body, &line);
}

static enum err item_take(struct appraiser_state *state, const struct item *item)
{
	switch (item->kind) {
	case ITEM_POLICY:
		return policy_add(state, item);
	case ITEM_REFERENCE:
	case ITEM_CORIM:
		return reference_take(state, item);
	case ITEM_REVOKED:
		return appraiser_revoke(&state->verifier.references, item->name);
	case ITEM_ROOT: /* these are for enrolment */
	case ITEM_TEST_ROOT:
	case ITEM_SUPPLIER:
	case ITEM_KINDS:
		break;
	}
	return ERR_NONE;
}

/* Items are checked before they are put into the store; one that cannot be read all the same must not
 * silently widen what is accepted, so nothing is decided until it is gone. */
static enum err take(void *ctx, const struct item *item)
{
	enum err err = item_take(ctx, item);

	if (err != ERR_NONE)
		log_error("%.*s cannot be read: %s", (int)item->name.len,
		          (const char *)item->name.at, err_text(err));
	return err;
}

enum err appraiser_refresh(struct appraiser_state *state, uint64_t generation)
{
	struct references *references = &state->verifier.references;

	if (state->generation == generation)
		return ERR_NONE;
	state->generation = 0;
	state->policy_count = 0;
	references_clear(references);
	TRY(appraiser_suppliers_load(state, &state->suppliers));
	TRY(appraiser_each_item(state, take, state));
	/* What is remembered of machines and logs is of this generation, across restarts. */
	references->generation = generation;
	state->generation = generation;
	if (state->policy_count == 0)
		log_info("no policy: integrity is not asked for, and every card is admitted");
	return ERR_NONE;
}

static void put_text(struct room *out, const char *text)
{
	room_put(out, bytes_text(text));
}

static void put_list(struct room *out, const char *name, uint32_t set, const char *const *words,
                     uint32_t count)
{
	const char *between = "";

	put_text(out, name);
	for (uint32_t i = 0; i < count; i++) {
		if (!(set >> i & 1) || words[i] == NULL)
			continue;
		put_text(out, between);
		put_text(out, words[i]);
		between = ",";
	}
	put_text(out, "]");
}

static void put_pcrs(struct room *out, uint32_t pcrs)
{
	const char *between = "";
	char number[16];

	put_text(out, ",\"pcrs\":[");
	for (unsigned i = 0; i < TPM_PCRS; i++) {
		if (!(pcrs >> i & 1))
			continue;
		snprintf(number, sizeof number, "%s%u", between, i);
		put_text(out, number);
		between = ",";
	}
	put_text(out, "]");
}

void appraiser_wanted(const struct appraiser_state *state, struct room *out)
{
	static const char *const formats[] = { [EVIDENCE_TPM] = "\"tpm\"",
		                               [EVIDENCE_PSA] = "\"psa\"",
		                               [EVIDENCE_STATEMENT] = "\"statement\"" };
	static const char *const banks[ATTEST_HASHES] = { "\"sha1\"", "\"sha256\"", "\"sha384\"",
		                                          "\"sha512\"" };
	struct policy_rule all = { .formats = 0 };

	for (size_t i = 0; i < state->policy_count; i++) {
		for (size_t purpose = 0; purpose < PURPOSES; purpose++) {
			const struct policy_rule *rule = &state->policies[i].policy.rule[purpose];
			all.formats |= rule->formats;
			all.banks |= rule->banks;
			all.pcrs |= rule->pcrs;
		}
	}
	if (all.formats == 0)
		return;
	put_list(out, "{\"formats\":[", all.formats, formats, COUNT(formats));
	put_list(out, ",\"banks\":[", all.banks, banks, COUNT(banks));
	put_pcrs(out, all.pcrs);
	put_text(out, "}");
}
