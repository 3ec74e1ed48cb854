/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/check.h"

#include "profile/apps.h"
#include "profile/codes.h"
#include "profile/find.h"
#include "profile/image.h"
#include "profile/keys.h"

enum { FILE_CONTENT = 32 }; /* as much of a file as is looked at */

struct check {
	const struct source *package;
	struct cursor elements;
	struct fault fault;
	struct pe pe;
	uint16_t number;
	struct profile_header header;
	bool mf, cd, telecom, usim, isim, csim, ended;
	uint32_t global_pins, puks_low, puks_high; /* bit n: reference n, or 80 + n */
	uint32_t local_pins;                       /* of the present scope */
	const char *says;
};

static enum err refuse(struct check *c, const char *says, enum err cause)
{
	if (c->says == NULL)
		c->says = says;
	return cause;
}

/* --- files ------------------------------------------------------------------------------------ */

/* Members that the ASN.1 does not call OPTIONAL; the first of an element is its directory. */
static const struct {
	uint8_t kind;
	uint16_t fid;
} required[] = {
	{PE_MF,    0x3F00},
        { PE_MF,   0x2FE2},
        { PE_MF,   0x2F00},
        { PE_MF,   0x2F06},
	{ PE_USIM, 0     },
        { PE_USIM, 0x6F07},
        { PE_USIM, 0x6F06},
        { PE_USIM, 0x6F38},
	{ PE_USIM, 0x6F46},
        { PE_USIM, 0x6F56},
        { PE_USIM, 0x6F78},
        { PE_USIM, 0x6FB7},
	{ PE_ISIM, 0     },
        { PE_ISIM, 0x6F02},
        { PE_ISIM, 0x6F04},
        { PE_ISIM, 0x6F03},
	{ PE_ISIM, 0x6F07},
        { PE_ISIM, 0x6F06},
        { PE_CSIM, 0     },
        { PE_EAP,  0x4F02},
};

static bool is_required(enum pe_kind kind, const struct template *template, unsigned index)
{
	if (index == 0 && template->files[0].type >= FILE_DF)
		return true;
	for (size_t n = 0; n < COUNT(required); n++)
		if (required[n].kind == kind && required[n].fid == template->files[index].fid)
			return true;
	return false;
}

static enum err none_missing(struct check *c, const struct template *template, unsigned from,
                             unsigned to, uint32_t at)
{
	for (unsigned n = from; n < to; n++)
		if (is_required(c->pe.kind, template, n)) {
			(void)!cursor_fault(&c->pe.body, at,
			                    tag_number(n + TEMPLATE_FIRST_TAG, true), ERR_TAG);
			return refuse(c, "a file that this element must have is missing", ERR_TAG);
		}
	return ERR_NONE;
}

static enum err iccid_check(struct check *c, const struct room *content)
{
	for (size_t n = 0; n < PROFILE_ICCID_SIZE; n++) {
		uint8_t digit = c->header.iccid[n];
		if (n >= content->len || content->at[n] != (uint8_t)(digit << 4 | digit >> 4))
			return refuse(c, "EF.ICCID and the header differ", ERR_VALUE);
	}
	return ERR_NONE;
}

static enum err content_check(struct check *c, const struct file_facts *facts,
                              const struct room *content)
{
	if (c->pe.kind == PE_MF && facts->fid == 0x2FE2)
		return iccid_check(c, content);
	if (c->pe.kind == PE_USIM && facts->fid == 0x6F07 && facts->filled) {
		bool fits = content->len == 9 && content->at[0] >= 1 && content->at[0] <= 8;
		if (!fits)
			return refuse(c, "EF.IMSI is not coded as TS 31.102 4.2.2 says", ERR_VALUE);
	}
	if (facts->type == FILE_ADF && facts->aid_len == 0)
		return refuse(c, "an ADF needs an AID", ERR_VALUE);
	if (facts->type == FILE_ADF && facts->fid == 0)
		return refuse(c, "an ADF needs a temporary file id", ERR_VALUE);
	return ERR_NONE;
}

static enum err file_check(struct check *c, const struct file_template *row,
                           const struct element *element)
{
	struct file_walk walk = file_walk_of(&c->pe.body, element, row);
	uint8_t octets[FILE_CONTENT];
	struct file_facts facts;

	for (;;) {
		struct room content = ROOM(octets);
		enum err err = file_walk_next(&walk, &facts, &content);
		if (err == ERR_NOT_FOUND)
			return ERR_NONE;
		if (err == ERR_VALUE)
			return refuse(c, "description, template and content do not fit together",
			              err);
		TRY(err);
		err = content_check(c, &facts, &content);
		if (err != ERR_NONE)
			return cursor_fault(&c->pe.body, element->at, 0, err);
	}
}

static enum err place_check(struct check *c)
{
	switch ((unsigned)c->pe.kind) {
	case PE_MF:
		return c->mf ? refuse(c, "there is one MF already", ERR_ORDER) : ERR_NONE;
	case PE_CD:
	case PE_TELECOM:
	case PE_USIM:
	case PE_ISIM:
	case PE_CSIM:
		return c->mf ? ERR_NONE : refuse(c, "the MF must come first", ERR_ORDER);
	case PE_OPT_ISIM:
		return c->isim ? ERR_NONE : refuse(c, "an ISIM must come first", ERR_ORDER);
	case PE_OPT_CSIM:
		return c->csim ? ERR_NONE : refuse(c, "a CSIM must come first", ERR_ORDER);
	case PE_EAP:
		return c->usim || c->isim || c->csim
		               ? ERR_NONE
		               : refuse(c, "an application must come first", ERR_ORDER);
	default:
		return c->usim ? ERR_NONE : refuse(c, "a USIM must come first", ERR_ORDER);
	}
}

static void place_note(struct check *c)
{
	bool scope = c->pe.kind == PE_TELECOM || c->pe.kind == PE_USIM || c->pe.kind == PE_ISIM ||
	             c->pe.kind == PE_CSIM;

	c->mf = c->mf || c->pe.kind == PE_MF;
	c->cd = c->cd || c->pe.kind == PE_CD;
	c->telecom = c->telecom || c->pe.kind == PE_TELECOM;
	c->usim = c->usim || c->pe.kind == PE_USIM;
	c->isim = c->isim || c->pe.kind == PE_ISIM;
	c->csim = c->csim || c->pe.kind == PE_CSIM;
	if (scope)
		c->local_pins = 0;
}

static enum err files_check(struct check *c)
{
	const struct template *template;
	struct file_template row;
	struct element element;
	unsigned next = 0, index;

	enum err err = pe_template(&c->pe, &template);
	if (err == ERR_UNSUPPORTED)
		return refuse(c, "the template is not known", err);
	TRY(err);
	TRY(place_check(c));
	while (!cursor_done(&c->pe.body)) {
		unsigned from = next;
		uint32_t at = c->pe.body.at;
		err = pe_file(&c->pe, template, &next, &index, &element);
		if (err == ERR_TAG)
			return refuse(c, "the template has no such file, or not here", err);
		TRY(err);
		TRY(none_missing(c, template, from, index, at));
		template_file(template, index, &row);
		TRY(file_check(c, &row, &element));
	}
	TRY(none_missing(c, template, next, template->count, c->pe.body.at));
	place_note(c);
	return ERR_NONE;
}

static enum err management_check(struct check *c)
{
	struct management_walk walk;
	struct file_facts facts;
	uint8_t octets[FILE_CONTENT];

	if (!c->mf)
		return refuse(c, "the MF must come first", ERR_ORDER);
	TRY(management_walk_of(&c->pe, &walk));
	for (;;) {
		struct room content = ROOM(octets);
		enum err err = management_next(&walk, &facts, &content);
		if (err == ERR_NOT_FOUND)
			return ERR_NONE;
		if (err == ERR_VALUE)
			return refuse(c, "description and content do not fit together", err);
		TRY(err);
	}
}

/* --- codes and keys --------------------------------------------------------------------------- */

static bool note_reference(uint32_t *set, uint8_t reference)
{
	uint32_t bit = 1u << (reference & 0x1F);
	bool fresh = (*set & bit) == 0;

	*set |= bit;
	return fresh;
}

static enum err pin_check(struct check *c, const struct code *pin)
{
	bool local = (pin->reference & 0x80) != 0;
	bool inside = c->telecom || c->usim || c->isim || c->csim;

	if (local != inside)
		return refuse(c,
		              inside ? "only local PINs belong into an application or DF"
		                     : "only global PINs belong to the MF",
		              ERR_ORDER);
	if (!note_reference(local ? &c->local_pins : &c->global_pins, pin->reference))
		return refuse(c, "this PIN is defined twice", ERR_EXISTS);
	return ERR_NONE;
}

static bool puk_known(const struct check *c, uint8_t reference)
{
	uint32_t set = reference & 0x80 ? c->puks_high : c->puks_low;

	return reference == 0 || (set >> (reference & 0x1F) & 1) != 0;
}

static enum err pins_check(struct check *c)
{
	struct pin_codes list;
	struct code pin;

	if (!c->mf)
		return refuse(c, "the MF must come first", ERR_ORDER);
	TRY(pin_codes_read(&c->pe, &list));
	while (!list.shared && !cursor_done(&list.codes)) {
		uint32_t at = list.codes.at;
		TRY(pin_next(&list.codes, &pin));
		wipe(&pin.value, sizeof pin.value);
		enum err err = pin_check(c, &pin);
		if (err == ERR_NONE && !puk_known(c, pin.unblocking))
			err = refuse(c, "its PUK is not defined", ERR_NOT_FOUND);
		if (err != ERR_NONE)
			return cursor_fault(&list.codes, at, 0, err);
	}
	return ERR_NONE;
}

/* PUKs may be defined behind the PINs that name them, so all are gathered first. */
static enum err puks_gather(struct check *c)
{
	struct cursor elements = cursor_all(c->package, NULL), codes;
	struct code puk;
	struct pe pe;

	while (!cursor_done(&elements)) {
		if (pe_next(&elements, &pe) != ERR_NONE)
			return ERR_NONE; /* told when its turn comes */
		if (pe.kind != PE_PUK_CODES || puk_codes_read(&pe, &codes) != ERR_NONE)
			continue;
		while (!cursor_done(&codes) && puk_next(&codes, &puk) == ERR_NONE) {
			bool high = (puk.reference & 0x80) != 0;
			(void)note_reference(high ? &c->puks_high : &c->puks_low, puk.reference);
			wipe(&puk, sizeof puk);
		}
	}
	return ERR_NONE;
}

static enum err puks_check(struct check *c)
{
	struct cursor codes;
	struct code puk;

	TRY(puk_codes_read(&c->pe, &codes));
	while (!cursor_done(&codes)) {
		TRY(puk_next(&codes, &puk));
		wipe(&puk, sizeof puk);
	}
	return ERR_NONE;
}

static enum err aka_check(struct check *c)
{
	struct aka_parameter aka;
	struct aka_sizes sizes;

	if (!c->usim && !c->isim)
		return refuse(c, "a USIM or ISIM must come first", ERR_ORDER);
	enum err err = aka_parameter_read(&c->pe, &aka);
	if (err == ERR_VALUE)
		return refuse(c, "algorithm and lengths of its keys do not fit together", err);
	TRY(err);
	if (!aka.mapped && aka_sizes_of(&aka, &sizes) != ERR_NONE)
		err = refuse(c, "algorithmOptions ask for sizes that do not exist", ERR_VALUE);
	aka_parameter_clear(&aka);
	return err;
}

static enum err domain_check(struct check *c)
{
	struct security_domain domain;
	struct domain_key key;

	TRY(security_domain_read(&c->pe, &domain));
	while (!cursor_done(&domain.keys)) {
		TRY(domain_key_next(&domain.keys, &key));
		wipe(&key, sizeof key);
	}
	return ERR_NONE;
}

/* --- the package ------------------------------------------------------------------------------ */

static enum err identification_check(struct check *c)
{
	struct cursor before = cursor_all(c->package, NULL);
	struct pe pe;

	while (before.at < c->pe.whole.at) {
		TRY(pe_next(&before, &pe));
		if (pe.identified && pe.identification == c->pe.identification)
			return refuse(c, "this identification was given before", ERR_EXISTS);
	}
	return ERR_NONE;
}

static enum err end_check(struct check *c)
{
	struct cursor *rest = &c->elements;

	TRY(cursor_end(&c->pe.body));
	c->ended = true;
	if (!cursor_done(rest))
		return cursor_fault(rest, rest->at, 0,
		                    refuse(c, "something follows the end", ERR_TRAILING));
	return c->mf ? ERR_NONE : refuse(c, "there is no MF", ERR_NOT_FOUND);
}

static enum err element_check(struct check *c)
{
	struct rfm rfm;

	switch ((unsigned)c->pe.kind) {
	case PE_HEADER:
		return refuse(c, "there is one header, and it comes first", ERR_ORDER);
	case PE_GENERIC_FILE_MANAGEMENT:
		return management_check(c);
	case PE_PIN_CODES:
		return pins_check(c);
	case PE_PUK_CODES:
		return puks_check(c);
	case PE_AKA_PARAMETER:
		return aka_check(c);
	case PE_CDMA_PARAMETER:
		return cdma_check(&c->pe);
	case PE_SECURITY_DOMAIN:
		return domain_check(c);
	case PE_RFM:
		return rfm_read(&c->pe, &rfm);
	case PE_APPLICATION:
		return application_check(&c->pe);
	case PE_NON_STANDARD:
		return non_standard_check(&c->pe);
	case PE_END:
		return end_check(c);
	case PE_IOT:
	case PE_OPT_IOT:
	case PE_KINDS:
		return ERR_NONE; /* of later versions: nothing is known of them here */
	default:
		return files_check(c);
	}
}

static enum err header_check(struct check *c)
{
	c->number = 1;
	TRY(pe_next(&c->elements, &c->pe));
	if (c->pe.kind != PE_HEADER)
		return refuse(c, "a package begins with its header", ERR_TAG);
	TRY(profile_header_read(&c->pe, &c->header));
	if (c->header.major < 1 || c->header.major > 3)
		return refuse(c, "this version of the format is not known", ERR_UNSUPPORTED);
	return puks_gather(c);
}

static enum err package_check(struct check *c)
{
	TRY(header_check(c));
	while (!c->ended) {
		c->number++;
		c->fault.set = false;
		if (cursor_done(&c->elements)) {
			c->pe = (struct pe){ .kind = PE_KINDS };
			(void)!cursor_fault(&c->elements, c->elements.at, pe_tag(PE_END), ERR_TAG);
			return refuse(c, "the package has no end", ERR_TRUNCATED);
		}
		c->pe = (struct pe){
			.kind = PE_KINDS, .whole = {0, c->elements.at, 0, 0}
		};
		TRY(pe_next(&c->elements, &c->pe));
		if (c->pe.identified)
			TRY(identification_check(c));
		TRY(element_check(c));
	}
	return ERR_NONE;
}

enum err profile_check(const struct source *package, struct profile_flaw *flaw)
{
	struct check c = { .package = package };

	c.elements = cursor_all(package, &c.fault);
	enum err err = package_check(&c);
	*flaw = (struct profile_flaw){
		.offset = c.fault.set ? c.fault.at : c.pe.whole.at,
		.number = c.number,
		.kind = c.pe.kind,
		.identified = c.pe.identified,
		.identification = c.pe.identification,
		.want = c.fault.set ? c.fault.want : 0,
		.cause = err,
		.says = c.says != NULL ? c.says : err_text(err),
	};
	return err;
}
