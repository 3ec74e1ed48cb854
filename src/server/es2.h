/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SM-DP+ as an operator sees it: ES2+ of SGP.22 v2.5 (5.3 and 6.5). es2_answer takes the body
 * of an HTTP request and writes the body of its answer; the functions below it are what both ES2+
 * and the admin socket call. Same rules as server/smdp.h.
 */
#ifndef SERVER_ES2_H
#define SERVER_ES2_H

#include "server/smdp_ports.h"
#include "server/smdp_status.h"

/* Who calls: an operator known by its client certificate, or the administrator, who may act
 * for all. */
struct es2_caller {
	struct bytes operator_name; /* name of [operator ...] */
	bool admin;
};

/* es2_answer serves POST `path` (from "/gsma/rsp2/es2plus/" on) and returns the HTTP status:
 * 200 with a JSON body, failures too; 404 for a path that is none; 500 when `reply` (8 KB
 * suffice) is too small. */
unsigned es2_answer(const struct smdp_ports *ports, const struct es2_caller *caller,
                    struct bytes path, struct bytes body, struct room *reply);

/* Texts are as JSON has them; at == NULL when absent. */
struct download_order {
	struct bytes eid, iccid, profile_type;
};

/* es2_download_order reserves a profile, by ICCID or by type, and gives its ICCID. */
NODISCARD enum smdp_status es2_download_order(const struct smdp_ports *ports,
                                              const struct es2_caller *caller,
                                              const struct download_order *in,
                                              uint8_t iccid[static ICCID_SIZE]);

struct confirm_order {
	struct bytes iccid, eid, matching_id, confirmation_code, smds_address;
	bool release;
	uint64_t expires_ms;        /* 0: never; ES2+ cannot say, the admin socket can */
	uint32_t download_attempts; /* 0: as configured */
	uint32_t confirmation_attempts;
};

struct confirm_order_ok {
	bool has_eid;
	uint8_t eid[EID_SIZE];
	uint8_t matching_id[MATCHING_ID_MAX];
	size_t matching_id_len;
};

/* es2_confirm_order gives the order its matching id (made here unless the operator has one),
 * EID and confirmation code, and releases it when asked to. */
NODISCARD enum smdp_status es2_confirm_order(const struct smdp_ports *ports,
                                             const struct es2_caller *caller,
                                             const struct confirm_order *in,
                                             struct confirm_order_ok *out);

struct cancel_order {
	struct bytes iccid, eid, matching_id, final_status; /* "Available" or "Unavailable" */
};

/* es2_cancel_order takes the order back. A profile of which a bound package was handed out and
 * whose fate is not known cannot become available again (I1). */
NODISCARD enum smdp_status es2_cancel_order(const struct smdp_ports *ports,
                                            const struct es2_caller *caller,
                                            const struct cancel_order *in);

NODISCARD enum smdp_status es2_release_profile(const struct smdp_ports *ports,
                                               const struct es2_caller *caller, struct bytes iccid);

#endif
