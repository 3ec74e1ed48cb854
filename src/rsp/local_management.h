/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ES10a and ES10c, the functions an LPA calls for its user (SGP.22 v2.5 5.7.3 to 5.7.22): enable,
 * disable, delete, nickname, memory reset, EID, rules authorisation table, addresses, challenge.
 * Answers that are one number use rsp_result_read and rsp_result_put with the same outer tag as
 * the request.
 */
#ifndef RSP_LOCAL_MANAGEMENT_H
#define RSP_LOCAL_MANAGEMENT_H

#include "rsp/metadata.h"
#include "rsp/rsp.h"

enum {
	TAG_GET_EUICC_INFO1 = 0xBF20,
	TAG_PREPARE_DOWNLOAD = 0xBF21,
	TAG_GET_EUICC_INFO2 = 0xBF22,
	TAG_STORE_METADATA = 0xBF25,
	TAG_SET_NICKNAME = 0xBF29,
	TAG_UPDATE_METADATA = 0xBF2A,
	TAG_GET_PROFILES_INFO = 0xBF2D,
	TAG_GET_EUICC_CHALLENGE = 0xBF2E,
	TAG_ENABLE_PROFILE = 0xBF31,
	TAG_DISABLE_PROFILE = 0xBF32,
	TAG_DELETE_PROFILE = 0xBF33,
	TAG_EUICC_MEMORY_RESET = 0xBF34,
	TAG_LOAD_CRL = 0xBF35,
	TAG_AUTHENTICATE_SERVER = 0xBF38,
	TAG_EUICC_CONFIGURED_ADDRESSES = 0xBF3C,
	TAG_GET_EUICC_DATA = 0xBF3E,
	TAG_SET_DEFAULT_DP_ADDRESS = 0xBF3F,
	TAG_CANCEL_SESSION = 0xBF41,
	TAG_GET_RAT = 0xBF43,
};

enum { /* results; 127 is undefinedError everywhere */
       RESULT_OK = 0,
       ENABLE_NOT_FOUND = 1,
       ENABLE_NOT_DISABLED = 2,
       ENABLE_DISALLOWED_BY_POLICY = 3,
       ENABLE_WRONG_REENABLING = 4,
       ENABLE_CAT_BUSY = 5,
       DISABLE_NOT_FOUND = 1,
       DISABLE_NOT_ENABLED = 2,
       DISABLE_DISALLOWED_BY_POLICY = 3,
       DISABLE_CAT_BUSY = 5,
       DELETE_NOT_FOUND = 1,
       DELETE_NOT_DISABLED = 2,
       DELETE_DISALLOWED_BY_POLICY = 3,
       NICKNAME_NOT_FOUND = 1,
       NOTIFICATION_NOTHING_TO_DELETE = 1,
       MEMORY_RESET_NOTHING_TO_DELETE = 1,
       MEMORY_RESET_CAT_BUSY = 5,
       RESULT_UNDEFINED_ERROR = 127,
};

enum { /* EuiccMemoryReset options */
       RESET_OPERATIONAL_PROFILES = 1u << 0,
       RESET_TEST_PROFILES = 1u << 1,
       RESET_DEFAULT_DP_ADDRESS = 1u << 2,
};

struct profile_identifier { /* exactly one of them; the other has at == NULL */
	struct bytes isdp_aid;
	struct bytes iccid;
};

struct switch_profile { /* Enable (BF31), Disable (BF32) */
	struct profile_identifier profile;
	bool refresh;
};

NODISCARD enum err switch_profile_read(struct bytes in, ber_tag outer, struct switch_profile *out);
void switch_profile_put(struct room *out, ber_tag outer, const struct switch_profile *request);

NODISCARD enum err delete_profile_read(struct bytes in, struct profile_identifier *out);
void delete_profile_put(struct room *out, const struct profile_identifier *profile);

struct set_nickname {
	struct bytes iccid;
	struct bytes nickname; /* 0 to 64 octets of UTF-8 */
};

NODISCARD enum err set_nickname_read(struct bytes in, struct set_nickname *out);
void set_nickname_put(struct room *out, const struct set_nickname *request);

NODISCARD enum err memory_reset_read(struct bytes in, uint32_t *options);
void memory_reset_put(struct room *out, uint32_t options);

/* GetEuiccData asks for 5A only; ERR_UNSUPPORTED when another tag is asked for. */
NODISCARD enum err get_euicc_data_request_read(struct bytes in);
void get_euicc_data_request_put(struct room *out);
NODISCARD enum err get_euicc_data_response_read(struct bytes in, struct bytes *eid);
void get_euicc_data_response_put(struct room *out, struct bytes eid);

NODISCARD enum err get_euicc_challenge_response_read(struct bytes in, struct bytes *challenge);
void get_euicc_challenge_response_put(struct room *out, struct bytes challenge);

struct configured_addresses {
	struct bytes default_dp; /* at == NULL when none is set */
	struct bytes root_ds;
};

NODISCARD enum err configured_addresses_read(struct bytes in, struct configured_addresses *out);
void configured_addresses_put(struct room *out, const struct configured_addresses *addresses);

NODISCARD enum err set_default_dp_address_read(struct bytes in, struct bytes *address);
void set_default_dp_address_put(struct room *out, struct bytes address);

/* GetRAT: the answer holds a list of rules (30 elements). */
struct authorisation_rule {
	uint32_t pprs;
	struct bytes allowed_operators; /* of 30 elements, each an OperatorID */
	bool consent_required;
};

NODISCARD enum err get_rat_response_read(struct bytes in, struct bytes *rules);
void get_rat_response_put(struct room *out, struct bytes rules);
NODISCARD enum err authorisation_rule_next(struct bytes *rules, struct authorisation_rule *out);
void authorisation_rule_put(struct room *out, const struct authorisation_rule *rule);

/* operator_matches compares an owner with an allowed operator, SGP.22 2.9.2.1: E in a digit of
 * mccMnc matches any digit; a gid that is absent on the allowed side must be absent, an empty
 * one matches any. */
bool operator_matches(const struct operator_id *allowed, const struct operator_id *owner);

/* empty_request_read takes a request without content, `BF43 00`; extensions are tolerated. */
NODISCARD enum err empty_request_read(struct bytes in, ber_tag outer);

#endif
