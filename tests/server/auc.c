/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authentication centre's engine in a world of its own: a store that answers late and survives
 * crashes, USIMs that check, the aka room in the keeper's place.
 */
#include "server/auc.h"

#include "port/crypto.h"
#include "tests/tap.h"

enum { USERS = 4, OPS = 4096, SLOTS = 16, WAITS = 64 };

/* What outlives every engine: subscriptions and their counters. */
struct user {
	char imsi[IMSI_DIGITS_MAX + 1];
	struct aka_subscriber who;
	uint64_t next_seq;
	bool barred;
	enum decision decision; /* what its machine is worth, and for how long that is said */
	uint64_t good_ms, basis;
	struct sqn_array seen; /* its USIM */
};

struct op {
	enum { OP_LOAD, OP_RULE, OP_RESERVE, OP_RAISE } what;
	uint32_t slot, count;
	uint64_t seq;
	size_t user; /* USERS: unknown */
};

/* One engine and what it is waiting for. */
struct node {
	struct auc auc;
	struct auc_ports ports;
	struct auc_slot slots[SLOTS];
	struct auc_wait waits[WAITS];
	struct op ops[OPS];
	size_t asked, answered;
	bool at_once;       /* the store answers before the port returns */
	bool broken;        /* the store answers with an error */
	enum err no_ruling; /* what the appraiser answers instead */
	enum auc_door door; /* where requests come in */
	int commits, questions, denials;
	char reply[AUC_REPLY_MAX + 1];
	int replies;
};

static struct user users[USERS];
static uint64_t now_ms = 1000;

static size_t user_of(struct bytes imsi)
{
	size_t i = 0;

	while (i < USERS && !bytes_same(imsi, (struct bytes){ (const uint8_t *)users[i].imsi, 15 }))
		i++;
	return i;
}

/* Stands for the keeper's: bound to the subscriber, and good until a moment. */
static void leave_make(uint8_t out[static PERMIT_SIZE], struct bytes imsi, uint64_t until_ms)
{
	struct room room = { out, PERMIT_SIZE, 0, false };

	memset(out, 0, PERMIT_SIZE);
	room_put(&room, imsi);
	room_put_u64(&room, until_ms);
}

static enum err leave_wrong(const struct keeper_who *who)
{
	struct bytes permit = who->permit, imsi;
	uint64_t until_ms = 0;

	if (!bytes_take(&permit, who->imsi.len, &imsi) || permit.len < 8)
		return ERR_DENIED;
	for (size_t i = 0; i < 8; i++)
		until_ms = until_ms << 8 | permit.at[i];
	return bytes_same(imsi, who->imsi) && now_ms < until_ms ? ERR_NONE : ERR_DENIED;
}

static struct auc_ruling ruling_of(const struct user *user)
{
	struct auc_ruling ruling = { .decision = user->decision, .good_ms = user->good_ms };

	if (ruling.decision != REFUSE)
		leave_make(ruling.permit, (struct bytes){ (const uint8_t *)user->imsi, 15 },
		           now_ms + user->good_ms);
	return ruling;
}

static void answer_one(struct node *node)
{
	struct op op = node->ops[node->answered++ % OPS];
	struct user *user = &users[op.user < USERS ? op.user : 0];
	enum err err = node->broken ? ERR_IO : op.user == USERS ? ERR_NOT_FOUND : ERR_NONE;
	uint8_t octets[AKA_RECORD_MAX];
	struct room record = ROOM(octets);
	uint64_t first = 0;

	if (err == ERR_NONE && user->barred)
		err = ERR_DENIED;
	switch (op.what) {
	case OP_LOAD:
		if (err == ERR_NONE)
			aka_subscriber_put(&record, &user->who);
		auc_loaded(&node->auc, now_ms, op.slot, err, room_used(&record), user->basis);
		break;
	case OP_RULE: {
		struct auc_ruling ruling = ruling_of(user);
		auc_ruled(&node->auc, now_ms, op.slot,
		          op.user == USERS ? ERR_NOT_FOUND : node->no_ruling, &ruling);
		break;
	}
	case OP_RESERVE:
		node->commits++;
		if (err == ERR_NONE) {
			first = user->next_seq;
			user->next_seq += op.count;
		}
		auc_reserved(&node->auc, now_ms, op.slot, err, first, op.count);
		break;
	case OP_RAISE:
		node->commits++;
		if (err == ERR_NONE && user->next_seq <= op.seq)
			user->next_seq = op.seq + 1;
		auc_raised(&node->auc, now_ms, op.slot, err);
		break;
	}
}

static void settle(struct node *node)
{
	while (node->answered < node->asked)
		answer_one(node);
	auc_flush(&node->auc);
}

static enum err ask(struct node *node, struct op op)
{
	node->ops[node->asked++ % OPS] = op;
	if (node->at_once)
		answer_one(node);
	return ERR_NONE;
}

static enum err port_load(void *ctx, uint32_t slot, struct bytes imsi)
{
	return ask(ctx, (struct op){ OP_LOAD, slot, 0, 0, user_of(imsi) });
}

static enum err port_rule(void *ctx, uint32_t slot, struct bytes imsi)
{
	return ask(ctx, (struct op){ OP_RULE, slot, 0, 0, user_of(imsi) });
}

static enum err port_reserve(void *ctx, uint32_t slot, struct bytes imsi, uint32_t count)
{
	return ask(ctx, (struct op){ OP_RESERVE, slot, count, 0, user_of(imsi) });
}

static enum err port_raise(void *ctx, uint32_t slot, struct bytes imsi, uint64_t seq)
{
	return ask(ctx, (struct op){ OP_RAISE, slot, 0, seq, user_of(imsi) });
}

static enum err port_vectors(void *ctx, uint16_t amf, const struct keeper_ask *asks, size_t count,
                             struct aka_vector *out, enum err *each)
{
	struct node *node = ctx;
	struct aka_subscriber who;

	node->questions++;
	for (size_t i = 0; i < count; i++) {
		struct aka_request request = { .who = &who, .sqn = asks[i].sqn, .amf = amf };
		TRY(crypto_random(request.rand, sizeof request.rand));
		each[i] = leave_wrong(&asks[i].who);
		node->denials += each[i] == ERR_DENIED;
		if (each[i] == ERR_NONE)
			each[i] = aka_subscriber_read(asks[i].who.sealed_subscriber, &who);
		if (each[i] == ERR_NONE)
			each[i] = aka_vector_make(&request, &out[i]);
	}
	return ERR_NONE;
}

static enum err port_triplets(void *ctx, const struct keeper_who *whose, size_t count,
                              struct aka_triplet *out)
{
	struct aka_subscriber who;
	uint8_t rand[AKA_RAND_SIZE];

	(void)ctx;
	TRY(leave_wrong(whose));
	TRY(aka_subscriber_read(whose->sealed_subscriber, &who));
	for (size_t i = 0; i < count; i++) {
		TRY(crypto_random(rand, sizeof rand));
		TRY(aka_triplet_make(&who, rand, &out[i]));
	}
	return ERR_NONE;
}

static enum err port_resync(void *ctx, const struct keeper_who *whose,
                            const uint8_t rand[static AKA_RAND_SIZE], struct bytes auts,
                            uint64_t *sqn_ms)
{
	struct aka_subscriber who;

	(void)ctx;
	TRY(leave_wrong(whose));
	TRY(aka_subscriber_read(whose->sealed_subscriber, &who));
	return aka_auts_verify(&who, rand, auts, sqn_ms);
}

static void port_reply(void *ctx, const struct auc_peer *peer, struct bytes datagram)
{
	struct node *node = ctx;

	(void)peer;
	memcpy(node->reply, datagram.at, datagram.len);
	node->reply[datagram.len] = 0;
	node->replies++;
}

static void users_init(void)
{
	for (size_t i = 0; i < USERS; i++) {
		struct user *user = &users[i];
		memset(user, 0, sizeof *user);
		snprintf(user->imsi, sizeof user->imsi, "00101000000000%zu", i);
		aka_subscriber_init(&user->who, i == 3 ? AKA_TUAK : AKA_MILENAGE);
		user->who.k.len = 16;
		user->who.opc.len = i == 3 ? 32 : 16;
		user->who.k.at[0] = (uint8_t)(i + 1);
		user->next_seq = 1;
		user->decision = ADMIT;
		user->good_ms = 60000;
	}
}

/* A fresh process with that IND: it knows nothing of an earlier one. */
static void node_init(struct node *node, uint8_t ind)
{
	memset(node, 0, sizeof *node);
	node->ports = (struct auc_ports){ node,          port_load,   port_rule,
		                          port_reserve,  port_raise,  port_vectors,
		                          port_triplets, port_resync, port_reply };
	auc_init(&node->auc, &node->ports,
	         (struct auc_memory){ node->slots, node->waits, SLOTS, WAITS }, ind);
}

static void send(struct node *node, const char *text)
{
	struct auc_peer peer = { { 0 }, 1, (uint8_t)node->door };

	node->reply[0] = 0;
	auc_datagram(&node->auc, now_ms, &peer, bytes_text(text));
}

static void request(struct node *node, const struct user *user)
{
	char text[64];

	snprintf(text, sizeof text, "AKA-REQ-AUTH %.15s", user->imsi);
	send(node, text);
}

/* What the reply in the node's hand makes that user's USIM say. */
static enum err usim(struct user *user, const char *reply, struct aka_answer *answer,
                     uint8_t rand[static 16])
{
	static const struct sqn_rules rules = { 1 << 28, 1 << 28 };
	char rand_hex[33], autn_hex[33];
	uint8_t autn[16];

	if (sscanf(reply, "AKA-RESP-AUTH %*s %32s %32s", rand_hex, autn_hex) != 2)
		return ERR_VALUE;
	(void)unhex(rand_hex, rand, 16);
	(void)unhex(autn_hex, autn, 16);
	return aka_usim_check(&user->who, &user->seen, &rules, rand, BYTES(autn), answer);
}

static enum err authenticate(struct node *node, struct user *user)
{
	struct aka_answer answer;
	uint8_t rand[16];

	request(node, user);
	settle(node);
	return usim(user, node->reply, &answer, rand);
}

static void vectors(bool at_once)
{
	static struct node node;

	users_init();
	node_init(&node, 0);
	node.at_once = at_once;
	for (size_t i = 0; i < USERS; i++)
		ok_err(authenticate(&node, &users[i]), ERR_NONE, users[i].imsi);
	ok(node.commits == USERS, "one commit each");
	for (int i = 0; i < 100; i++) {
		if (authenticate(&node, &users[0]) != ERR_NONE)
			ok(false, "number %d is refused", i);
	}
	ok(node.commits == USERS + 2, "a hundred more of one IMSI: two commits");
	ok(node.auc.counts.vectors == USERS + 100, "all are counted");
	send(&node, "AKA-REQ-AUTH 999999999999999");
	settle(&node);
	ok(strcmp(node.reply, "AKA-RESP-AUTH 999999999999999 FAILURE") == 0,
	   "unknown IMSI: FAILURE");
	send(&node, "SIM-REQ-AUTH 999999999999999 3");
	settle(&node);
	ok(strcmp(node.reply, "SIM-RESP-AUTH 999999999999999 FAILURE") == 0,
	   "... for triplets too");
	int before = node.replies;
	send(&node, "AKA-REQ-AUTH 001010000000000\n");
	ok(node.replies == before && node.auc.counts.malformed == 1,
	   "malformed: counted, no answer");
}

static void triplets(void)
{
	static struct node node;
	struct aka_triplet want;
	char kc_hex[17], sres_hex[9], rand_hex[33];
	uint8_t rand[16], kc[8], sres[4];

	node_init(&node, 0);
	send(&node, "SIM-REQ-AUTH 001010000000000 3");
	settle(&node);
	ok(node.commits == 0, "triplets need no sequence number");
	ok(sscanf(node.reply, "SIM-RESP-AUTH %*s %16[^:]:%8[^:]:%32s", kc_hex, sres_hex,
	          rand_hex) == 3,
	   "three triplets");
	(void)unhex(rand_hex, rand, sizeof rand);
	ok_err(aka_triplet_make(&users[0].who, rand, &want), ERR_NONE, "a SIM answers the first");
	ok_bytes(unhex(kc_hex, kc, sizeof kc), BYTES(want.kc), "... with the same Kc");
	ok_bytes(unhex(sres_hex, sres, sizeof sres), BYTES(want.sres), "... and SRES");
}

static void send_auts(struct node *node, const struct user *user, const struct aka_answer *answer,
                      const uint8_t *rand)
{
	struct auc_request auts = { .kind = AUC_RESYNC, .imsi_size = 15 };
	char text[AUC_REQUEST_MAX + 1] = { 0 };
	struct room room = { (uint8_t *)text, AUC_REQUEST_MAX, 0, false };

	memcpy(auts.imsi, user->imsi, 15);
	memcpy(auts.auts, answer->auts, sizeof auts.auts);
	memcpy(auts.rand, rand, sizeof auts.rand);
	auc_request_put(&room, &auts);
	send(node, text);
}

/* TS 33.102 6.3.5: the USIM is far ahead; AUTS, then the very next vector is accepted. */
static void resynchronisation(void)
{
	static struct node node;
	struct user *user = &users[1];
	struct aka_answer answer;
	uint8_t rand[16];

	users_init();
	node_init(&node, 0);
	user->seen.at[0] = sqn_make(5000, 0);
	request(&node, user);
	settle(&node);
	ok_err(usim(user, node.reply, &answer, rand), ERR_SYNC, "the USIM is ahead");
	answer.auts[13] ^= 1;
	send_auts(&node, user, &answer, rand);
	settle(&node);
	ok(node.auc.counts.forged == 1 && user->next_seq < 5000, "a forged AUTS moves nothing");
	answer.auts[13] ^= 1;
	int replies = node.replies;
	send_auts(&node, user, &answer, rand);
	request(&node, user); /* hostapd does not wait */
	ok(node.replies == replies, "nothing leaves before the counter is durable");
	settle(&node);
	ok_err(usim(user, node.reply, &answer, rand), ERR_NONE, "the next vector is accepted");
	ok(user->next_seq > 5001, "the counter is above SQN_MS");
	uint64_t after = user->next_seq;
	send_auts(&node, user, &answer, rand);
	settle(&node);
	ok(user->next_seq == after, "an AUTS of nothing moves nothing");
}

/* I5: two engines on one store, each killed at any moment, never hand out an SQN twice. */
static void two_engines(void)
{
	static struct node nodes[2];
	static uint8_t given[2][1 << 16];
	uint32_t draw = 7;
	int kills = 0, twice = 0, refused = 0;

	users_init();
	node_init(&nodes[0], 0);
	node_init(&nodes[1], 1);
	for (int i = 0; i < 4000; i++) {
		draw = draw * 1103515245 + 12345;
		unsigned which = draw >> 16 & 1;
		struct node *node = &nodes[which];
		struct aka_answer answer;
		uint8_t rand[16];

		if ((draw >> 17) % 37 == 0) { /* kill -9: perhaps with an answer under way */
			request(node, &users[0]);
			node_init(node, (uint8_t)which);
			kills++;
		}
		request(node, &users[0]);
		settle(node);
		refused += usim(&users[0], node->reply, &answer, rand) != ERR_NONE;
		uint64_t seq = sqn_seq(users[0].seen.at[which]);
		for (unsigned other = 0; other < 2; other++)
			twice += given[other][seq % COUNT(given[0])];
		given[which][seq % COUNT(given[0])] = 1;
	}
	ok(kills > 50, "%d kills among 4000 requests to two engines", kills);
	ok(twice == 0, "I5: no sequence number came twice");
	ok(refused == 0, "I5: the USIM took every one of them, in whatever order");
	ok(users[0].next_seq < COUNT(given[0]), "numbers lost at kills are few");
}

static void bars_and_faults(void)
{
	static struct node node;

	users_init();
	node_init(&node, 0);
	ok_err(authenticate(&node, &users[2]), ERR_NONE, "a subscriber");
	users[2].barred = true;
	now_ms += AUC_FRESH_MS;
	request(&node, &users[2]);
	settle(&node);
	ok(strstr(node.reply, "FAILURE") != NULL, "barred: refused within a second");
	users[2].barred = false;
	ok_err(authenticate(&node, &users[2]), ERR_NONE, "no longer barred: served at once");

	node.broken = true;
	request(&node, &users[0]);
	settle(&node);
	ok(strstr(node.reply, "FAILURE") != NULL, "the store fails: FAILURE");
	node.broken = false;
	ok_err(authenticate(&node, &users[0]), ERR_NONE, "... and afterwards it goes on");
}

/* More under way than there is room: refused, not lost, and nothing leaks. */
static void crowd(void)
{
	static struct node node;
	char text[64];

	users_init();
	for (int round = 0; round < 3; round++) {
		node_init(&node, 0);
		for (int i = 0; i < 4 * WAITS; i++)
			request(&node, &users[i % USERS]);
		ok(node.auc.counts.busy == 3 * WAITS, "what has no room is refused at once");
		settle(&node);
		ok(node.replies == 4 * WAITS, "everybody got an answer");
		ok(node.questions == WAITS / KEEPER_ASKS_MAX, "from two questions to the keeper");
	}
	ok_err(authenticate(&node, &users[0]), ERR_NONE, "a subscriber has numbers reserved");
	int commits = node.commits;
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof text, "AKA-REQ-AUTH 99%013d", i);
		send(&node, text);
		settle(&node);
	}
	ok(node.replies == 4 * WAITS + 1001, "a thousand unknown IMSIs through sixteen slots");
	ok_err(authenticate(&node, &users[0]), ERR_NONE, "... and a known one is served");
	ok(node.commits == commits, "... from what it had reserved: strangers push nobody out");
}

/* More subscribers in turn than there are slots: each is served, none is refused. */
static void more_than_slots(void)
{
	static struct node node;
	struct auc_slot few[2];

	users_init();
	node_init(&node, 0);
	auc_init(&node.auc, &node.ports, (struct auc_memory){ few, node.waits, COUNT(few), WAITS },
	         0);
	for (int i = 0; i < 400; i++) {
		if (authenticate(&node, &users[i % USERS]) != ERR_NONE)
			ok(false, "number %d is refused", i);
	}
	ok(node.auc.counts.busy == 0, "four subscribers share two slots");
}

/* A subscriber whose values the text protocol cannot carry. */
static void wide_values(void)
{
	static struct node node;

	users_init();
	node_init(&node, 0);
	users[3].who.ck_size = 32;
	request(&node, &users[3]);
	settle(&node);
	ok(strstr(node.reply, "FAILURE") != NULL, "CK of 256 bits: FAILURE, not a short key");
}

/* The answer to one request for that user's vector. */
static const char *asked(struct node *node, const struct user *user)
{
	request(node, user);
	settle(node);
	return node->reply;
}

static bool served(struct node *node, const struct user *user)
{
	return strstr(asked(node, user), "FAILURE") == NULL;
}

static bool served_triplets(struct node *node, const struct user *user)
{
	char text[64];

	snprintf(text, sizeof text, "SIM-REQ-AUTH %.15s 3", user->imsi);
	send(node, text);
	settle(node);
	return strstr(node->reply, "FAILURE") == NULL;
}

/* R2: who is let in, and where. Each door serves its own. */
static void rulings(bool at_once)
{
	static const struct {
		const char *says;
		enum decision decision;
		enum auc_door door;
		bool served;
	} rows[] = {
		{"admitted, at the network's door",       ADMIT,    AUC_DOOR_NETWORK,    true },
		{ "admitted, at the quarantine's door",   ADMIT,    AUC_DOOR_QUARANTINE, false},
		{ "restricted, at the network's door",    RESTRICT, AUC_DOOR_NETWORK,    false},
		{ "restricted, at the quarantine's door", RESTRICT, AUC_DOOR_QUARANTINE, true },
		{ "refused, at the network's door",       REFUSE,   AUC_DOOR_NETWORK,    false},
		{ "refused, at the quarantine's door",    REFUSE,   AUC_DOOR_QUARANTINE, false},
	};
	static struct node node;

	for (size_t i = 0; i < COUNT(rows); i++) {
		users_init();
		node_init(&node, 0);
		node.at_once = at_once;
		node.door = rows[i].door;
		users[0].decision = rows[i].decision;
		ok(served(&node, &users[0]) == rows[i].served, "R2: %s: %s", rows[i].says,
		   rows[i].served ? "a vector" : "FAILURE");
		ok(served_triplets(&node, &users[0]) == rows[i].served, "R2: ... triplets as well");
		ok(node.commits == (rows[i].served ? 1 : 0),
		   "... and only who is served takes numbers");
		ok(node.auc.counts.kept_out == (rows[i].decision == REFUSE ? 2 : 0) &&
		           node.auc.counts.restricted ==
		                   (rows[i].decision == RESTRICT && rows[i].served ? 2 : 0),
		   "... it is counted");
	}
}

static void ruled_anew(struct user *user, enum decision decision)
{
	user->decision = decision;
	user->basis++;
	now_ms += AUC_FRESH_MS;
}

static void changes_of_mind(void)
{
	static struct node node;

	users_init();
	node_init(&node, 0);
	ok(served(&node, &users[0]), "a subscriber is admitted");
	ruled_anew(&users[0], RESTRICT);
	ok(!served(&node, &users[0]), "R2: restricted: out of the network within a second");
	node.door = AUC_DOOR_QUARANTINE;
	ok(served(&node, &users[0]), "R2: ... and into the quarantine");
	ruled_anew(&users[0], REFUSE);
	ok(!served(&node, &users[0]), "R2: refused: out of the quarantine");
	ruled_anew(&users[0], ADMIT);
	node.door = AUC_DOOR_NETWORK;
	ok(served(&node, &users[0]), "R2: restored: served again");
	size_t before = node.asked;
	now_ms += AUC_FRESH_MS;
	ok(served(&node, &users[0]) && node.asked == before + 1,
	   "with the same basis nobody is asked to rule again");
	ok(node.denials == 0, "the keeper was never asked without need");
}

static void refusals_end(void)
{
	static struct node node;

	users_init();
	node_init(&node, 0);
	users[0].decision = REFUSE;
	ok(!served(&node, &users[0]), "a subscriber is refused");
	users[0].decision =
		ADMIT; /* the appraiser would say something else now, nobody knows why */
	now_ms += AUC_FRESH_MS;
	ok(!served(&node, &users[0]), "... and for a while nobody is asked again");
	now_ms += AUC_REFUSED_MS;
	ok(served(&node, &users[0]), "... and then is");
}

/* A permit ends while it is remembered. */
static void permits_end(void)
{
	static struct node node;

	users_init();
	node_init(&node, 0);
	users[0].good_ms = 300;
	ok(served(&node, &users[0]), "a permit for 300 ms");
	size_t before = node.asked;
	now_ms += 299;
	ok(served(&node, &users[0]) && node.asked == before, "... is used from memory");
	now_ms += 1;
	ok(served(&node, &users[0]) && node.asked == before + 2,
	   "I4: ... and asked for again when it ends");
	now_ms += 300;
	users[0].good_ms = 0;
	ok(!served(&node, &users[0]), "I4: one that is over when it comes is none");

	/* It ends between being let in and the keeper's turn. */
	users[0].good_ms = 300;
	now_ms += AUC_FRESH_MS;
	request(&node, &users[0]);
	while (node.answered < node.asked)
		answer_one(&node);
	now_ms += 300;
	settle(&node);
	ok(strstr(node.reply, "FAILURE") != NULL && node.denials == 1,
	   "I4: over before the keeper looked: no vector");
}

static void nobody_rules(void)
{
	static struct node node;

	users_init();
	node_init(&node, 0);
	node.no_ruling = ERR_BUSY;
	ok(!served(&node, &users[0]), "R2: the appraiser is dead: FAILURE");
	ok(node.auc.counts.without_ruling == 1, "... and counted");
	node.no_ruling = ERR_NONE;
	now_ms += AUC_FRESH_MS;
	users[0].good_ms = 5000;
	ok(served(&node, &users[0]), "it is back: served");
	node.no_ruling = ERR_BUSY;
	users[0].basis++;
	now_ms += AUC_FRESH_MS;
	ok(served(&node, &users[0]), "it is dead again: the permit in hand is still good");
	now_ms += 5000;
	ok(!served(&node, &users[0]), "R2: ... until it is over");
	node.no_ruling = ERR_NONE;
	now_ms += AUC_FRESH_MS;
	ok(served(&node, &users[0]), "back once more");
	node.no_ruling = ERR_NOT_FOUND;
	users[0].basis++;
	now_ms += AUC_FRESH_MS;
	ok(!served(&node, &users[0]),
	   "R2: an appraiser that knows nothing of it takes the permit away");
}

/* Decided while a request of the same turn waits for the keeper: each goes by what it was let in with. */
static void one_turn(void)
{
	static struct node node;

	users_init();
	node_init(&node, 0);
	ok(served(&node, &users[0]), "admitted");
	request(&node, &users[0]); /* let in, not yet asked for */
	ruled_anew(&users[0], RESTRICT);
	node.door = AUC_DOOR_QUARANTINE;
	int replies = node.replies;
	request(&node, &users[0]);
	settle(&node);
	ok(node.replies == replies + 2 && node.denials == 0, "both are answered");
	ok(node.auc.counts.restricted == 1 && node.auc.counts.vectors == 3,
	   "one of them for the quarantine");
}

int main(void)
{
	vectors(false);
	vectors(true);
	triplets();
	resynchronisation();
	two_engines();
	bars_and_faults();
	crowd();
	more_than_slots();
	wide_values();
	rulings(false);
	rulings(true);
	changes_of_mind();
	refusals_end();
	permits_end();
	nobody_rules();
	one_turn();
	return done();
}
