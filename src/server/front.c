/* SPDX-License-Identifier: Apache-2.0 */
#include "server/front.h"

#include <string.h>

enum {
	HEAD = 20,
	ACCESS_REQUEST = 1,
	ACCESS_REJECT = 3,
	USER_NAME = 1,
	CALLING_STATION_ID = 31,
};

void front_init(struct front *front, uint64_t seed)
{
	*front = (struct front){ .seed = seed };
}

/* FNV-1a from a secret start. Two stations in one place cost one of them an attempt. */
static uint64_t mix(uint64_t hash, struct bytes octets)
{
	for (size_t i = 0; i < octets.len; i++)
		hash = (hash ^ octets.at[i]) * UINT64_C(1099511628211);
	return (hash ^ octets.len) * UINT64_C(1099511628211);
}

/* packet_open checks the frame and gives the attributes. What is behind the length is padding (RFC 2865 3). */
static bool packet_open(struct bytes packet, struct bytes *attributes)
{
	struct bytes head;
	size_t length;

	if (packet.len < HEAD)
		return false;
	length = (size_t)packet.at[2] << 8 | packet.at[3];
	if (length < HEAD || length > packet.len || length > FRONT_PACKET_MAX)
		return false;
	packet.len = length;
	*attributes = packet;
	return bytes_take(attributes, HEAD, &head);
}

/* attribute_next takes one: its type in front of its value. */
static bool attribute_next(struct bytes *in, uint8_t *type, struct bytes *value)
{
	struct bytes head, rest = *in;

	if (!bytes_take(&rest, 2, &head) || head.at[1] < 2 ||
	    !bytes_take(&rest, head.at[1] - 2u, value))
		return false;
	*type = head.at[0];
	*in = rest;
	return true;
}

/* Who asks: by the name that a station gave and the address that the access point saw. */
static bool station_read(const struct front *front, struct bytes attributes, uint64_t *station)
{
	uint64_t hash = front->seed;
	bool named = false;
	struct bytes value;
	uint8_t type;

	while (attributes.len > 0) {
		if (!attribute_next(&attributes, &type, &value))
			return false;
		named = named || type == USER_NAME;
		if (type == USER_NAME || type == CALLING_STATION_ID)
			hash = mix(hash ^ type, value);
	}
	*station = hash;
	return named;
}

static struct front_station *place_of(struct front *front, uint64_t station)
{
	return &front->rejected[station % FRONT_STATIONS];
}

static bool same_address(const struct front_address *a, const struct front_address *b)
{
	return a->size == b->size && a->socket == b->socket && memcmp(a->at, b->at, a->size) == 0;
}

static bool flow_is_free(const struct front_flow *flow, uint64_t now_ms)
{
	return flow->from.size == 0 || now_ms - flow->heard_ms >= FRONT_IDLE_MS;
}

/* The access point's own flow, else one that nobody needs. */
static struct front_flow *flow_of(struct front *front, uint64_t now_ms,
                                  const struct front_address *from)
{
	struct front_flow *unused = NULL;

	for (size_t i = 0; i < FRONT_FLOWS; i++) {
		struct front_flow *flow = &front->flows[i];
		if (same_address(&flow->from, from))
			return flow;
		if (unused == NULL && flow_is_free(flow, now_ms))
			unused = flow;
	}
	if (unused != NULL)
		*unused = (struct front_flow){ .from = *from };
	return unused;
}

enum err front_request(struct front *front, uint64_t now_ms, const struct front_address *from,
                       struct bytes packet, size_t *flow, enum front_door *door)
{
	const struct front_station *place;
	struct bytes attributes;
	struct front_flow *found;
	uint64_t station;

	if (from->size == 0 || !packet_open(packet, &attributes) ||
	    packet.at[0] != ACCESS_REQUEST || !station_read(front, attributes, &station)) {
		front->dropped++;
		return ERR_VALUE;
	}
	found = flow_of(front, now_ms, from);
	if (found == NULL) {
		front->dropped++;
		return ERR_BUSY;
	}
	found->heard_ms = now_ms;
	found->station[packet.at[1]] = station;
	place = place_of(front, station);
	*flow = (size_t)(found - front->flows);
	*door = place->station == station && now_ms < place->until_ms ? FRONT_QUARANTINE
	                                                              : FRONT_NETWORK;
	front->passed++;
	return ERR_NONE;
}

const struct front_address *front_reply(struct front *front, uint64_t now_ms, size_t flow,
                                        enum front_door door, struct bytes packet)
{
	struct front_flow *of = &front->flows[flow];
	struct front_station *place;
	struct bytes attributes;
	uint64_t station;

	if (of->from.size == 0 || !packet_open(packet, &attributes))
		return NULL;
	station = of->station[packet.at[1]];
	place = place_of(front, station);
	if (packet.at[0] == ACCESS_REJECT) {
		bool rejected = door == FRONT_NETWORK; /* by the quarantine: back to the network */
		*place = (struct front_station){ rejected ? station : 0,
			                         rejected ? now_ms + FRONT_REMEMBER_MS : 0 };
		front->turned++;
	}
	return &of->from;
}
