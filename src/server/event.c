/* SPDX-License-Identifier: Apache-2.0 */
#include "server/event.h"

#include "server/pack.h"
#include "server/smdp_json.h"

static const char *const words[EVENT_KINDS] = {
	[EVENT_MOVED_CARD] = "moved-card",
	[EVENT_NEW_CHIP] = "new-chip",
	[EVENT_NEW_IMEI] = "new-imei",
	[EVENT_NEW_FIRMWARE] = "new-firmware",
	[EVENT_PAIRING_FAILED] = "pairing-failed",
	[EVENT_TAMPER] = "tamper",
	[EVENT_DECISION_CHANGED] = "decision-changed",
};

const char *event_word(enum event_kind kind)
{
	return words[kind];
}

static struct bytes cut(struct bytes text)
{
	return text.len > EVENT_TEXT_MAX ? (struct bytes){ text.at, EVENT_TEXT_MAX } : text;
}

void pack_event(struct room *out, const struct equipment_event *event)
{
	room_put_u64(out, event->kind);
	pack_bytes(out, event->eid);
	pack_bytes(out, event->operator_name);
	pack_bytes(out, cut(event->before));
	pack_bytes(out, cut(event->after));
	pack_bytes(out, cut(event->detail));
}

static enum err read_text(struct bytes *in, struct bytes *out)
{
	TRY(unpack_bytes(in, out));
	return out->len <= EVENT_TEXT_MAX ? ERR_NONE : ERR_LENGTH;
}

enum err unpack_event(struct bytes *in, struct equipment_event *out)
{
	struct bytes rest = *in;
	struct equipment_event read;
	uint64_t kind;

	TRY(unpack_u64(&rest, &kind));
	if (kind >= EVENT_KINDS)
		return ERR_VALUE;
	read.kind = (enum event_kind)kind;
	TRY(unpack_bytes(&rest, &read.eid));
	TRY(unpack_bytes(&rest, &read.operator_name));
	TRY(read_text(&rest, &read.before));
	TRY(read_text(&rest, &read.after));
	TRY(read_text(&rest, &read.detail));
	*in = rest;
	*out = read;
	return ERR_NONE;
}

/* What a machine says of itself may be anything: in JSON it is printable ASCII. */
static void put_plain(struct room *out, const char *name, struct bytes text)
{
	uint8_t octets[EVENT_TEXT_MAX];
	struct room plain = ROOM(octets);

	text = cut(text);
	for (size_t i = 0; i < text.len; i++)
		room_put_u8(&plain, text.at[i] >= ' ' && text.at[i] < 0x7F ? text.at[i] : '?');
	json_put_text(out, name, room_used(&plain));
}

void event_json_put(struct room *out, uint64_t number, uint64_t time_ms,
                    const struct equipment_event *event)
{
	json_put_open(out, NULL);
	json_put_number(out, "number", number);
	json_put_time(out, "time", time_ms);
	json_put_literal(out, "kind", words[event->kind]);
	json_put_hex(out, "eid", event->eid);
	put_plain(out, "operator", event->operator_name);
	put_plain(out, "before", event->before);
	put_plain(out, "after", event->after);
	put_plain(out, "detail", event->detail);
	json_put_close(out);
}
