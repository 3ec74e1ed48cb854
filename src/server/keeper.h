/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper: the one process that holds DPauth and DPpb keys, the master key and, for as long as a
 * request takes, subscriber keys (R7, I3). This header is what its clients see: typed requests over an
 * inherited socket, answered while the caller waits (20 to 300 microseconds).
 *
 * What is kept at rest leaves the keeper sealed: AES-256-GCM under a key derived from the master key for
 * that kind, with kind and identifier as additional data, so that a blob put into another row does not
 * open. The keeper stores nothing and knows no store; who holds a blob can use it only through here.
 *
 * A link has a role, given by the supervisor when it is made, and the role decides which requests are
 * answered (keeper_permits). A request outside of it closes the link.
 */
#ifndef SERVER_KEEPER_H
#define SERVER_KEEPER_H

#include "aka/aka.h"
#include "base/limits.h"
#include "port/crypto.h"
#include "rsp/rsp.h"
#include "server/audit.h"
#include "server/permit.h"
#include "server/smdp_card.h"

enum keeper_role {
	KEEPER_FOR_WORKER,
	KEEPER_FOR_ADMIN,
	KEEPER_FOR_AUC,        /* the network's door */
	KEEPER_FOR_QUARANTINE, /* the AuC at the quarantine's */
	KEEPER_FOR_APPRAISER,
	KEEPER_FOR_CALLER,
	KEEPER_ROLES
};

enum keeper_request {
	KEEPER_OPEN,           /* a session: its serverSigned1, made and signed with DPauth */
	KEEPER_SIGN,           /* an smdpSigned2 with DPpb */
	KEEPER_BIND,           /* a sealed package for one card */
	KEEPER_TLS_SIGN,       /* a TLS handshake with the server's TLS key */
	KEEPER_IMPORT,         /* seal a package and the subscriber keys in it */
	KEEPER_GENERATE,       /* make a package with keys that nobody has seen, and seal it */
	KEEPER_PROTECT,        /* seal a profile's own protection keys */
	KEEPER_VECTOR,         /* quintets from a sealed subscriber, for whom the permit admits */
	KEEPER_TRIPLET,        /* GSM triplets, likewise */
	KEEPER_RESYNC,         /* verify AUTS */
	KEEPER_PERMIT,         /* a permit for what was decided */
	KEEPER_RESULT,         /* an attestation result, signed */
	KEEPER_RESULT_JWT,     /* one that it has signed, as JWT */
	KEEPER_HEAD_LAST,      /* the head of the audit log that it signed last */
	KEEPER_HEAD_SIGN,      /* the next one */
	KEEPER_NOTICE_SIGN,    /* what an operator is told of a machine */
	KEEPER_RESTRICTED_VECTOR, /* the same for whom the permit restricts */
	KEEPER_RESTRICTED_TRIPLET,
	KEEPER_PERMITS_ACCESS, /* permits for the access of many subscribers */
	KEEPER_REQUESTS
};

/* keeper_permits tells whether a link of that role may ask for it: the permit table. */
bool keeper_permits(enum keeper_role role, enum keeper_request request);

/* What a client holds: the link, and room for one message. keeper_open is for a process that has its links;
 * NULL: no memory. */
struct keeper;
struct links;
struct keeper *keeper_open(struct links *links);

/* keeper_open_session begins a session with a card (SGP.22 5.6.1): `signed1` gets its serverSigned1, with a
 * transactionId and a serverChallenge of the keeper's own, signed with the DPauth key under the nth CI of the
 * configuration. By the challenge the keeper knows its sessions again (server/opening.h). ERR_NOT_FOUND: no
 * such key. */
NODISCARD enum err keeper_open_session(struct keeper *keeper, uint8_t ci,
                                       const uint8_t euicc_challenge[static RSP_CHALLENGE_SIZE],
                                       struct room *signed1,
                                       uint8_t signature[static EC_SIGNATURE_SIZE]);

/* keeper_sign signs with the DPpb key under the nth CI of the configuration. The parts together must be what
 * that key signs: smdpSigned2 followed by a signature element (5F37); ERR_VALUE otherwise. */
NODISCARD enum err keeper_sign(struct keeper *keeper, uint8_t ci, const struct bytes *parts,
                               size_t count, uint8_t signature[static EC_SIGNATURE_SIZE]);

/* What SGP.22 5.6.2 needs for a bound profile package, and by whose leave: a permit for provisioning
 * (server/permit.h) of this very profile to this card in this session. Without one that is good now, ERR_DENIED
 * (I4). The one-time key and the session are those of euiccSigned2, and it must be the card of the permit that
 * has signed them: ERR_SIGNATURE. */
struct keeper_bind {
	struct bytes permit;
	uint8_t ci;                   /* whose DPpb key signs initialiseSecureChannel */
	struct smdp_card card;        /* EID: into the key derivation, with hostId */
	struct bytes euicc_signed2;   /* whole element 30 */
	struct bytes euicc_signature2; /* 64 octets, over it and ... */
	struct bytes smdp_signature2; /* ... ours (5.7.5) */
	struct bytes host_id;
	struct bytes iccid;           /* 10 octets: whose package */
	struct bytes sealed_package;
	struct bytes metadata;        /* StoreMetadataRequest BF25 */
	struct bytes sealed_ppk;      /* profile protection keys, or empty: session keys are used */
	struct bytes sealed_otsk;     /* of an earlier delivery to the same one-time key of the card: the same keys
	                               * and the same body come out again. Empty: a new one-time key */
};

struct keeper_bound {
	struct bytes package;         /* BoundProfilePackage BF36 */
	struct bytes smdp_otpk;       /* 65 octets */
	struct bytes sealed_otsk;     /* to keep beside the order for a retry */
};

/* keeper_bind makes a bound profile package. The views in `out` live until the next call. */
NODISCARD enum err keeper_bind(struct keeper *keeper, const struct keeper_bind *request,
                               struct keeper_bound *out);

/* What importing or generating a package gives: to be put into the store as it is. */
struct keeper_sealed {
	uint8_t iccid[ICCID_SIZE];    /* as in EF.ICCID: swapped nibbles */
	struct bytes imsi;            /* digits; empty when the package has no USIM */
	struct bytes type;            /* profileType of the header */
	struct bytes spn;             /* service provider name of the first USIM, or empty */
	struct bytes package;         /* sealed */
	struct bytes subscriber;      /* sealed record of K, OPc, ...; empty when there is none */
};

/* keeper_permit makes a permit of what was decided in a session with a card; for a decision to refuse there is none, and
 * `out` is untouched. `session` is its serverSigned1: ERR_EXPIRED unless the keeper opened it, not longer ago than
 * sessions last. */
NODISCARD enum err keeper_permit(struct keeper *keeper, const struct permit *permit,
                                 struct bytes session, uint8_t out[static PERMIT_SIZE]);

/* keeper_permits_access makes `count` (1 to KEEPER_PERMITS_MAX) permits for access in one exchange. ERR_DENIED, and
 * none, when one of them is for a decision to refuse. */
enum { KEEPER_PERMITS_MAX = 64 };
NODISCARD enum err keeper_permits_access(struct keeper *keeper, const struct permit *permits,
                                         size_t count, uint8_t (*out)[PERMIT_SIZE]);

/* keeper_sign_result gives the CWT of an attestation result, from its claims (evidence/ear.h). What is no such
 * claims set is not signed. ERR_NOT_FOUND: there is no key for it. */
NODISCARD enum err keeper_sign_result(struct keeper *keeper, struct bytes claims, struct room *out);

/* keeper_result_jwt gives the same result as a JWT: of a CWT that keeper_sign_result gave, else ERR_SIGNATURE. Times and all
 * claims stay as they are. ERR_NOT_FOUND where there is no key for results. */
NODISCARD enum err keeper_result_jwt(struct keeper *keeper, struct bytes cwt, struct room *out);

/* keeper_head_last gives the head of the audit log that the keeper signed last in its life; ERR_NOT_FOUND when
 * there is none, or no key for it. */
NODISCARD enum err keeper_head_last(struct keeper *keeper, struct audit_head *out);

/* keeper_head_sign signs a head of the audit log; `head` gets log and signature. The proof is that the tree of
 * `old` is its beginning, where `old` is the head that was signed last: what keeper_head_last gives, or
 * after a start the last that was kept. ERR_DENIED for another: a log that is rolled back, or forks,
 * gets no signature. `old` is NULL for the first head of all. */
NODISCARD enum err keeper_head_sign(struct keeper *keeper, const struct audit_head *old,
                                    struct bytes proof, struct audit_head *head);

/* keeper_notice_sign signs an event's JSON: `jws` gets a JWS without its payload (RFC 7515 appendix F), ES256.
 * ERR_VALUE for what is no event, ERR_NOT_FOUND when there is no key. */
NODISCARD enum err keeper_notice_sign(struct keeper *keeper, struct bytes body, struct room *jws);

/* keeper_tls_sign signs a digest (SHA-256, 32 octets) of a TLS handshake with the key of the nth TLS
 * service; the signature is r || s. */
enum keeper_tls { KEEPER_TLS_ES9, KEEPER_TLS_ES2, KEEPER_TLS_SERVICES };
NODISCARD enum err keeper_tls_sign(struct keeper *keeper, enum keeper_tls service,
                                   struct bytes digest, uint8_t signature[static EC_SIGNATURE_SIZE]);

/* keeper_import takes an interoperable profile package (DER, unprotected). */
NODISCARD enum err keeper_import(struct keeper *keeper, struct bytes package,
                                 struct keeper_sealed *out);

/* keeper_generate builds a package from a description (the text of `assay profile new`) without keys;
 * the keeper adds K and OPc. */
NODISCARD enum err keeper_generate(struct keeper *keeper, struct bytes description,
                                   struct keeper_sealed *out);

/* Whose keys are to be used, and by whose leave: a permit for access (server/permit.h) of that very IMSI. Without
 * one that is good the answer is ERR_DENIED (I4). */
struct keeper_who {
	struct bytes imsi, sealed_subscriber, permit;
};

/* One quintet to be made: whose, and with which sequence number of those that the store has reserved. */
struct keeper_ask {
	struct keeper_who who;
	uint64_t sqn;
};

enum { KEEPER_ASKS_MAX = 32 };

/* keeper_protect seals profile protection keys for order.sealed_ppk: `keys` is the initial MAC chaining value,
 * PPK-ENC and PPK-CMAC, 16 octets each (SGP.22 2.5.3), or empty: the keeper draws them. `sealed` is
 * empty before; views from earlier calls stay good. */
enum { KEEPER_PPK_SIZE = 48 };
NODISCARD enum err keeper_protect(struct keeper *keeper, const uint8_t iccid[static ICCID_SIZE],
                                  struct bytes keys, struct room *sealed);

/* The network's door is for whom a permit admits, the quarantine's for whom it restricts: `whose` is ADMIT or
 * RESTRICT. A link may ask for the one or for the other, and a permit of the other kind is ERR_DENIED (R2).
 *
 * keeper_vectors computes `count` (1 to KEEPER_ASKS_MAX) quintets in one exchange, of as many subscribers;
 * RAND is made inside. `amf` is AKA_AMF_SEPARATION or 0. Each of them has its own cause in `each`: a blob
 * that does not open and a permit that is not good keep the others from nothing. */
NODISCARD enum err keeper_vectors(struct keeper *keeper, enum decision whose, uint16_t amf,
                                  const struct keeper_ask *asks, size_t count, struct aka_vector *out, enum err *each);

/* keeper_triplets computes `count` (1 to 32) GSM triplets. */
NODISCARD enum err keeper_triplets(struct keeper *keeper, enum decision whose,
                                   const struct keeper_who *who, size_t count, struct aka_triplet *out);

/* keeper_resync verifies AUTS against RAND and uncovers SQN_MS; ERR_MAC when the USIM did not make it. At either door:
 * it gives nothing away. */
NODISCARD enum err keeper_resync(struct keeper *keeper, const struct keeper_who *who,
                                 const uint8_t rand[static AKA_RAND_SIZE], struct bytes auts,
                                 uint64_t *sqn_ms);

#endif
