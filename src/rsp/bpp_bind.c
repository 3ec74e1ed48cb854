/* SPDX-License-Identifier: Apache-2.0 */
/* The server's side: the parts of a bound package in order, each sequence with its length up
 * front. */
#include "rsp/bpp.h"

enum { REPLACE_SESSION_KEYS_SIZE = 57 }; /* BF26 36 and three elements of 18 octets */

/* What a text becomes as a series of TLVs of at most `most` octets each. */
static size_t series_size(ber_tag tag, size_t len, size_t most)
{
	size_t size = 0;

	for (; len > most; len -= most)
		size += bsp_size(tag, most);
	return len > 0 ? size + bsp_size(tag, len) : size;
}

static enum err put_series(struct room *out, struct bytes text, ber_tag tag, size_t most,
                           struct bsp *bsp)
{
	struct bytes piece;

	while (text.len > 0) {
		if (!bytes_take(&text, text.len < most ? text.len : most, &piece))
			return ERR_TRUNCATED;
		TRY(bsp_protect(bsp, tag, piece, out));
	}
	return ERR_NONE;
}

size_t bpp_protected_size(size_t profile_len)
{
	return series_size(TAG_BSP_PROFILE, profile_len, BSP_CIPHER_MAX);
}

enum err bpp_protect(struct room *out, struct bytes profile, struct bsp *bsp)
{
	return put_series(out, profile, TAG_BSP_PROFILE, BSP_CIPHER_MAX, bsp);
}

struct sizes {
	size_t initialise, configure, metadata, replace, profile, all;
};

static struct sizes measure(const struct bpp_input *in)
{
	struct sizes s;
	size_t crt = ber_size(0x80, 1) + ber_size(0x81, 1) + ber_size(0x84, in->isc.host_id.len);

	s.initialise = ber_size(0x82, 1) + ber_size(0x80, in->isc.transaction_id.len) +
	               ber_size(0xA6, crt) + ber_size(TAG_ONE_TIME_KEY, in->isc.smdp_otpk.len) +
	               ber_size(TAG_SIGNATURE, in->isc.smdp_sign.len);
	s.configure = series_size(TAG_BSP_COMMAND, in->configure_isdp.len, BSP_CIPHER_MAX);
	s.metadata = series_size(TAG_BSP_METADATA, in->metadata.len, BSP_MAC_ONLY_MAX);
	s.replace = bsp_size(TAG_BSP_COMMAND, REPLACE_SESSION_KEYS_SIZE);
	s.profile =
		in->keys != NULL ? in->protected_profile.len : bpp_protected_size(in->profile.len);
	s.all = ber_size(TAG_INITIALISE_SECURE_CHANNEL, s.initialise) +
	        ber_size(TAG_FIRST_87, s.configure) + ber_size(TAG_88, s.metadata) +
	        (in->keys != NULL ? ber_size(TAG_SECOND_87, s.replace) : 0) +
	        ber_size(TAG_86, s.profile);
	return s;
}

size_t bpp_size(const struct bpp_input *in)
{
	return ber_size(TAG_BPP, measure(in).all);
}

static enum err put_replace_keys(struct room *out, const struct bpp_input *in, size_t size,
                                 struct bsp *bsp)
{
	uint8_t store[REPLACE_SESSION_KEYS_SIZE];
	struct room plain = ROOM(store);
	enum err err;

	ber_put_header(out, TAG_SECOND_87, size);
	replace_session_keys_put(&plain, in->keys);
	err = bsp_protect(bsp, TAG_BSP_COMMAND, room_used(&plain), out);
	wipe(store, sizeof store);
	return err;
}

enum err bpp_put(struct room *out, const struct bpp_input *in, struct bsp *bsp)
{
	struct sizes s = measure(in);
	struct room bpp = *out;

	ber_put_header(&bpp, TAG_BPP, s.all);
	initialise_secure_channel_put(&bpp, &in->isc);
	ber_put_header(&bpp, TAG_FIRST_87, s.configure);
	TRY(put_series(&bpp, in->configure_isdp, TAG_BSP_COMMAND, BSP_CIPHER_MAX, bsp));
	ber_put_header(&bpp, TAG_88, s.metadata);
	TRY(put_series(&bpp, in->metadata, TAG_BSP_METADATA, BSP_MAC_ONLY_MAX, bsp));
	if (in->keys != NULL)
		TRY(put_replace_keys(&bpp, in, s.replace, bsp));
	ber_put_header(&bpp, TAG_86, s.profile);
	if (in->keys != NULL)
		room_put(&bpp, in->protected_profile);
	else
		TRY(bpp_protect(&bpp, in->profile, bsp));
	if (bpp.full)
		return ERR_ROOM;
	*out = bpp;
	return ERR_NONE;
}
