/* SPDX-License-Identifier: Apache-2.0 */
/* Packages with one thing wrong each: refused with the status that the specification has for it, naming
 * the element, and nothing is left behind. */
#include "profile/build.h"
#include "tests/card/upp.h"
#include "tests/profile/describe.h"
#include "tests/tap.h"

enum { FLASH_SIZE = 256 * 1024, ELEMENTS_MAX = 32, PACKAGE_MAX = 2 * PROFILE_PACKAGE_MAX };

/* The elements of the package that all rows start from. */
enum {
	E_HEADER,
	E_MF,
	E_PUKS,
	E_PINS,
	E_TELECOM,
	E_USIM,
	E_OPT_USIM,
	E_PIN2,
	E_KEY,
	E_GSM,
	E_5GS,
	E_ISIM,
	E_ISIM_PIN2,
	E_ISIM_KEY,
	E_END,
	ELEMENTS
};

static struct mem_flash flash;
static struct card card;
static struct bytes elements[ELEMENTS_MAX];

enum edit { DROP, INSTEAD, BEFORE, AFTER_ALL, TWICE, CUT };

static const struct row {
	const char *says;
	enum edit edit;
	int where;
	const char *hex; /* see octets_of */
	enum pe_status want;
	int identification; /* -1: none */
	bool installs;
} rows[] = {
	{"as it was built",						BEFORE,    E_END,       "",						     PE_OK,                     -1, true },
	{ "no end",							DROP,      E_END,       "",						     PE_INVALID_REQUEST_FORMAT, -1, false},
	{ "octets behind the end",					 AFTER_ALL, 0,           "AA(A0(810170))",                                       PE_INVALID_REQUEST_FORMAT, 14,
         false																						 },
	{ "cut in the last element",				       CUT,       2,           "",						     PE_INVALID_REQUEST_FORMAT, -1, false},
	{ "no header",						     DROP,      E_HEADER,    "",						     PE_INVALID_REQUEST_FORMAT, 1,  false},
	{ "a second header",					       TWICE,     E_HEADER,    "",						     PE_INVALID_PARAMETER,      -1, false},
	{ "version 9",						     INSTEAD,   E_HEADER,    "A0(800109810103830A89490000000000000000A5(8100)A6())",
         PE_UNSUPPORTED_PROFILE_VERSION,																	      -1, false},
	{ "Java Card is asked for",					INSTEAD,   E_HEADER,
         "A0(800102810103830A89490000000000000000A5(8B00)A6())",											   PE_RUNTIME_NOT_SUPPORTED,  -1,
         false																						 },
	{ "CAVE is asked for",					     INSTEAD,   E_HEADER,
         "A0(800102810103830A89490000000000000000A5(8600)A6())",											   PE_FEATURE_NOT_SUPPORTED,  -1,
         false																						 },
	{ "a service of the future is asked for",                          INSTEAD,   E_HEADER,
         "A0(800102810103830A89490000000000000000A5(9E00)A6())",											   PE_FEATURE_NOT_SUPPORTED,  -1,
         false																						 },
	{ "services out of their order",                                   INSTEAD,   E_HEADER,
         "A0(800102810103830A89490000000000000000A5(82008100)A6())",										       PE_INVALID_REQUEST_FORMAT, -1,
         false																						 },
	{ "a template of the future is asked for",                         INSTEAD,   E_HEADER,
         "A0(800102810103830A89490000000000000000A5(8100)A6(06(67810F01027F)))",	                                                                   PE_TEMPLATE_NOT_SUPPORTED, -1, false},
	{ "a library is asked for",					INSTEAD,   E_HEADER,
         "A0(800102810103830A89490000000000000000A5(8100)A6()A8(30(80(A0000000"
	  "61)81(0100))))",	                                                                                                                        PE_LIB_NOT_SUPPORTED,      -1, false},
	{ "an ICCID of nine octets",				       INSTEAD,   E_HEADER,
         "A0(8001028101038309894900000000000000A500A600)",												 PE_INVALID_REQUEST_FORMAT, -1, false},
	{ "no MF",							 DROP,      E_MF,        "",						     PE_INVALID_PARAMETER,      2,  false},
	{ "two MFs",						       TWICE,     E_MF,        "",						     PE_INVALID_PARAMETER,      1,  false},
	{ "no PINs",						       DROP,      E_PINS,      "",						     PE_PIN_CODE_MISSING,       14, false},
	{ "no second PIN",						 DROP,      E_PIN2,      "",						     PE_PIN_CODE_MISSING,       14, false},
	{ "the USIM's files without a USIM",                               DROP,      E_USIM,      "",                                                     PE_INVALID_PARAMETER,      6,  false},
	{ "PIN2 twice",						    TWICE,     E_PIN2,      "",						     PE_INVALID_PARAMETER,      7,  false},
	{ "a key twice",						   TWICE,     E_KEY,       "",						     PE_INVALID_PARAMETER,      8,  false},
	{ "a USIM twice",						  TWICE,     E_USIM,      "",						     PE_INVALID_PARAMETER,      5,  false},
	{ "a key that the ISIM should share is not there",                 DROP,      E_KEY,       "",                                                     PE_INVALID_PARAMETER,
         13,																					      false},
	{ "an empty element",					      INSTEAD,   E_PINS,      "A2(A0(8000810163))",                                   PE_INVALID_REQUEST_FORMAT, 99,
         false																						 },
	{ "an element without a header",                                   INSTEAD,   E_PINS,
         "A2(A1(A0(30(80(01)81(30303030FFFFFFFF)))))",												     PE_INVALID_REQUEST_FORMAT, -1, false},
	{ "a PIN that allows no attempt",                                  INSTEAD,   E_PINS,
         "A2(A0(8000810163)A1(A0(30(80(01)81(30303030FFFFFFFF)840103))))",										 PE_BAD_VALUES,             99,
         false																						 },
	{ "attempts left beyond those allowed",                            INSTEAD,   E_PINS,
         "A2(A0(8000810163)A1(A0(30(80(01)81(30303030FFFFFFFF)840134))))",										 PE_BAD_VALUES,             99,
         false																						 },
	{ "a PIN of seven octets",					 INSTEAD,   E_PINS,
         "A2(A0(8000810163)A1(A0(30(80(01)81(30303030FFFFFF)))))",											 PE_INVALID_REQUEST_FORMAT, 99,
         false																						 },
	{ "a PIN reference that does not exist",                           INSTEAD,   E_PINS,
         "A2(A0(8000810163)A1(A0(30(80(09)81(30303030FFFFFFFF)))))",										       PE_BAD_VALUES,             99, false},
	{ "a global PIN in an application",                                INSTEAD,   E_PIN2,
         "A2(A0(8000810163)A1(A0(30(80(02)81(30303030FFFFFFFF)))))",										       PE_INVALID_PARAMETER,      99,
         false																						 },
	{ "a local PIN at the MF",					 INSTEAD,   E_PINS,
         "A2(A0(8000810163)A1(A0(30(80(0081)81(30303030FFFFFFFF)))))",										     PE_INVALID_PARAMETER,      99,
         false																						 },
	{ "PINs shared with a sibling",                                    INSTEAD,   E_ISIM_PIN2, "A2(A0(8000810163)A1(81(7FD0)))",
         PE_FEATURE_NOT_SUPPORTED,																		    99, false},
	{ "K of 15 octets",						INSTEAD,   E_KEY,
         "A4(A0(8000810163)A1(A1(80(01)81(01)82(000102030405060708090A0B0C0D0E"
	  ")83(000102030405060708090A0B0C0D0E0F))))",	                                                                                              PE_BAD_VALUES,             99, false},
	{ "an algorithm of the future",                                    INSTEAD,   E_KEY,
         "A4(A0(8000810163)A1(A1(80(04)81(01)82(000102030405060708090A0B0C0D0E"
	  "0F)83(000102030405060708090A0B0C0D0E0F))))",	                                                                                            PE_BAD_VALUES,             99, false},
	{ "r and c that let two functions collapse",                       INSTEAD,   E_KEY,
         "A4(A0(8000810163)A1(A1(80(01)81(01)82(000102030405060708090A0B0C0D0E"
	  "0F)83(000102030405060708090A0B0C0D0E0F)84(0000000000)85("
	  "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	  "000000000000000000000000000000000000000000000000000000000000000000000000))))",	                                                          PE_BAD_VALUES,             99, false},
	{ "a limit on authentications",                                    INSTEAD,   E_KEY,
         "A4(A0(8000810163)A1(A1(80(01)81(01)82(000102030405060708090A0B0C0D0E"
	  "0F)83(000102030405060708090A0B0C0D0E0F)86(000100))))",	                                                                                  PE_FEATURE_NOT_SUPPORTED,  99, false},
	{ "one that the test algorithm ignores",                           INSTEAD,   E_KEY,
         "A4(A0(8000810163)A1(A1(80(03)81(02)82(000102030405060708090A0B0C0D0E0F)83()86(000100)))"
	  ")",	                                                                                                                                     PE_OK,		     -1, true },
	{ "no limit on authentications, in as many words",                 INSTEAD,   E_KEY,
         "A4(A0(8000810163)A1(A1(80(01)81(01)82(000102030405060708090A0B0C0D0E"
	  "0F)83(000102030405060708090A0B0C0D0E0F)86(FFFFFF))))",	                                                                                  PE_OK,		     -1, true },
	{ "a key shared with an application that is not there",            INSTEAD,   E_KEY,
         "A4(A0(8000810163)A1(A0(80(06)81(A000000087))))",												 PE_INVALID_PARAMETER,      99, false},
	{ "sequence numbers beyond 43 bits",                               INSTEAD,   E_KEY,
         "A4(A0(8000810163)A1(A0(80(06)81(A000000087)))83(080000000000))",										 PE_BAD_VALUES,             99,
         false																						 },
	{ "an application that is mandatory",                              BEFORE,    E_END,       "A8(A0(8000810163))",
         PE_RUNTIME_NOT_SUPPORTED,																		    99, false},
	{ "one that is not is passed over",                                BEFORE,    E_END,       "A8(A0(810163))",
         PE_RUNTIME_NOT_SUPPORTED,																		    99, true },
	{ "a proprietary element that is mandatory",                       BEFORE,    E_END,
         "A9(A0(8000810163)81(2A03)82())",														 PE_NOT_SUPPORTED,          99, false},
	{ "one that is not is passed over too",                            BEFORE,    E_END,       "A9(A0(810163)81(2A03)82())",
         PE_NOT_SUPPORTED,																			    99, true },
	{ "an element of the future is passed over",                       BEFORE,    E_END,       "BF3200",                                               PE_NOT_SUPPORTED,          -1,
         true																						  },
	{ "files without a template",				      BEFORE,    E_END,       "B7(A0(8000810163)A2())",
         PE_INVALID_REQUEST_FORMAT,																		   99, false},
	{ "a template of another element",                                 BEFORE,    E_END,       "B7(A0(8000810163)81(67810F010204))",
         PE_TEMPLATE_NOT_SUPPORTED,																		   99, false},
	{ "a template that is not known and not mandatory is passed over", BEFORE,    E_END,
         "B7(A0(810163)81(67810F0102067F))",													       PE_TEMPLATE_NOT_SUPPORTED, 99, true },
	{ "a phone book of the USIM",				      BEFORE,    E_END,
         "B7(A0(8000810163)81(67810F010206)A2(A1(C6(01))))",											       PE_OK,                     -1, true },
	{ "files of a template in the wrong order",                        BEFORE,    E_END,
         "B7(A0(8000810163)81(67810F010206)A2(A1(C6(01)))A8(A1(88(68)))A7())",	                                                                     PE_INVALID_REQUEST_FORMAT, 99, false},
	{ "a file without its directory",                                  BEFORE,    E_END,
         "B7(A0(8000810163)81(67810F010206)A8(A1(88(68))))",											       PE_INVALID_PARAMETER,      99, false},
	{ "a file twice",						  BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(80()62(82(4121)83(2FE2)8B(01)80(01)))))",										 PE_INVALID_PARAMETER,
         99,																					      false},
	{ "a file of its own",					     BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(80()62(82(4121)83(2FF1)8B(01)80(02))81(0102))"
	  "))",	                                                                                                                                    PE_OK,		     -1, true },
	{ "a directory that is not there",                                 BEFORE,    E_END,       "A1(A0(8000810163)A1(30(80(7F99))))",
         PE_INVALID_PARAMETER,																			99, false},
	{ "a path of odd length",					  BEFORE,    E_END,       "A1(A0(8000810163)A1(30(80(7F1020))))",
         PE_INVALID_REQUEST_FORMAT,																		   99, false},
	{ "content beyond the file",				       BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(80()62(82(4121)83(2FF1)8B(01)80(02))81(010203"
	  "))))",	                                                                                                                                  PE_BAD_VALUES,             99, false},
	{ "an offset beyond the file",                                     BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(80()62(82(4121)83(2FF1)8B(01)80(02))02(03))))",                                                                           PE_BAD_VALUES,             99,
         false																						 },
	{ "content without a file",					BEFORE,    E_END,       "A1(A0(8000810163)A1(30(80()81(010203))))",
         PE_BAD_VALUES,																			       99, false},
	{ "records that do not fill the file",                             BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(42210003)83(2FF1)8B(01)80(08)))))",										 PE_BAD_VALUES,             99,
         false																						 },
	{ "records of no length",					  BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(42210000)83(2FF1)8B(01)80(08)))))",										 PE_BAD_VALUES,             99,
         false																						 },
	{ "no size",						       BEFORE,    E_END,       "A1(A0(8000810163)A1(30(62(82(4121)83(2FF1)8B(01)))))",
         PE_BAD_VALUES,																			       99, false},
	{ "no file identifier",					    BEFORE,    E_END,       "A1(A0(8000810163)A1(30(62(82(4121)8B(01)80(01)))))",
         PE_BAD_VALUES,																			       99, false},
	{ "an AID for a file",					     BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(4121)83(2FF1)84(A000000087)8B(01)80(01)"
	  "))))",	                                                                                                                                  PE_BAD_VALUES,             99, false},
	{ "more than a file may hold",                                     BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(4121)83(2FF1)8B(01)80(0FFFFF)))))",										 PE_NOT_ENOUGH_MEMORY,
         99,																					      false},
	{ "a link to a file",					      BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(4121)83(2FF1)8B(01)C7(2FE2)))))",										   PE_OK,                     -1, true },
	{ "a link to a file of another type",                              BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(42210003)83(2FF1)8B(01)C7(2FE2)))))",									       PE_BAD_VALUES,             99,
         false																						 },
	{ "a link to a directory",					 BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(7821)83(2FF1)8B(01)C7(7FD0)))))",										   PE_FEATURE_NOT_SUPPORTED,
         99,																					      false},
	{ "a link to nothing",					     BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(4121)83(2FF1)8B(01)C7(2F77)))))",										   PE_INVALID_PARAMETER,      99,
         false																						 },
	{ "objects in a BER-TLV file",                                     BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(7921)83(2FF1)8B(01)80(40))81(5F50(0102)"
	  "80(03)))))",	                                                                                                                            PE_OK,		     -1, true },
	{ "objects that are cut",					  BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(7921)83(2FF1)8B(01)80(40))81(800502))))",	                                                                   PE_INVALID_REQUEST_FORMAT, 99, false},
	{ "objects beyond the file",				       BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(7921)83(2FF1)8B(01)80(04))81(5F50(01020"
	  "30405)))))",	                                                                                                                            PE_NOT_ENOUGH_MEMORY,      99, false},
	{ "a description with a foreign member",                           BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(4121)83(2FF1)8D(010203)))))",										       PE_INVALID_REQUEST_FORMAT, 99,
         false																						 },
	{ "a short identifier that is none",                               BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(4121)83(2FF1)8B(01)80(01)88(11)))))",									       PE_BAD_VALUES,             99,
         false																						 },
	{ "a pattern that never ends a record",                            BEFORE,    E_END,
         "A1(A0(8000810163)A1(30(62(82(4121)83(2FF1)8B(01)80(01)A5(C1())))))",	                                                                     PE_INVALID_REQUEST_FORMAT, 99, false},
	{ "a security domain with a key of two components",                BEFORE,    E_END,
         "A6(A0(8000810163)A1(4F(A0000001515350)4F(A000000151535041)4F(A000000"
	  "151000000)82(82DC00)C9())A2(30(95(18)82(01)83(01)30(30(80(88)86(01))"
	  "30(80(88)86(01))))))",	                                                                                                                  PE_FEATURE_NOT_SUPPORTED,  99, false},
	{ "remote file management without a security level",               BEFORE,    E_END,
         "A7(A0(8000810163)4F(A000000151000000)04(00)04(00))",											     PE_INVALID_REQUEST_FORMAT, 99,
         false																						 },
};

/* Notation of the rows: hexadecimal octets; what stands in parentheses is a value whose length is put
 * before it. */
static struct bytes octets_of(const char *text, struct room *out)
{
	size_t marks[16], depth = 0;

	for (; *text != '\0'; text++) {
		unsigned octet;
		if (*text == '(' && depth < COUNT(marks)) {
			marks[depth++] = out->len;
		} else if (*text == ')' && depth > 0) {
			ber_close(out, marks[--depth]);
		} else if (sscanf(text, "%2x", &octet) == 1) {
			room_put_u8(out, (uint8_t)octet);
			text++;
		}
	}
	return room_used(out);
}

static struct bytes put_row(const struct row *row, struct room *out)
{
	static uint8_t store[512];
	struct room room = ROOM(store);
	struct bytes piece = octets_of(row->hex, &room);

	for (int n = 0; n < ELEMENTS; n++) {
		if (row->edit == BEFORE && row->where == n)
			room_put(out, piece);
		if (row->edit == INSTEAD && row->where == n) {
			room_put(out, piece);
			continue;
		}
		if (row->edit == DROP && row->where == n)
			continue;
		room_put(out, elements[n]);
		if (row->edit == TWICE && row->where == n)
			room_put(out, elements[n]);
	}
	if (row->edit == AFTER_ALL)
		room_put(out, piece);
	if (row->edit == CUT)
		out->len -= (size_t)row->where;
	return room_used(out);
}

static void base(void)
{
	static uint8_t octets[PROFILE_PACKAGE_MAX];
	struct room out = ROOM(octets);
	struct profile_description d;
	uint64_t state = 12345;

	describe(&state, &d);
	d.isim = d.telecom = d.gsm = d.n5gs = true;
	d.ota = d.suci.in_usim = false;
	ok_err(profile_build(&out, &d), ERR_NONE, "the package that all start from");
	struct bytes rest = room_used(&out);
	size_t count = 0;
	while (rest.len > 0 && count < ELEMENTS_MAX) {
		struct bytes before = rest, value;
		ber_tag tag;
		if (ber_next(&rest, &tag, &value) != ERR_NONE)
			break;
		elements[count++] = (struct bytes){ before.at, before.len - rest.len };
	}
	ok(count == ELEMENTS, "has %d elements (%zu)", ELEMENTS, count);
}

static void row_run(const struct row *row)
{
	static uint8_t octets[PACKAGE_MAX];
	struct room out = ROOM(octets);
	struct card_ports ports = { mem_port(&flash), NULL };
	struct bytes package = put_row(row, &out);
	struct pe_result result = { 0 };
	uint8_t slot = 0;

	if (card_format(&card, &ports) != ERR_NONE)
		exit(EXIT_FAILURE);
	uint32_t free_before = vault_free(&card.vault);
	enum err err = upp_install(&card, 3, package, &result);
	bool named = result.identified ? result.identification == row->identification
	                               : row->identification == -1;
	bool right = (err == ERR_NONE) == row->installs && result.status == row->want && named;
	if (!row->installs)
		right = right && vault_free(&card.vault) == free_before &&
		        profile_next(&card, &slot) == ERR_NOT_FOUND;
	if (!ok(right, "%s", row->says))
		printf("# %s, status %d (want %d), element %d (want %d), %u octets gone\n",
		       err_name(err), result.status, row->want,
		       result.identified ? result.identification : -1, row->identification,
		       free_before - vault_free(&card.vault));
}

static void iccids(void)
{
	static uint8_t octets[PACKAGE_MAX];
	struct room out = ROOM(octets);
	struct bytes package = put_row(&rows[0], &out);
	struct source source = source_memory(&package);
	struct card_ports ports = { mem_port(&flash), NULL };
	struct pe_result result;
	uint8_t answer[256], iccid[10] = { 0x98 };
	struct room response = ROOM(answer);
	struct fs tree;
	bool aborted;

	ok_err(card_format(&card, &ports), ERR_NONE, "a blank card");
	ok_err(card_install_profile(&card, 1, &source, BYTES(iccid), &tree, &response),
	       ERR_MISMATCH, "a package for another ICCID than the metadata's");
	ok(euicc_response_read(room_used(&response), &result, &aborted) == ERR_NONE && aborted &&
	           result.status == PE_BAD_VALUES,
	   "is refused with bad-values");
	const uint8_t *header = elements[E_HEADER].at + 2;
	while (header[0] != 0x83)
		header += 2 + header[1];
	for (size_t n = 0; n < sizeof iccid; n++)
		iccid[n] = (uint8_t)(header[2 + n] << 4 | header[2 + n] >> 4);
	response = ROOM(answer);
	ok_err(card_install_profile(&card, 1, &source, BYTES(iccid), &tree, &response), ERR_NONE,
	       "one for the same is not");
	profile_discard(&tree);
}

static void full(void)
{
	static struct mem_flash small;
	static uint8_t octets[PACKAGE_MAX];
	struct room out = ROOM(octets);
	struct bytes package = put_row(&rows[0], &out);
	struct pe_result result;

	mem_make(&small, 96 * 1024);
	struct card_ports ports = { mem_port(&small), NULL };
	ok_err(card_format(&card, &ports), ERR_NONE, "a small card");
	enum err err = ERR_NONE;
	uint8_t slot = 0;
	while (err == ERR_NONE && slot < PROFILE_SLOTS)
		err = upp_install(&card, ++slot, package, &result);
	ok(err == ERR_EXISTS || err == ERR_FULL, "takes some and then no more (%s)", err_name(err));
}

int main(void)
{
	mem_make(&flash, FLASH_SIZE);
	base();
	for (size_t i = 0; i < COUNT(rows); i++)
		row_run(&rows[i]);
	iccids();
	full();
	return done();
}
