/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/build.h"

#include "profile/apps.h"
#include "profile/build_put.h"
#include "profile/codes.h"

#include <string.h>

void profile_defaults(struct profile_description *out)
{
	*out = (struct profile_description){
		.mnc_digits = 2,
		.algorithm = ALGORITHM_MILENAGE,
		.options = 0x01, /* RES of 64 bits */
		.iterations = 1,
		.isim = true,
		.telecom = true,
		.gsm = true,
		.n5gs = true,
		.suci = {.routing = "0"},
		.tar = { 0xB0, 0x00, 0x00 }, /* TS 101 220 D: UICC file system */
		.language = "en",
	};
}

void profile_description_clear(struct profile_description *what)
{
	wipe(what, sizeof *what);
}

/* --- header ----------------------------------------------------------------------------------- */

static uint32_t services_of(const struct profile_description *d)
{
	uint32_t services = SERVICE_BIT(SERVICE_USIM);

	if (d->isim)
		services |= SERVICE_BIT(SERVICE_ISIM);
	if (d->algorithm == ALGORITHM_MILENAGE)
		services |= SERVICE_BIT(SERVICE_MILENAGE);
	if (d->algorithm == ALGORITHM_TUAK)
		services |= SERVICE_BIT(d->k.len == 32 ? SERVICE_TUAK256 : SERVICE_TUAK128);
	if (d->algorithm == ALGORITHM_USIM_TEST)
		services |= SERVICE_BIT(SERVICE_USIM_TEST_ALGORITHM);
	if (d->n5gs && d->suci.in_usim) {
		services |= SERVICE_BIT(SERVICE_GET_IDENTITY);
		if (d->suci.scheme == 1)
			services |= SERVICE_BIT(SERVICE_PROFILE_A_X25519);
		if (d->suci.scheme == 2)
			services |= SERVICE_BIT(SERVICE_PROFILE_B_P256);
	}
	return services;
}

static void templates_put(struct room *out, const struct profile_description *d)
{
	const struct {
		enum pe_kind kind;
		bool used;
	} rows[] = {
		{PE_MF,          true                      },
                { PE_TELECOM,    d->telecom                },
		{ PE_USIM,       true                      },
                { PE_OPT_USIM,   true                      },
		{ PE_GSM_ACCESS, d->gsm                    },
                { PE_ISIM,       d->isim                   },
		{ PE_DF_5GS,     d->n5gs                   },
                { PE_DF_SAIP,    d->n5gs && d->suci.in_usim},
	};
	const struct template *template;
	size_t list = ber_open(out, 0xA6);

	for (size_t n = 0; n < COUNT(rows); n++)
		for (size_t t = 0; rows[n].used && (template = template_at(t)) != NULL; t++) {
			if (template->kind != rows[n].kind || template->version != TEMPLATE_V1)
				continue;
			size_t oid = ber_open(out, 0x06);
			template_oid(out, template);
			ber_close(out, oid);
		}
	ber_close(out, list);
}

static void header(struct build *b)
{
	size_t element = ber_open(b->out, pe_tag(PE_HEADER));
	uint32_t services = services_of(b->what);
	uint8_t iccid[10];

	ber_put_uint(b->out, 0x80, 2);
	ber_put_uint(b->out, 0x81, 3);
	if (b->what->name[0] != '\0')
		ber_put(b->out, 0x82, text_bytes(b->what->name));
	b->wrong = b->wrong || !iccid_put(b->what->iccid, iccid);
	ber_put(b->out, 0x83, BYTES(iccid));
	size_t list = ber_open(b->out, 0xA5);
	for (unsigned n = 0; n < SERVICES; n++)
		if ((services >> n & 1) != 0)
			ber_put(b->out, 0x80 | n, (struct bytes){ NULL, 0 });
	ber_close(b->out, list);
	templates_put(b->out, b->what);
	ber_close(b->out, element);
}

/* --- codes ------------------------------------------------------------------------------------ */

static struct code code_of(uint8_t reference, const char *digits, uint8_t attempts)
{
	struct code code = { .reference = reference, .attempts = attempts };
	struct bytes text = text_bytes(digits);

	memset(code.value.at, 0xFF, CODE_SIZE);
	memcpy(code.value.at, text.at, text.len < CODE_SIZE ? text.len : CODE_SIZE);
	code.value.len = CODE_SIZE;
	return code;
}

static void puks(struct build *b)
{
	struct code puk1 = code_of(0x01, b->what->puk1, PUK_ATTEMPTS);
	struct code puk2 = code_of(0x81, b->what->puk2, PUK_ATTEMPTS);
	size_t element = pe_open(b->out, PE_PUK_CODES, true, b->identification++);
	size_t list = ber_open(b->out, 0xA1);

	puk_put(b->out, &puk1);
	puk_put(b->out, &puk2);
	ber_close(b->out, list);
	ber_close(b->out, element);
	wipe(&puk1, sizeof puk1);
	wipe(&puk2, sizeof puk2);
}

static void pins(struct build *b, const struct code *codes, size_t count)
{
	size_t element = pe_open(b->out, PE_PIN_CODES, true, b->identification++);
	size_t choice = ber_open(b->out, 0xA1);
	size_t list = ber_open(b->out, 0xA0);

	for (size_t n = 0; n < count; n++)
		pin_put(b->out, &codes[n]);
	ber_close(b->out, list);
	ber_close(b->out, choice);
	ber_close(b->out, element);
}

static void global_pins(struct build *b)
{
	struct code codes[2] = {
		code_of(0x01, b->what->pin1, PIN_ATTEMPTS),
		{.reference = 0x0A, .attempts = PUK_ATTEMPTS, .value = b->what->adm1},
	};

	codes[0].unblocking = 0x01;
	codes[0].attributes = PIN_CHANGEABLE | PIN_DISABLABLE;
	if (b->what->pin1_enabled)
		codes[0].attributes |= PIN_ENABLED;
	codes[1].attributes = PIN_ENABLED | PIN_CHANGEABLE;
	pins(b, codes, COUNT(codes));
	wipe(codes, sizeof codes);
}

static void local_pin(struct build *b)
{
	struct code code = code_of(0x81, b->what->pin2, PIN_ATTEMPTS);

	code.unblocking = 0x81;
	code.attributes = PIN_ENABLED | PIN_CHANGEABLE;
	pins(b, &code, 1);
	wipe(&code, sizeof code);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void usim_key(struct build *b)
{
	const struct profile_description *d = b->what;
	struct aka_parameter aka;

	aka_defaults(&aka);
	aka.algorithm = d->algorithm;
	aka.options = d->options;
	aka.iterations = d->iterations;
	aka.key = d->k;
	aka.opc = d->opc;
	if (d->has_constants) {
		memcpy(aka.rotation, d->rotation, sizeof aka.rotation);
		memcpy(aka.xoring, d->xoring, sizeof aka.xoring);
	}
	aka_parameter_put(b->out, true, b->identification++, &aka, (struct bytes){ NULL, 0 });
	aka_parameter_clear(&aka);
}

/* The ISIM has the USIM's key and its sequence numbers (mappingOptions: both). */
static void isim_key(struct build *b)
{
	struct aka_parameter aka;

	aka_defaults(&aka);
	aka.mapped = true;
	aka.mapping_options = 0x06;
	aka.source_len = sizeof usim_aid;
	memcpy(aka.source, usim_aid, sizeof usim_aid);
	aka_parameter_put(b->out, true, b->identification++, &aka, (struct bytes){ NULL, 0 });
}

static struct aid aid_of(struct bytes octets)
{
	struct aid aid = { (uint8_t)octets.len, { 0 } };

	memcpy(aid.at, octets.at, octets.len);
	return aid;
}

/* The operator's security domain (GlobalPlatform's package and class), for SCP80 with AES. */
static void security_domain(struct build *b)
{
	static const uint8_t usage[PROFILE_OTA_KEYS] = { 0x18, 0x14, 0x48 }; /* GPCS 11.1.9 */
	static const uint8_t specific[] = { 0x81, 0x02, 0x80, 0x00 };        /* SCP80 */
	struct app_instance instance = {
		.package = aid_of(BYTES_STR("\xA0\x00\x00\x01\x51\x53\x50")),
		.class = aid_of(BYTES_STR("\xA0\x00\x00\x01\x51\x53\x50\x41")),
		.instance = aid_of(BYTES_STR("\xA0\x00\x00\x01\x51\x00\x00\x00")),
		.privileges_len = 3,
		.privileges = {0x82, 0xDC, 0x00},
		.life_cycle = 0x0F, /* personalised */
	};
	struct domain_key keys[PROFILE_OTA_KEYS];

	for (size_t n = 0; n < PROFILE_OTA_KEYS; n++)
		keys[n] = (struct domain_key){
			.usage_len = 1,
			.usage = { usage[n] },
			.identifier = (uint8_t)(n + 1),
			.version = 0x01,
			.type = 0x88, /* AES */
			.mac_len = 8,
			.value = b->what->ota_keys[n],
		};
	security_domain_put(b->out, true, b->identification++, &instance, BYTES(specific), keys,
	                    COUNT(keys), (struct bytes){ NULL, 0 });
	wipe(keys, sizeof keys);
}

/* TS 102 226: one RFM instance for the UICC's files, one for the USIM's; SPI: ciphered, CMAC, counter. */
static void remote_files(struct build *b, bool usim)
{
	struct rfm rfm = {
		.instance = aid_of(BYTES_STR("\xA0\x00\x00\x05\x59\x10\x10\x00\x01")),
		.tars = 1,
		.security_level = 0x16,
		.access = {1,  { 0x00 }},
		.admin = { 1, { 0x00 }},
	};

	memcpy(rfm.tar[0], b->what->tar, sizeof rfm.tar[0]);
	if (usim) {
		rfm.instance.at[8] = 0x02;
		rfm.tar[0][2]++;
		rfm.adf = aid_of(BYTES(usim_aid));
		rfm.adf_access = rfm.adf_admin = (struct access_domain){ 1, { 0x00 } };
	}
	rfm_put(b->out, true, b->identification++, &rfm);
}

enum err profile_build(struct room *out, const struct profile_description *what)
{
	struct build b = { .out = out, .what = what, .identification = 1 };

	if (profile_description_flaw(what) != NULL)
		return ERR_VALUE;
	header(&b);
	build_mf(&b);
	puks(&b);
	global_pins(&b);
	if (what->telecom)
		build_telecom(&b);
	build_usim(&b);
	build_opt_usim(&b);
	local_pin(&b);
	usim_key(&b);
	if (what->gsm)
		build_gsm(&b);
	if (what->n5gs)
		build_5gs(&b);
	if (what->isim) {
		build_isim(&b);
		local_pin(&b);
		isim_key(&b);
	}
	if (what->ota) {
		security_domain(&b);
		remote_files(&b, false);
		remote_files(&b, true);
	}
	ber_close(out, pe_open(out, PE_END, true, b.identification));
	if (b.wrong)
		return ERR_VALUE;
	return out->full ? ERR_ROOM : ERR_NONE;
}
