/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authentication centre's engine: takes hostapd's datagrams, answers with vectors. No I/O, no clock,
 * no keys: subscriptions and sequence numbers come from the store, vectors from the keeper, both through
 * ports (R7).
 *
 * Whom the network takes is ruled elsewhere, from the last proof of the machine that holds the subscription: admitted,
 * restricted or refused (R2). The ruling brings a permit without which the keeper makes no vector. It is asked for
 * again when it ends, and when the store says, with the subscription, that what it rests upon is no longer the
 * same. hostapd tells nothing but an IMSI, so where a
 * station ends is decided by the socket that was asked: behind each door is an instance of hostapd that puts
 * everybody it admits into one network, and a door serves those that belong there and nobody else.
 *
 * Sequence numbers are reserved in the store in ranges before the first of a range is used; a range is
 * this engine's alone. So no SQN is handed out twice, whatever dies and however many engines share the
 * store (I5); what is left of a range at a crash is never used. Each engine has an IND of its own, so
 * USIMs take the numbers of parallel engines in any order (TS 33.102 C.3).
 *
 * The store's answers arrive later, through auc_loaded, auc_reserved and auc_raised, so many requests are
 * under way at once and the store commits them as a group. Requests of one IMSI are served in order:
 * a resynchronisation takes effect before the request behind it.
 */
#ifndef SERVER_AUC_H
#define SERVER_AUC_H

#include "evidence/decision.h"
#include "server/auc_text.h"
#include "server/keeper.h"
#include "server/permit.h"

enum {
	AUC_SEALED_MAX = 320, /* a subscriber record (AKA_RECORD_MAX) with what sealing adds */
	AUC_PEER_MAX = 112,   /* octets: a Unix address, and which of our sockets it came to */
	AUC_FRESH_MS =
		1000, /* a subscription is read again after this: bars and rulings take effect */
	AUC_REFUSED_MS =
		60000, /* a refusal is asked about again after this, even if nothing has changed */
	AUC_RANGE_MIN = 16,   /* numbers reserved for a subscriber at first ... */
	AUC_RANGE_MAX = 1024, /* ... and, doubling, for one that keeps asking */
	AUC_SWEEP = 256,      /* slots looked at for one that may be given to another IMSI */
};

/* Which of hostapd's instances asks: the one in front of the network, or of the quarantine. */
enum auc_door { AUC_DOOR_NETWORK, AUC_DOOR_QUARANTINE };

/* Where an answer goes; the engine looks at nothing but the door. */
struct auc_peer {
	uint8_t at[AUC_PEER_MAX];
	uint8_t size;
	uint8_t door; /* enum auc_door */
};

/* What has been ruled about a subscriber's access. REFUSE has no permit. */
struct auc_ruling {
	enum decision decision;
	uint8_t permit[PERMIT_SIZE];
	uint64_t good_ms; /* for so long from now on */
};

/* What the engine asks of the world. `slot` comes back with the answer. */
struct auc_ports {
	void *ctx;

	/* load reads a subscription: auc_loaded. */
	enum err (*load)(void *ctx, uint32_t slot, struct bytes imsi);
	/* rule asks what the subscriber's machine is worth: auc_ruled. */
	enum err (*rule)(void *ctx, uint32_t slot, struct bytes imsi);
	/* reserve takes `count` values of SEQ durably, for this engine's IND: auc_reserved. */
	enum err (*reserve)(void *ctx, uint32_t slot, struct bytes imsi, uint32_t count);
	/* raise lifts the counter above `seq` durably, never lowers it: auc_raised. */
	enum err (*raise)(void *ctx, uint32_t slot, struct bytes imsi, uint64_t seq);

	/* vectors, triplets and resync are the keeper's; they answer at once. */
	enum err (*vectors)(void *ctx, uint16_t amf, const struct keeper_ask *asks, size_t count,
	                    struct aka_vector *out, enum err *each);
	enum err (*triplets)(void *ctx, const struct keeper_who *who, size_t count,
	                     struct aka_triplet *out);
	enum err (*resync)(void *ctx, const struct keeper_who *who,
	                   const uint8_t rand[static AKA_RAND_SIZE], struct bytes auts,
	                   uint64_t *sqn_ms);

	void (*reply)(void *ctx, const struct auc_peer *peer, struct bytes datagram);
};

struct auc_wait {
	struct auc_request request;
	struct auc_peer peer;
	uint32_t next;
};

enum auc_state { AUC_FREE, AUC_IDLE, AUC_LOADING, AUC_ASKING, AUC_RESERVING, AUC_RAISING };

/* What is remembered of one subscriber: no key in clear, only what can be read or reserved again. */
struct auc_slot {
	enum auc_state state;
	bool advancing, recent; /* recent: asked for since the last sweep came by */
	uint8_t imsi_size;
	char imsi[IMSI_DIGITS_MAX];
	uint32_t bucket;      /* first slot of the IMSIs whose hash is this slot's number ... */
	uint32_t next;        /* ... and the one behind this slot in its own bucket */
	uint32_t first, last; /* waiting requests, in order */
	uint32_t range;       /* how many numbers to reserve next */
	uint32_t batched;     /* of its requests, in auc.batch */
	uint64_t next_seq, end_seq; /* reserved and not used yet */
	uint64_t loaded_ms;         /* when it was read */
	enum decision decision;     /* REFUSE also when nothing is known */
	uint64_t until_ms;          /* what was ruled is good until then */
	bool ruled;                 /* upon `basis`; false: ask at the next reading */
	uint64_t basis;
	uint8_t permit[PERMIT_SIZE];
	uint16_t sealed_size;
	uint8_t sealed[AUC_SEALED_MAX];
};

/* A request that has its sequence number and waits for others to be asked along with. */
struct auc_ready {
	struct auc_request request;
	struct auc_peer peer;
	uint32_t slot;
	uint64_t sqn;
	uint8_t permit[PERMIT_SIZE]; /* as it was when the request was let in */
};

/* Since the start. */
struct auc_counts {
	uint64_t requests, vectors, triplets, resyncs, failures;
	uint64_t malformed;  /* no request: not answered */
	uint64_t forged;     /* AUTS that no USIM of ours made */
	uint64_t busy;       /* refused for want of room */
	uint64_t restricted; /* of the vectors and triplets: for the quarantine */
	uint64_t kept_out;   /* refused by ruling */
	uint64_t
		wrong_door; /* restricted ones at the network's door, admitted ones at the quarantine's */
	uint64_t without_ruling; /* times that no ruling was to be had */
};

struct auc {
	const struct auc_ports *ports;
	struct auc_slot *slots;
	struct auc_wait *waits;
	uint32_t slot_count, free_slot, free_wait, hand;
	uint8_t ind;
	uint64_t now_ms;
	struct auc_counts counts;
	struct auc_ready batch[KEEPER_ASKS_MAX]; /* what the next question to the keeper will be */
	size_t batch_count;
};

/* The caller's memory: one slot and one wait at least. */
struct auc_memory {
	struct auc_slot *slots;
	struct auc_wait *waits;
	uint32_t slot_count, wait_count;
};

/* auc_init begins with nothing remembered. `ind` is below 32 and differs between engines on one store. */
void auc_init(struct auc *auc, const struct auc_ports *ports, struct auc_memory memory,
              uint8_t ind);

/* auc_datagram takes what came from `peer`. Malformed datagrams are counted and dropped. */
void auc_datagram(struct auc *auc, uint64_t now_ms, const struct auc_peer *peer,
                  struct bytes datagram);

/* auc_flush answers what has all it needs: one question to the keeper for up to KEEPER_ASKS_MAX requests.
 * To be called when everything that had come has been handed in. */
void auc_flush(struct auc *auc);

/* auc_loaded brings the subscription that slot `index` asked for: ERR_NOT_FOUND for an IMSI that is not ours, ERR_DENIED for a barred
 * one. `basis` changes whenever what a ruling rests upon does. `sealed` lives only for the call. */
void auc_loaded(struct auc *auc, uint64_t now_ms, uint32_t index, enum err err, struct bytes sealed,
                uint64_t basis);

/* auc_ruled brings what was ruled for slot `index`. ERR_BUSY: nobody was there to rule; what was ruled
 * before stays in force for as long as its permit. Any other error: refused. */
void auc_ruled(struct auc *auc, uint64_t now_ms, uint32_t index, enum err err,
               const struct auc_ruling *ruling);

/* auc_reserved brings a range: first to first + count - 1. */
void auc_reserved(struct auc *auc, uint64_t now_ms, uint32_t index, enum err err, uint64_t first,
                  uint32_t count);

/* auc_raised tells that the counter is durable. */
void auc_raised(struct auc *auc, uint64_t now_ms, uint32_t index, enum err err);

#endif
