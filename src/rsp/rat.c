/* SPDX-License-Identifier: Apache-2.0 */
/* The rules authorisation table, SGP.22 v2.5 2.4.14 and 5.7.22. */
#include "rsp/local_management.h"

enum { CONSENT_REQUIRED = 1u << 0 };

enum err authorisation_rule_next(struct bytes *rules, struct authorisation_rule *out)
{
	struct authorisation_rule value;
	struct operator_id allowed;
	struct bytes rest = *rules, seq, left, element, extensions;
	uint32_t flags;

	TRY(ber_read(&rest, 0x30, &seq));
	TRY(rsp_bits_read(&seq, 0x80, &value.pprs));
	TRY(ber_read(&seq, 0xA1, &value.allowed_operators));
	left = value.allowed_operators;
	while (left.len > 0) {
		TRY(ber_read(&left, 0x30, &element));
		TRY(operator_id_read(element, &allowed));
	}
	TRY(rsp_bits_read(&seq, 0x82, &flags));
	TRY(rsp_extensions(seq, &extensions));
	value.consent_required = (flags & CONSENT_REQUIRED) != 0;
	*rules = rest;
	*out = value;
	return ERR_NONE;
}

void authorisation_rule_put(struct room *out, const struct authorisation_rule *rule)
{
	size_t mark = ber_open(out, 0x30);

	rsp_bits_put(out, 0x80, rule->pprs);
	ber_put(out, 0xA1, rule->allowed_operators);
	rsp_bits_put(out, 0x82, rule->consent_required ? CONSENT_REQUIRED : 0);
	ber_close(out, mark);
}

enum err get_rat_response_read(struct bytes in, struct bytes *rules)
{
	struct authorisation_rule rule;
	struct bytes seq, value, left, extensions;

	TRY(ber_read(&in, TAG_GET_RAT, &seq));
	TRY(ber_end(in));
	TRY(ber_read(&seq, 0xA0, &value));
	TRY(rsp_extensions(seq, &extensions));
	left = value;
	while (left.len > 0)
		TRY(authorisation_rule_next(&left, &rule));
	*rules = value;
	return ERR_NONE;
}

void get_rat_response_put(struct room *out, struct bytes rules)
{
	size_t mark = ber_open(out, TAG_GET_RAT);

	ber_put(out, 0xA0, rules);
	ber_close(out, mark);
}

static bool digit_matches(uint8_t allowed, uint8_t owner)
{
	return allowed == 0x0E || allowed == owner;
}

static bool gid_matches(struct bytes allowed, struct bytes owner)
{
	if (allowed.at == NULL)
		return owner.at == NULL;
	return allowed.len == 0 || bytes_same(allowed, owner);
}

bool operator_matches(const struct operator_id *allowed, const struct operator_id *owner)
{
	if (allowed->mcc_mnc.len != 3 || owner->mcc_mnc.len != 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		uint8_t a = allowed->mcc_mnc.at[i], o = owner->mcc_mnc.at[i];
		if (!digit_matches(a & 0x0F, o & 0x0F) || !digit_matches(a >> 4, o >> 4))
			return false;
	}
	return gid_matches(allowed->gid1, owner->gid1) && gid_matches(allowed->gid2, owner->gid2);
}
