/* SPDX-License-Identifier: Apache-2.0 */
/* The USIM of a profile that is being made: TS 31.102, clause 4. */
#include "profile/build_put.h"

#include "codec/alpha.h"

const uint8_t usim_aid[16] = { 0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02, 0xFF,
	                       0xFF, 0xFF, 0xFF, 0x89, 0x07, 0x09, 0x00, 0x00 };

/* Services of EF.UST (TS 31.102 4.2.8). */
enum {
	UST_FDN = 2,
	UST_SMS = 10,
	UST_SMSP = 12,
	UST_GID1 = 17,
	UST_SPN = 19,
	UST_MSISDN = 21,
	UST_GSM_ACCESS = 27,
	UST_ALWAYS = 33, /* "shall be set to 1" */
	UST_ACL = 35,
	UST_GSM_SECURITY = 38,
	UST_HPLMN_ACT = 43,
	UST_EHPLMN = 71,
	UST_EPS = 85,
	UST_5GS = 122,
	UST_5G_SECURITY = 123,
	UST_SUCI = 124,
	UST_SUCI_BY_USIM = 125,
	UST_UAC = 126,
	UST_SIZE = 17,
};

static void service_set(uint8_t *table, unsigned service, bool available)
{
	if (available)
		table[(service - 1) / 8] |= (uint8_t)(1u << (service - 1) % 8);
}

/* In the files that this makes; nothing is announced that the profile lacks. */
static void ust(struct build *b)
{
	const struct profile_description *d = b->what;
	uint8_t table[UST_SIZE] = { 0 };

	service_set(table, UST_FDN, true);
	service_set(table, UST_SMS, true);
	service_set(table, UST_SMSP, true);
	service_set(table, UST_GID1, d->gid1[0] != '\0');
	service_set(table, UST_SPN, d->spn[0] != '\0');
	service_set(table, UST_MSISDN, true);
	service_set(table, UST_GSM_ACCESS, d->gsm);
	service_set(table, UST_ALWAYS, true);
	service_set(table, UST_ACL, d->apns > 0);
	service_set(table, UST_GSM_SECURITY, d->gsm);
	service_set(table, UST_HPLMN_ACT, true);
	service_set(table, UST_EHPLMN, d->ehplmns > 0);
	service_set(table, UST_EPS, true);
	service_set(table, UST_5GS, d->n5gs);
	service_set(table, UST_5G_SECURITY, d->n5gs);
	service_set(table, UST_SUCI, d->n5gs);
	service_set(table, UST_SUCI_BY_USIM, d->n5gs && d->suci.in_usim);
	service_set(table, UST_UAC, d->n5gs);
	build_transparent(b, 0x6F38, BYTES(table), UST_SIZE);
}

/* TS 31.102 4.2.2: length; then the parity in the first nibble, 9 for an odd number of digits. */
static void imsi(struct build *b)
{
	struct bytes digits = text_bytes(b->what->imsi);
	uint8_t octets[9];
	struct room room = ROOM(octets);
	bool odd = digits.len % 2 == 1;

	room_put_u8(&room, (uint8_t)((digits.len + 2) / 2));
	room_put_u8(&room, (uint8_t)((digits.at[0] - '0') << 4 | (odd ? 9 : 1)));
	digits_put(&room, (struct bytes){ digits.at + 1, digits.len - 1 });
	build_transparent(b, 0x6F07, room_used(&room), 0);
}

/* TS 31.102 4.2.12: display condition: with bit 2 the name is not shown in foreign networks; at home it
 * always is. */
static void spn(struct build *b)
{
	uint8_t octets[17];
	struct room room = ROOM(octets);
	room_put_u8(&room, b->what->spn_hidden ? 0x02 : 0x00);
	(void)!alpha_put(&room,
	                 text_bytes(b->what->spn)); /* profile_description_flaw has tried it */
	while (room.len < sizeof octets)
		room_put_u8(&room, 0xFF);
	build_transparent(b, 0x6F46, room_used(&room), 0);
}

/* TS 31.102 4.2.15: access classes 0 to 9 are spread over subscribers: the IMSI's last digit. */
static void acc(struct build *b)
{
	struct bytes digits = text_bytes(b->what->imsi);
	uint16_t class = (uint16_t)(1u << (digits.at[digits.len - 1] - '0'));
	uint8_t octets[2] = { (uint8_t)(class >> 8), (uint8_t) class };

	build_transparent(b, 0x6F78, BYTES(octets), 0);
}

/* TS 31.102 4.2.27: 27 octets and no name; a number in TS 24.008 coding behind its length. */
static void smsp(struct build *b)
{
	uint8_t octets[28];
	struct room room = ROOM(octets);
	struct bytes number = text_bytes(b->what->smsc);
	const uint8_t *plus = number.at;
	bool international = number.len > 0 && plus[0] == '+';

	if (number.len == 0) {
		build_default(b, 0x6F42);
		return;
	}
	if (international)
		number = (struct bytes){ number.at + 1, number.len - 1 };
	room_put_u8(&room, 0xFD); /* only the service centre address is there */
	for (size_t n = 0; n < 12; n++)
		room_put_u8(&room, 0xFF); /* destination address */
	room_put_u8(&room, (uint8_t)(1 + (number.len + 1) / 2));
	room_put_u8(&room, international ? 0x91 : 0x81);
	digits_put(&room, number);
	while (room.len < sizeof octets)
		room_put_u8(&room, 0xFF);
	build_file(b, 0x6F42);
	build_records(b, sizeof octets, 1);
	build_content(b, room_used(&room));
	build_file_end(b);
}

static void fplmn(struct build *b)
{
	uint8_t octets[3 * PROFILE_PLMNS_MAX];
	struct room room = ROOM(octets);

	if (b->what->fplmns == 0) {
		build_default(b, 0x6F7B);
		return;
	}
	for (size_t n = 0; n < b->what->fplmns; n++)
		plmn_put(&room, b->what->fplmn[n]);
	build_transparent(b, 0x6F7B, room_used(&room), sizeof octets);
}

void build_usim(struct build *b)
{
	static const uint8_t pins[] = { 0x01, 0x81, 0x0A };
	static const uint8_t ecc[] = { 0x11, 0xF2, 0xFF, 0x1F }; /* 112: police, fire, ... */
	const uint8_t ad[] = { 0x00, 0x00, 0x00, b->what->mnc_digits };
	uint8_t est = b->what->acl_enforced ? 0x04 : 0x00; /* TS 31.102 4.2.47 */

	build_files(b, PE_USIM);
	build_file(b, 0);
	build_directory(b, ADF_USIM, BYTES(usim_aid), BYTES(pins));
	build_file_end(b);
	imsi(b);
	build_arr(b, 0x6F06);
	ust(b);
	smsp(b);
	spn(b);
	build_transparent(b, 0x6F56, (struct bytes){ &est, 1 }, 0);
	acc(b);
	fplmn(b);
	build_transparent(b, 0x6FAD, BYTES(ad), 0);
	build_file(b, 0x6FB7);
	build_content(b, BYTES(ecc));
	build_file_end(b);
	build_end(b);
}

/* TS 31.102 4.2.26: a name of ten octets, then number, its length and its type. */
static void msisdn(struct build *b)
{
	uint8_t octets[24];
	struct room room = ROOM(octets);
	struct bytes number = text_bytes(b->what->msisdn);

	if (number.len == 0) {
		build_default(b, 0x6F40);
		return;
	}
	bool international = number.at[0] == '+';
	if (international)
		number = (struct bytes){ number.at + 1, number.len - 1 };
	for (size_t n = 0; n < 10; n++)
		room_put_u8(&room, 0xFF);
	room_put_u8(&room, (uint8_t)(1 + (number.len + 1) / 2));
	room_put_u8(&room, international ? 0x91 : 0x81);
	digits_put(&room, number);
	while (room.len < sizeof octets)
		room_put_u8(&room, 0xFF);
	build_file(b, 0x6F40);
	build_content(b, room_used(&room));
	build_file_end(b);
}

static void home_plmn(const struct profile_description *d, char out[static 7])
{
	for (size_t n = 0; n < 6; n++)
		out[n] = n < 3U + d->mnc_digits ? d->imsi[n] : '\0';
	out[6] = '\0';
}

/* TS 31.102 4.2.53: UTRAN, E-UTRAN and NG-RAN, GSM. */
static void hplmn_act(struct build *b)
{
	char home[7];
	uint8_t octets[5];
	struct room room = ROOM(octets);

	home_plmn(b->what, home);
	plmn_put(&room, home);
	room_put_u16(&room, b->what->gsm ? 0xC880 : 0xC800);
	build_transparent(b, 0x6F62, room_used(&room), 0);
}

/* TS 31.102 4.2.48: how many, then each with tag DD, as labels (TS 23.003 9.1). */
static void apn_put(struct room *out, const char *apn)
{
	struct bytes text = text_bytes(apn);

	ber_put_header(out, 0xDD, text.len + 1);
	for (size_t n = 0; n < text.len;) {
		size_t end = n;
		while (end < text.len && text.at[end] != '.')
			end++;
		room_put_u8(out, (uint8_t)(end - n));
		room_put(out, (struct bytes){ text.at + n, end - n });
		n = end + 1;
	}
}

static void acl(struct build *b)
{
	uint8_t octets[1 + PROFILE_APNS_MAX * (PROFILE_APN_MAX + 3)];
	struct room room = ROOM(octets);

	if (b->what->apns == 0)
		return;
	room_put_u8(&room, b->what->apns);
	for (size_t n = 0; n < b->what->apns; n++)
		apn_put(&room, b->what->apn[n]);
	build_transparent(b, 0x6F57, room_used(&room), room.len > 101 ? (uint32_t)room.len : 0);
}

static uint8_t nibble(char digit)
{
	return (uint8_t)(digit <= '9' ? digit - '0' : (digit & 0x5F) - 'A' + 10);
}

static void gid1(struct build *b)
{
	const char *hex = b->what->gid1;
	uint8_t octets[8];
	struct room room = ROOM(octets);

	for (size_t n = 0; hex[n] != '\0' && hex[n + 1] != '\0'; n += 2)
		room_put_u8(&room, (uint8_t)(nibble(hex[n]) << 4 | nibble(hex[n + 1])));
	if (room.len > 0)
		build_transparent(b, 0x6F3E, room_used(&room), (uint32_t)room.len);
}

static void ehplmn(struct build *b)
{
	uint8_t octets[3 * PROFILE_PLMNS_MAX];
	struct room room = ROOM(octets);

	if (b->what->ehplmns == 0)
		return;
	for (size_t n = 0; n < b->what->ehplmns; n++)
		plmn_put(&room, b->what->ehplmn[n]);
	build_transparent(b, 0x6FD9, room_used(&room), (uint32_t)room.len);
}

void build_opt_usim(struct build *b)
{
	struct bytes language = text_bytes(b->what->language);

	build_files(b, PE_OPT_USIM);
	if (language.len > 0)
		build_transparent(b, 0x6F05, language, 0);
	gid1(b);
	msisdn(b);
	hplmn_act(b);
	acl(b);
	ehplmn(b);
	build_end(b);
}

void build_gsm(struct build *b)
{
	static const uint8_t pins[] = { 0x01, 0x81, 0x0A };

	build_files(b, PE_GSM_ACCESS);
	build_file(b, 0x5F3B);
	build_directory(b, 0, (struct bytes){ NULL, 0 }, BYTES(pins));
	build_file_end(b);
	build_default(b, 0x4F20);
	build_default(b, 0x4F52);
	build_end(b);
}

/* TS 31.102 4.4.11.8: schemes in order of preference, each with the place of its key in the list. */
static void suci_put(struct room *out, const struct profile_suci *suci)
{
	size_t schemes = ber_open(out, 0xA0);

	room_put_u8(out, suci->scheme);
	room_put_u8(out, suci->scheme == 0 ? 0 : 1);
	ber_close(out, schemes);
	if (suci->scheme == 0)
		return;
	size_t keys = ber_open(out, 0xA1);
	ber_put(out, 0x80, (struct bytes){ &suci->key_id, 1 });
	ber_put(out, 0x81, (struct bytes){ suci->key, suci->key_len });
	ber_close(out, keys);
}

static void routing(struct build *b)
{
	struct bytes digits = text_bytes(b->what->suci.routing);
	uint8_t octets[4];
	struct room room = ROOM(octets);

	digits_put(&room, digits);
	while (room.len < sizeof octets)
		room_put_u8(&room, 0xFF);
	build_transparent(b, 0x4F0A, room_used(&room), 0);
}

void build_5gs(struct build *b)
{
	static const uint8_t pins[] = { 0x01, 0x81, 0x0A };
	static const uint8_t identities[4] = { 0 };
	uint8_t octets[96];
	struct room info = ROOM(octets);
	bool usim = b->what->suci.in_usim;

	suci_put(&info, &b->what->suci);
	build_files(b, PE_DF_5GS);
	build_file(b, 0x5FC0);
	build_directory(b, 0, (struct bytes){ NULL, 0 }, BYTES(pins));
	build_file_end(b);
	for (uint16_t fid = 0x4F01; fid <= 0x4F05; fid++)
		build_default(b, fid);
	build_transparent(b, 0x4F06, BYTES(identities), 0);
	if (!usim)
		build_transparent(b, 0x4F07, room_used(&info), (uint32_t)info.len);
	routing(b);
	build_end(b);
	if (!usim)
		return;
	/* Only the USIM may read the keys then: EF.SUCI_Calc_Info_USIM (TCA 2.3.1, 9.5.12). */
	build_files(b, PE_DF_SAIP);
	build_file(b, 0x5FD0);
	build_directory(b, 0, (struct bytes){ NULL, 0 }, BYTES(pins));
	build_file_end(b);
	build_transparent(b, 0x4F01, room_used(&info), (uint32_t)info.len);
	build_end(b);
}
