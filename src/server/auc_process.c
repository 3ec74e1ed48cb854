/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AuC process: hostapd's datagrams in, the engine, datagrams out. It holds sealed subscriber records
 * and reserved sequence numbers, never a key. There is one for each door, and the keeper knows which by its link:
 * what one of them is talked into gives a restricted subscriber nothing at the network's.
 */
#include "server/appraiser.h"
#include "server/auc.h"
#include "server/auc_outbox.h"
#include "server/child.h"
#include "server/counters.h"
#include "server/keeper.h"
#include "server/links.h"
#include "server/log.h"
#include "server/sandbox.h"
#include "server/store.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

enum {
	SLOTS = 16384, /* subscribers remembered: 9 MB */
	WAITS = 4096,  /* requests under way */
	AT_ONCE = 256, /* datagrams taken from one socket before the store is looked at */
	FDS_LINKS = 3, /* control, store, appraiser */
	FDS_MAX = FDS_LINKS + LISTEN_MAX,
};

_Static_assert(sizeof(struct sockaddr_un) + 1 <= AUC_PEER_MAX, "an address fits");

/* Brings an answer of the store back to its slot. */
struct token {
	struct auc_process *process;
	uint32_t slot, count;
};

struct auc_process {
	struct auc auc;
	struct auc_ports ports;
	struct links links;
	struct store_client *store;
	struct appraiser *appraiser;
	struct keeper *keeper;
	bool appraiser_was_there;
	enum auc_door door;
	const int *sockets;
	size_t socket_count;
	struct outbox outbox;
	struct auc_slot slots[SLOTS];
	struct auc_wait waits[WAITS];
	struct token tokens[SLOTS];
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- the store, answering later --------------------------------------------------------------- */

/* For whoever wonders why a subscriber is refused. */
static enum err note(enum err err, const char *what)
{
	if (err != ERR_NONE)
		log_debug("%s: %s", what, err_text(err));
	return err;
}

static void loaded(void *ctx, enum err err, struct bytes reply)
{
	const struct token *token = ctx;
	struct subscription subscription = { .barred = false };
	uint64_t basis = 0;

	if (err == ERR_NONE)
		err = store_subscription_read(reply, &subscription, &basis);
	if (err == ERR_NONE && subscription.barred)
		err = ERR_DENIED;
	auc_loaded(&token->process->auc, now_ms(), token->slot, note(err, "subscription"),
	           subscription.sealed, basis);
}

static void reserved(void *ctx, enum err err, struct bytes reply)
{
	const struct token *token = ctx;
	uint64_t first = 0;

	if (err == ERR_NONE)
		err = store_sqn_read(reply, &first);
	auc_reserved(&token->process->auc, now_ms(), token->slot, note(err, "sequence numbers"),
	             first, token->count);
}

static void raised(void *ctx, enum err err, struct bytes reply)
{
	const struct token *token = ctx;

	(void)reply;
	auc_raised(&token->process->auc, now_ms(), token->slot, err);
}

/* The process's clock does not jump, the permit's may. */
static uint64_t good_for_ms(uint64_t expires_s)
{
	struct timespec now;
	uint64_t until_ms = expires_s * 1000, at_ms;

	clock_gettime(CLOCK_REALTIME, &now);
	at_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	return until_ms > at_ms ? until_ms - at_ms : 0;
}

static void ruled(void *ctx, enum err err, struct bytes reply)
{
	const struct token *token = ctx;
	struct auc_process *process = token->process;
	struct auc_ruling ruling = { .decision = REFUSE };
	struct appraise_answer answer;

	if (err == ERR_NONE)
		err = appraise_answer_read(reply, &answer);
	if (err == ERR_NONE) {
		ruling.decision = answer.decision;
		ruling.good_ms = good_for_ms(answer.expires_s);
		memcpy(ruling.permit, answer.permit, sizeof ruling.permit);
	}
	auc_ruled(&process->auc, now_ms(), token->slot, note(err, "ruling"), &ruling);
}

static struct token *token_of(struct auc_process *process, uint32_t slot, uint32_t count)
{
	process->tokens[slot] = (struct token){ process, slot, count };
	return &process->tokens[slot];
}

static enum err port_load(void *ctx, uint32_t slot, struct bytes imsi)
{
	struct auc_process *process = ctx;

	return store_ask_subscription(process->store, imsi, loaded, token_of(process, slot, 0));
}

/* Without waiting for an appraiser that is not there: others have their permits still. */
static enum err port_rule(void *ctx, uint32_t slot, struct bytes imsi)
{
	struct auc_process *process = ctx;
	bool there = process->links.appraiser >= 0;

	if (there != process->appraiser_was_there)
		log_error("%s", there ? "the appraiser is there again"
		                      : "no appraiser: whose permit has ended gets no vectors");
	process->appraiser_was_there = there;
	return !there ? ERR_BUSY
	              : appraiser_ask_access(process->appraiser, imsi, ruled,
	                                     token_of(process, slot, 0));
}

static enum err port_reserve(void *ctx, uint32_t slot, struct bytes imsi, uint32_t count)
{
	struct auc_process *process = ctx;

	return store_ask_sqn_reserve(process->store, imsi, process->auc.ind, count, reserved,
	                             token_of(process, slot, count));
}

static enum err port_raise(void *ctx, uint32_t slot, struct bytes imsi, uint64_t seq)
{
	struct auc_process *process = ctx;

	return store_ask_sqn_raise(process->store, imsi, seq, raised, token_of(process, slot, 0));
}

/* --- the keeper, answering at once ------------------------------------------------------------ */

static enum decision whose(const struct auc_process *process)
{
	return process->door == AUC_DOOR_NETWORK ? ADMIT : RESTRICT;
}

static enum err port_vectors(void *ctx, uint16_t amf, const struct keeper_ask *asks, size_t count,
                             struct aka_vector *out, enum err *each)
{
	const struct auc_process *process = ctx;

	enum err err = keeper_vectors(process->keeper, whose(process), amf, asks, count, out,
	                              each);

	for (size_t i = 0; err == ERR_NONE && i < count; i++)
		(void)note(each[i], "vector"); /* the engine looks at it */
	return note(err, "keeper");
}

static enum err port_triplets(void *ctx, const struct keeper_who *who, size_t count,
                              struct aka_triplet *out)
{
	const struct auc_process *process = ctx;

	return note(keeper_triplets(process->keeper, whose(process), who, count, out), "triplets");
}

static enum err port_resync(void *ctx, const struct keeper_who *who,
                            const uint8_t rand[static AKA_RAND_SIZE], struct bytes auts,
                            uint64_t *sqn_ms)
{
	const struct auc_process *process = ctx;
	enum err err = keeper_resync(process->keeper, who, rand, auts, sqn_ms);

	if (err == ERR_MAC)
		log_info("%.*s: AUTS that its USIM did not make", (int)who->imsi.len,
		         (const char *)who->imsi.at);
	return err;
}

/* --- datagrams -------------------------------------------------------------------------------- */

static void port_reply(void *ctx, const struct auc_peer *peer, struct bytes datagram)
{
	struct auc_process *process = ctx;

	outbox_send(&process->outbox, now_ms(), peer, datagram);
}

/* True when there was one. A sender without an address cannot be answered and is not served. */
static bool take_datagram(struct auc_process *process, uint8_t socket)
{
	uint8_t octets[AUC_REQUEST_MAX + 1]; /* one more: what is too long is seen to be */
	struct auc_peer peer = { .at = { socket } };
	struct sockaddr_un address;
	socklen_t size = sizeof address;
	ssize_t got = recvfrom(process->sockets[socket], octets, sizeof octets, MSG_DONTWAIT,
	                       (struct sockaddr *)&address, &size);

	if (got < 0)
		return false;
	if (size <= sizeof address.sun_family || size > sizeof address)
		return true;
	memcpy(peer.at + 1, &address, size);
	peer.size = (uint8_t)(size + 1);
	peer.door = (uint8_t)process->door;
	auc_datagram(&process->auc, now_ms(), &peer, (struct bytes){ octets, (size_t)got });
	return true;
}

static void turn(struct auc_process *process)
{
	struct pollfd fds[FDS_MAX] = {
		{.fd = process->links.control,            .events = POLLIN},
		{ .fd = store_fd(process->store),         .events = POLLIN},
		{ .fd = appraiser_fd(process->appraiser), .events = POLLIN},
	};
	struct pollfd *socket = &fds[FDS_LINKS];
	size_t sockets = process->socket_count;

	for (size_t i = 0; i < sockets; i++)
		socket[i] = (struct pollfd){ .fd = process->sockets[i], .events = POLLIN };
	(void)!poll(fds, FDS_LINKS + sockets,
	            process->outbox.count > 0 ? OUTBOX_RETRY_MS
	                                      : appraiser_wait_ms(process->appraiser));
	if (process->outbox.count > 0)
		outbox_flush(&process->outbox, now_ms());
	if (fds[0].revents != 0)
		links_take(&process->links);
	for (size_t i = 0; i < sockets; i++) {
		for (int n = 0; n < AT_ONCE && socket[i].revents != 0; n++) {
			if (!take_datagram(process, (uint8_t)i))
				break;
		}
	}
	store_pump(process->store);
	appraiser_pump(process->appraiser);
	auc_flush(&process->auc);
}

static bool begin(struct auc_process *process, const struct child_start *start)
{
	bool network = start->kind == CHILD_AUC;

	process->door = network ? AUC_DOOR_NETWORK : AUC_DOOR_QUARANTINE;
	process->sockets = network ? start->listeners->auc : start->listeners->quarantine;
	process->socket_count =
		network ? start->listeners->auc_count : start->listeners->quarantine_count;
	process->outbox.sockets = process->sockets;
	process->ports = (struct auc_ports){ process,       port_load,   port_rule,
		                             port_reserve,  port_raise,  port_vectors,
		                             port_triplets, port_resync, port_reply };
	process->appraiser_was_there = true;
	if (!sandbox_user(start->config) || !links_begin(&process->links, start->control))
		return false;
	process->store = store_open(&process->links, false);
	process->keeper = keeper_open(&process->links);
	process->appraiser = appraiser_open(&process->links, false);
	if (process->store == NULL || process->keeper == NULL || process->appraiser == NULL)
		return false;
	auc_init(&process->auc, &process->ports,
	         (struct auc_memory){ process->slots, process->waits, SLOTS, WAITS },
	         (uint8_t)process->door); /* an IND of its own */
	return true;
}

int auc_process(const struct child_start *start)
{
	struct auc_process *process = calloc(1, sizeof *process);
	const struct auc_counts *counts;

	if (process == NULL || !begin(process, start))
		return process != NULL && process->links.closed ? 0 : 1;
	if (!sandbox_enter(start->config, SANDBOX_AUC))
		return CHILD_CANNOT_START;
	child_ready(start);
	while (!process->links.closed) {
		turn(process);
		counters_put(start->counters, &process->auc.counts,
		             sizeof process->auc.counts);
	}
	counts = &process->auc.counts;
	log_info(
		"%llu vectors, %llu triplets (%llu answers for the quarantine), %llu "
		"resynchronisations, "
		"%llu refused (%llu by ruling, %llu at the wrong door, %llu times no ruling), %llu "
		"malformed, %llu busy, %llu undelivered",
		(unsigned long long)counts->vectors, (unsigned long long)counts->triplets,
		(unsigned long long)counts->restricted, (unsigned long long)counts->resyncs,
		(unsigned long long)counts->failures, (unsigned long long)counts->kept_out,
		(unsigned long long)counts->wrong_door, (unsigned long long)counts->without_ruling,
		(unsigned long long)counts->malformed, (unsigned long long)counts->busy,
		(unsigned long long)process->outbox.dropped);
	return 0;
}
