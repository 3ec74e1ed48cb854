/* SPDX-License-Identifier: Apache-2.0 */
/* The judge of packages says where the first flaw is, in which element, and what should be there. */
#include "profile/check.h"
#include "tests/tap.h"

/* Notation: hexadecimal octets; what stands in parentheses is a value whose length is put before it; an
 * asterisk marks the offset where the flaw is to be told. */
static struct bytes octets_of(const char *text, struct room *out, size_t *marked)
{
	size_t marks[16], depth = 0, stars[16] = { 0 };
	bool star_open = false;

	*marked = SIZE_MAX;
	for (; *text != '\0'; text++) {
		unsigned octet;
		if (*text == '*') {
			*marked = out->len;
			star_open = true;
			for (size_t n = 0; n < depth; n++)
				stars[n] = marks[n];
		} else if (*text == '(' && depth < COUNT(marks)) {
			marks[depth++] = out->len;
		} else if (*text == ')' && depth > 0) {
			size_t before = out->len;
			depth--;
			ber_close(out, marks[depth]);
			/* A length that is put before the mark moves it. */
			if (star_open && stars[depth] == marks[depth] && *marked >= marks[depth] &&
			    *marked <= before && stars[depth] != 0)
				*marked += out->len - before;
			stars[depth] = 0;
		} else if (sscanf(text, "%2x", &octet) == 1) {
			room_put_u8(out, (uint8_t)octet);
			text++;
		}
	}
	return room_used(out);
}

#define HEADER "A0(8001028101038309894900000000000000FFA500A600)"
#define HEAD   "A0(800102810103830A89490000000000000000A500A600)"
#define MF                                                                                 \
	"B0(A0(810101)81(67810F010201)A2(A1(C6(01)))A4(83(98940000000000000000))A5(A1(82(" \
	"42210010)80(10)))A6(A1(82(42210010)80(10))))"
#define PUK "A3(A0(810102)A1(30(80(01)81(3131313131313131))))"
#define PIN "A2(A0(810103)A1(A0(30(80(01)81(30303030FFFFFFFF)82(01)))))"
#define END "AA(A0(810170))"
#define USIM                                                                              \
	"B3(A0(810104)81(67810F010204)A2(A1(83(7FD0)84(A0000000871002)C6(01)))A3(83("     \
	"080910101032547698))A4(A1(82(42210021)80(21)))A8(83(00))AD(83(01))AE(83(00))B2(" \
	"83(0001))B6(83(11F2FF)))"

static const struct {
	const char *says, *package;
	enum err want;
	unsigned element;
	ber_tag tag;
} rows[] = {
	{"a small package is sound",             HEAD MF PUK PIN USIM END,                                                 ERR_NONE,      6, 0   },
	{ "nothing at all",                      "*",								      ERR_TRUNCATED, 1, 0   },
	{ "an ICCID of nine octets",             "A0(800102810103*8309894900000000000000A500A600)",                        ERR_LENGTH,
         1,																  0x83},
	{ "no header",			   "*" MF END,							       ERR_TAG,       1, 0   },
	{ "no end",			      HEAD MF "*",							      ERR_TRUNCATED, 3, 0xAA},
	{ "octets behind the end",               HEAD MF END "*00",							ERR_TRAILING,  3, 0   },
	{ "no ICCID file",                       HEAD "B0(A0(810101)81(67810F010201)A2()*A5(A1(82(42210010)80(10))))" END,
         ERR_TAG,															 2, 0xA4},
	{ "an ICCID that differs",
         HEAD "B0(A0(810101)81(67810F010201)A2()*A4(83(98940000000000000001)))" END,                                       ERR_VALUE,     2,
         0																       },
	{ "a template that is not known",        HEAD "B0(A0(810101)*81(67810F01027F))" END,
         ERR_UNSUPPORTED,														 2, 0   },
	{ "a file the template has not",         HEAD MF "*B8(A0(810105)81(67810F010207)A2())" END,
         ERR_ORDER,														       3, 0   },
	{ "an identification twice",
         HEAD MF "*A3(A0(810101)A1(30(80(01)81(3131313131313131))))" END,                                                  ERR_EXISTS,    3, 0   },
	{ "an identification beyond 15 bits",    HEAD "B0(A0(*8103008000)81(67810F010201))" END,
         ERR_VALUE,														       2, 0x81},
	{ "a PIN whose PUK is not defined",
         HEAD MF "A2(A0(810103)A1(A0(*30(80(01)81(30303030FFFFFFFF)82(01)))))" END,                                        ERR_NOT_FOUND,
         3,																  0   },
	{ "a PIN defined twice",
         HEAD MF PUK
	  "A2(A0(810103)A1(A0(30(80(01)81(30303030FFFFFFFF))*30(80(01)81(30303030FFFFFFFF)))))" END,
         ERR_EXISTS,														      4, 0   },
	{ "a local PIN at the MF",
         HEAD MF "A2(A0(810103)A1(A0(*30(80(0081)81(30303030FFFFFFFF)))))" END,                                            ERR_ORDER,     3, 0   },
	{ "a key without an application",        HEAD MF "*A4(A0(810105))" END,                                            ERR_ORDER,     3, 0   },
	{ "an IMSI of no digits",
         HEAD MF "B3(A0(810104)81(67810F010204)A2(A1(83(7FD0)84(A0000000871002)))*A3(83(00)))" END,
         ERR_VALUE,														       3, 0   },
	{ "a USIM without an AID",               HEAD MF "B3(A0(810104)81(67810F010204)*A2(A1(83(7FD0))))" END,
         ERR_VALUE,														       3, 0   },
	{ "a length that runs past its element", HEAD MF "A1(A0(810105)A1(30(*80050000)))" END,
         ERR_TRUNCATED,														   3, 0   },
};

int main(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t store[1024];
		struct room room = ROOM(store);
		struct profile_flaw flaw;
		size_t marked;
		struct bytes package = octets_of(rows[i].package, &room, &marked);
		struct source source = source_memory(&package);
		enum err err = profile_check(&source, &flaw);
		bool right = err == rows[i].want && flaw.number == rows[i].element &&
		             flaw.want == rows[i].tag && (err == ERR_NONE || flaw.offset == marked);
		if (!ok(right, "%s: %s", rows[i].says, err == ERR_NONE ? "fine" : flaw.says))
			printf("# %s (want %s), element %u (%u), tag %X (%X), offset %u (%zu)\n",
			       err_name(err), err_name(rows[i].want), flaw.number, rows[i].element,
			       flaw.want, rows[i].tag, flaw.offset, marked);
	}
	return done();
}
