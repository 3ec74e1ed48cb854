/* SPDX-License-Identifier: Apache-2.0 */
/* Milenage against the twenty sets of TS 35.208, and with an operator's own constants. */
#include "aka/milenage.h"

#include "tests/aka/ts35208.h"
#include "tests/tap.h"

static void one_set(const struct ts35208 *set, int number)
{
	struct secret k, op, opc, opc_given;
	struct milenage who = { &k, &opc_given, &milenage_standard };
	uint8_t mac_a[8], mac_s[8], ak[6], mac_again[8];
	struct milenage_keys keys, again;

	(void)!secret_from(&k, BYTES(set->k)); /* sizes are right by type */
	(void)!secret_from(&op, BYTES(set->op));
	(void)!secret_from(&opc_given, BYTES(set->opc));
	bool ran = milenage_opc(&k, &op, &opc) == ERR_NONE &&
	           milenage_f1(&who, set->rand, set->sqn, set->amf, mac_a, mac_s) == ERR_NONE &&
	           milenage_f2345(&who, set->rand, &keys) == ERR_NONE &&
	           milenage_f5_star(&who, set->rand, ak) == ERR_NONE &&
	           milenage_quintet(&who, set->rand, set->sqn, set->amf, mac_again, &again) ==
	                   ERR_NONE;
	bool same = ran && bytes_same(secret_bytes(&opc), BYTES(set->opc)) &&
	            bytes_same(BYTES(mac_a), BYTES(set->f1)) &&
	            bytes_same(BYTES(mac_s), BYTES(set->f1_star)) &&
	            bytes_same(BYTES(keys.res), BYTES(set->f2)) &&
	            bytes_same(BYTES(keys.ck), BYTES(set->f3)) &&
	            bytes_same(BYTES(keys.ik), BYTES(set->f4)) &&
	            bytes_same(BYTES(keys.ak), BYTES(set->f5)) &&
	            bytes_same(BYTES(ak), BYTES(set->f5_star));
	ok(same, "TS 35.208 set %d: OPc, f1, f1*, f2, f3, f4, f5, f5*", number);
	ok(ran && memcmp(&keys, &again, sizeof keys) == 0 && memcmp(mac_a, mac_again, 8) == 0,
	   "... and the quintet in one go is the same");
}

static void published(void)
{
	struct ts35208 set;
	struct bytes file;
	int number = 0;

	if (!shared_file("aka/ts35208.txt", &file)) {
		skip("no shared vectors: aka/ts35208.txt");
		return;
	}
	while (ts35208_next(&file, &set))
		one_set(&set, ++number);
	ok(number == 20, "twenty sets were there");
}

/* With r and c of its own each output is still E[rot(TEMP xor OPc, r) xor c] xor OPc; moving the
 * standard pair of f5* to f3 makes CK's first octets what f5* gives. */
static void own_constants(void)
{
	struct secret k = { .len = 16, .at = { 1, 2, 3 } }, opc = { .len = 16, .at = { 9, 8, 7 } };
	struct milenage_constants own = milenage_standard;
	struct milenage standard = { &k, &opc, &milenage_standard }, moved = { &k, &opc, &own };
	uint8_t rand[16] = { 5 }, ak[6], mac[8], mac_own[8], sqn[6] = { 0 }, amf[2] = { 0 };
	struct milenage_keys keys, keys_own;

	own.r[2] = milenage_standard.r[4];
	memcpy(own.c[2], milenage_standard.c[4], 16);
	ok_err(milenage_f5_star(&standard, rand, ak), ERR_NONE, "f5* with standard constants");
	ok_err(milenage_f2345(&moved, rand, &keys), ERR_NONE, "f3 with the constants of f5*");
	ok(memcmp(ak, keys.ck, sizeof ak) == 0, "... begins with the same octets");
	ok(!milenage_constants_usable(&own), "two functions with one pair are refused");
	ok(milenage_constants_usable(&milenage_standard), "the standard constants are usable");

	own = milenage_standard;
	own.r[1] = 13; /* no multiple of eight */
	ok(milenage_constants_usable(&own), "a rotation by 13 bits is usable");
	ok_err(milenage_f2345(&standard, rand, &keys), ERR_NONE, "standard");
	ok_err(milenage_f2345(&moved, rand, &keys_own), ERR_NONE, "rotated by 13");
	ok(memcmp(keys.res, keys_own.res, 8) != 0 && memcmp(keys.ck, keys_own.ck, 16) == 0,
	   "r2 moves f2 and f5 only");
	own.r[0] = 1;
	ok_err(milenage_f1(&standard, rand, sqn, amf, mac, NULL), ERR_NONE, "f1");
	ok_err(milenage_f1(&moved, rand, sqn, amf, mac_own, NULL), ERR_NONE, "f1 with own r1");
	ok(memcmp(mac, mac_own, 8) != 0, "... differs");
	own.r[0] = 128;
	ok(!milenage_constants_usable(&own), "a rotation by 128 bits is refused");
}

static void wrong_sizes(void)
{
	struct secret k = { .len = 15 }, opc = { .len = 16 }, out = { .len = 7 };
	struct milenage who = { &k, &opc, &milenage_standard };
	struct milenage_keys keys;
	uint8_t rand[16] = { 0 }, mac[8] = { 0xAA }, zero[6] = { 0 };

	memset(&keys, 0x55, sizeof keys);
	ok_err(milenage_f2345(&who, rand, &keys), ERR_LENGTH, "K of 15 octets");
	ok(keys.ck[0] == 0 && keys.ak[5] == 0, "... and the results are wiped");
	ok_err(milenage_f1(&who, rand, zero, zero, mac, NULL), ERR_LENGTH, "f1 likewise");
	ok(mac[0] == 0xAA, "... and its result untouched");
	ok_err(milenage_opc(&k, &opc, &out), ERR_LENGTH, "OPc likewise");
	ok(out.len == 7, "... and its result untouched");
}

int main(void)
{
	published();
	own_constants();
	wrong_sizes();
	return done();
}
