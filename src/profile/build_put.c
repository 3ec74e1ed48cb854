/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/build_put.h"

#include <string.h>

static const struct template *template_of(enum pe_kind kind)
{
	const struct template *template;

	for (size_t n = 0; (template = template_at(n)) != NULL; n++)
		if (template->kind == kind && template->version == TEMPLATE_V1)
			return template;
	return NULL;
}

void build_files(struct build *b, enum pe_kind kind)
{
	b->template = template_of(kind);
	b->next = 0;
	b->element = pe_open(b->out, kind, true, b->identification++);
	if (b->template == NULL) {
		b->wrong = true;
		return;
	}
	size_t oid = ber_open(b->out, 0x81);
	template_oid(b->out, b->template);
	ber_close(b->out, oid);
}

void build_end(struct build *b)
{
	ber_close(b->out, b->element);
}

void build_file(struct build *b, uint16_t fid)
{
	unsigned n = b->next;

	while (n < b->template->count && b->template->files[n].fid != fid)
		n++;
	b->wrong = b->wrong || n == b->template->count;
	b->next = n + 1;
	b->file = ber_open(b->out, tag_number(n + TEMPLATE_FIRST_TAG, true));
}

void build_file_end(struct build *b)
{
	ber_close(b->out, b->file);
}

static struct fcp plain(void)
{
	return (struct fcp){ .lcsi = FCP_DEFAULT_LCSI, .details = 0x01 };
}

void build_directory(struct build *b, uint16_t fid, struct bytes aid, struct bytes pins)
{
	struct fcp fcp = plain();

	fcp.has_fid = fid != 0;
	fcp.fid = fid;
	fcp.aid_len = (uint8_t)aid.len;
	if (aid.len > 0)
		memcpy(fcp.aid, aid.at, aid.len);
	file_fcp_put(b->out, 0xA1, &fcp, pins, (struct bytes){ NULL, 0 });
}

void build_size(struct build *b, uint32_t size)
{
	struct fcp fcp = plain();

	fcp.has_size = true;
	fcp.size = size;
	file_fcp_put(b->out, 0xA1, &fcp, (struct bytes){ NULL, 0 }, (struct bytes){ NULL, 0 });
}

/* TS 102 222 6.3.2.2.1: linear fixed, shareable; data coding 21; record length. */
void build_records(struct build *b, uint8_t record, uint8_t count)
{
	struct fcp fcp = plain();

	fcp.descriptor = (struct fcp_value){
		true, 4, {0x42, 0x21, 0x00, record}
	};
	fcp.has_size = true;
	fcp.size = (uint32_t)record * count;
	file_fcp_put(b->out, 0xA1, &fcp, (struct bytes){ NULL, 0 }, (struct bytes){ NULL, 0 });
}

void build_content(struct build *b, struct bytes content)
{
	ber_put(b->out, 0x83, content);
}

void build_skip(struct build *b, uint16_t n)
{
	if (n > 0)
		ber_put_uint(b->out, 0x82, n);
}

void build_default(struct build *b, uint16_t fid)
{
	build_file(b, fid);
	build_file_end(b);
}

void build_transparent(struct build *b, uint16_t fid, struct bytes content, uint32_t size)
{
	build_file(b, fid);
	if (size > 0)
		build_size(b, size);
	if (content.len > 0)
		build_content(b, content);
	build_file_end(b);
}

/* TCA 2.3.1, 9.9: one row a rule, access mode byte and who may: always, never, PIN1, PIN2, ADM1. The
 * mode 32 stands for the instruction INCREASE. */
enum who { NOBODY = 0x97, ANYBODY = 0x90, PIN1 = 0x01, PIN2 = 0x81, ADM1 = 0x0A };
enum { RULES = 14, RULE_PARTS = 3, RULE_SIZE = 33, INCREASE = 0x32 };

static const struct {
	uint8_t mode, who;
} rules[RULES][RULE_PARTS] = {
	{{ 0x01, ANYBODY }, { 0x02, PIN1 }, { 0x58, ADM1 } },
	{ { 0x01, PIN1 },   { 0x5A, ADM1 } },
	{ { 0x5B, ADM1 }  },
	{ { 0x01, ANYBODY },                { 0x1A, NOBODY }, { 0x40, ADM1 } },
	{ { 0x03, PIN1 },               { 0x58, ADM1 } },
	{ { 0x11, PIN1 },{ 0x4A, ADM1 } },
	{ { 0x03, PIN1 },                { 0x58, ADM1 }, { INCREASE, PIN1 } },
	{ { 0x01, PIN1 },{ 0x02, PIN2 }, { 0x58, ADM1 } },
	{ { 0x01, ANYBODY },   { 0x1A, PIN1 }, { 0x40, ADM1 } },
	{ { 0x01, ANYBODY },                { 0x5A, ADM1 } },
	{ { 0x01, ANYBODY },{ 0x18, ADM1 }, { 0x42, NOBODY } },
	{ { 0x01, PIN1 },                { 0x5A, NOBODY } },
	{ { 0x13, PIN1 },               { 0x48, ADM1 } },
	{ { 0x5E, ADM1 }               },
};

static void rule_put(struct room *out, uint8_t mode, uint8_t who)
{
	ber_put(out, mode == INCREASE ? 0x84 : 0x80, (struct bytes){ &mode, 1 });
	if (who == ANYBODY || who == NOBODY) {
		ber_put(out, who, (struct bytes){ NULL, 0 });
		return;
	}
	const uint8_t verified = 0x08; /* TS 102 221 9.2.6: user authentication, key reference */
	size_t condition = ber_open(out, 0xA4);
	ber_put(out, 0x83, (struct bytes){ &who, 1 });
	ber_put(out, 0x95, (struct bytes){ &verified, 1 });
	ber_close(out, condition);
}

void build_arr(struct build *b, uint16_t fid)
{
	uint16_t owed = 0;

	build_file(b, fid);
	build_records(b, RULE_SIZE, RULES);
	for (size_t n = 0; n < RULES; n++) {
		uint8_t octets[RULE_SIZE];
		struct room rule = ROOM(octets);
		for (size_t part = 0; part < RULE_PARTS && rules[n][part].mode != 0; part++)
			rule_put(&rule, rules[n][part].mode, rules[n][part].who);
		build_skip(b, owed);
		build_content(b, room_used(&rule));
		owed = (uint16_t)(RULE_SIZE - rule.len);
	}
	build_file_end(b);
}

struct bytes text_bytes(const char *text)
{
	size_t len = 0;

	/* Bounded, so that no compiler makes a call of libc's out of it. */
	while (len < NAME_TEXT && text[len] != '\0')
		len++;
	return (struct bytes){ (const uint8_t *)text, len };
}

void digits_put(struct room *out, struct bytes digits)
{
	for (size_t n = 0; n < digits.len; n += 2) {
		uint8_t low = (uint8_t)(digits.at[n] - '0');
		uint8_t high = n + 1 < digits.len ? (uint8_t)(digits.at[n + 1] - '0') : 0x0F;
		room_put_u8(out, (uint8_t)(high << 4 | low));
	}
}

void plmn_put(struct room *out, const char *digits)
{
	uint8_t d[6];

	for (size_t n = 0; n < 6; n++)
		d[n] = n == 5 && digits[5] == '\0' ? 0x0F : (uint8_t)(digits[n] - '0');
	room_put_u8(out, (uint8_t)(d[1] << 4 | d[0]));
	room_put_u8(out, (uint8_t)(d[5] << 4 | d[2]));
	room_put_u8(out, (uint8_t)(d[4] << 4 | d[3]));
}
