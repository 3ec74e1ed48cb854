/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/apps.h"

enum { TAG_AID = 0x4F }; /* [APPLICATION 15] */

static enum err aid_read(struct cursor *in, ber_tag tag, struct aid *out)
{
	size_t len;

	TRY(cursor_bytes(in, tag, out->at, 5, sizeof out->at, &len));
	out->len = (uint8_t)len;
	return ERR_NONE;
}

static enum err aid_optional(struct cursor *in, ber_tag tag, struct aid *out)
{
	return cursor_is(in, tag) ? aid_read(in, tag, out) : ERR_NONE;
}

static enum err skip_optional(struct cursor *in, ber_tag tag)
{
	struct element element;
	bool has;

	return cursor_optional(in, tag, &element, &has);
}

static enum err instance_read(const struct cursor *outer, const struct element *element,
                              struct app_instance *out)
{
	struct cursor in = cursor_in(outer, element);
	size_t len;

	TRY(aid_read(&in, TAG_AID, &out->package));
	TRY(aid_read(&in, TAG_AID, &out->class));
	TRY(aid_read(&in, TAG_AID, &out->instance));
	TRY(aid_optional(&in, TAG_AID, &out->domain));
	TRY(cursor_bytes(&in, 0x82, out->privileges, 1, sizeof out->privileges, &len));
	out->privileges_len = (uint8_t)len;
	out->life_cycle = 0x07; /* default: selectable */
	if (cursor_is(&in, 0x83))
		TRY(cursor_fixed(&in, 0x83, &out->life_cycle, 1));
	TRY(cursor_read(&in, 0xC9, &out->specific));
	TRY(skip_optional(&in, 0xEF)); /* systemSpecificParameters */
	TRY(skip_optional(&in, 0xEA)); /* applicationParameters */
	TRY(skip_optional(&in, 0x30)); /* processData */
	TRY(skip_optional(&in, 0xB0)); /* controlReferenceTemplate */
	return cursor_end(&in);
}

static enum err component_read(struct cursor *in, struct domain_key *out)
{
	uint32_t mac_len;
	size_t len;

	TRY(cursor_fixed(in, 0x80, &out->type, 1));
	TRY(cursor_bytes(in, 0x86, out->value.at, 1, SECRET_MAX, &len));
	out->value.len = (uint8_t)len;
	TRY(cursor_uint_or(in, 0x87, 0xFF, 8, &mac_len));
	out->mac_len = (uint8_t)mac_len;
	return cursor_end(in);
}

static enum err key_read(struct cursor *in, struct domain_key *out)
{
	struct element list, component;
	struct cursor components, one;
	size_t len;

	TRY(cursor_bytes(in, 0x95, out->usage, 1, sizeof out->usage, &len));
	out->usage_len = (uint8_t)len;
	if (cursor_is(in, 0x96))
		TRY(cursor_fixed(in, 0x96, &out->access, 1));
	TRY(cursor_fixed(in, 0x82, &out->identifier, 1));
	TRY(cursor_fixed(in, 0x83, &out->version, 1));
	TRY(skip_optional(in, 0x85)); /* keyCounterValue: starts at what the card says */
	TRY(cursor_read(in, 0x30, &list));
	components = cursor_in(in, &list);
	TRY(cursor_read(&components, 0x30, &component));
	if (!cursor_done(&components))
		return cursor_fault(in, components.at, 0, ERR_UNSUPPORTED);
	one = cursor_in(&components, &component);
	TRY(component_read(&one, out));
	return cursor_end(in);
}

enum err domain_key_next(struct cursor *keys, struct domain_key *out)
{
	struct cursor rest = *keys, in;
	struct element element;

	*out = (struct domain_key){ 0 };
	TRY(cursor_read(&rest, 0x30, &element));
	in = cursor_in(&rest, &element);
	enum err err = key_read(&in, out);
	if (err != ERR_NONE) {
		wipe(out, sizeof *out);
		return err;
	}
	*keys = rest;
	return ERR_NONE;
}

enum err security_domain_read(const struct pe *pe, struct security_domain *out)
{
	struct security_domain domain = { 0 };
	struct cursor in = pe->body;
	struct element element;
	bool has;

	TRY(cursor_read(&in, 0xA1, &element));
	TRY(instance_read(&in, &element, &domain.instance));
	TRY(cursor_optional(&in, 0xA2, &element, &has));
	domain.keys = cursor_in(&in, &element);
	TRY(cursor_optional(&in, 0xA3, &domain.personalisation, &domain.has_personalisation));
	TRY(skip_optional(&in, 0xA4)); /* openPersoData */
	TRY(skip_optional(&in, 0xA5)); /* catTpParameters */
	TRY(cursor_end(&in));
	*out = domain;
	return ERR_NONE;
}

static void aid_put(struct room *out, ber_tag tag, const struct aid *aid)
{
	if (aid->len > 0)
		ber_put(out, tag, (struct bytes){ aid->at, aid->len });
}

static void key_put(struct room *out, const struct domain_key *key)
{
	size_t object = ber_open(out, 0x30);

	ber_put(out, 0x95, (struct bytes){ key->usage, key->usage_len });
	if (key->access != 0)
		ber_put(out, 0x96, (struct bytes){ &key->access, 1 });
	ber_put(out, 0x82, (struct bytes){ &key->identifier, 1 });
	ber_put(out, 0x83, (struct bytes){ &key->version, 1 });
	size_t list = ber_open(out, 0x30);
	size_t component = ber_open(out, 0x30);
	ber_put(out, 0x80, (struct bytes){ &key->type, 1 });
	ber_put(out, 0x86, secret_bytes(&key->value));
	if (key->mac_len != 8)
		ber_put_uint(out, 0x87, key->mac_len);
	ber_close(out, component);
	ber_close(out, list);
	ber_close(out, object);
}

void security_domain_put(struct room *out, bool mandated, uint16_t identification,
                         const struct app_instance *instance, struct bytes specific,
                         const struct domain_key *keys, size_t count, struct bytes personalisation)
{
	size_t element = pe_open(out, PE_SECURITY_DOMAIN, mandated, identification);
	size_t app = ber_open(out, 0xA1);

	aid_put(out, TAG_AID, &instance->package);
	aid_put(out, TAG_AID, &instance->class);
	aid_put(out, TAG_AID, &instance->instance);
	aid_put(out, TAG_AID, &instance->domain);
	ber_put(out, 0x82, (struct bytes){ instance->privileges, instance->privileges_len });
	if (instance->life_cycle != 0x07)
		ber_put(out, 0x83, (struct bytes){ &instance->life_cycle, 1 });
	ber_put(out, 0xC9, specific);
	ber_close(out, app);
	if (count > 0) {
		size_t list = ber_open(out, 0xA2);
		for (size_t i = 0; i < count; i++)
			key_put(out, &keys[i]);
		ber_close(out, list);
	}
	if (personalisation.len > 0) {
		size_t list = ber_open(out, 0xA3);
		ber_put(out, 0x04, personalisation);
		ber_close(out, list);
	}
	ber_close(out, element);
}

static enum err access_read(struct cursor *in, ber_tag tag, struct access_domain *out)
{
	size_t len;

	TRY(cursor_bytes(in, tag, out->at, 1, sizeof out->at, &len));
	out->len = (uint8_t)len;
	return ERR_NONE;
}

static enum err tars_read(struct cursor *in, struct rfm *out)
{
	struct element list;
	struct cursor each;
	bool has;

	TRY(cursor_optional(in, 0xA0, &list, &has));
	each = cursor_in(in, &list);
	while (has && !cursor_done(&each)) {
		if (out->tars == RFM_TARS_MAX)
			return cursor_fault(in, each.at, 0x04, ERR_LIMIT);
		TRY(cursor_fixed(&each, 0x04, out->tar[out->tars], sizeof out->tar[0]));
		out->tars++;
	}
	return ERR_NONE;
}

/* PE-RFM gives tags to some members, so none are automatic: ADFRFMAccess is a plain SEQUENCE. */
enum err rfm_read(const struct pe *pe, struct rfm *out)
{
	struct rfm rfm = { 0 };
	struct cursor in = pe->body, adf;
	struct element element;
	bool has;

	TRY(aid_read(&in, TAG_AID, &rfm.instance));
	TRY(aid_optional(&in, TAG_AID, &rfm.domain));
	TRY(tars_read(&in, &rfm));
	TRY(cursor_fixed(&in, 0x81, &rfm.security_level, 1));
	TRY(access_read(&in, 0x04, &rfm.access));
	TRY(access_read(&in, 0x04, &rfm.admin));
	TRY(cursor_optional(&in, 0x30, &element, &has));
	if (has) {
		adf = cursor_in(&in, &element);
		TRY(aid_read(&adf, 0x80, &rfm.adf));
		TRY(access_read(&adf, 0x81, &rfm.adf_access));
		TRY(access_read(&adf, 0x82, &rfm.adf_admin));
		TRY(cursor_end(&adf));
	}
	TRY(cursor_end(&in));
	*out = rfm;
	return ERR_NONE;
}

static void access_put(struct room *out, ber_tag tag, const struct access_domain *access)
{
	ber_put(out, tag, (struct bytes){ access->at, access->len });
}

void rfm_put(struct room *out, bool mandated, uint16_t identification, const struct rfm *rfm)
{
	size_t element = pe_open(out, PE_RFM, mandated, identification);

	aid_put(out, TAG_AID, &rfm->instance);
	aid_put(out, TAG_AID, &rfm->domain);
	if (rfm->tars > 0) {
		size_t list = ber_open(out, 0xA0);
		for (size_t i = 0; i < rfm->tars; i++)
			ber_put(out, 0x04, BYTES(rfm->tar[i]));
		ber_close(out, list);
	}
	ber_put(out, 0x81, (struct bytes){ &rfm->security_level, 1 });
	access_put(out, 0x04, &rfm->access);
	access_put(out, 0x04, &rfm->admin);
	if (rfm->adf.len > 0) {
		size_t adf = ber_open(out, 0x30);
		aid_put(out, 0x80, &rfm->adf);
		access_put(out, 0x81, &rfm->adf_access);
		access_put(out, 0x82, &rfm->adf_admin);
		ber_close(out, adf);
	}
	ber_close(out, element);
}

static enum err load_package_check(const struct cursor *outer, const struct element *element)
{
	struct cursor in = cursor_in(outer, element);
	struct aid aid;

	TRY(aid_read(&in, TAG_AID, &aid));
	TRY(aid_optional(&in, TAG_AID, &aid));
	TRY(skip_optional(&in, 0xC6));
	TRY(skip_optional(&in, 0xC7));
	TRY(skip_optional(&in, 0xC8));
	TRY(skip_optional(&in, 0xC1));
	TRY(cursor_read(&in, 0xC4, &(struct element){ 0 }));
	return cursor_end(&in);
}

enum err application_check(const struct pe *pe)
{
	struct cursor in = pe->body, each;
	struct element element;
	bool has;

	TRY(cursor_optional(&in, 0xA1, &element, &has));
	if (has)
		TRY(load_package_check(&in, &element));
	TRY(cursor_optional(&in, 0xA2, &element, &has));
	each = cursor_in(&in, &element);
	while (has && !cursor_done(&each)) {
		struct app_instance instance = { 0 };
		struct element one;
		TRY(cursor_read(&each, 0x30, &one));
		TRY(instance_read(&each, &one, &instance));
	}
	return cursor_end(&in);
}

enum err cdma_check(const struct pe *pe)
{
	static const uint16_t most[] = { 8, 16, 32, 483, 957 };
	static const uint16_t least[] = { 8, 16, 2, 3, 5 };
	struct cursor in = pe->body;
	struct element element;

	for (unsigned i = 0; i < COUNT(most); i++) {
		bool has = true;
		if (i == 0)
			TRY(cursor_read(&in, 0x81, &element));
		else
			TRY(cursor_optional(&in, 0x81 + i, &element, &has));
		if (has && (element.len < least[i] || element.len > most[i]))
			return cursor_fault(&in, element.at, 0x81 + i, ERR_LENGTH);
	}
	return cursor_end(&in);
}

enum err non_standard_check(const struct pe *pe)
{
	struct cursor in = pe->body;
	struct element element;

	TRY(cursor_read(&in, 0x81, &element));
	TRY(cursor_read(&in, 0x82, &element));
	return cursor_end(&in);
}
