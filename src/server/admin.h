/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the admin process: the API of docs/admin-api.md, and the catalogue directory. */
#ifndef SERVER_ADMIN_H
#define SERVER_ADMIN_H

#include "server/http_loop.h"
#include "server/ports.h"

#include <jansson.h>

struct admin {
	struct http_loop loop;
	struct ports ports;
	const struct config *config;
	const struct counters_pages *counters;
	uint64_t head_due_ms; /* when the next head of the audit log is due */
	bool head_under_way;
};

/* admin_serve answers one request; runs as a task. */
void admin_serve(void *ctx, struct http_request *request);

/* admin_catalogue starts taking what the catalogue directory has into the store, as a task: profiles that are
 * not there yet, with their orders. What is there already is left alone. */
void admin_catalogue(struct admin *admin);

/* admin_heads has a head of the audit log signed now and then, as a task; to be called often. */
void admin_heads(void *admin);

/* What a handler answers with. A NULL `body` after an error: the error's own. */
struct admin_answer {
	unsigned status;
	json_t *body;
	const char *detail;
};

/* A handler takes what follows its path ("" if nothing), and the parsed body (NULL without one). */
typedef enum err admin_fn(struct admin *admin, struct http_request *request, const char *rest,
                          json_t *body, struct admin_answer *answer);
admin_fn admin_health, admin_metrics, admin_reload;
admin_fn admin_events, admin_audit, admin_audit_heads, admin_audit_head, admin_audit_proof;
admin_fn admin_profiles, admin_profile, admin_profile_import, admin_profile_generate,
	admin_profile_delete;
admin_fn admin_orders, admin_order_new, admin_order_release, admin_order_cancel;
admin_fn admin_subscriptions, admin_subscription, admin_subscription_set;
admin_fn admin_devices, admin_device;
admin_fn admin_items, admin_item_set, admin_item_remove, admin_firmware_revoke, admin_policy_try;
admin_fn admin_result;
admin_fn admin_chips, admin_chip_add, admin_chip_approve, admin_chip_revoke, admin_manifest;

/* admin_json_chips lists the chips that hold or claim a card; admin_json_appraised tells how the machine with that
 * card was last found, null when never. */
json_t *admin_json_chips(struct admin *admin, struct bytes eid);
json_t *admin_json_appraised(struct admin *admin, struct bytes eid);

const char *admin_state_name(enum profile_state state);

/* admin_json_order tells a profile as docs/admin-api.md does. */
json_t *admin_json_order(const struct admin *admin, const struct order *order);

/* admin_add puts a sealed package into the inventory with the members of an import request. */
NODISCARD enum err admin_add(struct admin *admin, const struct keeper_sealed *sealed,
                             json_t *request, struct admin_answer *answer);

/* admin_operator is the request's operator; without one the first of the configuration: most have only one.
 * ERR_NOT_FOUND for one that is not configured. */
NODISCARD enum err admin_operator(const struct admin *admin, json_t *request, struct bytes *out);

/* admin_events_of adds what changed in machines, after a number, of one card or (empty) of all. */
NODISCARD enum err admin_events_of(struct admin *admin, uint64_t after, struct bytes eid,
                                   uint32_t limit, json_t *rows, uint64_t *last);

/* admin_limit is ?limit=, 1 to 1000, 100 without. */
uint32_t admin_limit(const struct http_request *request);

/* admin_iccid and admin_eid read digits. */
NODISCARD enum err admin_iccid(const char *digits, uint8_t iccid[static ICCID_SIZE]);
NODISCARD enum err admin_eid(const char *digits, uint8_t eid[static EID_SIZE]);

/* admin_order places an order as the body of POST /v1/orders says. */
NODISCARD enum err admin_order(struct admin *admin, json_t *request,
                               uint8_t iccid[static ICCID_SIZE], struct admin_answer *answer);

/* Texts in JSON, and times. */
json_t *admin_json_text(struct bytes text);
json_t *admin_json_digits(struct bytes octets); /* EID: 16 octets as 32 digits */
json_t *admin_json_iccid(struct bytes iccid);
json_t *admin_json_time(uint64_t ms);
struct bytes admin_text(json_t *object, const char *name); /* .at == NULL: absent */

#endif
