/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/bpp.h"

enum { TAG_CONFIGURE_ISDP = 0xBF24, TAG_REPLACE_SESSION_KEYS = 0xBF26, TAG_CRT = 0xA6 };

static enum err read_crt(struct bytes crt, struct initialise_secure_channel *out)
{
	struct bytes type, length, extensions;

	TRY(rsp_sized_read(&crt, 0x80, 1, 1, &type));
	TRY(rsp_sized_read(&crt, 0x81, 1, 1, &length));
	TRY(rsp_sized_read(&crt, 0x84, 1, BSP_HOST_ID_MAX, &out->host_id));
	out->key_type = type.at[0];
	out->key_length = length.at[0];
	return rsp_extensions(crt, &extensions);
}

enum err initialise_secure_channel_read(struct bytes in, struct initialise_secure_channel *out)
{
	struct initialise_secure_channel value;
	struct bytes seq, whole, crt, extensions;
	uint64_t op;

	TRY(ber_read(&in, TAG_INITIALISE_SECURE_CHANNEL, &seq));
	TRY(ber_end(in));
	whole = seq;
	TRY(ber_read_uint(&seq, 0x82, UINT8_MAX, &op));
	value.remote_op = (uint8_t)op;
	TRY(rsp_transaction_id_read(&seq, &value.transaction_id));
	TRY(ber_read(&seq, TAG_CRT, &crt));
	TRY(read_crt(crt, &value));
	TRY(rsp_sized_read(&seq, TAG_ONE_TIME_KEY, RSP_POINT_SIZE, RSP_POINT_SIZE,
	                   &value.smdp_otpk));
	if (!bytes_take(&whole, whole.len - seq.len, &value.signed_part))
		return ERR_TRUNCATED;
	TRY(rsp_signature_read(&seq, &value.smdp_sign));
	TRY(rsp_extensions(seq, &extensions));
	*out = value;
	return ERR_NONE;
}

void initialise_secure_channel_put_signed(struct room *out,
                                          const struct initialise_secure_channel *isc)
{
	ber_put_uint(out, 0x82, isc->remote_op);
	ber_put(out, 0x80, isc->transaction_id);
	size_t mark = ber_open(out, TAG_CRT);
	ber_put(out, 0x80, (struct bytes){ &isc->key_type, 1 });
	ber_put(out, 0x81, (struct bytes){ &isc->key_length, 1 });
	ber_put(out, 0x84, isc->host_id);
	ber_close(out, mark);
	ber_put(out, TAG_ONE_TIME_KEY, isc->smdp_otpk);
}

void initialise_secure_channel_put(struct room *out, const struct initialise_secure_channel *isc)
{
	size_t mark = ber_open(out, TAG_INITIALISE_SECURE_CHANNEL);

	initialise_secure_channel_put_signed(out, isc);
	ber_put(out, TAG_SIGNATURE, isc->smdp_sign);
	ber_close(out, mark);
}

enum err configure_isdp_read(struct bytes in, struct configure_isdp *out)
{
	struct configure_isdp value;
	struct bytes seq;

	TRY(ber_read(&in, TAG_CONFIGURE_ISDP, &seq));
	TRY(ber_end(in));
	TRY(ber_read_optional(&seq, 0xB8, &value.dp_proprietary_data));
	/* 5.5.2: at most 128 octets, tag and length included. */
	if (ber_size(0xB8, value.dp_proprietary_data.len) > 128)
		return ERR_LENGTH;
	TRY(rsp_extensions(seq, &value.extensions));
	*out = value;
	return ERR_NONE;
}

void configure_isdp_put(struct room *out, const struct configure_isdp *configure)
{
	size_t mark = ber_open(out, TAG_CONFIGURE_ISDP);

	rsp_put_optional(out, 0xB8, configure->dp_proprietary_data);
	room_put(out, configure->extensions);
	ber_close(out, mark);
}

static enum err read_key(struct bytes *in, ber_tag tag, struct secret *key)
{
	struct bytes octets;

	TRY(rsp_sized_read(in, tag, BSP_KEY_LENGTH, BSP_KEY_LENGTH, &octets));
	return secret_from(key, octets) ? ERR_NONE : ERR_LENGTH;
}

enum err replace_session_keys_read(struct bytes in, struct replace_session_keys *out)
{
	struct bytes seq, mac_chain, extensions;
	SECRET enc = { .len = 0 };
	SECRET cmac = { .len = 0 };

	TRY(ber_read(&in, TAG_REPLACE_SESSION_KEYS, &seq));
	TRY(ber_end(in));
	TRY(rsp_sized_read(&seq, 0x80, AES_BLOCK_SIZE, AES_BLOCK_SIZE, &mac_chain));
	TRY(read_key(&seq, 0x81, &enc));
	TRY(read_key(&seq, 0x82, &cmac));
	TRY(rsp_extensions(seq, &extensions));
	out->mac_chain = mac_chain;
	out->ppk_enc = enc;
	out->ppk_cmac = cmac;
	return ERR_NONE;
}

void replace_session_keys_put(struct room *out, const struct replace_session_keys *keys)
{
	size_t mark = ber_open(out, TAG_REPLACE_SESSION_KEYS);

	ber_put(out, 0x80, keys->mac_chain);
	ber_put(out, 0x81, secret_bytes(&keys->ppk_enc));
	ber_put(out, 0x82, secret_bytes(&keys->ppk_cmac));
	ber_close(out, mark);
}
