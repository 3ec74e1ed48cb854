/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's part in AuthenticateClient (R5, I4, docs/protocol.md): what came of its evidence is asked of the
 * appraiser, and what the appraiser says is said on. */
#ifndef SERVER_SMDP_EQUIPMENT_H
#define SERVER_SMDP_EQUIPMENT_H

#include "server/smdp_claims.h"
#include "server/smdp_session.h"

/* smdp_equipment_judge asks the appraiser, which verifies what the card has signed, and looks at that and not at what
 * was made of it here. `iccid` is the profile's, or empty: nothing is to be provisioned. SMDP_OK also for a
 * refusal, which is in `out`; otherwise the causes of smdp_claims_verify, SMDP_FORMAT_INVALID also for a malformed
 * element with the digest, and SMDP_EXECUTION_ERROR when nobody answers. */
NODISCARD enum smdp_status smdp_equipment_judge(const struct smdp_ports *ports,
                                                const struct smdp_session *session,
                                                const struct smdp_claims *claims,
                                                struct bytes iccid, struct bytes evidence,
                                                struct appraise_answer *out);

/* What a card has signed of its machine and of its pairing. */
enum { IMEI_DIGITS_MAX = 16 };
struct smdp_equipment {
	struct bytes digest;           /* of the evidence, 32 octets; .at NULL: none */
	struct bytes card_state;       /* content of DF22 in EUICCInfo2; or empty */
	uint8_t imei[IMEI_DIGITS_MAX]; /* deviceInfo's, digits */
	size_t imei_len;
};

/* smdp_equipment_read takes it from claims. ERR_LENGTH or ERR_VALUE for a malformed digest. */
NODISCARD enum err smdp_equipment_read(const struct smdp_claims *claims,
                                       struct smdp_equipment *out);

#endif
