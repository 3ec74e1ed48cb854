/* SPDX-License-Identifier: Apache-2.0 */
/* The machine around one of es9_load's cards: a software TPM (assay pki chip), and what the agent does with it. */
#ifndef TESTS_SERVER_ES9_MACHINE_H
#define TESTS_SERVER_ES9_MACHINE_H

#include "tests/server/smdp_world.h"

/* es9_machine_open takes the chip "soft:DIR/soft" and its log DIR/log. The cards of this process then show evidence
 * of it (card_shows). */
bool es9_machine_open(const char *dir);

/* es9_machine_enrol enrols the chip for a card; prints what is wrong. */
bool es9_machine_enrol(const char *issuer, const char *host, const uint8_t eid[static EID_SIZE]);

/* es9_machine_taken tells that the server has the log. */
void es9_machine_taken(void);

#endif
