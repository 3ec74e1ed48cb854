/* SPDX-License-Identifier: Apache-2.0 */
/* Bound profile packages: bound, cut into segments, opened again; and packages that are
 * malformed. */
#include "rsp/bpp.h"

#include "tests/rsp/tlv.h"
#include "tests/tap.h"

static uint8_t bpp_store[1 << 17], profile_store[1 << 16], protected_store[1 << 17];
static const uint8_t eid[EID_SIZE] = { 0x89, 0x04 };

static void start(struct bsp *bsp)
{
	struct secret shared = { .len = 32 };

	if (bsp_start(bsp, &shared, BYTES_STR("host"), eid) != ERR_NONE)
		exit(EXIT_FAILURE);
}

static struct bpp_input input(size_t profile_len, const struct replace_session_keys *keys)
{
	static uint8_t octets[64 + RSP_POINT_SIZE], metadata[2000];
	struct bpp_input in = {
		.isc = { .remote_op = REMOTE_OP_INSTALL_BPP,
		         .transaction_id = { octets, 16 },
		         .key_type = BSP_KEY_TYPE_AES,
		         .key_length = BSP_KEY_LENGTH,
		         .host_id = BYTES_STR("host"),
		         .smdp_otpk = { octets, RSP_POINT_SIZE },
		         .smdp_sign = { octets, 64 } },
		.configure_isdp = { (const uint8_t *)"\xBF\x24\x00", 3 },
		.metadata = { metadata, sizeof metadata },
		.keys = keys,
	};

	for (size_t i = 0; i < profile_len; i++)
		profile_store[i] = (uint8_t)(i * 7 + (i >> 8));
	in.profile = (struct bytes){ profile_store, profile_len };
	return in;
}

struct opened {
	size_t segments, profile_len;
	bool same;
};

/* What a card does with a segment that is one or more TLVs. */
static void open_segment(struct bsp *bsp, struct bytes segment, struct opened *out)
{
	static uint8_t copy[BSP_SEGMENT_MAX];
	static struct replace_session_keys keys;
	ber_tag tag;
	struct bytes plain, value;

	out->segments++;
	if (!ber_peek(segment, &tag) || tag == TAG_BPP || tag == TAG_88 || tag == TAG_86)
		return;
	if (tag == TAG_FIRST_87 || tag == TAG_SECOND_87) {
		if (ber_read(&segment, tag, &value) != ERR_NONE)
			out->same = false;
		segment = value;
	}
	ber_tag element = tag < 0x86 ? tag : tag > 0x88 ? TAG_BSP_COMMAND : tag;
	struct room tlv = ROOM(copy);
	room_put(&tlv, segment);
	if (bsp_open(bsp, element, &tlv, &plain) != ERR_NONE) {
		out->same = false;
		return;
	}
	if (tag == TAG_SECOND_87) {
		if (replace_session_keys_read(plain, &keys) != ERR_NONE ||
		    bsp_replace(bsp, keys.mac_chain, &keys.ppk_enc, &keys.ppk_cmac) != ERR_NONE)
			out->same = false;
	} else if (element == TAG_BSP_PROFILE) {
		struct bytes want = { profile_store + out->profile_len, plain.len };
		out->same = out->same && bytes_same(plain, want);
		out->profile_len += plain.len;
	}
}

static void round_trip(size_t profile_len, struct replace_session_keys *keys, const char *says)
{
	struct bpp_input in = input(profile_len, keys);
	struct room bpp = ROOM(bpp_store), protected_tlvs = ROOM(protected_store);
	struct opened opened = { .same = true };
	struct bpp_segments segments;
	struct bsp server, card, ppk = { .counter = 1 };
	struct bytes segment, all = { bpp_store, 0 };

	start(&server);
	start(&card);
	if (keys != NULL) {
		if (bsp_replace(&ppk, keys->mac_chain, &keys->ppk_enc, &keys->ppk_cmac) !=
		            ERR_NONE ||
		    bpp_protect(&protected_tlvs, in.profile, &ppk) != ERR_NONE)
			exit(EXIT_FAILURE);
		in.protected_profile = room_used(&protected_tlvs);
	}
	ok_err(bpp_put(&bpp, &in, &server), ERR_NONE, says);
	ok(bpp.len == bpp_size(&in), "... of the size foretold, %zu", bpp.len);
	ok_err(bpp_segments_start(&segments, room_used(&bpp)), ERR_NONE, "... is well formed");
	while (bpp_segments_next(&segments, &segment) == ERR_NONE) {
		opened.same = opened.same && segment.at == all.at + all.len &&
		              segment.len <= BSP_SEGMENT_MAX;
		all.len += segment.len;
		open_segment(&card, segment, &opened);
	}
	ok(all.len == bpp.len, "... its segments are all of it, in order");
	ok(opened.same && opened.profile_len == profile_len, "... and hold the profile");
	size_t pieces = (profile_len + BSP_CIPHER_MAX - 1) / BSP_CIPHER_MAX;
	size_t heads = keys != NULL ? 7 : 6;
	ok(opened.segments == heads + pieces, "... in %zu segments (SGP.22 2.5.5)",
	   opened.segments);
}

static const struct {
	const char *says, *text;
	enum err want;
} rows[] = {
	{ "no '86' at all", "BF36(BF2300 A0(8700)A1(8800)A300)", ERR_LENGTH },
	{ "no second sequence of '87'", "BF36(BF2300 A0(8700)A1(8800)A3(8600))", ERR_NONE },
	{ "with it", "BF36(BF2300 A0(8700)A1(8800)A2(8700)A3(8600))", ERR_NONE },
	{ "sequences in another order", "BF36(BF2300 A1(8800)A0(8700)A3(8600))", ERR_TAG },
	{ "an '87' among the '86'", "BF36(BF2300 A0(8700)A1(8800)A3(8600 8700))", ERR_TAG },
	{ "no sequence of '88'", "BF36(BF2300 A0(8700)A3(8600))", ERR_TAG },
	{ "no InitialiseSecureChannel", "BF36(A0(8700)A1(8800)A3(8600))", ERR_TAG },
	{ "something behind the last sequence", "BF36(BF2300 A0(8700)A1(8800)A3(8600)A400)",
	  ERR_TRAILING },
	{ "something behind the package", "BF36(BF2300 A0(8700)A1(8800)A3(8600))00", ERR_TRAILING },
	{ "a package that is cut off", "BF3610BF2300", ERR_TRUNCATED },
};

int main(void)
{
	static uint8_t store[64], chain[16];
	struct replace_session_keys keys = { .mac_chain = BYTES(chain),
		                             .ppk_enc = { .at = { 1 }, .len = 16 },
		                             .ppk_cmac = { .at = { 2 }, .len = 16 } };
	struct bpp_segments segments = { .part = 9 };
	struct room small = { bpp_store, 4000, 0, false };
	struct bpp_input in = input(5000, NULL);
	struct bsp bsp;

	round_trip(1, NULL, "a profile of one octet under session keys");
	round_trip(1007, NULL, "a profile that just fits one TLV");
	round_trip(1008, NULL, "a profile that just does not");
	round_trip(60000, NULL, "a profile of 60 000 octets");
	round_trip(12261, &keys, "a profile under profile protection keys");
	for (size_t i = 0; i < COUNT(rows); i++)
		ok_err(bpp_segments_start(&segments, tlv(rows[i].text, store, sizeof store)),
		       rows[i].want, rows[i].says);
	start(&bsp);
	ok_err(bpp_put(&small, &in, &bsp), ERR_ROOM, "a room too small");
	ok(small.len == 0 && !small.full, "is left as it was");
	return done();
}
