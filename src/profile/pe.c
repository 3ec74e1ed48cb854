/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/pe.h"

/* X.680 30.6: automatic tagging numbers the members from 0, context specific. */
ber_tag tag_number(unsigned number, bool constructed)
{
	ber_tag class = constructed ? 0xA0 : 0x80;

	return number < 31 ? class | number : (class | 0x1F) << 8 | number;
}

ber_tag pe_tag(enum pe_kind kind)
{
	return tag_number((unsigned)kind, true);
}

bool pe_is_files(enum pe_kind kind)
{
	return kind >= PE_MF && kind < PE_KINDS;
}

static enum pe_kind kind_of(ber_tag tag)
{
	for (unsigned k = 0; k < PE_KINDS; k++)
		if (pe_tag((enum pe_kind)k) == tag && (k < PE_RFU1 || k > PE_RFU5))
			return (enum pe_kind)k;
	return PE_KINDS;
}

/* PEHeader: mandated NULL OPTIONAL, identification UInt15. It is the first member of its element, so
 * its tag is [0], given or automatic. */
static enum err header_read(struct pe *pe)
{
	struct element header, flag;
	struct cursor in;
	uint32_t identification;

	TRY(cursor_read(&pe->body, 0xA0, &header));
	in = cursor_in(&pe->body, &header);
	TRY(cursor_optional(&in, 0x80, &flag, &pe->mandated));
	if (pe->mandated && flag.len != 0)
		return cursor_fault(&in, flag.at, 0x80, ERR_LENGTH);
	TRY(cursor_uint(&in, 0x81, 0x7FFF, &identification));
	pe->identified = true;
	pe->identification = (uint16_t)identification;
	return cursor_end(&in);
}

enum err pe_next(struct cursor *package, struct pe *pe)
{
	struct cursor rest = *package;
	struct pe next = { 0 };

	TRY(cursor_next(&rest, &next.whole));
	next.kind = kind_of(next.whole.tag);
	next.body = cursor_in(package, &next.whole);
	if (next.kind != PE_HEADER && next.kind != PE_KINDS)
		TRY(header_read(&next));
	*package = rest;
	*pe = next;
	return ERR_NONE;
}

size_t pe_open(struct room *out, enum pe_kind kind, bool mandated, uint16_t identification)
{
	size_t mark = ber_open(out, pe_tag(kind));
	size_t header = ber_open(out, 0xA0);

	if (mandated)
		ber_put(out, 0x80, (struct bytes){ NULL, 0 });
	ber_put_uint(out, 0x81, identification);
	ber_close(out, header);
	return mark;
}

/* ServicesList: NULLs in ascending order, each at most once. */
static enum err services_read(struct cursor *in, const struct element *list, uint32_t *services)
{
	struct cursor each = cursor_in(in, list);
	struct element flag;
	uint32_t bits = 0;

	while (!cursor_done(&each)) {
		TRY(cursor_next(&each, &flag));
		if (flag.len != 0)
			return cursor_fault(in, flag.at, flag.tag, ERR_LENGTH);
		if (flag.tag < 0x80 || flag.tag >= 0x80 + SERVICES)
			return cursor_fault(in, flag.at, 0, ERR_UNSUPPORTED);
		uint32_t bit = 1u << (flag.tag - 0x80);
		if (bits >= bit)
			return cursor_fault(in, flag.at, 0, ERR_TAG);
		bits |= bit;
	}
	*services = bits;
	return ERR_NONE;
}

static enum err oids_check(struct cursor *in, const struct element *list)
{
	struct cursor each = cursor_in(in, list);
	struct element oid;

	while (!cursor_done(&each))
		TRY(cursor_read(&each, 0x06, &oid));
	return ERR_NONE;
}

enum err profile_header_read(const struct pe *pe, struct profile_header *out)
{
	struct profile_header header = { 0 };
	struct cursor in = pe->body;
	struct element element;
	uint32_t version;
	size_t len = 0;

	if (pe->kind != PE_HEADER)
		return cursor_fault(&in, pe->whole.at, pe_tag(PE_HEADER), ERR_TAG);
	TRY(cursor_uint(&in, 0x80, 255, &version));
	header.major = (uint8_t)version;
	TRY(cursor_uint(&in, 0x81, 255, &version));
	header.minor = (uint8_t)version;
	if (cursor_is(&in, 0x82))
		TRY(cursor_bytes(&in, 0x82, header.type, 1, sizeof header.type, &len));
	header.type_len = (uint8_t)len;
	TRY(cursor_fixed(&in, 0x83, header.iccid, sizeof header.iccid));
	TRY(cursor_optional(&in, 0x84, &header.pol, &header.has_pol));
	TRY(cursor_read(&in, 0xA5, &element));
	TRY(services_read(&in, &element, &header.services));
	TRY(cursor_read(&in, 0xA6, &header.templates));
	TRY(oids_check(&in, &header.templates));
	TRY(cursor_optional(&in, 0x87, &header.connectivity, &header.has_connectivity));
	TRY(cursor_optional(&in, 0xA8, &header.aids, &header.has_aids));
	/* "EXTENSIBILITY IMPLIED": members of later versions follow and are of no concern here. */
	while (!cursor_done(&in))
		TRY(cursor_next(&in, &element));
	*out = header;
	return ERR_NONE;
}
