/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a card an eUICC: its identity, its keys and certificates per CI, the CIs it trusts, its
 * rules authorisation table and its addresses. All of it lies in records of the vault; personalisation
 * writes them once, in one transaction, and the ISD-R reads them.
 */
#ifndef CARD_EUICC_H
#define CARD_EUICC_H

#include "base/secret.h"
#include "card/card.h"
#include "rsp/cert.h"
#include "vault/record.h"

enum {
	EUICC_CREDENTIALS_MAX = 4, /* two bits of a profile head; two curves under two CIs */
	EUICC_ANCHORS_MAX = 8,
	EUICC_RAT_MAX = 512,
	EUICC_CERTIFICATE_MAX = 1536,
	EUICC_SAS_MAX = 64, /* SGP.22 annex H: UTF8String (SIZE(0..64)) */
};

/* Records, from the ISD-R's first kind on. Kinds 51 and up are free for what is to come. */
enum euicc_record {
	EUICC_IDENTITY = RECORD_ISDR, /* 0: EID; 1: parameters of EUICCInfo2 */
	EUICC_CREDENTIAL,             /* key id of the CI, curve, private key */
	EUICC_CERTIFICATE,            /* CERT.EUICC.ECDSA of the credential */
	EUICC_EUM_CERTIFICATE,        /* CERT.EUM.ECDSA of the credential */
	EUICC_ANCHOR,                 /* key id, curve, point */
	EUICC_RAT,
	EUICC_ADDRESS, /* 0: default SM-DP+; 1: root SM-DS */
	EUICC_COUNTER, /* 0: next sequence number of notifications */
	EUICC_NOTIFICATION,
	EUICC_ONE_TIME_KEY,    /* kept for a retry: curve, private, public, OID of the SM-DP+ */
	EUICC_NICKNAME,        /* number: slot */
	EUICC_TEST_RETURN,     /* the operational profile that a test profile has displaced */
	EUICC_RESET_UNDER_WAY, /* options of a memory reset that is not finished */
	EUICC_PAIRING = 0x50,  /* 0: settings; 1: counts */
};

struct euicc_credential {
	struct secret key;
	enum ec_curve curve;
	struct bytes certificate;     /* CERT.EUICC.ECDSA, DER */
	struct bytes eum_certificate; /* CERT.EUM.ECDSA, DER */
};

struct euicc_personalisation {
	uint8_t eid[EID_SIZE];
	struct euicc_credential credentials[EUICC_CREDENTIALS_MAX]; /* most preferred first */
	size_t credential_count;
	struct trust_anchor anchors[EUICC_ANCHORS_MAX]; /* most preferred first */
	size_t anchor_count;
	struct bytes rat;        /* of 30 elements: ProfilePolicyAuthorisationRule */
	struct bytes default_dp; /* FQDN; at == NULL when there is none */
	struct bytes root_ds;
	uint8_t firmware_version[3], pp_version[3];
	struct bytes sas_accreditation_number;
	struct pairing_settings pairing; /* zeros: a card without it */
};

/* euicc_personalise makes a formatted card an eUICC. ERR_EXISTS when it is one already; ERR_VALUE when
 * a private key does not belong to its certificate or the EID is not the certificate's; ERR_CERTIFICATE
 * or ERR_SIGNATURE when a chain does not lead to one of the anchors. On error nothing changed. */
NODISCARD enum err euicc_personalise(struct card *card, const struct euicc_personalisation *data);

/* euicc_eid reads the identity. ERR_NOT_FOUND when the card was never personalised. */
NODISCARD enum err euicc_eid(struct card *card, uint8_t eid[static EID_SIZE]);

/* euicc_anchor reads the anchor of that number; ERR_NOT_FOUND. The card keeps keys, not certificates, of
 * its CIs (SGP.22 2.4.2), so the anchor has no name. euicc_anchor_by_key finds the number. */
NODISCARD enum err euicc_anchor(struct card *card, uint8_t number, struct trust_anchor *out);
NODISCARD enum err euicc_anchor_by_key(struct card *card, struct bytes key_id, uint8_t *number);

/* euicc_credential_by_key finds the credential under a CI. ERR_NOT_FOUND. */
NODISCARD enum err euicc_credential_by_key(struct card *card, struct bytes key_id, uint8_t *number);

/* euicc_key_ids appends the key ids (04 elements) of all anchors, or of all credentials' CIs. */
NODISCARD enum err euicc_key_ids(struct card *card, uint8_t kind, struct room *out);

/* euicc_sign signs with the private key of a credential. */
NODISCARD enum err euicc_sign(struct card *card, uint8_t credential, const struct bytes *parts,
                              size_t count, uint8_t signature[static EC_SIGNATURE_SIZE]);

/* euicc_next_sequence takes the next notification sequence number, inside a transaction. */
NODISCARD enum err euicc_next_sequence(struct card *card, uint32_t *number);

#endif
