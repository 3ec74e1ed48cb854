/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/profile_read.h"

#include "codec/alpha.h"
#include "codec/hex.h"
#include "profile/apps.h"
#include "profile/codes.h"
#include "profile/find.h"
#include "profile/image.h"
#include "profile/keys.h"
#include "profile/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTENT_MAX = 1 << 16, PATH_TEXT = 96 };

struct reader {
	struct profile_reading *reading;
	struct cursor elements;
	struct pe pe;
	json_t *element;  /* that is being filled in */
	uint8_t *content; /* CONTENT_MAX octets */
	char naa[24];     /* what files of further elements go into: "usim" */
};

static json_t *hex_of(struct bytes in)
{
	char *text = malloc(2 * in.len + 1);
	struct room room = { (uint8_t *)text, 2 * in.len, 0, false };

	if (text == NULL)
		return NULL;
	hex_put_upper(&room, in);
	json_t *string = json_stringn(text, room.len);
	free(text);
	return string;
}

static void put(json_t *object, const char *key, json_t *value)
{
	if (value != NULL)
		(void)json_object_set_new(object, key, value);
}

static void put_hex(json_t *object, const char *key, struct bytes value)
{
	put(object, key, hex_of(value));
}

static void put_secret(struct reader *r, json_t *object, const char *key,
                       const struct secret *value)
{
	put(object, key,
	    r->reading->secrets ? hex_of(secret_bytes(value)) : json_string("redacted"));
}

static void put_fid(json_t *object, const char *key, uint16_t fid)
{
	char text[5];

	snprintf(text, sizeof text, "%04X", fid);
	put(object, key, json_string(text));
}

static void put_aid(json_t *object, const char *key, const struct aid *aid)
{
	if (aid->len > 0)
		put_hex(object, key, (struct bytes){ aid->at, aid->len });
}

/* --- files ------------------------------------------------------------------------------------ */

static json_t *services_of(struct bytes table)
{
	json_t *list = json_array();

	for (unsigned n = 0; n < 8 * table.len; n++)
		if ((table.at[n / 8] >> n % 8 & 1) != 0)
			(void)json_array_append_new(list, json_integer(n + 1));
	return list;
}

static json_t *text_of(struct bytes octets)
{
	size_t len = 0;

	while (len < octets.len && octets.at[len] >= 0x20 && octets.at[len] < 0x7F)
		len++;
	return json_stringn((const char *)octets.at, len);
}

static json_t *name_of(struct bytes alpha)
{
	char text[256];
	struct room room = ROOM(text);

	alpha_read(alpha, &room);
	return json_stringn(text, room.len);
}

/* What a person wants to know of the files that are looked at most. */
static void decode(const struct reader *r, const struct file_facts *facts, struct bytes content,
                   json_t *file)
{
	char digits[32];

	if (r->pe.kind == PE_MF && facts->fid == 0x2FE2 &&
	    digits_swapped(content, 0, digits, sizeof digits))
		put(file, "iccid", json_string(digits));
	if (r->pe.kind == PE_USIM && facts->fid == 0x6F07 && content.len > 1 &&
	    digits_swapped((struct bytes){ content.at + 1, content.len - 1 }, 1, digits,
	                   sizeof digits))
		put(file, "imsi", json_string(digits));
	if (r->pe.kind == PE_USIM && facts->fid == 0x6F46 && content.len > 1)
		put(file, "spn", name_of((struct bytes){ content.at + 1, content.len - 1 }));
	if (r->pe.kind == PE_USIM && facts->fid == 0x6F38)
		put(file, "services", services_of(content));
	if (r->pe.kind == PE_USIM && facts->fid == 0x6FAD && content.len > 3)
		put(file, "mnc-digits", json_integer(content.at[3]));
	if (r->pe.kind == PE_ISIM && facts->fid <= 0x6F04 && facts->fid >= 0x6F02 &&
	    content.len > 2 && content.at[0] == 0x80)
		put(file, "identity", text_of((struct bytes){ content.at + 2, content.len - 2 }));
}

static const char *type_name(enum file_type type)
{
	static const char *const names[] = {
		[FILE_TRANSPARENT] = "transparent",
		[FILE_LINEAR] = "linear fixed",
		[FILE_CYCLIC] = "cyclic",
		[FILE_BER_TLV] = "BER-TLV",
		[FILE_DF] = "DF",
		[FILE_ADF] = "ADF",
		[FILE_MF] = "MF",
	};

	return names[type];
}

static void file_sizes(const struct file_facts *facts, json_t *file)
{
	if (facts->link.has && facts->link.len > 0) {
		put_hex(file, "link", (struct bytes){ facts->link.at, facts->link.len });
		return;
	}
	put(file, "size", json_integer(facts->size));
	if (facts->record_len > 0) {
		put(file, "records", json_integer(facts->records));
		put(file, "record-length", json_integer(facts->record_len));
	}
}

static json_t *file_of(const struct reader *r, const char *name, const char *path,
                       const struct file_facts *facts, struct bytes content)
{
	json_t *file = json_object();

	if (name != NULL)
		put(file, "name", json_string(name));
	put(file, "path", json_string(path));
	put_fid(file, "fid", facts->fid);
	if (!facts->created) {
		put(file, "created", json_false());
		return file;
	}
	put(file, "type", json_string(type_name(facts->type)));
	if (facts->aid_len > 0)
		put_hex(file, "aid", (struct bytes){ facts->aid, facts->aid_len });
	if (facts->type < FILE_DF)
		file_sizes(facts, file);
	if (facts->sfi != 0)
		put(file, "sfi", json_integer(facts->sfi));
	if (facts->arr != 0)
		put_fid(file, "arr", facts->arr);
	put(file, "rule", json_integer(facts->arr_record));
	if (facts->lcsi != FCP_DEFAULT_LCSI)
		put(file, "life-cycle", json_integer(facts->lcsi));
	if (facts->special != 0)
		put(file, "special", json_integer(facts->special));
	if (facts->type < FILE_DF && facts->link.len == 0) {
		put_hex(file, "content", content);
		decode(r, facts, content, file);
	}
	return file;
}

/* Where a template's files are: "usim/df-gsm-access". */
static void directory_of(const struct reader *r, const char *name, bool first, char *path)
{
	bool root = r->pe.kind == PE_MF || r->pe.kind == PE_TELECOM || r->pe.kind == PE_CD ||
	            r->pe.kind == PE_USIM || r->pe.kind == PE_ISIM || r->pe.kind == PE_CSIM;
	const char *parent = root && first ? "" : root ? pe_kind_name(r->pe.kind) : r->naa;

	snprintf(path, PATH_TEXT, "%s%s%s", parent, parent[0] != '\0' ? "/" : "",
	         root && first ? pe_kind_name(r->pe.kind) : name);
}

static enum err file_add(struct reader *r, json_t *files, const struct template *template,
                         unsigned index, const struct element *element, char *directory)
{
	const char *name = template_file_name(template, index);
	struct file_template row;
	struct file_facts facts;
	char path[2 * PATH_TEXT];

	template_file(template, index, &row);
	struct file_walk walk = file_walk_of(&r->pe.body, element, &row);
	for (;;) {
		struct room content = { r->content, CONTENT_MAX, 0, false };
		enum err err = file_walk_next(&walk, &facts, &content);
		if (err == ERR_NOT_FOUND)
			return ERR_NONE;
		TRY(err);
		if (row.type >= FILE_DF)
			directory_of(r, name, index == 0, directory);
		snprintf(path, sizeof path, "%s%s%s", directory, row.type >= FILE_DF ? "" : "/",
		         row.type >= FILE_DF ? "" : name);
		(void)json_array_append_new(
			files,
			file_of(r, name, path, &facts, (struct bytes){ content.at, content.len }));
	}
}

static enum err files_read(struct reader *r)
{
	const struct template *template;
	struct element element;
	unsigned next = 0, index;
	char directory[PATH_TEXT], oid[32];
	json_t *files = json_array();

	put(r->element, "files", files);
	TRY(pe_template(&r->pe, &template));
	snprintf(oid, sizeof oid, "%s v%u", pe_kind_name(template->kind), template->version);
	put(r->element, "template", json_string(oid));
	if (r->pe.kind == PE_USIM || r->pe.kind == PE_ISIM || r->pe.kind == PE_CSIM)
		snprintf(r->naa, sizeof r->naa, "%s", pe_kind_name(r->pe.kind));
	snprintf(directory, sizeof directory, "%s", r->naa);
	while (!cursor_done(&r->pe.body)) {
		TRY(pe_file(&r->pe, template, &next, &index, &element));
		TRY(file_add(r, files, template, index, &element, directory));
	}
	return ERR_NONE;
}

static enum err management_read(struct reader *r)
{
	json_t *files = json_array();
	struct management_walk walk;
	struct file_facts facts;
	char path[PATH_TEXT];

	put(r->element, "files", files);
	TRY(management_walk_of(&r->pe, &walk));
	for (;;) {
		struct room content = { r->content, CONTENT_MAX, 0, false };
		enum err err = management_next(&walk, &facts, &content);
		if (err == ERR_NOT_FOUND)
			return ERR_NONE;
		TRY(err);
		size_t len = (size_t)snprintf(path, sizeof path, "3F00");
		for (size_t n = 0; n + 1 < walk.path.len; n += 2)
			len += (size_t)snprintf(path + len, sizeof path - len, "/%02X%02X",
			                        walk.path.at[n], walk.path.at[n + 1]);
		snprintf(path + len, sizeof path - len, "/%04X", facts.fid);
		(void)json_array_append_new(
			files,
			file_of(r, NULL, path, &facts, (struct bytes){ content.at, content.len }));
	}
}

/* --- codes, keys, applications ---------------------------------------------------------------- */

static json_t *code_of(struct reader *r, const struct code *code, bool pin)
{
	json_t *object = json_object();
	char reference[3];

	snprintf(reference, sizeof reference, "%02X", code->reference);
	put(object, "reference", json_string(reference));
	put_secret(r, object, "value", &code->value);
	if (pin && code->unblocking != 0) {
		snprintf(reference, sizeof reference, "%02X", code->unblocking);
		put(object, "puk", json_string(reference));
	}
	if (pin) {
		put(object, "enabled", json_boolean(code->attributes & PIN_ENABLED));
		put(object, "changeable", json_boolean(code->attributes & PIN_CHANGEABLE));
		put(object, "can-be-disabled", json_boolean(code->attributes & PIN_DISABLABLE));
	}
	put(object, "attempts", json_integer(code->attempts >> 4));
	put(object, "attempts-left", json_integer(code->attempts & 0x0F));
	return object;
}

static enum err codes_read(struct reader *r, struct cursor *codes, bool pin)
{
	json_t *list = json_array();
	struct code code;

	put(r->element, "codes", list);
	while (!cursor_done(codes)) {
		TRY(pin ? pin_next(codes, &code) : puk_next(codes, &code));
		(void)json_array_append_new(list, code_of(r, &code, pin));
		wipe(&code, sizeof code);
	}
	return ERR_NONE;
}

static enum err pins_read(struct reader *r)
{
	struct pin_codes list;

	TRY(pin_codes_read(&r->pe, &list));
	if (!list.shared)
		return codes_read(r, &list.codes, true);
	put_hex(r->element, "shared-with", (struct bytes){ list.path.at, list.path.len });
	return ERR_NONE;
}

static enum err puks_read(struct reader *r)
{
	struct cursor codes;

	TRY(puk_codes_read(&r->pe, &codes));
	return codes_read(r, &codes, false);
}

static void algorithm_put(struct reader *r, const struct aka_parameter *aka)
{
	static const char *const names[] = { "unknown", "milenage", "tuak", "usim-test" };
	struct aka_sizes sizes;

	put(r->element, "algorithm",
	    json_string(aka->algorithm < COUNT(names) ? names[aka->algorithm] : names[0]));
	put_secret(r, r->element, "k", &aka->key);
	put_secret(r, r->element, aka->algorithm == ALGORITHM_TUAK ? "topc" : "opc", &aka->opc);
	if (aka_sizes_of(aka, &sizes) == ERR_NONE)
		put(r->element, "res-bits", json_integer((json_int_t)8 * sizes.res));
	if (aka->algorithm == ALGORITHM_MILENAGE) {
		put_hex(r->element, "milenage-r", BYTES(aka->rotation));
		put_hex(r->element, "milenage-c", BYTES(aka->xoring));
	}
	if (aka->algorithm == ALGORITHM_TUAK)
		put(r->element, "tuak-iterations", json_integer(aka->iterations));
	if (aka->has_counter_max)
		put_hex(r->element, "authentications-max", BYTES(aka->counter_max));
}

static enum err aka_read(struct reader *r)
{
	struct aka_parameter aka;

	TRY(aka_parameter_read(&r->pe, &aka));
	if (aka.mapped)
		put_hex(r->element, "mapped-to", (struct bytes){ aka.source, aka.source_len });
	else
		algorithm_put(r, &aka);
	put(r->element, "sqn-options", json_integer(aka.sqn_options));
	put(r->element, "sqn-delta", json_integer((json_int_t)aka.sqn_delta));
	put(r->element, "sqn-age-limit", json_integer((json_int_t)aka.sqn_age_limit));
	aka_parameter_clear(&aka);
	return ERR_NONE;
}

static json_t *domain_key_of(struct reader *r, const struct domain_key *key)
{
	json_t *object = json_object();

	put(object, "version", json_integer(key->version));
	put(object, "identifier", json_integer(key->identifier));
	put_hex(object, "type", (struct bytes){ &key->type, 1 });
	put_hex(object, "usage", (struct bytes){ key->usage, key->usage_len });
	put_secret(r, object, "value", &key->value);
	return object;
}

static enum err domain_read(struct reader *r)
{
	struct security_domain domain;
	struct domain_key key;
	json_t *keys = json_array();

	put(r->element, "keys", keys);
	TRY(security_domain_read(&r->pe, &domain));
	put_aid(r->element, "aid", &domain.instance.instance);
	put_aid(r->element, "class", &domain.instance.class);
	put_hex(r->element, "privileges",
	        (struct bytes){ domain.instance.privileges, domain.instance.privileges_len });
	while (!cursor_done(&domain.keys)) {
		TRY(domain_key_next(&domain.keys, &key));
		(void)json_array_append_new(keys, domain_key_of(r, &key));
		wipe(&key, sizeof key);
	}
	return ERR_NONE;
}

static enum err remote_read(struct reader *r)
{
	json_t *tars = json_array();
	struct rfm rfm;

	put(r->element, "tars", tars);
	TRY(rfm_read(&r->pe, &rfm));
	put_aid(r->element, "aid", &rfm.instance);
	put_aid(r->element, "security-domain", &rfm.domain);
	for (size_t n = 0; n < rfm.tars; n++)
		(void)json_array_append_new(tars, hex_of(BYTES(rfm.tar[n])));
	put_hex(r->element, "security-level", (struct bytes){ &rfm.security_level, 1 });
	put_aid(r->element, "adf", &rfm.adf);
	return ERR_NONE;
}

/* --- the package ------------------------------------------------------------------------------ */

static void oid_put(json_t *list, struct bytes content)
{
	char text[64] = "";
	size_t len = 0;
	unsigned long arc = 0;

	for (size_t n = 0; n < content.len && len < sizeof text; n++) {
		arc = arc << 7 | (content.at[n] & 0x7F);
		if (content.at[n] & 0x80)
			continue;
		if (len == 0)
			len += (size_t)snprintf(text, sizeof text, "%lu.%lu",
			                        arc < 80 ? arc / 40 : 2,
			                        arc < 80 ? arc % 40 : arc - 80);
		else
			len += (size_t)snprintf(text + len, sizeof text - len, ".%lu", arc);
		arc = 0;
	}
	(void)json_array_append_new(list, json_string(text));
}

static enum err header_templates(struct reader *r, const struct profile_header *header)
{
	struct cursor each = cursor_in(&r->pe.body, &header->templates);
	json_t *list = json_array();
	uint8_t oid[16];
	size_t len;

	put(r->element, "mandatory-templates", list);
	while (!cursor_done(&each)) {
		TRY(cursor_bytes(&each, 0x06, oid, 1, sizeof oid, &len));
		oid_put(list, (struct bytes){ oid, len });
	}
	return ERR_NONE;
}

static enum err header_read(struct reader *r)
{
	struct profile_header header;
	json_t *services = json_array();
	char text[32];

	put(r->element, "mandatory-services", services);
	TRY(profile_header_read(&r->pe, &header));
	snprintf(text, sizeof text, "%u.%u", header.major, header.minor);
	put(r->element, "version", json_string(text));
	put(r->element, "type", json_stringn((const char *)header.type, header.type_len));
	uint8_t swapped[PROFILE_ICCID_SIZE];
	for (size_t n = 0; n < sizeof swapped; n++)
		swapped[n] = (uint8_t)(header.iccid[n] << 4 | header.iccid[n] >> 4);
	if (digits_swapped(BYTES(swapped), 0, text, sizeof text))
		put(r->element, "iccid", json_string(text));
	for (unsigned n = 0; n < SERVICES; n++)
		if ((header.services >> n & 1) != 0)
			(void)json_array_append_new(services, json_string(service_name(n)));
	return header_templates(r, &header);
}

static enum err element_read(struct reader *r)
{
	switch ((unsigned)r->pe.kind) {
	case PE_HEADER:
		return header_read(r);
	case PE_GENERIC_FILE_MANAGEMENT:
		return management_read(r);
	case PE_PIN_CODES:
		return pins_read(r);
	case PE_PUK_CODES:
		return puks_read(r);
	case PE_AKA_PARAMETER:
		return aka_read(r);
	case PE_SECURITY_DOMAIN:
		return domain_read(r);
	case PE_RFM:
		return remote_read(r);
	case PE_CDMA_PARAMETER:
		return cdma_check(&r->pe);
	case PE_APPLICATION:
		return application_check(&r->pe);
	case PE_NON_STANDARD:
		return non_standard_check(&r->pe);
	case PE_END:
	case PE_IOT:
	case PE_OPT_IOT:
	case PE_KINDS:
		return ERR_NONE;
	default:
		return files_read(r);
	}
}

static enum err elements_read(struct reader *r, json_t *list)
{
	while (!cursor_done(&r->elements)) {
		r->reading->fault.set = false;
		TRY(pe_next(&r->elements, &r->pe));
		r->element = json_object();
		(void)json_array_append_new(list, r->element);
		put(r->element, "kind", json_string(pe_kind_name(r->pe.kind)));
		put(r->element, "offset", json_integer(r->pe.whole.at));
		put(r->element, "length",
		    json_integer(r->pe.whole.value - r->pe.whole.at + r->pe.whole.len));
		if (r->pe.identified) {
			put(r->element, "identification", json_integer(r->pe.identification));
			put(r->element, "mandatory", json_boolean(r->pe.mandated));
		}
		TRY(element_read(r));
	}
	return ERR_NONE;
}

json_t *profile_tree(const struct source *package, struct profile_reading *reading, enum err *err)
{
	struct reader r = { .reading = reading, .content = malloc(CONTENT_MAX) };
	json_t *list = json_array();

	if (r.content == NULL || list == NULL) {
		free(r.content);
		json_decref(list);
		*err = ERR_FULL;
		return NULL;
	}
	r.elements = cursor_all(package, &reading->fault);
	*err = elements_read(&r, list);
	free(r.content);
	return list;
}
