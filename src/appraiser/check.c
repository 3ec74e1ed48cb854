/* SPDX-License-Identifier: Apache-2.0 */
/* What an administrator is about to put in force: is it well formed, and who would be affected? */
#include "appraiser/appraiser_work.h"

#include "appraiser/findings.h"
#include "codec/ber.h"
#include "server/pack.h"
#include "server/store_chips.h"

#include <stdio.h>
#include <string.h>

static void name_of(const struct references *references, char *name, size_t size)
{
	if (references->count > 0)
		snprintf(name, size, "%s %s", references->sets[0].model,
		         references->sets[0].firmware);
}

/* Values of a firmware that is revoked may be put in force: they are refused by that name. */
static enum err check_reference(struct appraiser_state *state, const struct item *item,
                                struct references *references, uint32_t *line)
{
	static struct appraiser_suppliers suppliers;

	TRY(appraiser_suppliers_load(state, &suppliers));
	return appraiser_reference(&suppliers, item, references, line);
}

static enum err check_item(struct appraiser_state *state, const struct item *item, uint32_t *line,
                           char *name, size_t size)
{
	struct references references;
	struct policy policy;
	struct bytes content, in = item->body;
	enum err err = ERR_NONE;

	references_init(&references);
	if (item->kind == ITEM_POLICY)
		err = policy_read(item->body, &policy, line);
	else if (item->kind == ITEM_REFERENCE || item->kind == ITEM_CORIM)
		err = check_reference(state, item, &references, line);
	else if (item->kind == ITEM_ROOT || item->kind == ITEM_TEST_ROOT ||
	         item->kind == ITEM_SUPPLIER)
		err = ber_read_whole(&in, 0x30, &content);
	name_of(&references, name, size);
	references_clear(&references);
	return err;
}

enum err appraiser_do_check(struct appraiser_state *state, struct bytes in, struct room *out)
{
	char name[2 * CLAIM_TEXT_MAX + 2] = "";
	struct item item;
	uint32_t line = 0;

	TRY(unpack_item(&in, &item));
	room_put_u64(out, check_item(state, &item, &line, name, sizeof name));
	room_put_u64(out, line);
	pack_bytes(out, bytes_text(name));
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
