/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Personalisation: what does not belong together does not become a card, and a card is made once. And
 * the window through which long answers leave.
 */
#include "card/isdr_window.h"
#include "tests/card/lpa.h"

static struct dp_pki nist, brp;
static struct euicc_personalisation data;
static uint8_t eid_text[] = DP_EID;

static void lie_key(void)
{
	data.credentials[0].key.at[31] ^= 1;
}

static void lie_eid(void)
{
	data.eid[15] ^= 1;
}

static void lie_eum(void)
{
	data.credentials[0].eum_certificate = nist.dpauth.der;
}

static void lie_anchor(void)
{
	data.anchors[0] = brp.anchor;
}

static void lie_anchor_key(void)
{
	struct trust_anchor foreign;

	dp_must(trust_anchor_read(nist.foreign_ci.der, &foreign), "CI");
	memcpy(data.anchors[0].point, foreign.point, EC_POINT_SIZE);
}

static void lie_curve(void)
{
	data.credentials[0].curve = EC_BRAINPOOL_P256R1;
}

static void lie_certificate(void)
{
	data.credentials[0].certificate = nist.eum.der;
}

static void lie_octet(void)
{
	static uint8_t der[2048];

	memcpy(der, nist.euicc.der.at, nist.euicc.der.len);
	der[nist.euicc.der.len - 1] ^= 1;
	data.credentials[0].certificate = (struct bytes){ der, nist.euicc.der.len };
}

static void lie_none(void)
{
	data.credential_count = 0;
}

static void lie_rat(void)
{
	static uint8_t rules[EUICC_RAT_MAX + 1];

	data.rat = BYTES(rules);
}

static void lie_sas(void)
{
	static uint8_t text[EUICC_SAS_MAX + 1];

	data.sas_accreditation_number = BYTES(text);
}

static const struct {
	const char *says;
	void (*lie)(void);
	enum err want;
} rows[] = {
	{"a private key that is not the certificate's", lie_key,         ERR_VALUE      },
	{ "an EID that is not the certificate's",       lie_eid,         ERR_VALUE      },
	{ "a curve that is not the certificate's",      lie_curve,       ERR_VALUE      },
	{ "a server's certificate as the EUM's",        lie_eum,         ERR_CERTIFICATE},
	{ "an EUM's certificate as the card's",         lie_certificate, ERR_CERTIFICATE},
	{ "a chain that leads to no CI",                lie_anchor,      ERR_CERTIFICATE},
	{ "a CI with another key",                      lie_anchor_key,  ERR_SIGNATURE  },
	{ "a card certificate with a wrong signature",  lie_octet,       ERR_SIGNATURE  },
	{ "no key at all",			      lie_none,        ERR_LIMIT      },
	{ "too many rules",			     lie_rat,         ERR_LIMIT      },
	{ "too long an accreditation number",           lie_sas,         ERR_LIMIT      },
};

static void truth(void)
{
	data = (struct euicc_personalisation){ .root_ds = BYTES_STR("ds.example.com") };
	dp_must(rsp_eid_read((struct bytes){ eid_text, 32 }, data.eid), "EID");
	lpa_credential(&data, &nist);
}

static void personalisation(void)
{
	static struct mem_flash flash;
	static struct card card;
	uint8_t eid[EID_SIZE], number;
	struct card_ports ports;

	mem_make(&flash, LPA_FLASH);
	ports = (struct card_ports){ mem_port(&flash), NULL };
	dp_must(card_format(&card, &ports), "formatting");
	ok_err(euicc_eid(&card, eid), ERR_NOT_FOUND, "a blank card has no identity");
	for (size_t i = 0; i < COUNT(rows); i++) {
		truth();
		rows[i].lie();
		ok_err(euicc_personalise(&card, &data), rows[i].want, rows[i].says);
		ok(euicc_eid(&card, eid) == ERR_NOT_FOUND &&
		           euicc_anchor_by_key(&card, BYTES(nist.anchor.key_id), &number) ==
		                   ERR_NOT_FOUND,
		   "leaves the card blank");
	}
	truth();
	ok_err(euicc_personalise(&card, &data), ERR_NONE, "what belongs together makes a card");
	ok_err(euicc_personalise(&card, &data), ERR_EXISTS, "once");
	dp_must(card_init(&card, &ports), "power");
	ok(euicc_eid(&card, eid) == ERR_NONE && bytes_same(BYTES(eid), BYTES(data.eid)),
	   "I5: its identity survives the power");
}

/* A blank card is asked what only an eUICC can answer. */
static void blank(void)
{
	static struct lpa lpa;
	struct card_ports ports;

	mem_make(&lpa.flash, LPA_FLASH);
	ports = (struct card_ports){ mem_port(&lpa.flash), NULL };
	dp_must(card_format(&lpa.card, &ports), "formatting");
	dp_must(lpa_on(&lpa), "power");
	static const char *const asks[] = { "BF2200", "BF3E035C015A", "BF3C00", "BF4300" };
	unsigned refused = 0;
	for (size_t i = 0; i < COUNT(asks); i++) {
		lpa_send_hex(&lpa, asks[i]);
		refused += lpa.sw != SW_OK && lpa.answer_len == 0;
	}
	ok(refused == COUNT(asks), "a blank card refuses what it does not know");
	ok(lpa_send_hex(&lpa, "BF2D00").len > 0 && lpa.sw == SW_OK, "but lists its profiles: none");
}

/* Whatever the window, the octets are those of the whole. */
static void windows(void)
{
	uint8_t whole_octets[64], part_octets[64];
	struct room whole = ROOM(whole_octets);
	struct window all = { 0, 0, &whole };
	unsigned wrong = 0, tried = 0;

	window_header(&all, 0xBF2D, 20);
	window_put(&all, BYTES_STR("twenty octets, or so"));
	ok(all.at == 23 && whole.len == 23, "a window on everything");
	for (uint32_t from = 0; from <= 25; from++) {
		for (size_t cap = 0; cap <= 25; cap++, tried++) {
			struct room part = { part_octets, cap, 0, false };
			struct window window = { 0, from, &part };
			window_header(&window, 0xBF2D, 20);
			window_put(&window, BYTES_STR("twenty octets, or so"));
			size_t left = from < 23 ? 23 - from : 0, want = left < cap ? left : cap;
			wrong += window.at != 23 || part.full || part.len != want ||
			         memcmp(part_octets, whole_octets + from, want) != 0;
		}
	}
	ok(wrong == 0, "%u windows show the same octets", tried);
}

int main(void)
{
	dp_pki_make(&nist, EC_P256);
	dp_pki_make(&brp, EC_BRAINPOOL_P256R1);
	personalisation();
	blank();
	windows();
	return done();
}
