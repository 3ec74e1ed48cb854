/* SPDX-License-Identifier: Apache-2.0 */
/* R1b.3: the list of what a machine starts, and the log of what it started. */
#include "agent/components.h"
#include "agent/measure.h"
#include "evidence/eventlog.h"

#include "tests/tap.h"

#include <string.h>

static struct secret key, other;
static uint8_t signer[EC_POINT_SIZE], other_signer[EC_POINT_SIZE];
static uint8_t octets[COMPONENTS_TEXT_MAX];

/* signed_text is `body` under the signer's key. */
static struct bytes signed_text(const char *body, const struct secret *by)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t signature[EC_SIGNATURE_SIZE];
	struct room room = ROOM(octets);
	struct bytes text = bytes_text(body);

	room_put(&room, text);
	if (crypto_ecdsa_sign(EC_P256, by, &text, 1, signature) != ERR_NONE)
		return (struct bytes){ NULL, 0 };
	room_put(&room, BYTES_STR("signature "));
	for (size_t i = 0; i < sizeof signature; i++) {
		room_put_u8(&room, (uint8_t)digits[signature[i] >> 4]);
		room_put_u8(&room, (uint8_t)digits[signature[i] & 15]);
	}
	room_put_u8(&room, '\n');
	return room_used(&room);
}

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEAD   "assay-components 1\nmodel M1\nfirmware 1.0\nversion 7\n"
#define VERSION(text) \
	"assay-components 1\nmodel M1\nfirmware 1.0\n" text "component c " DIGEST " /c\n"
static const struct {
	const char *says, *body;
	enum err want;
} rows[] = {
	{"two components",
         HEAD "component card " DIGEST " /usr/bin/card\n"
	       "component agent " DIGEST " /opt/with space/agent\n",
         ERR_NONE													       },
	{ "no component",                HEAD,								   ERR_NOT_FOUND  },
	{ "R1b.3: no version",           VERSION(""),							    ERR_NOT_FOUND  },
	{ "two versions",                VERSION("version 7\nversion 8\n"),                                      ERR_EXISTS     },
	{ "the first version",           VERSION("version 1\n"),                                                 ERR_NONE       },
	{ "the last version",            VERSION("version 1024\n"),                                              ERR_NONE       },
	{ "version 0",                   VERSION("version 0\n"),						 ERR_VALUE      },
	{ "a version too high",          VERSION("version 1025\n"),                                              ERR_VALUE      },
	{ "a version of many digits",    VERSION("version 4294967297\n"),                                        ERR_VALUE      },
	{ "a version written otherwise", VERSION("version 07\n"),                                                ERR_VALUE      },
	{ "a version that is no number", VERSION("version 7a\n"),                                                ERR_VALUE      },
	{ "an empty version",            VERSION("version \n"),                                                  ERR_VALUE      },
	{ "no firmware",                 "assay-components 1\nmodel M1\nversion 7\ncomponent c " DIGEST " /c\n",
         ERR_NOT_FOUND													  },
	{ "a model given twice",         HEAD "model M2\n",						      ERR_EXISTS     },
	{ "a component given twice",     HEAD "component c " DIGEST " /a\ncomponent c " DIGEST " /b\n",
         ERR_EXISTS													     },
	{ "a word that is not known",    HEAD "compnent c " DIGEST " /c\n",                                      ERR_TAG        },
	{ "a digest that is too short",  HEAD "component c 0011 /c\n",                                           ERR_LENGTH     },
	{ "a digest that is none",
         HEAD "component c "
	       "zz"
	       " /c\n",	                                                                                  ERR_VALUE      },
	{ "a path that is not absolute", HEAD "component c " DIGEST " c\n",                                      ERR_VALUE      },
	{ "no path",		     HEAD "component c " DIGEST "\n",                                        ERR_VALUE      },
	{ "another version of the form", "assay-components 2\nmodel M1\nfirmware 1\n",
         ERR_UNSUPPORTED													},
	{ "a line without an end",       HEAD "component c " DIGEST " /c",                                       ERR_TRAILING   },
	{ "nothing",		     "",								     ERR_UNSUPPORTED},
};

static void reads(void)
{
	struct components read;

	for (size_t i = 0; i < COUNT(rows); i++)
		ok_err(components_read(signed_text(rows[i].body, &key), signer, &read),
		       rows[i].want, rows[i].says);
	struct bytes text = signed_text(rows[0].body, &key);
	ok_err(components_read(text, signer, &read), ERR_NONE, "the first again");
	const struct component *agent = components_find(&read, BYTES_STR("agent"));
	ok(agent != NULL && bytes_same(agent->path, BYTES_STR("/opt/with space/agent")),
	   "a path may have spaces");
	ok(components_find(&read, BYTES_STR("age")) == NULL, "a name is a whole name");
	ok_err(components_read(text, other_signer, &read), ERR_SIGNATURE,
	       "R1b.3: signed by somebody else");
	ok_err(components_read(signed_text(rows[0].body, &other), signer, &read), ERR_SIGNATURE,
	       "... or for somebody else");
}

static void every_octet_counts(void)
{
	struct bytes text = signed_text(rows[0].body, &key);
	struct components read;
	size_t passed = 0;

	for (size_t i = 0; i < text.len; i++) {
		octets[i] ^= 0x01;
		passed += components_read(text, signer, &read) == ERR_NONE;
		octets[i] ^= 0x01;
	}
	for (size_t len = 0; len < text.len; len++)
		passed +=
			components_read((struct bytes){ text.at, len }, signer, &read) == ERR_NONE;
	ok(passed == 0, "R1b.3: no octet may be changed and none be missing");
}

static void puts_what_it_reads(void)
{
	static uint8_t again[COMPONENTS_TEXT_MAX];
	struct room room = ROOM(again);
	struct components read, second;

	ok_err(components_read(signed_text(rows[0].body, &key), signer, &read), ERR_NONE, "read");
	ok_err(components_put(&room, &read, &key), ERR_NONE, "written");
	ok_err(components_read(room_used(&room), signer, &second), ERR_NONE, "and read again");
	ok(second.version == 7, "the version is the same");
	ok(second.count == 2 && bytes_same(second.component[1].path, read.component[1].path) &&
	           memcmp(second.component[1].digest, read.component[1].digest, SHA256_SIZE) == 0,
	   "it is the same");
	read.component[0].name = BYTES_STR("two words");
	ok_err(components_put(&room, &read, &key), ERR_VALUE, "a name is one word");
	read.component[0].name = BYTES_STR("card");
	read.version = 0;
	ok_err(components_put(&room, &read, &key), ERR_VALUE, "no list without a version");
	read.version = COMPONENTS_VERSION_MAX + 1;
	ok_err(components_put(&room, &read, &key), ERR_VALUE, "nor with one too high");
}

/* What is logged replays to what was extended. */
static void logs(void)
{
	static const uint8_t digest[SHA256_SIZE] = { 1, 2, 3 }, zero[SHA256_SIZE];
	uint8_t log_octets[512], want[SHA256_SIZE];
	struct room log = ROOM(log_octets);
	const struct bytes parts[] = { BYTES(zero), BYTES(digest) };
	struct eventlog_count count;
	struct tpm_bank bank;

	measure_put_header(&log);
	measure_put(&log, 14, digest, BYTES_STR("start card"));
	ok_err(eventlog_replay(room_used(&log), ATTEST_SHA256, &bank, &count), ERR_NONE,
	       "the log is read as others are");
	ok(crypto_sha256(want, parts, COUNT(parts)) == ERR_NONE &&
	           memcmp(bank.value[14], want, sizeof want) == 0,
	   "and replays to what the chip has");
}

int main(void)
{
	ok(crypto_ec_generate(EC_P256, &key, signer) == ERR_NONE &&
	           crypto_ec_generate(EC_P256, &other, other_signer) == ERR_NONE,
	   "two signers");
	reads();
	every_octet_counts();
	puts_what_it_reads();
	logs();
	return done();
}
