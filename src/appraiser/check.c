/* SPDX-License-Identifier: Apache-2.0 */
/* What an administrator is about to put in force: is it well formed, and who would be affected? */
#include "appraiser/appraiser_work.h"

#include "appraiser/findings.h"
#include "server/pack.h"
#include "server/store_chips.h"

#include <stdio.h>
#include <string.h>

enum { SAYS_MAX = 160, ITEM_NAME_MAX = 128 };

/* What is found of an item: why it cannot be put in force, and what reference values are for. */
struct found {
	enum err why;
	uint32_t line;
	char says[SAYS_MAX], name[2 * CLAIM_TEXT_MAX + 2];
};

static void find(struct found *found, enum err why, const char *says)
{
	found->why = why;
	snprintf(found->says, sizeof found->says, "%s", says);
}

static void check_name(const struct item *item, struct found *found)
{
	if (item->name.len > ITEM_NAME_MAX)
		find(found, ERR_LENGTH, "a name has at most 128 octets");
	for (size_t i = 0; item->kind != ITEM_REVOKED && i < item->name.len; i++)
		if (item->name.at[i] < ' ' || item->name.at[i] == 0x7F)
			find(found, ERR_VALUE, "a name has no control characters");
}

/* Values of a firmware that is revoked may be put in force: they are refused by that name. */
static enum err check_references(struct appraiser_state *state, const struct item *item,
                                 struct found *found)
{
	static struct appraiser_suppliers suppliers;
	struct references references;

	TRY(appraiser_suppliers_load(state, &suppliers));
	references_init(&references);
	found->why = appraiser_reference(&suppliers, item, &references, &found->line);
	if (references.count > 0)
		snprintf(found->name, sizeof found->name, "%s %s", references.sets[0].model,
		         references.sets[0].firmware);
	references_clear(&references);
	if (found->why == ERR_UNSUPPORTED && found->line == 1)
		find(found, ERR_VALUE, "reference values begin with: assay-reference 1");
	if (found->why == ERR_NOT_FOUND)
		find(found, ERR_NOT_FOUND,
		     "it lacks a model, a firmware, or a single PCR, event or component");
	if (found->why == ERR_SIGNATURE)
		find(found, ERR_SIGNATURE, "no supplier in force has signed it");
	return ERR_NONE;
}

static void check_revoked(const struct item *item, struct found *found)
{
	struct references nothing;

	references_init(&nothing);
	if (appraiser_revoke(&nothing, item->name) != ERR_NONE)
		find(found, ERR_VALUE, "model and firmware have at most 64 octets each");
	references_clear(&nothing);
}

/* Whatever comes of the signature, a point that is not on the curve is told. */
static void check_supplier(const struct item *item, struct found *found)
{
	static const uint8_t any[EC_SIGNATURE_SIZE] = { 1 };
	const uint8_t *point = appraiser_supplier(item);

	if (point == NULL || crypto_ecdsa_verify(EC_P256, point, &item->name, 1, any) == ERR_VALUE)
		find(found, ERR_VALUE,
		     "it is no public key on P-256 (SubjectPublicKeyInfo, in DER or PEM)");
}

static void check_root(const struct appraiser_state *state, const struct item *item,
                       struct found *found)
{
	const char *fault =
		ek_anchor_fault(item->body, (int64_t)state->ports.now_s(state->ports.ctx));

	if (fault != NULL)
		find(found, ERR_CERTIFICATE, fault);
}

static enum err check_content(struct appraiser_state *state, const struct item *item,
                              struct found *found)
{
	struct policy policy;

	switch (item->kind) {
	case ITEM_POLICY:
		found->why = policy_read(item->body, &policy, &found->line);
		if (found->why == ERR_UNSUPPORTED && found->line == 1)
			find(found, ERR_VALUE, "a policy begins with: assay-policy 1");
		break;
	case ITEM_REFERENCE:
	case ITEM_CORIM:
		return check_references(state, item, found);
	case ITEM_REVOKED:
		check_revoked(item, found);
		break;
	case ITEM_ROOT:
	case ITEM_TEST_ROOT:
		check_root(state, item, found);
		break;
	case ITEM_SUPPLIER:
		check_supplier(item, found);
		break;
	case ITEM_KINDS:
		found->why = ERR_VALUE;
		break;
	}
	return ERR_NONE;
}

/* What is in force beside it. */
struct beside {
	const struct item *item;
	struct found *found;
	size_t policies, suppliers;
};

/* Whose root or supplier is what, depends on which comes first: one octet string has one name. */
static enum err compare(void *ctx, const struct item *other)
{
	struct beside *beside = ctx;
	const struct item *item = beside->item;
	char says[SAYS_MAX];

	if (other->kind == item->kind && bytes_same(other->name, item->name))
		return ERR_NONE; /* it takes its place */
	beside->policies += other->kind == ITEM_POLICY;
	beside->suppliers += other->kind == ITEM_SUPPLIER;
	bool root = item->kind == ITEM_ROOT || item->kind == ITEM_TEST_ROOT;
	bool like = root ? other->kind == ITEM_ROOT || other->kind == ITEM_TEST_ROOT
	                 : item->kind == ITEM_SUPPLIER && other->kind == ITEM_SUPPLIER;
	if (!like || !bytes_same(other->body, item->body))
		return ERR_NONE;
	snprintf(says, sizeof says, "it is in force already, as %s %.*s",
	         other->kind == ITEM_ROOT        ? "root"
	         : other->kind == ITEM_TEST_ROOT ? "test-root"
	                                         : "supplier",
	         (int)other->name.len, (const char *)other->name.at);
	find(beside->found, ERR_EXISTS, says);
	return ERR_NONE;
}

static enum err check_item(struct appraiser_state *state, const struct item *item,
                           struct found *found)
{
	struct beside beside = { .item = item, .found = found };

	check_name(item, found);
	if (found->why == ERR_NONE)
		TRY(check_content(state, item, found));
	if (found->why != ERR_NONE)
		return ERR_NONE;
	TRY(appraiser_each_item(state, compare, &beside));
	if (item->kind == ITEM_POLICY && beside.policies == POLICIES_MAX)
		find(found, ERR_LIMIT, "there are as many policies as can be in force");
	if (item->kind == ITEM_SUPPLIER && beside.suppliers == SUPPLIERS_MAX)
		find(found, ERR_LIMIT, "there are as many suppliers as can be in force");
	return ERR_NONE;
}

enum err appraiser_do_check(struct appraiser_state *state, struct bytes in, struct room *out)
{
	struct found found = { .why = ERR_NONE };
	struct item item;

	TRY(unpack_item(&in, &item));
	TRY(check_item(state, &item, &found));
	room_put_u64(out, found.why);
	room_put_u64(out, found.line);
	pack_bytes(out, bytes_text(found.says));
	pack_bytes(out, bytes_text(found.name));
	return ERR_NONE;
}

/* One row: whose, for what, how it is decided now and how it would be, and why. */
static void try_purpose(struct appraiser_state *state, const struct appraised *appraised,
                        const struct policy *policy, enum purpose purpose, struct room *out)
{
	static struct findings then, found;
	const struct policy *present = &appraiser_policy(state, appraised->operator_name)->policy;
	const struct reconsidered was = { .findings = &then,
		                          .format = appraised->format,
		                          .time = (int64_t)appraised->time_s };
	int64_t now = (int64_t)state->ports.now_s(state->ports.ctx);
	char why[APPRAISE_WHY_MAX];

	(void)!findings_unpack(appraised->findings, &then); /* what cannot be read refuses */
	pack_bytes(out, appraised->eid);
	room_put_u64(out, purpose);
	room_put_u64(out, verifier_reconsider(&present->rule[purpose], &was, now, &found));
	room_put_u64(out, verifier_reconsider(&policy->rule[purpose], &was, now, &found));
	appraiser_why(&policy->rule[purpose], &found, why);
	pack_bytes(out, bytes_text(why));
}

static bool affected(const struct appraiser_state *state, const struct appraised *appraised,
                     struct bytes operator_name)
{
	const struct appraiser_policy *policy = appraiser_policy(state, appraised->operator_name);

	return operator_name.len == 0 ? policy->operator_name[0] == '\0' || !appraiser_asks(policy)
	                              : bytes_same(appraised->operator_name, operator_name);
}

static enum err try_all(struct appraiser_state *state, const struct policy *policy,
                        struct bytes operator_name, struct room *out)
{
	uint8_t after_octets[EID_SIZE];
	struct bytes after = { NULL, 0 }, reply;
	struct appraised appraised;
	size_t rows;

	do {
		rows = 0;
		TRY(state->ports.appraisals(state->ports.ctx, after, &reply));
		while (store_appraisals_next(&reply, &appraised) == ERR_NONE) {
			if (appraised.eid.len != EID_SIZE)
				return ERR_CORRUPT;
			memcpy(after_octets, appraised.eid.at, EID_SIZE);
			after = BYTES(after_octets);
			rows++;
			if (!affected(state, &appraised, operator_name))
				continue;
			try_purpose(state, &appraised, policy, PURPOSE_PROVISIONING, out);
			try_purpose(state, &appraised, policy, PURPOSE_ACCESS, out);
		}
	} while (rows > 0);
	return out->full ? ERR_ROOM : ERR_NONE;
}

/* In: the operator, the text of a policy. Out: an error and its line, then a row for each card and purpose. */
enum err appraiser_do_try(struct appraiser_state *state, struct bytes in, struct room *out)
{
	struct bytes operator_name, text;
	uint64_t generation = 0;
	struct policy policy;
	struct chip nobody;
	uint32_t line = 0;
	enum err err;

	TRY(unpack_bytes(&in, &operator_name));
	TRY(unpack_bytes(&in, &text));
	err = state->ports.chip_load(state->ports.ctx, BYTES_STR(""), &generation, &nobody);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	TRY(appraiser_refresh(state, generation));
	err = policy_read(text, &policy, &line);
	room_put_u64(out, err);
	room_put_u64(out, line);
	return err == ERR_NONE ? try_all(state, &policy, operator_name, out) : ERR_NONE;
}
