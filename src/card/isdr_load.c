/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LoadBoundProfilePackage (SGP.22 5.7.6): the package arrives as a stream of elements, cut by the LPA
 * between them (2.5.5). Each is authenticated, then acted upon; the first that is wrong ends the
 * session with a signed result.
 */
#include "card/isdr_parts.h"

#include "card/euicc.h"
#include "rsp/bpp.h"

#include <string.h>

/* The sequences of a package: what they are made of, and which command they carry. */
static const struct part {
	ber_tag sequence, element;
	uint8_t command; /* enum bpp_command */
} parts[LOAD_STEPS] = {
	[LOAD_PACKAGE] = {0,              0,                BPP_INITIALISE_SECURE_CHANNEL},
	[LOAD_INITIALISE] = { 0,             0,                BPP_INITIALISE_SECURE_CHANNEL},
	[LOAD_FIRST_87] = { TAG_FIRST_87,  TAG_BSP_COMMAND,  BPP_CONFIGURE_ISDP           },
	[LOAD_METADATA] = { TAG_88,        TAG_BSP_METADATA, BPP_STORE_METADATA           },
	[LOAD_SECOND_87] = { TAG_SECOND_87, TAG_BSP_COMMAND,  BPP_REPLACE_SESSION_KEYS     },
	[LOAD_PROFILE] = { TAG_86,        TAG_BSP_PROFILE,  BPP_LOAD_PROFILE_ELEMENTS    },
};

static bool take(uint32_t *left, size_t n)
{
	if (n > *left)
		return false;
	*left -= (uint32_t)n;
	return true;
}

/* SGP.22 5.5.1: smdpSign is over the elements 82 to 5F49 and the element 5F49 of the eUICC's key. */
static bool signature_verifies(const struct isdr_session *session,
                               const struct initialise_secure_channel *isc)
{
	uint8_t element[3 + EC_POINT_SIZE];
	struct room room = ROOM(element);

	ber_put(&room, TAG_ONE_TIME_KEY, BYTES(session->otpk));
	struct bytes signed_parts[] = { isc->signed_part, room_used(&room) };
	return crypto_ecdsa_verify((enum ec_curve)session->curve, session->dppb, signed_parts,
	                           COUNT(signed_parts), isc->smdp_sign.at) == ERR_NONE;
}

/* The verifications of InitialiseSecureChannel in the order of SGP.22 5.5.1. */
static uint8_t check_channel(const struct isdr_session *session,
                             const struct initialise_secure_channel *isc)
{
	if (!signature_verifies(session, isc))
		return INSTALL_INVALID_SIGNATURE;
	if (isc->remote_op != REMOTE_OP_INSTALL_BPP)
		return INSTALL_UNSUPPORTED_REMOTE_OPERATION;
	if (!bytes_same(isc->transaction_id,
	                (struct bytes){ session->transaction_id, session->transaction_id_len }))
		return INSTALL_INVALID_TRANSACTION_ID;
	if (isc->key_type != BSP_KEY_TYPE_AES || isc->key_length != BSP_KEY_LENGTH)
		return INSTALL_UNSUPPORTED_CRT_VALUES;
	return 0;
}

static uint8_t initialise(struct card *card, struct bytes element)
{
	struct isdr_session *session = &card->isdr.session;
	struct initialise_secure_channel isc;
	uint8_t eid[EID_SIZE];
	SECRET shared = { .len = 0 };

	if (initialise_secure_channel_read(element, &isc) != ERR_NONE)
		return INSTALL_INCORRECT_INPUT_VALUES;
	uint8_t error = check_channel(session, &isc);
	if (error != 0)
		return error;
	if (crypto_ecdh((enum ec_curve)session->curve, &session->otsk, isc.smdp_otpk.at, &shared) !=
	            ERR_NONE ||
	    euicc_eid(card, eid) != ERR_NONE ||
	    bsp_start(&session->bsp, &shared, isc.host_id, eid) != ERR_NONE)
		return INSTALL_INCORRECT_INPUT_VALUES;
	secret_clear(&session->otsk);
	return 0;
}

/* The metadata part of the buffer collects B8 from ConfigureISDP, then the whole of StoreMetadata. */
static bool collect_metadata(struct isdr *isdr, struct bytes octets)
{
	struct isdr_session *session = &isdr->session;

	if (octets.len > (size_t)(ISDR_METADATA_MAX - session->metadata))
		return false;
	memcpy(isdr->buffer + ISDR_SEGMENT_MAX + session->metadata, octets.at, octets.len);
	session->metadata = (uint16_t)(session->metadata + octets.len);
	return true;
}

static uint8_t configure(struct card *card, struct bytes plain)
{
	struct isdr_session *session = &card->isdr.session;
	uint8_t octets[128]; /* SGP.22 5.5.2: dpProprietaryData with its header */
	struct room element = ROOM(octets);
	struct configure_isdp message;

	if (session->metadata != 0 || configure_isdp_read(plain, &message) != ERR_NONE)
		return INSTALL_INCORRECT_INPUT_VALUES;
	if (message.dp_proprietary_data.at == NULL)
		return 0;
	ber_put(&element, 0xB8, message.dp_proprietary_data);
	if (element.full || !collect_metadata(&card->isdr, room_used(&element)))
		return INSTALL_INCORRECT_INPUT_VALUES;
	session->proprietary = session->metadata;
	return 0;
}

static uint8_t replace_keys(struct card *card, struct bytes plain)
{
	struct replace_session_keys keys = {
		.mac_chain = {NULL, 0}
	};
	enum err err = replace_session_keys_read(plain, &keys);

	if (err == ERR_NONE)
		err = bsp_replace(&card->isdr.session.bsp, keys.mac_chain, &keys.ppk_enc,
		                  &keys.ppk_cmac);
	secret_clear(&keys.ppk_enc);
	secret_clear(&keys.ppk_cmac);
	return err == ERR_NONE ? 0 : INSTALL_INCORRECT_INPUT_VALUES;
}

static uint8_t act(struct card *card, struct bytes plain)
{
	switch ((enum load_step)card->isdr.session.step) {
	case LOAD_FIRST_87:
		return configure(card, plain);
	case LOAD_METADATA:
		return collect_metadata(&card->isdr, plain) ? 0 : INSTALL_INCORRECT_INPUT_VALUES;
	case LOAD_SECOND_87:
		return replace_keys(card, plain);
	case LOAD_PROFILE:
		return staging_append(card, plain) == ERR_NONE ? 0 : INSTALL_INSUFFICIENT_MEMORY;
	case LOAD_PACKAGE:
	case LOAD_INITIALISE:
	case LOAD_STEPS:
		break;
	}
	return INSTALL_UNKNOWN_ERROR;
}

/* element opens one protected TLV, which is deciphered where it lies in the buffer. */
static uint8_t element(struct card *card, struct bytes *in)
{
	struct isdr_session *session = &card->isdr.session;
	struct bytes whole, plain;

	if (ber_read_whole(in, parts[session->step].element, &whole) != ERR_NONE ||
	    !take(&session->sequence_left, whole.len) || !take(&session->package_left, whole.len))
		return INSTALL_BSP_STRUCTURE_ERROR;
	struct room tlv = { card->isdr.buffer + (whole.at - card->isdr.buffer), whole.len,
		            whole.len, false };
	enum err err = bsp_open(&session->bsp, parts[session->step].element, &tlv, &plain);
	if (err != ERR_NONE)
		return err == ERR_MAC ? INSTALL_BSP_SECURITY_ERROR : INSTALL_BSP_STRUCTURE_ERROR;
	uint8_t error = act(card, plain);
	wipe(tlv.at, tlv.cap); /* R7: subscriber keys do not stay in the buffer */
	if (error == 0 && session->step == LOAD_METADATA && session->sequence_left == 0)
		error = isdr_metadata_check(card);
	if (error == 0 && session->sequence_left == 0 && session->step != LOAD_PROFILE)
		session->step++;
	return error;
}

static uint8_t sequence(struct isdr_session *session, struct bytes *in)
{
	size_t before = in->len, len;
	ber_tag tag;

	if (ber_header(in, &tag, &len) != ERR_NONE ||
	    !take(&session->package_left, before - in->len))
		return INSTALL_BSP_STRUCTURE_ERROR;
	if (session->step == LOAD_SECOND_87 && tag == TAG_86)
		session->step = LOAD_PROFILE; /* no profile protection keys: session keys go on */
	if (tag != parts[session->step].sequence || len == 0 || len > session->package_left)
		return INSTALL_BSP_STRUCTURE_ERROR;
	session->sequence_left = (uint32_t)len;
	return 0;
}

static uint8_t package(struct card *card, struct bytes *in)
{
	struct isdr_session *session = &card->isdr.session;
	ber_tag tag;
	size_t len;

	if (ber_header(in, &tag, &len) != ERR_NONE || tag != TAG_BPP || len > UINT32_MAX)
		return INSTALL_BSP_STRUCTURE_ERROR;
	session->package_left = (uint32_t)len;
	session->step = LOAD_INITIALISE;
	return staging_start(card) == ERR_NONE ? 0 : INSTALL_INSUFFICIENT_MEMORY;
}

static uint8_t channel(struct card *card, struct bytes *in)
{
	struct isdr_session *session = &card->isdr.session;
	struct bytes whole;

	if (ber_read_whole(in, TAG_INITIALISE_SECURE_CHANNEL, &whole) != ERR_NONE ||
	    !take(&session->package_left, whole.len))
		return INSTALL_INCORRECT_INPUT_VALUES;
	session->step = LOAD_FIRST_87;
	uint8_t error = initialise(card, whole);
	if (error != 0)
		session->step = LOAD_INITIALISE; /* the command that the result names */
	return error;
}

static uint8_t next(struct card *card, struct bytes *in)
{
	struct isdr_session *session = &card->isdr.session;

	if (session->step == LOAD_PACKAGE)
		return package(card, in);
	if (session->step == LOAD_INITIALISE)
		return channel(card, in);
	if (session->sequence_left == 0)
		return sequence(session, in);
	return element(card, in);
}

enum err isdr_load_package(struct card *card, struct bytes request, struct room *out)
{
	struct isdr_session *session = &card->isdr.session;
	uint8_t error = 0;

	if (card->isdr.state == ISDR_PREPARED) {
		card->isdr.state = ISDR_LOADING;
		session->step = LOAD_PACKAGE;
	}
	if (card->isdr.state != ISDR_LOADING)
		return ERR_ORDER;
	if (request.len > ISDR_SEGMENT_MAX)
		error = INSTALL_BSP_STRUCTURE_ERROR; /* the metadata part is not its to take */
	bool whole = false;
	while (error == 0 && !whole && request.len > 0) {
		error = next(card, &request);
		whole = session->step == LOAD_PROFILE && session->sequence_left == 0 &&
		        session->package_left == 0;
	}
	if (error == 0 && whole && request.len > 0)
		error = INSTALL_BSP_STRUCTURE_ERROR;
	/* The profile's sequence has ended, but the package claims more. */
	if (error == 0 && !whole && session->step == LOAD_PROFILE && session->sequence_left == 0 &&
	    staging_size(card) > 0)
		error = INSTALL_BSP_STRUCTURE_ERROR;
	if (error != 0)
		return isdr_refuse(card, parts[session->step].command, error,
		                   (struct bytes){ NULL, 0 }, out);
	return whole ? isdr_install(card, out) : ERR_NONE;
}
