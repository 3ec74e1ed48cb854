/* SPDX-License-Identifier: Apache-2.0 */
#include "server/smdp_state.h"

static const struct {
	enum profile_state from;
	enum order_event on;
	enum profile_state to;
} order_moves[] = {
	{PROFILE_AVAILABLE,   ORDER_RESERVE,         PROFILE_ALLOCATED  },
	{ PROFILE_AVAILABLE,  ORDER_LINK,            PROFILE_LINKED     },
	{ PROFILE_AVAILABLE,  ORDER_RETIRE,          PROFILE_UNAVAILABLE},
	{ PROFILE_ALLOCATED,  ORDER_CONFIRM,         PROFILE_CONFIRMED  },
	{ PROFILE_ALLOCATED,  ORDER_CONFIRM_RELEASE, PROFILE_RELEASED   },
	{ PROFILE_ALLOCATED,  ORDER_CANCEL,          PROFILE_AVAILABLE  },
	{ PROFILE_ALLOCATED,  ORDER_RETIRE,          PROFILE_UNAVAILABLE},
	{ PROFILE_LINKED,     ORDER_CONFIRM,         PROFILE_CONFIRMED  },
	{ PROFILE_LINKED,     ORDER_CONFIRM_RELEASE, PROFILE_RELEASED   },
	{ PROFILE_LINKED,     ORDER_CANCEL,          PROFILE_AVAILABLE  },
	{ PROFILE_LINKED,     ORDER_RETIRE,          PROFILE_UNAVAILABLE},
	{ PROFILE_CONFIRMED,  ORDER_RELEASE,         PROFILE_RELEASED   },
	{ PROFILE_CONFIRMED,  ORDER_CANCEL,          PROFILE_AVAILABLE  },
	{ PROFILE_CONFIRMED,  ORDER_RETIRE,          PROFILE_UNAVAILABLE},
	{ PROFILE_RELEASED,   ORDER_DELIVER,         PROFILE_DOWNLOADED },
	{ PROFILE_RELEASED,   ORDER_INSTALLED,       PROFILE_INSTALLED  }, /* after a retry */
	{ PROFILE_RELEASED,   ORDER_FAIL,            PROFILE_ERROR      },
	{ PROFILE_RELEASED,   ORDER_RETRY,           PROFILE_RELEASED   },
	{ PROFILE_RELEASED,   ORDER_CANCEL,          PROFILE_AVAILABLE  },
	{ PROFILE_RELEASED,   ORDER_RETIRE,          PROFILE_UNAVAILABLE},
	{ PROFILE_DOWNLOADED, ORDER_DELIVER,         PROFILE_DOWNLOADED }, /* again */
	{ PROFILE_DOWNLOADED, ORDER_INSTALLED,       PROFILE_INSTALLED  },
	{ PROFILE_DOWNLOADED, ORDER_RETRY,           PROFILE_RELEASED   },
	{ PROFILE_DOWNLOADED, ORDER_FAIL,            PROFILE_ERROR      },
	{ PROFILE_DOWNLOADED, ORDER_RETIRE,          PROFILE_UNAVAILABLE}, /* its card is no more */
	{ PROFILE_ERROR,      ORDER_INSTALLED,       PROFILE_INSTALLED  }, /* it is so */
	{ PROFILE_ERROR,      ORDER_CANCEL,          PROFILE_AVAILABLE  },
	{ PROFILE_ERROR,      ORDER_RETIRE,          PROFILE_UNAVAILABLE},
};

enum err order_move(enum profile_state *state, enum order_event event)
{
	for (size_t i = 0; i < COUNT(order_moves); i++) {
		if (order_moves[i].from == *state && order_moves[i].on == event) {
			*state = order_moves[i].to;
			return ERR_NONE;
		}
	}
	return ERR_ORDER;
}

const char *order_state_name(enum profile_state state)
{
	static const char *const names[PROFILE_STATES] = {
		[PROFILE_AVAILABLE] = "Available",     [PROFILE_ALLOCATED] = "Allocated",
		[PROFILE_LINKED] = "Linked",           [PROFILE_CONFIRMED] = "Confirmed",
		[PROFILE_RELEASED] = "Released",       [PROFILE_DOWNLOADED] = "Downloaded",
		[PROFILE_INSTALLED] = "Installed",     [PROFILE_ERROR] = "Error",
		[PROFILE_UNAVAILABLE] = "Unavailable",
	};

	return state < PROFILE_STATES ? names[state] : "";
}

static const struct {
	enum rsp_state from;
	enum rsp_event on;
	enum rsp_state to;
} rsp_moves[] = {
	{RSP_INITIATED,      RSP_AUTHENTICATE, RSP_AUTHENTICATED},
	{ RSP_AUTHENTICATED, RSP_DELIVER,      RSP_DELIVERED    },
	{ RSP_AUTHENTICATED, RSP_REFUSE_CODE,  RSP_AUTHENTICATED}, /* counted, may be asked again */
	{ RSP_AUTHENTICATED, RSP_CANCEL,       RSP_ENDED        },
	{ RSP_DELIVERED,     RSP_CANCEL,       RSP_ENDED        },
	{ RSP_DELIVERED,     RSP_RESULT,       RSP_ENDED        },
};

enum err rsp_move(enum rsp_state *state, enum rsp_event event)
{
	for (size_t i = 0; i < COUNT(rsp_moves); i++) {
		if (rsp_moves[i].from == *state && rsp_moves[i].on == event) {
			*state = rsp_moves[i].to;
			return ERR_NONE;
		}
	}
	return ERR_ORDER;
}
