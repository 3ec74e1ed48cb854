/* SPDX-License-Identifier: Apache-2.0 */
/* What servers and cards refuse with, in words: the status codes of SGP.22 v2.5 5.2.6 and the result codes
 * of the ES10 functions. */
#ifndef AGENT_STATUS_H
#define AGENT_STATUS_H

#include "agent/es9_json.h"

enum { STATUS_WORDS_MAX = 768 };

/* status_words writes a sentence for a server's refusal, NUL-terminated: what it means and what to do
 * where that is known, otherwise subject and reason, then the codes and the server's own message:
 * "the matching ID is not known or already used (8.2.6/3.8: Refused)". */
void status_words(const struct es9_status *status, char out[static STATUS_WORDS_MAX]);

/* pe_status_words is one phrase for the status of a profile element (TCA 2.3.1, 8.11); never NULL. */
const char *pe_status_words(uint8_t status);

#endif
