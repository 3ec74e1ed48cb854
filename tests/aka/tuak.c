/* SPDX-License-Identifier: Apache-2.0 */
/* TUAK against the six sets of TS 35.233: every size of K, MAC, RES, CK and IK, and two iterations. */
#include "aka/tuak.h"

#include "port/crypto.h"
#include "tests/tap.h"

static const struct row {
	uint8_t iterations;
	const char *k, *rand, *sqn, *amf, *top;
	const char *topc, *f1, *f1_star, *f2, *f3, *f4, *f5, *f5_star;
} rows[] = {
	{
		.iterations = 1,
		.k = "abababababababababababababababab",
		.rand = "42424242424242424242424242424242",
		.sqn = "111111111111",
		.amf = "ffff",
		.top = "5555555555555555555555555555555555555555555555555555555555555555",
		.topc = "bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff",
		.f1 = "f9a54e6aeaa8618d",
		.f1_star = "e94b4dc6c7297df3",
		.f2 = "657acd64",
		.f3 = "d71a1e5c6caffe986a26f783e5c78be1",
		.f4 = "be849fa2564f869aecee6f62d4337e72",
		.f5 = "719f1e9b9054",
		.f5_star = "e7af6b3d0e38",
	},
	{
		.iterations = 1,
		.k = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0",
		.rand = "0123456789abcdef0123456789abcdef",
		.sqn = "0123456789ab",
		.amf = "abcd",
		.top = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
		.topc = "305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524",
		.f1 = "c0b8c2d4148ec7aa5f1d78a97e4d1d58",
		.f1_star = "ef81af7290f7842c6ceafa537fa0745b",
		.f2 = "e9d749dc4eea0035",
		.f3 = "a4cb6f6529ab17f8337f27baa8234d47",
		.f4 = "2274155ccf4199d5e2abcbf621907f90",
		.f5 = "480a9345cc1e",
		.f5_star = "f84eb338848c",
	},
	{
		.iterations = 1,
		.k = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0",
		.rand = "0123456789abcdef0123456789abcdef",
		.sqn = "0123456789ab",
		.amf = "abcd",
		.top = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
		.topc = "305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524",
		.f1 = "d97b75a1776065271b1e212bc3b1bf173f438b21e6c64a55a96c372e085e5cc5",
		.f1_star = "427bbf07c6e3a86c54f8c5216499f3909a6fd4a164c9fe235b1550258111b821",
		.f2 = "07021c73e7635c7d",
		.f3 = "4d59ac796834eb85d11fa148a5058c3c",
		.f4 = "126d47500136fdc5ddfd14f19ebf16749ce4b6435323fbb5715a3a796a6082bd",
		.f5 = "1d6622c4e59a",
		.f5_star = "f84eb338848c",
	},
	{
		.iterations = 1,
		.k = "b8da837a50652d6ac7c97da14f6acc61",
		.rand = "6887e55425a966bd86c9661a5fa72be8",
		.sqn = "0dea2ee2c5af",
		.amf = "df1e",
		.top = "0952be13556c32ebc58195d9dd930493e12a9003669988ffde5fa1f0fe35cc01",
		.topc = "2bc16eb657a68e1f446f08f57c0efb1d493527a2e652ce281eb6ca0e4487760a",
		.f1 = "749214087958dd8f58bfcdf869d8ae3f",
		.f1_star = "619e865afe80e382aee13063f9dfb56d",
		.f2 = "4041ce438e3e38e8aa96562eed83ac43",
		.f3 = "3e3bc01bea0cd914c4c2c83ce2d92757",
		.f4 = "666a8e6f577b1aa77b7fd53cebb8a3d6",
		.f5 = "1f880d005119",
		.f5_star = "45e617d77fe5",
	},
	{
		.iterations = 1,
		.k = "1574ca56881d05c189c82880f789c9cd4244955f4426aa2b69c29f15770e5aa5",
		.rand = "c570aac68cde651fb1e3088322498bef",
		.sqn = "c89bb71f3a41",
		.amf = "297d",
		.top = "e59f6eb10ea406813f4991b0b9e02f181edf4c7e17b480f66d34da35ee88c95e",
		.topc = "3c6052e41532a28a47aa3cbb89f223e8f3aaa976aecd48bc3e7d6165a55eff62",
		.f1 = "d7340dad02b4cb01",
		.f1_star = "c6021e2e66accb15",
		.f2 = "84d89b41db1867ffd4c7ba1d82163f4d526a20fbae5418fbb526940b1eeb905c",
		.f3 = "d419676afe5ab58c1d8bee0d43523a4d2f52ef0b31a4676a0c334427a988fe65",
		.f4 = "205533e505661b61d05cc0eac87818f4",
		.f5 = "d7b3d2d4980a",
		.f5_star = "ca9655264986",
	},
	{
		.iterations = 2,
		.k = "1574ca56881d05c189c82880f789c9cd4244955f4426aa2b69c29f15770e5aa5",
		.rand = "c570aac68cde651fb1e3088322498bef",
		.sqn = "c89bb71f3a41",
		.amf = "297d",
		.top = "e59f6eb10ea406813f4991b0b9e02f181edf4c7e17b480f66d34da35ee88c95e",
		.topc = "b04a66f26c62fcd6c82de22a179ab65506ecf47f56245cd149966cfa9cec7a51",
		.f1 = "90d2289ed1ca1c3dbc2247bb480d431ac71d2e4a7677f6e997cfddb0cbad88b7",
		.f1_star = "427355dbac30e825063aba61b556e87583abac638e3ab01c4c884ad9d458dc2f",
		.f2 = "d67e6e64590d22eecba7324afa4af4460c93f01b24506d6e12047d789a94c867",
		.f3 = "ede57edfc57cdffe1aae75066a1b7479bbc3837438e88d37a801cccc9f972b89",
		.f4 = "48ed9299126e5057402fe01f9201cf25249f9c5c0ed2afcf084755daff1d3999",
		.f5 = "6aae8d18c448",
		.f5_star = "8c5f33b61f4e",
	},
};

static struct secret secret_of(const char *hex)
{
	struct secret secret = { { 0 }, 0 };
	uint8_t store[SECRET_MAX];

	(void)!secret_from(&secret, unhex(hex, store, sizeof store)); /* rows are short enough */
	return secret;
}

static void ok_hex(const uint8_t *got, const char *want, const char *says)
{
	uint8_t store[TUAK_VALUE_MAX];

	ok_bytes((struct bytes){ got, strlen(want) / 2 }, unhex(want, store, sizeof store), says);
}

static void one_row(const struct row *row, size_t number)
{
	struct secret k = secret_of(row->k), top = secret_of(row->top), topc;
	struct tuak who = {
		.k = &k,
		.topc = &topc,
		.iterations = row->iterations,
		.mac_size = (uint8_t)(strlen(row->f1) / 2),
		.res_size = (uint8_t)(strlen(row->f2) / 2),
		.ck_size = (uint8_t)(strlen(row->f3) / 2),
		.ik_size = (uint8_t)(strlen(row->f4) / 2),
	};
	uint8_t rand[16], sqn[6], amf[2], mac[TUAK_VALUE_MAX], ak[6];
	struct tuak_keys keys;

	(void)unhex(row->rand, rand, sizeof rand);
	(void)unhex(row->sqn, sqn, sizeof sqn);
	(void)unhex(row->amf, amf, sizeof amf);
	ok_err(tuak_topc(&k, &top, row->iterations, &topc), ERR_NONE, "TOPc is computed");
	ok(true, "TS 35.233 set %zu:", number);
	ok_hex(topc.at, row->topc, "TOPc");
	ok_err(tuak_f1(&who, rand, sqn, amf, mac), ERR_NONE, "f1");
	ok_hex(mac, row->f1, "... MAC-A");
	ok_err(tuak_f1_star(&who, rand, sqn, amf, mac), ERR_NONE, "f1*");
	ok_hex(mac, row->f1_star, "... MAC-S");
	ok_err(tuak_f2345(&who, rand, &keys), ERR_NONE, "f2 to f5");
	ok_hex(keys.res, row->f2, "... RES");
	ok_hex(keys.ck, row->f3, "... CK");
	ok_hex(keys.ik, row->f4, "... IK");
	ok_hex(keys.ak, row->f5, "... AK");
	ok_err(tuak_f5_star(&who, rand, ak), ERR_NONE, "f5*");
	ok_hex(ak, row->f5_star, "... AK for AUTS");
}

static void refusals(void)
{
	struct secret k = { .len = 16 }, topc = { .len = 32 };
	struct tuak who = { &k, &topc, 1, 8, 8, 16, 16 };
	uint8_t rand[16] = { 0 };
	struct tuak_keys keys;

	ok(tuak_sizes_valid(&who), "the usual sizes are valid");
	for (unsigned size = 0; size <= UINT8_MAX; size++) {
		struct tuak other = who;
		other.mac_size = (uint8_t)size;
		bool mac = tuak_sizes_valid(&other);
		other = who;
		other.res_size = (uint8_t)size;
		bool res = tuak_sizes_valid(&other);
		other = who;
		other.ck_size = (uint8_t)size;
		bool ck = tuak_sizes_valid(&other);
		if (mac != (size == 8 || size == 16 || size == 32) ||
		    res != (size == 4 || size == 8 || size == 16 || size == 32) ||
		    ck != (size == 16 || size == 32))
			ok(false, "size %u is judged wrongly", size);
	}
	who.iterations = 0;
	ok_err(tuak_f2345(&who, rand, &keys), ERR_VALUE, "no iteration is refused");
	who.iterations = 255;
	ok_err(tuak_f2345(&who, rand, &keys), ERR_NONE, "255 iterations work");
	k.len = 24;
	ok_err(tuak_f2345(&who, rand, &keys), ERR_LENGTH, "K of 24 octets is refused");
	k.len = 16;
	topc.len = 16;
	ok_err(tuak_f2345(&who, rand, &keys), ERR_LENGTH, "TOPc of 16 octets is refused");
}

int main(void)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		one_row(&rows[i], i + 1);
	refusals();
	return done();
}
