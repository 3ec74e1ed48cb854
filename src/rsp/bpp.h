/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Bound Profile Package (BF36, SGP.22 v2.5 2.5.4) and the commands inside it:
 * InitialiseSecureChannel (BF23), ConfigureISDP (BF24), StoreMetadata (rsp/metadata.h),
 * ReplaceSessionKeys (BF26). bpp_put binds a profile to one eUICC's session; bpp_segments cuts a
 * package for ES10b.LoadBoundProfilePackage.
 */
#ifndef RSP_BPP_H
#define RSP_BPP_H

#include "rsp/bsp.h"
#include "rsp/rsp.h"

enum {
	TAG_BPP = 0xBF36,
	TAG_INITIALISE_SECURE_CHANNEL = 0xBF23,
	TAG_FIRST_87 = 0xA0,
	TAG_88 = 0xA1,
	TAG_SECOND_87 = 0xA2,
	TAG_86 = 0xA3,
	REMOTE_OP_INSTALL_BPP = 1,
};

struct initialise_secure_channel {
	uint8_t remote_op; /* REMOTE_OP_INSTALL_BPP */
	struct bytes transaction_id;
	uint8_t key_type, key_length;
	struct bytes host_id;     /* 1 to 16 octets */
	struct bytes smdp_otpk;   /* 65 octets */
	struct bytes smdp_sign;   /* 64 octets */
	struct bytes signed_part; /* set by _read: the elements 82 to 5F49 as received */
};

/* initialise_secure_channel_read takes the whole BF23. Values are checked by the card, which has
 * error codes for them (unsupportedCrtValues, ...). */
NODISCARD enum err initialise_secure_channel_read(struct bytes in,
                                                  struct initialise_secure_channel *out);
void initialise_secure_channel_put(struct room *out, const struct initialise_secure_channel *isc);

/* initialise_secure_channel_put_signed writes what smdpSign covers before otPK.EUICC: 82 to
 * 5F49. The signature is over this and the element 5F49 of the eUICC's key (SGP.22 5.5.1). */
void initialise_secure_channel_put_signed(struct room *out,
                                          const struct initialise_secure_channel *isc);

struct configure_isdp {
	struct bytes dp_proprietary_data; /* value of B8; at == NULL: absent */
	struct bytes extensions;
};

NODISCARD enum err configure_isdp_read(struct bytes in, struct configure_isdp *out);
void configure_isdp_put(struct room *out, const struct configure_isdp *configure);

struct replace_session_keys {
	struct bytes mac_chain; /* 16 octets */
	struct secret ppk_enc, ppk_cmac;
};

NODISCARD enum err replace_session_keys_read(struct bytes in, struct replace_session_keys *out);
void replace_session_keys_put(struct room *out, const struct replace_session_keys *keys);

struct bpp_input {
	struct initialise_secure_channel isc;
	struct bytes configure_isdp; /* whole BF24 */
	struct bytes metadata;       /* whole BF25 */
	struct bytes profile;        /* unprotected profile package, when `keys` is NULL */
	const struct replace_session_keys *keys; /* profile protection keys, or NULL */
	struct bytes protected_profile; /* '86' TLVs under these keys, as bpp_protect made them */
};

/* bpp_size is the octets bpp_put will append. */
size_t bpp_size(const struct bpp_input *in);

/* bpp_put appends the whole BF36. `bsp` has just been started; it is used up. ERR_ROOM,
 * ERR_CRYPTO. */
NODISCARD enum err bpp_put(struct room *out, const struct bpp_input *in, struct bsp *bsp);

/* bpp_protect appends a whole profile as '86' TLVs; bpp_protected_size is how many octets that
 * takes. */
NODISCARD enum err bpp_protect(struct room *out, struct bytes profile, struct bsp *bsp);
size_t bpp_protected_size(size_t profile_len);

/* A package seen as the command data objects that an LPA sends, SGP.22 2.5.5.
 * bpp_segments_start checks the structure of the whole; each call of bpp_segments_next gives
 * one segment, then ERR_NOT_FOUND. */
struct bpp_segments {
	struct bytes left;       /* not yet given out */
	struct bytes initialise; /* whole BF23 */
	uint8_t part;            /* what comes next */
	size_t in_part;          /* octets of the present sequence that are left */
};

NODISCARD enum err bpp_segments_start(struct bpp_segments *segments, struct bytes bpp);
NODISCARD enum err bpp_segments_next(struct bpp_segments *segments, struct bytes *segment);

#endif
