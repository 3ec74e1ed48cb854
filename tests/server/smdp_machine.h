/* SPDX-License-Identifier: Apache-2.0 */
/* A machine with a software root of trust beside the software eUICC, and the real verifier in the place of the
 * appraiser. */
#ifndef TESTS_SERVER_SMDP_MACHINE_H
#define TESTS_SERVER_SMDP_MACHINE_H

#include "tests/server/smdp_shown.h"

/* machine_init makes one that is enrolled for the card and learned by the verifier, under a policy. */
void machine_init(const uint8_t eid[static EID_SIZE], const char *policy);

/* machine_boot restarts it. `strange`: something else runs on it. */
void machine_boot(bool strange);

/* machine_extend extends a PCR without any log. */
void machine_extend(uint32_t pcr);

/* machine_show quotes for a session, and gives the bundle; it lives until the next call but one. */
enum machine_log { MACHINE_LOG_WHOLE, MACHINE_LOG_DIGEST, MACHINE_LOG_OTHER_DIGEST };
struct bytes machine_show(struct bytes server_signed1, const uint8_t eid[static EID_SIZE],
                          const char *imei, enum machine_log log);

/* machine_judge is the port `appraise`: what the verifier says becomes the answer. The permit's octets are
 * 0x50 plus the decision. */
enum err machine_judge(void *ctx, const struct shown *shown, struct appraise_answer *out);

/* What the last request had. */
extern char machine_asked_operator[64], machine_asked_imei[24];
extern enum purpose machine_asked_purpose;

#endif
