/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A RADIUS relay in front of hostapd's two instances (RFC 2865, RFC 3579), for networks in which a station knows one
 * name only: whom the network's instance has rejected meets the quarantine's when it comes again, and the other
 * way round. Packets are passed on as they are; there is no secret here, nothing is signed or opened.
 *
 * What the relay believes decides which instance a station meets first and nothing else. Which of them has a
 * vector for it is the AuC's business (server/auc.h), so that a station that lies to the relay gains
 * nothing and a relay that was taken over can but lead everybody the wrong way.
 *
 * No I/O, no clock. Access points are told apart by their address; each has a socket of its own to either
 * instance (a flow), since an answer is matched by address and identifier.
 */
#ifndef SERVER_FRONT_H
#define SERVER_FRONT_H

#include "base/bytes.h"
#include "base/err.h"

enum {
	FRONT_ADDRESS_MAX = 28,           /* a sockaddr_in6 */
	FRONT_PACKET_MAX = 4096,          /* RFC 2865 3 */
	FRONT_FLOWS = 64,                 /* access points at a time */
	FRONT_IDLE_MS = 30000,            /* a flow that was silent for so long may be given away */
	FRONT_STATIONS = 16384,           /* rejected stations remembered */
	FRONT_REMEMBER_MS = 24 * 3600000, /* for so long */
};

enum front_door { FRONT_NETWORK, FRONT_QUARANTINE, FRONT_DOORS };

/* Where a packet came from: the octets of its address, and which of our sockets took it. */
struct front_address {
	uint8_t at[FRONT_ADDRESS_MAX];
	uint8_t size, socket;
};

struct front_flow {
	struct front_address from; /* size 0: nobody's */
	uint64_t heard_ms;
	uint64_t station[256]; /* who each identifier was last used for */
};

struct front_station {
	uint64_t station, until_ms;
};

struct front {
	uint64_t seed; /* nobody outside can tell which stations share a place */
	struct front_flow flows[FRONT_FLOWS];
	struct front_station rejected[FRONT_STATIONS]; /* by the network */
	uint64_t passed, dropped, turned;
};

void front_init(struct front *front, uint64_t seed);

/* front_request says over which flow and to which door a packet from an access point goes. ERR_VALUE: it is no
 * well-formed request. ERR_BUSY: more access points than flows. */
NODISCARD enum err front_request(struct front *front, uint64_t now_ms,
                                 const struct front_address *from, struct bytes packet,
                                 size_t *flow, enum front_door *door);

/* front_reply says to whom a packet that came back goes; NULL: to nobody. */
const struct front_address *front_reply(struct front *front, uint64_t now_ms, size_t flow,
                                        enum front_door door, struct bytes packet);

#endif
