/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's part in AuthenticateClient (R5, I4, docs/protocol.md): what came of its evidence is asked of the
 * appraiser, and what the appraiser says is said on. */
#ifndef SERVER_SMDP_EQUIPMENT_H
#define SERVER_SMDP_EQUIPMENT_H

#include "rsp/authenticate_server.h"
#include "server/smdp_session.h"

/* What the card has signed, as far as it matters here. */
struct smdp_shown {
	const uint8_t *eid;
	const struct euicc_info2 *info;
	const struct ctx_params1 *params;
	struct bytes evidence; /* the member, decoded; at == NULL: none */
};

/* smdp_equipment_judge asks the appraiser. SMDP_OK also for a refusal, which is in `out`. SMDP_FORMAT_INVALID
 * when the element with the digest is malformed; SMDP_EXECUTION_ERROR when nobody answers. */
NODISCARD enum smdp_status smdp_equipment_judge(const struct smdp_ports *ports,
                                                const struct smdp_session *session,
                                                enum purpose purpose, struct bytes operator_name,
                                                const struct smdp_shown *shown,
                                                struct appraise_answer *out);

#endif
