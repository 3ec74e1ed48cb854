/* SPDX-License-Identifier: Apache-2.0 */
/* The MF, DF.TELECOM and the ISIM of a profile that is being made. */
#include "profile/build_put.h"

const uint8_t isim_aid[16] = { 0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x04, 0xFF,
	                       0xFF, 0xFF, 0xFF, 0x89, 0x07, 0x09, 0x00, 0x00 };

enum { DIR_RECORD = 26, DIR_RECORDS = 4 };

/* TS 102 221 13.1: application template with AID and label. */
static void dir_record(struct build *b, const uint8_t *aid, struct bytes label, bool last)
{
	uint8_t octets[DIR_RECORD];
	struct room room = ROOM(octets);
	size_t application = ber_open(&room, 0x61);

	ber_put(&room, 0x4F, (struct bytes){ aid, 16 });
	ber_put(&room, 0x50, label);
	ber_close(&room, application);
	build_content(b, room_used(&room));
	if (!last)
		build_skip(b, (uint16_t)(DIR_RECORD - room.len));
}

void build_mf(struct build *b)
{
	static const uint8_t pins[] = { 0x01, 0x0A };
	struct bytes language = text_bytes(b->what->language);
	uint8_t iccid[10] = { 0 };

	build_files(b, PE_MF);
	build_file(b, 0x3F00);
	build_directory(b, 0, (struct bytes){ NULL, 0 }, BYTES(pins));
	build_file_end(b);
	if (language.len > 0)
		build_transparent(b, 0x2F05, language, 0);
	b->wrong = b->wrong || !iccid_put(b->what->iccid, iccid);
	for (size_t n = 0; n < sizeof iccid; n++)
		iccid[n] = (uint8_t)(iccid[n] << 4 | iccid[n] >> 4); /* TS 102 221 13.2 */
	build_transparent(b, 0x2FE2, BYTES(iccid), 0);
	build_file(b, 0x2F00);
	build_records(b, DIR_RECORD, DIR_RECORDS);
	dir_record(b, usim_aid, BYTES_STR("USIM"), !b->what->isim);
	if (b->what->isim)
		dir_record(b, isim_aid, BYTES_STR("ISIM"), true);
	build_file_end(b);
	build_arr(b, 0x2F06);
	build_end(b);
}

/* DF.TELECOM with a phone book that any application shares: ten entries. */
void build_telecom(struct build *b)
{
	static const uint8_t pins[] = { 0x01, 0x0A };
	/* TS 31.102 4.4.2.1: one record a set; EF.ADN 4F3A is its only file. */
	static const uint8_t pbr[] = { 0xA8, 0x05, 0xC0, 0x03, 0x4F, 0x3A, 0x0A };
	struct fcp adn = { .lcsi = FCP_DEFAULT_LCSI, .details = 0x01 };

	build_files(b, PE_TELECOM);
	build_file(b, 0x7F10);
	build_directory(b, 0, (struct bytes){ NULL, 0 }, BYTES(pins));
	build_file_end(b);
	build_arr(b, 0x6F06);
	build_file(b, 0x5F3A);
	build_directory(b, 0, (struct bytes){ NULL, 0 }, BYTES(pins));
	build_file_end(b);
	build_file(b, 0x4F30);
	build_records(b, sizeof pbr, 1);
	build_content(b, BYTES(pbr));
	build_file_end(b);
	adn.descriptor = (struct fcp_value){
		true, 4, {0x42, 0x21, 0x00, 0x1C}
	};
	adn.has_fid = adn.has_size = adn.has_sfi = true;
	adn.fid = 0x4F3A;
	adn.size = 280;
	adn.sfi = 0x0A;
	build_file(b, 0x4F58);
	file_fcp_put(b->out, 0xA1, &adn, (struct bytes){ NULL, 0 }, (struct bytes){ NULL, 0 });
	build_file_end(b);
	build_end(b);
}

/* TS 23.003 13.2: ims.mnc<MNC>.mcc<MCC>.3gppnetwork.org, MNC with three digits. */
static void domain_put(struct room *out, const struct profile_description *d)
{
	struct bytes imsi = text_bytes(d->imsi);

	room_put(out, BYTES_STR("ims.mnc"));
	if (d->mnc_digits == 2)
		room_put(out, BYTES_STR("0"));
	room_put(out, (struct bytes){ imsi.at + 3, d->mnc_digits });
	room_put(out, BYTES_STR(".mcc"));
	room_put(out, (struct bytes){ imsi.at, 3 });
	room_put(out, BYTES_STR(".3gppnetwork.org"));
}

/* A TLV 80 with prefix, and IMSI@ where it is an identity (TS 31.103 4.2.2 to 4.2.4). */
static void identity_put(struct room *out, const struct profile_description *d, struct bytes prefix,
                         bool user)
{
	size_t value = ber_open(out, 0x80);

	room_put(out, prefix);
	if (user) {
		room_put(out, text_bytes(d->imsi));
		room_put(out, BYTES_STR("@"));
	}
	domain_put(out, d);
	ber_close(out, value);
}

enum { IMS_SIZE = 80 };

void build_isim(struct build *b)
{
	static const uint8_t pins[] = { 0x01, 0x81, 0x0A };
	static const uint8_t services[] = { 0x00, 0x00 };
	uint8_t octets[IMS_SIZE];
	struct room impi = ROOM(octets);

	build_files(b, PE_ISIM);
	build_file(b, 0);
	build_directory(b, ADF_ISIM, BYTES(isim_aid), BYTES(pins));
	build_file_end(b);
	identity_put(&impi, b->what, (struct bytes){ NULL, 0 }, true);
	build_transparent(b, 0x6F02, room_used(&impi), IMS_SIZE);
	struct room impu = ROOM(octets);
	identity_put(&impu, b->what, BYTES_STR("sip:"), true);
	build_file(b, 0x6F04);
	build_records(b, IMS_SIZE, 1);
	build_content(b, room_used(&impu));
	build_file_end(b);
	struct room domain = ROOM(octets);
	identity_put(&domain, b->what, (struct bytes){ NULL, 0 }, false);
	build_transparent(b, 0x6F03, room_used(&domain), IMS_SIZE);
	build_transparent(b, 0x6F07, BYTES(services), sizeof services);
	build_default(b, 0x6FAD);
	build_arr(b, 0x6F06);
	build_end(b);
}
