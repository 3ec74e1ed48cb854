/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/local_management.h"

#include "codec/ber.h"

/* open_message gives the contents of a message that is exactly one element. */
static enum err open_message(struct bytes in, ber_tag outer, struct bytes *seq)
{
	struct bytes value;

	TRY(ber_read(&in, outer, &value));
	TRY(ber_end(in));
	*seq = value;
	return ERR_NONE;
}

enum err empty_request_read(struct bytes in, ber_tag outer)
{
	struct bytes seq, extensions;

	TRY(open_message(in, outer, &seq));
	return rsp_extensions(seq, &extensions);
}

static enum err read_identifier(struct bytes *in, struct profile_identifier *out)
{
	struct profile_identifier value = {
		.isdp_aid = {NULL, 0}
	};

	if (ber_is(*in, TAG_ISDP_AID))
		TRY(rsp_sized_read(in, TAG_ISDP_AID, 1, AID_MAX, &value.isdp_aid));
	else
		TRY(rsp_sized_read(in, TAG_ICCID, ICCID_SIZE, ICCID_SIZE, &value.iccid));
	*out = value;
	return ERR_NONE;
}

static void put_identifier(struct room *out, const struct profile_identifier *profile)
{
	rsp_put_optional(out, TAG_ISDP_AID, profile->isdp_aid);
	if (profile->isdp_aid.at == NULL)
		ber_put(out, TAG_ICCID, profile->iccid);
}

enum err switch_profile_read(struct bytes in, ber_tag outer, struct switch_profile *out)
{
	struct switch_profile value;
	struct bytes seq, choice, extensions;

	TRY(open_message(in, outer, &seq));
	TRY(ber_read(&seq, 0xA0, &choice));
	TRY(read_identifier(&choice, &value.profile));
	TRY(ber_end(choice));
	TRY(ber_read_bool(&seq, 0x81, &value.refresh));
	TRY(rsp_extensions(seq, &extensions));
	*out = value;
	return ERR_NONE;
}

void switch_profile_put(struct room *out, ber_tag outer, const struct switch_profile *request)
{
	size_t mark = ber_open(out, outer);
	size_t inner = ber_open(out, 0xA0);

	put_identifier(out, &request->profile);
	ber_close(out, inner);
	ber_put_bool(out, 0x81, request->refresh);
	ber_close(out, mark);
}

enum err delete_profile_read(struct bytes in, struct profile_identifier *out)
{
	struct profile_identifier value;
	struct bytes choice;

	TRY(open_message(in, TAG_DELETE_PROFILE, &choice));
	TRY(read_identifier(&choice, &value));
	TRY(ber_end(choice));
	*out = value;
	return ERR_NONE;
}

void delete_profile_put(struct room *out, const struct profile_identifier *profile)
{
	size_t mark = ber_open(out, TAG_DELETE_PROFILE);

	put_identifier(out, profile);
	ber_close(out, mark);
}

enum err set_nickname_read(struct bytes in, struct set_nickname *out)
{
	struct set_nickname value;
	struct bytes seq, extensions;

	TRY(open_message(in, TAG_SET_NICKNAME, &seq));
	TRY(rsp_sized_read(&seq, TAG_ICCID, ICCID_SIZE, ICCID_SIZE, &value.iccid));
	TRY(rsp_utf8_read(&seq, 0x90, PROFILE_NICKNAME_MAX, &value.nickname));
	TRY(rsp_extensions(seq, &extensions));
	*out = value;
	return ERR_NONE;
}

void set_nickname_put(struct room *out, const struct set_nickname *request)
{
	size_t mark = ber_open(out, TAG_SET_NICKNAME);

	ber_put(out, TAG_ICCID, request->iccid);
	ber_put(out, 0x90, request->nickname);
	ber_close(out, mark);
}

enum err memory_reset_read(struct bytes in, uint32_t *options)
{
	struct bytes seq, extensions;
	uint32_t bits;

	TRY(open_message(in, TAG_EUICC_MEMORY_RESET, &seq));
	TRY(rsp_bits_read(&seq, 0x82, &bits));
	TRY(rsp_extensions(seq, &extensions));
	*options = bits;
	return ERR_NONE;
}

void memory_reset_put(struct room *out, uint32_t options)
{
	size_t mark = ber_open(out, TAG_EUICC_MEMORY_RESET);

	rsp_bits_put(out, 0x82, options);
	ber_close(out, mark);
}

static const uint8_t eid_tag[] = { 0x5A };

enum err get_euicc_data_request_read(struct bytes in)
{
	struct bytes seq, list, extensions;

	TRY(open_message(in, TAG_GET_EUICC_DATA, &seq));
	TRY(rsp_sized_read(&seq, 0x5C, 1, 1, &list));
	TRY(rsp_extensions(seq, &extensions));
	return bytes_same(list, BYTES(eid_tag)) ? ERR_NONE : ERR_UNSUPPORTED;
}

void get_euicc_data_request_put(struct room *out)
{
	size_t mark = ber_open(out, TAG_GET_EUICC_DATA);

	ber_put(out, 0x5C, BYTES(eid_tag));
	ber_close(out, mark);
}

/* A message with one octet string of fixed size, then only extensions. */
static enum err read_one(struct bytes in, ber_tag outer, ber_tag inner, size_t size,
                         struct bytes *out)
{
	struct bytes seq, value, extensions;

	TRY(open_message(in, outer, &seq));
	TRY(rsp_sized_read(&seq, inner, size, size, &value));
	TRY(rsp_extensions(seq, &extensions));
	*out = value;
	return ERR_NONE;
}

static void put_one(struct room *out, ber_tag outer, ber_tag inner, struct bytes value)
{
	size_t mark = ber_open(out, outer);

	ber_put(out, inner, value);
	ber_close(out, mark);
}

enum err get_euicc_data_response_read(struct bytes in, struct bytes *eid)
{
	return read_one(in, TAG_GET_EUICC_DATA, 0x5A, EID_SIZE, eid);
}

void get_euicc_data_response_put(struct room *out, struct bytes eid)
{
	put_one(out, TAG_GET_EUICC_DATA, 0x5A, eid);
}

enum err get_euicc_challenge_response_read(struct bytes in, struct bytes *challenge)
{
	return read_one(in, TAG_GET_EUICC_CHALLENGE, 0x80, RSP_CHALLENGE_SIZE, challenge);
}

void get_euicc_challenge_response_put(struct room *out, struct bytes challenge)
{
	put_one(out, TAG_GET_EUICC_CHALLENGE, 0x80, challenge);
}

enum err configured_addresses_read(struct bytes in, struct configured_addresses *out)
{
	struct configured_addresses value;
	struct bytes seq, extensions;

	TRY(open_message(in, TAG_EUICC_CONFIGURED_ADDRESSES, &seq));
	TRY(rsp_utf8_optional(&seq, 0x80, SERVER_ADDRESS_MAX, &value.default_dp));
	TRY(rsp_utf8_read(&seq, 0x81, SERVER_ADDRESS_MAX, &value.root_ds));
	TRY(rsp_extensions(seq, &extensions));
	*out = value;
	return ERR_NONE;
}

void configured_addresses_put(struct room *out, const struct configured_addresses *addresses)
{
	size_t mark = ber_open(out, TAG_EUICC_CONFIGURED_ADDRESSES);

	rsp_put_optional(out, 0x80, addresses->default_dp);
	ber_put(out, 0x81, addresses->root_ds);
	ber_close(out, mark);
}

enum err set_default_dp_address_read(struct bytes in, struct bytes *address)
{
	struct bytes seq, value, extensions;

	TRY(open_message(in, TAG_SET_DEFAULT_DP_ADDRESS, &seq));
	TRY(rsp_utf8_read(&seq, 0x80, SERVER_ADDRESS_MAX, &value));
	TRY(rsp_extensions(seq, &extensions));
	*address = value;
	return ERR_NONE;
}

void set_default_dp_address_put(struct room *out, struct bytes address)
{
	put_one(out, TAG_SET_DEFAULT_DP_ADDRESS, 0x80, address);
}
