/* SPDX-License-Identifier: Apache-2.0 */
#include "server/es2_callback.h"

#include "codec/hex.h"
#include "rsp/x509.h"
#include "server/smdp_json.h"

/* The functionRequesterIdentifier of an SM-DP+ is its OID (SGP.22 5.2.2). */
static void put_requester(struct room *out, const struct smdp_ports *ports)
{
	uint8_t store[64];
	struct room text = ROOM(store);
	struct x509 certificate;
	struct bytes oid;

	if (ports->ci_count > 0 && x509_read(ports->ci[0].dpauth, &certificate) == ERR_NONE &&
	    x509_registered_id(&certificate, &oid) == ERR_NONE &&
	    oid_text_put(&text, oid) == ERR_NONE && !text.full)
		json_put_text(out, "functionRequesterIdentifier", room_used(&text));
	else
		json_put_text(out, "functionRequesterIdentifier", ports->address);
}

static void put_call_identifier(struct room *out, const struct es2_event *event)
{
	uint8_t store[2 * TRANSACTION_ID_MAX + 8];
	struct room text = ROOM(store);

	hex_put_upper(&text, event->transaction_id);
	room_put_u8(&text, '-');
	hex_put_upper(&text, (struct bytes){ &(uint8_t){ (uint8_t)event->point }, 1 });
	json_put_text(out, "functionCallIdentifier", room_used(&text));
}

static void put_ids(struct room *out, const struct es2_event *event)
{
	uint8_t store[2 * ICCID_SIZE];
	struct room iccid = ROOM(store);

	if (event->eid.len > 0)
		json_put_hex(out, "eid", event->eid);
	if (rsp_iccid_text(event->order->iccid, &iccid) == ERR_NONE)
		json_put_text(out, "iccid", room_used(&iccid));
	json_put_text(out, "profileType", event->order->profile_type);
}

void es2_callback(const struct smdp_ports *ports, const struct es2_event *event,
                  uint8_t store[static ES2_CALLBACK_MAX], struct callback *callback)
{
	struct room out = { store, ES2_CALLBACK_MAX, 0, false };

	json_put_open(&out, NULL);
	json_put_open(&out, "header");
	put_requester(&out, ports);
	put_call_identifier(&out, event);
	json_put_close(&out);
	put_ids(&out, event);
	json_put_time(&out, "timestamp", ports->now_ms(ports->ctx));
	json_put_number(&out, "notificationPointId", event->point);
	json_put_status_as(&out, "notificationPointStatus", event->status, event->message);
	if (event->result.len > 0 && event->result.len <= ES2_RESULT_MAX)
		json_put_base64(&out, "resultData", event->result);
	json_put_close(&out);
	*callback = (struct callback){ .operator_name = event->order->operator_name,
		                       .function = BYTES_STR("handleDownloadProgressInfo"),
		                       .body = room_used(&out) };
}
