/* SPDX-License-Identifier: Apache-2.0 */
/* What the ES9+ functions share about orders: which one a card may have, and how it ends. */
#ifndef SERVER_SMDP_ORDER_H
#define SERVER_SMDP_ORDER_H

#include "rsp/ctx_params.h"
#include "rsp/euicc_info.h"
#include "server/smdp_ports.h"
#include "server/smdp_state.h"
#include "server/smdp_status.h"

/* smdp_order_for finds the order that a card asks for, by matching id or, without one, by its EID
 * (default SM-DP+ use case, 5.6.3), and checks that it may be downloaded by this card now. For
 * SMDP_ORDER_EXPIRED `out` is set too. */
NODISCARD enum smdp_status smdp_order_for(const struct smdp_ports *ports, struct bytes matching_id,
                                          const uint8_t eid[static EID_SIZE], struct order *out);

/* smdp_order_check checks EID, state and life of an order for a card. */
NODISCARD enum smdp_status smdp_order_check(const struct order *order,
                                            const uint8_t eid[static EID_SIZE], uint64_t now_ms);

/* smdp_order_asked is smdp_order_check of the order that a card has asked for, as in smdp_order_for: with another
 * matching id, or when the card should have given one, SMDP_MATCHING_ID_REFUSED. */
NODISCARD enum smdp_status smdp_order_asked(const struct order *order, struct bytes matching_id,
                                            const uint8_t eid[static EID_SIZE], uint64_t now_ms);

/* smdp_order_eligible is the eligibility check of 3.1.3 and annex F: can this eUICC take this
 * profile? */
NODISCARD enum smdp_status smdp_order_eligible(const struct order *order,
                                               const struct euicc_info2 *info);

/* smdp_order_unbind forgets the bound package: another card may have the profile. */
void smdp_order_unbind(struct order *order);

#endif
