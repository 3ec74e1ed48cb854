/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/find.h"

#include "codec/alpha.h"
#include "profile/image.h"

#include <string.h>

enum { EF_IMSI = 0x6F07, EF_SPN = 0x6F46, EF_AD = 0x6FAD };

bool digits_swapped(struct bytes in, size_t skip, char *out, size_t cap)
{
	size_t len = 0;

	for (size_t n = skip; n < 2 * in.len; n++) {
		uint8_t digit = n % 2 == 0 ? in.at[n / 2] & 0x0F : in.at[n / 2] >> 4;
		if (digit == 0x0F)
			break;
		if (len + 1 >= cap)
			return false;
		out[len++] = (char)(digit < 10 ? '0' + digit : 'A' + digit - 10);
	}
	if (cap == 0)
		return false;
	out[len] = '\0';
	return true;
}

static enum err file_in(struct pe *pe, uint16_t fid, struct room *content)
{
	const struct template *template;
	struct file_template row;
	struct element element;
	struct file_facts facts;
	unsigned next = 0, index;

	TRY(pe_template(pe, &template));
	while (!cursor_done(&pe->body)) {
		TRY(pe_file(pe, template, &next, &index, &element));
		template_file(template, index, &row);
		struct file_walk walk = file_walk_of(&pe->body, &element, &row);
		for (;;) {
			enum err err = file_walk_next(&walk, &facts, content);
			if (err == ERR_NOT_FOUND)
				break;
			TRY(err);
			if (facts.created && facts.fid == fid && facts.type < FILE_DF)
				return facts.size > content->cap ? ERR_ROOM : ERR_NONE;
		}
	}
	return ERR_NOT_FOUND;
}

enum err profile_find_file(const struct source *package, enum pe_kind kind, uint16_t fid,
                           struct room *out)
{
	struct cursor elements = cursor_all(package, NULL);
	struct room content = { out->at + out->len, room_left(out), 0, false };
	struct pe pe;

	while (!cursor_done(&elements)) {
		TRY(pe_next(&elements, &pe));
		if (pe.kind != kind)
			continue;
		TRY(file_in(&pe, fid, &content));
		return room_claim(out, content.len) != NULL ? ERR_NONE : ERR_ROOM;
	}
	return ERR_NOT_FOUND;
}

static enum err imsi_of(const struct source *package, struct profile_facts *facts)
{
	uint8_t octets[16];
	struct room room = ROOM(octets);
	enum err err = profile_find_file(package, PE_USIM, EF_IMSI, &room);

	if (err == ERR_NOT_FOUND)
		return ERR_NONE;
	TRY(err);
	/* TS 31.102 4.2.2: length, then a nibble of parity, then the digits. */
	if (room.len < 2 || octets[0] == 0 || octets[0] >= room.len)
		return ERR_NONE;
	struct bytes digits = { octets + 1, octets[0] };
	return digits_swapped(digits, 1, facts->imsi, sizeof facts->imsi) ? ERR_NONE : ERR_VALUE;
}

/* TS 31.102 4.2.12: display condition, then a name. */
static enum err spn_of(const struct source *package, struct profile_facts *facts)
{
	uint8_t octets[64];
	struct room room = ROOM(octets);
	struct room text = { (uint8_t *)facts->spn, sizeof facts->spn - 1, 0, false };
	struct bytes condition, name;
	enum err err = profile_find_file(package, PE_USIM, EF_SPN, &room);

	if (err == ERR_NOT_FOUND)
		return ERR_NONE;
	TRY(err);
	name = room_used(&room);
	if (bytes_take(&name, 1, &condition))
		alpha_read(name, &text);
	facts->spn[text.full ? 0 : text.len] = '\0';
	return ERR_NONE;
}

static enum err mnc_of(const struct source *package, struct profile_facts *facts)
{
	uint8_t octets[16];
	struct room room = ROOM(octets);
	enum err err = profile_find_file(package, PE_USIM, EF_AD, &room);

	if (err == ERR_NOT_FOUND)
		return ERR_NONE;
	TRY(err);
	if (room.len > 3 && ((octets[3] & 0x0F) == 2 || (octets[3] & 0x0F) == 3))
		facts->mnc_digits = octets[3] & 0x0F;
	return ERR_NONE;
}

static enum err header_of(const struct source *package, struct profile_facts *facts)
{
	struct cursor elements = cursor_all(package, NULL);
	struct profile_header header;
	struct pe pe;

	TRY(pe_next(&elements, &pe));
	TRY(profile_header_read(&pe, &header));
	memcpy(facts->type, header.type, header.type_len);
	facts->services = header.services;
	for (size_t n = 0; n < PROFILE_ICCID_SIZE; n++)
		facts->iccid_swapped[n] = (uint8_t)(header.iccid[n] << 4 | header.iccid[n] >> 4);
	if (!digits_swapped(BYTES(facts->iccid_swapped), 0, facts->iccid, sizeof facts->iccid))
		return ERR_VALUE;
	while (!cursor_done(&elements)) {
		TRY(pe_next(&elements, &pe));
		facts->isim = facts->isim || pe.kind == PE_ISIM;
	}
	return ERR_NONE;
}

enum err profile_find_facts(const struct source *package, struct profile_facts *out)
{
	struct profile_facts facts = { 0 };

	TRY(header_of(package, &facts));
	TRY(imsi_of(package, &facts));
	TRY(spn_of(package, &facts));
	TRY(mnc_of(package, &facts));
	*out = facts;
	return ERR_NONE;
}

enum err profile_find_aka(const struct source *package, struct aka_parameter *out)
{
	struct cursor elements = cursor_all(package, NULL);
	bool usim = false;
	struct pe pe;

	wipe(out, sizeof *out);
	while (!cursor_done(&elements)) {
		TRY(pe_next(&elements, &pe));
		if (pe.kind == PE_USIM || pe.kind == PE_ISIM || pe.kind == PE_CSIM)
			usim = pe.kind == PE_USIM;
		if (pe.kind != PE_AKA_PARAMETER || !usim)
			continue;
		TRY(aka_parameter_read(&pe, out));
		if (!out->mapped)
			return ERR_NONE;
		aka_parameter_clear(out);
	}
	return ERR_NOT_FOUND;
}
