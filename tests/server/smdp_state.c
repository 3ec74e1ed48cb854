/* SPDX-License-Identifier: Apache-2.0 */
/* Every state with every event, as golden tables: what is not listed is refused and changes
 * nothing. */
#include "server/smdp_state.h"

#include "server/smdp_status.h"
#include "tests/tap.h"

/* Columns: reserve, link, confirm, confirm+release, release, cancel, retire, deliver,
 * installed, retry, fail. A letter is the state after; a dot refuses. */
static const char *const orders[PROFILE_STATES] = {
	[PROFILE_AVAILABLE] = "aL....u....",   /* V */
	[PROFILE_ALLOCATED] = "..cr.Vu....",   /* a */
	[PROFILE_LINKED] = "..cr.Vu....",      /* L */
	[PROFILE_CONFIRMED] = "....rVu....",   /* c */
	[PROFILE_RELEASED] = ".....VudIre",    /* r */
	[PROFILE_DOWNLOADED] = "......udIre",  /* d */
	[PROFILE_INSTALLED] = "...........",   /* I */
	[PROFILE_ERROR] = ".....Vu.I..",       /* e */
	[PROFILE_UNAVAILABLE] = "...........", /* u */
};
static const char order_letters[PROFILE_STATES + 1] = "VaLcrdIeu";

/* Columns: authenticate, deliver, refuse code, result, cancel. */
static const char *const sessions[RSP_STATES] = {
	[RSP_INITIATED] = "A....",
	[RSP_AUTHENTICATED] = ".DA.E",
	[RSP_DELIVERED] = "...EE",
	[RSP_ENDED] = ".....",
};
static const char session_letters[RSP_STATES + 1] = "IADE";

int main(void)
{
	for (unsigned s = 0; s < PROFILE_STATES; s++) {
		char got[ORDER_EVENTS + 1] = "";
		for (unsigned e = 0; e < ORDER_EVENTS; e++) {
			enum profile_state state = (enum profile_state)s;
			bool moved = order_move(&state, (enum order_event)e) == ERR_NONE;
			got[e] = '.';
			if (moved)
				got[e] = order_letters[state];
			else if (state != (enum profile_state)s)
				got[e] = '?';
		}
		ok(strcmp(got, orders[s]) == 0, "an order in %s moves as %s",
		   order_state_name((enum profile_state)s), got);
	}
	for (unsigned s = 0; s < RSP_STATES; s++) {
		char got[RSP_EVENTS + 1] = "";
		for (unsigned e = 0; e < RSP_EVENTS; e++) {
			enum rsp_state state = (enum rsp_state)s;
			got[e] = rsp_move(&state, (enum rsp_event)e) == ERR_NONE
			                 ? session_letters[state]
			                 : '.';
		}
		ok(strcmp(got, sessions[s]) == 0, "a session in state %u moves as %s", s,
		   sessions[s]);
	}
	for (unsigned s = SMDP_OK + 1; s < SMDP_STATUS_COUNT; s++) {
		bool same = false;
		for (unsigned o = SMDP_OK + 1; o < s; o++)
			same |= strcmp(smdp_message((enum smdp_status)s),
			               smdp_message((enum smdp_status)o)) == 0;
		ok(!same && smdp_subject_code((enum smdp_status)s)[0] != 0 &&
		           smdp_reason_code((enum smdp_status)s)[0] != 0,
		   "%s/%s: %s", smdp_subject_code((enum smdp_status)s),
		   smdp_reason_code((enum smdp_status)s), smdp_message((enum smdp_status)s));
	}
	return done();
}
