/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine says of itself is an EAT claims-set (RFC 9711). */
#include "evidence/claims.h"

#include "tests/evidence/diag.h"

#define IMEI "490154203237518"

static struct bytes cbor(const char *notation, struct room *out)
{
	if (!diag_read(bytes_text(notation), out))
		ok(false, "not understood: %s", notation);
	return room_used(out);
}

static void written(void)
{
	struct equipment_claims claims = { .model = BYTES_STR("Meter-5"),
		                           .firmware = BYTES_STR("1.0") };
	uint8_t octets[128], expected[128];
	struct room out = ROOM(octets), want = ROOM(expected);
	struct equipment_claims read;

	ok_err(equipment_claims_imei(&claims, BYTES_STR(IMEI)), ERR_NONE,
	       "R10: an IMEI is claimed");
	equipment_claims_put(&out, &claims);
	ok_bytes(room_used(&out),
	         cbor("{256: h'030409000105040200030203070501', 270: \"Meter-5\", 271: [\"1.0\"]}",
	              &want),
	         "R10: ueid of type IMEI, swname, swversion");
	ok(equipment_claims_read(room_used(&out), &read) == ERR_NONE &&
	           strcmp(read.imei, IMEI) == 0 && bytes_same(read.model, claims.model) &&
	           bytes_same(read.firmware, claims.firmware),
	   "... and is read, the check digit computed");
	ok_err(equipment_claims_imei(&claims, BYTES_STR("490154203237519")), ERR_VALUE,
	       "a wrong check digit is no IMEI");
	ok(strcmp(claims.imei, IMEI) == 0, "... and changes nothing");
	ok_err(equipment_claims_imei(&claims, BYTES_STR("")), ERR_NONE, "none is claimed");
	out.len = want.len = 0;
	claims.model = claims.firmware = (struct bytes){ NULL, 0 };
	equipment_claims_put(&out, &claims);
	ok_bytes(room_used(&out), cbor("{}", &want), "who says nothing sends an empty map");
}

static const struct {
	const char *notation, *says;
	enum err want;
} sets[] = {
	{"{270: \"M\"}",					  "a model alone",                             ERR_NONE       },
	{ "{10: h'00', 256: h'030409000105040200030203070501', 265: \"p\", 270: \"M\", 272: [[1, "
	  "h'00']]}",	                            "claims that are not ours are skipped",      ERR_NONE       },
	{ "{256: h'01040900010504020003020307050102'}",           "a UEID of another length",                  ERR_LENGTH     },
	{ "{256: h'020409000105040200030203070501'}",             "a UEID that is no IMEI",                    ERR_UNSUPPORTED},
	{ "{256: h'0304090001050402000302030705'}",               "a digit missing",                           ERR_LENGTH     },
	{ "{256: h'03040900010504020003020307050A'}",             "a digit above 9",                           ERR_VALUE      },
	{ "{256: \"490154203237518\"}",                           "an IMEI as text",                           ERR_TAG        },
	{ "{270: \"M\", 256: h'030409000105040200030203070501'}", "out of order",                              ERR_VALUE      },
	{ "{270: \"M\", 270: \"N\"}",                             "twice",                                     ERR_VALUE      },
	{ "{270: \"\"}",					  "a model without a name",                    ERR_LENGTH     },
	{ "{271: [\"1.0\"]}",				     "a version of no software (RFC 9711 4.2.7)", ERR_NOT_FOUND  },
	{ "{270: \"M\", 271: \"1.0\"}",                           "a version that is no array",                ERR_TAG        },
	{ "{270: \"M\", 271: [\"1.0\", 1]}",                      "a version with its scheme",                 ERR_NONE       },
	{ "[]",						   "no map",				    ERR_TAG        },
};

int main(void)
{
	written();
	for (size_t i = 0; i < COUNT(sets); i++) {
		struct equipment_claims read = { .imei = "x" };
		uint8_t octets[128];
		struct room room = ROOM(octets);
		enum err err = equipment_claims_read(cbor(sets[i].notation, &room), &read);

		ok_err(err, sets[i].want, sets[i].says);
		if (err != ERR_NONE && strcmp(read.imei, "x") != 0)
			ok(false, "%s: something was changed", sets[i].says);
	}
	return done();
}
