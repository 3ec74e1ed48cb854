/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/copy.h"

#include "profile/apps.h"
#include "profile/codes.h"
#include "profile/keys.h"
#include "profile/template.h"

/* Takes over an element as it is, tag and length included. */
static enum err whole_copy(const struct cursor *in, const struct element *element, struct room *out)
{
	ber_put_header(out, element->tag, element->len);
	return cursor_copy(in, element, out);
}

static enum err rest_copy(struct cursor *in, struct room *out)
{
	struct element element;

	while (!cursor_done(in)) {
		TRY(cursor_next(in, &element));
		TRY(whole_copy(in, &element, out));
	}
	return ERR_NONE;
}

static enum err fcp_copy(const struct cursor *in, ber_tag tag, const struct element *element,
                         struct room *out)
{
	uint8_t status[FCP_PIN_STATUS_MAX], pattern[FCP_PATTERN_MAX];
	struct fcp fcp;

	TRY(file_fcp_read(in, element, &fcp));
	TRY(cursor_take(in, &fcp.pin_status, 0, status, fcp.pin_status.len));
	TRY(cursor_take(in, &fcp.pattern, 0, pattern, fcp.pattern.len));
	file_fcp_put(out, tag, &fcp, (struct bytes){ status, fcp.pin_status.len },
	             (struct bytes){ pattern, fcp.pattern.len });
	return ERR_NONE;
}

static enum err steps_copy(struct cursor *in, enum err (*next)(struct cursor *, struct step *),
                           struct room *out)
{
	struct step step;

	while (!cursor_done(in)) {
		TRY(next(in, &step));
		if (step.kind == STEP_FCP)
			TRY(fcp_copy(in, step.element.tag, &step.element, out));
		else if (step.kind == STEP_OFFSET)
			ber_put_uint(out, step.element.tag, step.offset);
		else
			TRY(whole_copy(in, &step.element, out));
	}
	return ERR_NONE;
}

static enum err files_copy(struct pe *pe, struct room *out)
{
	const struct template *template;
	struct element element;
	unsigned next = 0, index;
	struct cursor steps;

	TRY(pe_template(pe, &template));
	size_t oid = ber_open(out, 0x81);
	template_oid(out, template);
	ber_close(out, oid);
	while (!cursor_done(&pe->body)) {
		TRY(pe_file(pe, template, &next, &index, &element));
		size_t file = ber_open(out, element.tag);
		steps = cursor_in(&pe->body, &element);
		TRY(steps_copy(&steps, file_step, out));
		ber_close(out, file);
	}
	return ERR_NONE;
}

static enum err management_copy(struct pe *pe, struct room *out)
{
	struct element element;
	struct cursor lists, steps;

	TRY(cursor_read(&pe->body, 0xA1, &element));
	TRY(cursor_end(&pe->body));
	lists = cursor_in(&pe->body, &element);
	size_t list = ber_open(out, 0xA1);
	while (!cursor_done(&lists)) {
		TRY(cursor_read(&lists, 0x30, &element));
		size_t one = ber_open(out, 0x30);
		steps = cursor_in(&lists, &element);
		TRY(steps_copy(&steps, management_step, out));
		ber_close(out, one);
	}
	ber_close(out, list);
	return ERR_NONE;
}

static enum err codes_copy(struct cursor *codes, bool pins, struct room *out)
{
	struct code code;

	while (!cursor_done(codes)) {
		TRY(pins ? pin_next(codes, &code) : puk_next(codes, &code));
		if (pins)
			pin_put(out, &code);
		else
			puk_put(out, &code);
		wipe(&code, sizeof code);
	}
	return ERR_NONE;
}

static enum err pins_copy(struct pe *pe, struct room *out)
{
	struct pin_codes list;

	TRY(pin_codes_read(pe, &list));
	size_t choice = ber_open(out, 0xA1);
	if (list.shared) {
		ber_put(out, 0x81, (struct bytes){ list.path.at, list.path.len });
	} else {
		size_t codes = ber_open(out, 0xA0);
		TRY(codes_copy(&list.codes, true, out));
		ber_close(out, codes);
	}
	ber_close(out, choice);
	return ERR_NONE;
}

static enum err puks_copy(struct pe *pe, struct room *out)
{
	struct cursor codes;

	TRY(puk_codes_read(pe, &codes));
	size_t list = ber_open(out, 0xA1);
	TRY(codes_copy(&codes, false, out));
	ber_close(out, list);
	return ERR_NONE;
}

static enum err aka_copy(struct pe *pe, struct room *out)
{
	uint8_t sqn[AKA_SQN_INIT_COUNT * AKA_SQN_INIT_SIZE];
	struct room room = ROOM(sqn);
	struct aka_parameter aka;
	uint64_t seq;

	TRY(aka_parameter_read(pe, &aka));
	for (unsigned n = 0; n < AKA_SQN_INIT_COUNT; n++) {
		TRY(aka_sqn_init(pe, &aka, n, &seq));
		room_put_u16(&room, (uint16_t)(seq >> 32));
		room_put_u32(&room, (uint32_t)seq);
	}
	aka_parameter_put(out, pe->mandated, pe->identification, &aka, room_used(&room));
	aka_parameter_clear(&aka);
	return ERR_NONE;
}

static enum err rfm_copy(struct pe *pe, struct room *out)
{
	struct rfm rfm;

	TRY(rfm_read(pe, &rfm));
	rfm_put(out, pe->mandated, pe->identification, &rfm);
	return ERR_NONE;
}

static enum err domain_check(const struct pe *pe)
{
	struct security_domain domain;
	struct domain_key key;

	TRY(security_domain_read(pe, &domain));
	while (!cursor_done(&domain.keys))
		TRY(domain_key_next(&domain.keys, &key));
	wipe(&key, sizeof key);
	return ERR_NONE;
}

static enum err header_copy(const struct pe *pe, struct room *out)
{
	struct profile_header header;

	TRY(profile_header_read(pe, &header));
	return whole_copy(&pe->body, &pe->whole, out);
}

/* Elements whose content has a writer of its own; the others are checked and taken over. */
static enum err content_copy(struct pe *pe, struct room *out)
{
	switch ((unsigned)pe->kind) {
	case PE_PIN_CODES:
		return pins_copy(pe, out);
	case PE_PUK_CODES:
		return puks_copy(pe, out);
	case PE_GENERIC_FILE_MANAGEMENT:
		return management_copy(pe, out);
	case PE_SECURITY_DOMAIN:
		TRY(domain_check(pe));
		return rest_copy(&pe->body, out);
	case PE_CDMA_PARAMETER:
		TRY(cdma_check(pe));
		return rest_copy(&pe->body, out);
	case PE_APPLICATION:
		TRY(application_check(pe));
		return rest_copy(&pe->body, out);
	case PE_NON_STANDARD:
		TRY(non_standard_check(pe));
		return rest_copy(&pe->body, out);
	case PE_END:
		return cursor_end(&pe->body);
	case PE_IOT:
	case PE_OPT_IOT:
		return rest_copy(&pe->body, out);
	default:
		return files_copy(pe, out);
	}
}

static enum err element_copy(struct pe *pe, struct room *out)
{
	if (pe->kind == PE_HEADER)
		return header_copy(pe, out);
	if (pe->kind == PE_KINDS)
		return whole_copy(&pe->body, &pe->whole, out);
	if (pe->kind == PE_AKA_PARAMETER)
		return aka_copy(pe, out);
	if (pe->kind == PE_RFM)
		return rfm_copy(pe, out);
	size_t element = pe_open(out, pe->kind, pe->mandated, pe->identification);
	TRY(content_copy(pe, out));
	ber_close(out, element);
	return ERR_NONE;
}

enum err profile_copy(const struct source *package, struct room *out, struct fault *fault)
{
	struct cursor elements = cursor_all(package, fault);
	struct pe pe;

	while (!cursor_done(&elements)) {
		if (fault != NULL)
			fault->set = false;
		TRY(pe_next(&elements, &pe));
		TRY(element_copy(&pe, out));
	}
	return out->full ? ERR_ROOM : ERR_NONE;
}
