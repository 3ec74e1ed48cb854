/* SPDX-License-Identifier: Apache-2.0 */
/* The GSMA TS.48 v7 packages, unmodified, on the card: installed, enabled, looked at through commands,
 * authenticated with their own key. */
#include "aka/aka.h"
#include "profile/describe.h"
#include "tests/card/upp.h"
#include "tests/profile/describe.h"
#include "tests/tap.h"

enum { FLASH_SIZE = 512 * 1024, ROUNDS = 60 };

static struct mem_flash flash;
static struct card card;

static struct bytes run(const char *hex, uint8_t *store)
{
	uint8_t raw[300];
	struct room reply = { store, APDU_REPLY_MAX, 0, false };

	card_run(&card, unhex(hex, raw, sizeof raw), &reply);
	return room_used(&reply);
}

static const struct row {
	const char *says, *send, *want; /* want NULL: 9000 is enough */
} rows[] = {
	{"EF.ICCID is selected",                           "00A4000C022FE2",                             "9000"                                        },
	{ "and read",				      "00B000000A",                                 "980010325476981032149000"                    },
	{ "EF.DIR is selected",                            "00A4000C022F00",                             "9000"                                        },
	{ "its first record names the USIM",               "00B2010421",
         "61144F0CA0000000871002FF49FF058950045553494DFFFFFFFFFFFFFFFFFFFFFF9000"                                                                      },
	{ "the second one the ISIM",                       "00B2020421",
         "61144F0CA0000000871004FF49FF058950044953494DFFFFFFFFFFFFFFFFFFFFFF9000"                                                                      },
	{ "the MF's EF.ARR has a short id",                "00B201342E",
         "80015EA40683010A9501088401D4A40683010A950108"
	  "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF9000"										       },
	{ "DF.TELECOM",				    "00A4000C027F10",                             "9000"                                        },
	{ "EF.ADN through its link",                       "00A4000C026F3A",                             "9000"                                        },
	{ "has the first entry",                           "00B201041C",
         "546573746E722E31FFFFFFFFFFFF069194982143F1FFFFFFFFFFFFFF9000"										},
	{ "DF.PHONEBOOK",				  "00A4080C047F105F3A",                         "9000"                                        },
	{ "the same entry in its EF.ADN",                  "00A4000C024F3A",                             "9000"                                        },
	{ "by absolute record",                            "00B202041C",
         "546573746E722E32FFFFFFFFFFFF069194982143F2FFFFFFFFFFFFFF9000"										},
	{ "EF.PUID by short id",                           "00B08F0002",                                 "00029000"                                    },
	{ "the USIM",				      "00A4040C0CA0000000871002FF49FF0589",         "9000"                                        },
	{ "EF.IMSI",				       "00B0870009",                                 "0809101010325476989000"                      },
	{ "EF.UST",					"00B084000D",
         "9EFFBF1DFF3E00834103100104"
	  "9000"																       },
	{ "EF.AD",					 "00B0830004",				 "800000029000"                                },
	{ "EF.Keys as the package fills it",               "00B0880021",
         "07FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF9000"                                                                      },
	{ "EF.EPSLOCI",				    "00B09E0012",                                 NULL                                          },
	{ "EF.Kc in DF.GSM-ACCESS",                        "00A4080C067FFF5F3B4F20",                     "9000"                                        },
	{ "filled from the template, with its last octet", "00B0000009",                                 "FFFFFFFFFFFFFFFF079000"                      },
	{ "DF.5GS",					"00A4080C047FFF5FC0",                         "9000"                                        },
	{ "EF.5GS3GPPLOCI",				"00B0810014",                                 "FFFFFFFFFFFFFFFFFFFFFFFFFF42F618000000019000"},
	{ "EF.Routing_Indicator",                          "00B08A0004",                                 "F0FFFFFF9000"                                },
	{ "the CSIM",				      "00A4040C10A0000003431002F310FFFF89020000FF", "9000"                                        },
	{ "its IMSI_M",				    "00A4000C026F22",                             "9000"                                        },
	{ "is there",				      "00B000000A",                                 "008D03CB11033480DE039000"                    },
	{ "the ISIM",				      "00A4040C0CA0000000871004FF49FF0589",         "9000"                                        },
	{ "EF.DOMAIN",				     "00B0850020",
         "800D746573742E336770702E636F6DFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF9000"                                                                        },
	{ "the second public identity",                    "00B2022440",                                 NULL                                          },
	{ "the operator's security domain",                "00A4040C08A000000151000000",                 "9000"                                        },
	{ "answers with its name",                         "00A4040008A00000015100000000",
         "6F108408A000000151000000A5049F6501FF"
	  "9000"																       },
	{ "and takes no command of files",                 "00B0000001",                                 "6986"                                        },
	{ "no such application",                           "00A4040C07A0000000871009",                   "6A82"                                        },
	{ "the MF",					"00A4000C023F00",                             "9000"                                        },
	{ "an application is no file without a name",      "00A4000C020000",                             "6A82"                                        },
	{ "nor a child without one",                       "00A4010C020000",                             "6A82"                                        },
	{ "nor on a path",				 "00A4080C020000",                             "6A82"                                        },
	{ "the USIM's FCP has an AID and no file id",      "00A404000CA0000000871002FF49FF058900",
         "622B82027821840CA0000000871002FF49FF05898A01058B032F0601C60F90017083010183018183010A8301"
         "0B9000"																      },
	{ "the USIM again",				"00A4040C0CA0000000871002FF49FF0589",         "9000"                                        },
	{ "a wrong second PIN is counted",                 "002000810831313131FFFFFFFF",                 "63C2"                                        },
	{ "the right one is accepted",                     "002000810839393939FFFFFFFF",                 "9000"                                        },
	{ "a wrong ADM1",				  "0020000A083131313131313131",                 "63C9"                                        },
	{ "the right one",				 "0020000A083535353535353535",                 "9000"                                        },
};

static void rows_run(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t store[APDU_REPLY_MAX], wanted[300];
		char hex[700];
		size_t n = 0;
		for (const char *c = rows[i].send; *c != '\0'; c++)
			if (*c != ' ')
				hex[n++] = *c;
		hex[n] = '\0';
		struct bytes got = run(hex, store);
		if (rows[i].want == NULL)
			ok(got.len > 2 && got.at[got.len - 2] == 0x90, "%s", rows[i].says);
		else
			ok_bytes(got, unhex(rows[i].want, wanted, sizeof wanted), rows[i].says);
	}
}

/* AUTHENTICATE in 3G context as the network would do it with the same key. */
static bool authenticates(const struct aka_subscriber *who, uint64_t sqn)
{
	struct aka_request request = { .who = who, .sqn = sqn };
	struct aka_vector vector;
	uint8_t octets[64], store[APDU_REPLY_MAX], wanted[64];
	struct room command = ROOM(octets), want = ROOM(wanted), reply = ROOM(store);

	for (uint8_t n = 0; n < 16; n++)
		request.rand[n] = (uint8_t)(n * 17u + sqn);
	if (aka_vector_make(&request, &vector) != ERR_NONE)
		return false;
	room_put(&command, BYTES_STR("\x00\x88\x00\x81"));
	room_put_u8(&command, (uint8_t)(18 + vector.autn_size));
	room_put_u8(&command, 16);
	room_put(&command, BYTES(request.rand));
	room_put_u8(&command, vector.autn_size);
	room_put(&command, (struct bytes){ vector.autn, vector.autn_size });
	card_run(&card, room_used(&command), &reply);
	if (reply.len != 2 || store[0] != 0x61)
		return false;
	uint8_t get[5] = { 0x00, 0xC0, 0x00, 0x00, store[1] };
	reply = ROOM(store);
	card_run(&card, BYTES(get), &reply);
	room_put_u8(&want, 0xDB);
	room_put_u8(&want, vector.xres_size);
	room_put(&want, (struct bytes){ vector.xres, vector.xres_size });
	return reply.len > want.len && memcmp(store, wanted, want.len) == 0;
}

static void ts48_key(struct aka_subscriber *who)
{
	aka_subscriber_init(who, AKA_TEST);
	for (uint8_t n = 0; n < 16; n++)
		who->k.at[n] = n;
	who->k.len = 16;
	who->res_size = 16;
}

static void ts48(const char *file)
{
	struct aka_subscriber who;
	struct pe_result result;
	struct bytes package;

	if (!shared_file(file, &package)) {
		skip("%s is not there", file);
		return;
	}
	struct card_ports ports = { mem_port(&flash), NULL };
	ok_err(card_format(&card, &ports), ERR_NONE, "a blank card");
	uint32_t before = vault_free(&card.vault);
	ok_err(upp_install(&card, 1, package, &result), ERR_NONE, file);
	ok(result.status == PE_OK, "the response says ok (%d, element %d, offset %u)",
	   result.status, result.identification, result.offset);
	printf("# takes %u of %u octets\n", before - vault_free(&card.vault), before);
	ok_err(upp_enable(&card, 1), ERR_NONE, "it is enabled");
	card_reset(&card);
	rows_run();
	ts48_key(&who);
	ok(authenticates(&who, 1 << 5), "the USIM authenticates with the profile's own key");
	ok(authenticates(&who, 2 << 5), "and again with the next number");
	ok(!authenticates(&who, 2 << 5), "but not with the same one");
}

static void subscriber(const struct profile_description *d, struct aka_subscriber *who)
{
	aka_subscriber_init(who, (enum aka_algorithm)d->algorithm);
	who->k = d->k;
	if (d->algorithm != ALGORITHM_USIM_TEST)
		who->opc = d->opc;
	if (d->algorithm == ALGORITHM_TUAK)
		who->iterations = d->iterations;
	who->res_size = 8;
}

/* What was built installs, and its USIM (and ISIM) know the key. */
static const char *built(uint64_t seed)
{
	static uint8_t octets[PROFILE_PACKAGE_MAX];
	struct card_ports ports = { mem_port(&flash), NULL };
	struct profile_description d;
	struct aka_subscriber who;
	struct room out = ROOM(octets);
	struct pe_result result;
	uint8_t store[APDU_REPLY_MAX];
	uint64_t state = seed * 0x9E3779B97F4A7C15 + 1;

	describe(&state, &d);
	if (profile_build(&out, &d) != ERR_NONE || card_format(&card, &ports) != ERR_NONE)
		return "does not build";
	if (upp_install(&card, 1, room_used(&out), &result) != ERR_NONE)
		return "is refused";
	if (upp_enable(&card, 1) != ERR_NONE)
		return "cannot be enabled";
	card_reset(&card);
	struct bytes sw = run("00A4040C07A0000000871002", store);
	if (sw.len != 2 || sw.at[0] != 0x90)
		return "has no USIM";
	subscriber(&d, &who);
	if (d.pin1_enabled) {
		if (authenticates(&who, 1 << 5))
			return "authenticates without PIN";
		uint8_t verify[13] = { 0x00, 0x20, 0x00, 0x01, 0x08 };
		memset(verify + 5, 0xFF, 8);
		memcpy(verify + 5, d.pin1, strlen(d.pin1));
		struct room reply = ROOM(store);
		card_run(&card, BYTES(verify), &reply);
		if (store[0] != 0x90)
			return "does not take its PIN";
	}
	if (!authenticates(&who, 3 << 5))
		return "does not authenticate";
	if (!d.isim)
		return NULL;
	(void)run("00A4040C07A0000000871004", store);
	return authenticates(&who, 4 << 5) ? NULL : "has an ISIM that does not authenticate";
}

/* A package that asks the USIM to conceal its identity gets it concealed (TS 33.501 annex C). */
static void concealed(void)
{
	static const char *const lines =
		"name = Concealed\niccid = 894920000000000000?\nimsi = 999700000000001\n"
		"k = 000102030405060708090A0B0C0D0E0F\nopc = 000102030405060708090A0B0C0D0E0F\n"
		"pin1 = 1234\npin2 = 1234\npuk1 = 12345678\npuk2 = 12345678\nadm1 = 12345678\n"
		"suci-scheme = a\nsuci-in = usim\nsuci-key-id = 27\nrouting-indicator = 0012\n"
		"suci-key = 5A8D38864820197C3394B92613B20B91633CBD897119273BF8E4A6F4EEC0A650\n";
	static uint8_t octets[PROFILE_PACKAGE_MAX];
	struct card_ports ports = { mem_port(&flash), NULL };
	struct bytes text = bytes_text(lines);
	struct profile_description d;
	struct describe_flaw flaw = { 0, "" };
	struct room out = ROOM(octets);
	struct pe_result result;
	uint8_t store[APDU_REPLY_MAX], wanted[16];

	ok_err(profile_describe(text, &d, &flaw), ERR_NONE, "a description that asks for SUCI");
	ok_err(profile_build(&out, &d), ERR_NONE, "builds");
	bool there = card_format(&card, &ports) == ERR_NONE &&
	             upp_install(&card, 1, room_used(&out), &result) == ERR_NONE &&
	             upp_enable(&card, 1) == ERR_NONE;
	ok(there, "installs and is enabled");
	card_reset(&card);
	(void)run("00A4040C07A0000000871002", store);
	struct bytes got = run("8078000137", store);
	struct bytes head = unhex("A1350199F9070021011B", wanted, sizeof wanted);
	ok(got.len == 2 + 53 + 2 && memcmp(got.at, head.at, head.len) == 0,
	   "GET IDENTITY gives the PLMN and a concealed number");
}

int main(void)
{
	unsigned failed = 0;

	mem_make(&flash, FLASH_SIZE);
	ts48("rsp/ts48/ts48-v7-saip2.3-nobertlv.der");
	ts48("rsp/ts48/ts48-v7-saip2.3-bertlv-suci.der");
	for (uint64_t seed = 0; seed < ROUNDS; seed++) {
		const char *why = built(seed);
		if (why != NULL) {
			printf("# seed %llu %s\n", (unsigned long long)seed, why);
			failed++;
		}
	}
	concealed();
	ok(failed == 0, "%d built profiles install and authenticate", ROUNDS);
	return done();
}
