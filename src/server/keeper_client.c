/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's client: one request at a time, waited for. When the keeper has died, the same question is
 * asked of its successor: it keeps nothing, so asking twice does no harm. Of one that is silent nothing is asked until
 * it is heard again; what it was asked before is sent and answered then, and the answer dropped. */
#include "server/buffer.h"
#include "server/keeper.h"
#include "server/limits.h"
#include "server/link.h"
#include "server/links.h"
#include "server/pack.h"
#include "server/silence.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PATIENCE_MS = 5000, TRIES = 3, READ_SIZE = 64 << 10 };

struct keeper {
	struct links *links;
	uint32_t id;
	uint8_t *out, *in;
	unsigned turn;                /* of the link that these are of */
	struct buffer unsent, unread; /* to go out; come in, and not looked at */
	struct silence silence;
};

struct keeper *keeper_open(struct links *links)
{
	struct keeper *keeper = calloc(1, sizeof *keeper);

	if (keeper == NULL)
		return NULL;
	keeper->links = links;
	keeper->out = malloc(MESSAGE_MAX);
	keeper->in = malloc(MESSAGE_MAX);
	if (keeper->out == NULL || keeper->in == NULL) {
		free(keeper->out);
		free(keeper->in);
		free(keeper);
		return NULL;
	}
	return keeper;
}

static struct room message(const struct keeper *keeper)
{
	return (struct room){ keeper->out, MESSAGE_MAX, 0, false };
}

/* What was under way on another link is over. */
static void turn_check(struct keeper *keeper)
{
	if (keeper->turn == keeper->links->keeper_turn)
		return;
	keeper->turn = keeper->links->keeper_turn;
	buffer_free(&keeper->unsent);
	buffer_free(&keeper->unread);
	silence_heard(&keeper->silence, SILENT_KEEPER);
}

static enum err send_some(struct keeper *keeper)
{
	while (keeper->unsent.len > 0) {
		ssize_t n = send(keeper->links->keeper, keeper->unsent.at, keeper->unsent.len,
		                 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return ERR_NONE;
		if (n <= 0)
			return ERR_IO;
		buffer_drop(&keeper->unsent, (size_t)n);
	}
	return ERR_NONE;
}

static enum err read_some(struct keeper *keeper)
{
	uint8_t *at = buffer_space(&keeper->unread, READ_SIZE);
	ssize_t n;

	if (at == NULL)
		return ERR_FULL;
	n = recv(keeper->links->keeper, at, READ_SIZE, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return ERR_NONE;
	if (n <= 0)
		return ERR_IO;
	keeper->unread.len += (size_t)n;
	silence_heard(&keeper->silence, SILENT_KEEPER);
	return ERR_NONE;
}

/* take gives the answer to request `id` when it is there, ERR_NOT_FOUND until then; others are dropped. */
static enum err take(struct keeper *keeper, uint32_t id, struct room *reply, enum err *answer)
{
	struct bytes in, octets, body;
	struct link_head got;
	enum err err;

	for (;;) {
		in = buffer_bytes(&keeper->unread);
		err = link_head_read(in, &got);
		if (err != ERR_NONE && err != ERR_TRUNCATED)
			return err;
		if (err != ERR_NONE || !bytes_take(&in, LINK_HEAD, &octets) ||
		    !bytes_take(&in, got.len, &body))
			return ERR_NOT_FOUND;
		if (got.id == id) {
			*reply = (struct room){ reply->at, reply->cap, 0, false };
			room_put(reply, body);
			*answer = got.code < ERR_COUNT ? (enum err)got.code : ERR_CORRUPT;
		}
		buffer_drop(&keeper->unread, LINK_HEAD + got.len);
		if (got.id == id)
			return reply->full ? ERR_ROOM : ERR_NONE;
	}
}

/* ERR_TIMEOUT: the keeper is silent. Any other error, and the link is of no more use. */
static enum err exchange(struct keeper *keeper, const struct link_head *head, struct bytes body,
                         struct room *reply, enum err *answer)
{
	uint8_t octets[LINK_HEAD];
	enum err err;

	link_head_put(octets, head);
	if (!buffer_add(&keeper->unsent, BYTES(octets)) || !buffer_add(&keeper->unsent, body))
		return ERR_FULL;
	silence_asked(&keeper->silence);
	TRY(send_some(keeper));
	while ((err = take(keeper, head->id, reply, answer)) == ERR_NOT_FOUND) {
		struct pollfd one = { .fd = keeper->links->keeper, .events = POLLIN };

		if (keeper->unsent.len > 0)
			one.events |= POLLOUT;
		if (poll(&one, 1, silence_left_ms(&keeper->silence, SILENT_KEEPER)) == 0 &&
		    silence_over(&keeper->silence, SILENT_KEEPER))
			return ERR_TIMEOUT;
		TRY(send_some(keeper));
		TRY(read_some(keeper));
	}
	return err;
}

/* Whether a keeper that is silent is so still. */
static bool is_silent(struct keeper *keeper)
{
	turn_check(keeper);
	if (!keeper->silence.silent)
		return false;
	if (send_some(keeper) != ERR_NONE || read_some(keeper) != ERR_NONE)
		links_lost(&keeper->links->keeper); /* it is dead, then */
	return keeper->links->keeper >= 0 && keeper->silence.silent;
}

static enum err call_into(struct keeper *keeper, enum keeper_request request,
                          const struct room *body, struct room *room)
{
	struct link_head head = { .len = (uint32_t)body->len, .code = (uint16_t)request };
	enum err err, answer = ERR_BUSY;

	if (body->full)
		return ERR_LIMIT;
	for (int i = 0; i < TRIES; i++) {
		if (is_silent(keeper))
			return ERR_BUSY;
		if (keeper->links->keeper < 0 &&
		    !links_wait(keeper->links, &keeper->links->keeper, PATIENCE_MS))
			return ERR_BUSY;
		turn_check(keeper);
		head.id = ++keeper->id;
		err = exchange(keeper, &head, room_used(body), room, &answer);
		if (err == ERR_NONE)
			return answer;
		if (err == ERR_TIMEOUT)
			return ERR_BUSY;
		links_lost(&keeper->links->keeper);
	}
	return ERR_BUSY;
}

static enum err call(struct keeper *keeper, enum keeper_request request, const struct room *body,
                     struct bytes *reply)
{
	struct room room = { keeper->in, MESSAGE_MAX, 0, false };

	TRY(call_into(keeper, request, body, &room));
	*reply = room_used(&room);
	return ERR_NONE;
}

static enum err signature_take(struct bytes reply, uint8_t signature[static EC_SIGNATURE_SIZE])
{
	if (reply.len != EC_SIGNATURE_SIZE)
		return ERR_CORRUPT;
	memcpy(signature, reply.at, EC_SIGNATURE_SIZE);
	return ERR_NONE;
}

enum err keeper_open_session(struct keeper *keeper, uint8_t ci,
                             const uint8_t euicc_challenge[static RSP_CHALLENGE_SIZE],
                             struct room *signed1, uint8_t signature[static EC_SIGNATURE_SIZE])
{
	struct room room = message(keeper);
	struct bytes reply, element;

	room_put_u64(&room, ci);
	pack_bytes(&room, (struct bytes){ euicc_challenge, RSP_CHALLENGE_SIZE });
	TRY(call(keeper, KEEPER_OPEN, &room, &reply));
	if (reply.len < EC_SIGNATURE_SIZE ||
	    !bytes_take(&reply, reply.len - EC_SIGNATURE_SIZE, &element))
		return ERR_CORRUPT;
	room_put(signed1, element);
	return signed1->full ? ERR_ROOM : signature_take(reply, signature);
}

enum err keeper_sign(struct keeper *keeper, uint8_t ci, const struct bytes *parts, size_t count,
                     uint8_t signature[static EC_SIGNATURE_SIZE])
{
	struct room room = message(keeper);
	size_t total = 0;
	struct bytes reply;

	room_put_u64(&room, ci);
	for (size_t i = 0; i < count; i++)
		total += parts[i].len;
	room_put_u32(&room, (uint32_t)total); /* as pack_bytes of the parts joined */
	for (size_t i = 0; i < count; i++)
		room_put(&room, parts[i]);
	TRY(call(keeper, KEEPER_SIGN, &room, &reply));
	return signature_take(reply, signature);
}

enum err keeper_tls_sign(struct keeper *keeper, enum keeper_tls service, struct bytes digest,
                         uint8_t signature[static EC_SIGNATURE_SIZE])
{
	struct room room = message(keeper);
	struct bytes reply;

	room_put_u64(&room, service);
	pack_bytes(&room, digest);
	TRY(call(keeper, KEEPER_TLS_SIGN, &room, &reply));
	return signature_take(reply, signature);
}

enum err keeper_permit(struct keeper *keeper, const struct permit *permit, struct bytes session,
                       uint8_t out[static PERMIT_SIZE])
{
	struct room room = message(keeper);
	struct bytes reply;

	room_put_u64(&room, permit->purpose);
	room_put_u64(&room, permit->decision);
	room_put_u64(&room, permit->expires_s);
	pack_bytes(&room, BYTES(permit->subject));
	pack_bytes(&room, BYTES(permit->result));
	pack_bytes(&room, session);
	TRY(call(keeper, KEEPER_PERMIT, &room, &reply));
	if (permit->decision == REFUSE)
		return reply.len == 0 ? ERR_NONE : ERR_CORRUPT;
	if (reply.len != PERMIT_SIZE)
		return ERR_CORRUPT;
	memcpy(out, reply.at, PERMIT_SIZE);
	return ERR_NONE;
}

enum err keeper_permits_access(struct keeper *keeper, const struct permit *permits, size_t count,
                               uint8_t (*out)[PERMIT_SIZE])
{
	struct room room = message(keeper);
	struct bytes reply;

	for (size_t i = 0; i < count; i++) {
		room_put_u64(&room, permits[i].decision);
		room_put_u64(&room, permits[i].expires_s);
		pack_bytes(&room, BYTES(permits[i].subject));
		pack_bytes(&room, BYTES(permits[i].result));
	}
	TRY(call(keeper, KEEPER_PERMITS_ACCESS, &room, &reply));
	if (reply.len != count * PERMIT_SIZE)
		return ERR_CORRUPT;
	memcpy(out, reply.at, reply.len);
	return ERR_NONE;
}

/* made asks for what the keeper makes of some octets, and appends it. */
static enum err made(struct keeper *keeper, enum keeper_request code, struct bytes of,
                     struct room *out)
{
	struct room room = message(keeper);
	struct bytes reply;

	pack_bytes(&room, of);
	TRY(call(keeper, code, &room, &reply));
	room_put(out, reply);
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err keeper_sign_result(struct keeper *keeper, struct bytes claims, struct room *out)
{
	return made(keeper, KEEPER_RESULT, claims, out);
}

enum err keeper_result_jwt(struct keeper *keeper, struct bytes cwt, struct room *out)
{
	return made(keeper, KEEPER_RESULT_JWT, cwt, out);
}

enum err keeper_head_last(struct keeper *keeper, struct audit_head *out)
{
	struct room room = message(keeper);
	struct bytes reply;

	TRY(call(keeper, KEEPER_HEAD_LAST, &room, &reply));
	return audit_head_read(reply, out);
}

enum err keeper_head_sign(struct keeper *keeper, const struct audit_head *old, struct bytes proof,
                          struct audit_head *head)
{
	uint8_t old_octets[AUDIT_HEAD_SIZE], head_octets[AUDIT_SIGNED_SIZE];
	struct room room = message(keeper), old_room = ROOM(old_octets), head_room = ROOM(head_octets);
	struct bytes reply;

	if (old != NULL)
		audit_head_put(&old_room, old);
	audit_head_put_signed(&head_room, head);
	pack_bytes(&room, room_used(&old_room));
	pack_bytes(&room, proof);
	pack_bytes(&room, room_used(&head_room));
	TRY(call(keeper, KEEPER_HEAD_SIGN, &room, &reply));
	return audit_head_read(reply, head);
}

enum err keeper_notice_sign(struct keeper *keeper, struct bytes body, struct room *jws)
{
	struct room room = message(keeper);

	room_put(&room, body);
	return call_into(keeper, KEEPER_NOTICE_SIGN, &room, jws);
}

enum err keeper_bind(struct keeper *keeper, const struct keeper_bind *request,
                     struct keeper_bound *out)
{
	struct room room = message(keeper);
	struct keeper_bound bound;
	struct bytes reply;

	room_put_u64(&room, request->ci);
	pack_bytes(&room, request->permit);
	pack_bytes(&room, BYTES(request->card.eid));
	room_put_u64(&room, request->card.curve);
	pack_bytes(&room, BYTES(request->card.point));
	pack_bytes(&room, request->euicc_signed2);
	pack_bytes(&room, request->euicc_signature2);
	pack_bytes(&room, request->smdp_signature2);
	pack_bytes(&room, request->host_id);
	pack_bytes(&room, request->iccid);
	pack_bytes(&room, request->sealed_package);
	pack_bytes(&room, request->metadata);
	pack_bytes(&room, request->sealed_ppk);
	pack_bytes(&room, request->sealed_otsk);
	TRY(call(keeper, KEEPER_BIND, &room, &reply));
	TRY(unpack_bytes(&reply, &bound.smdp_otpk));
	TRY(unpack_bytes(&reply, &bound.sealed_otsk));
	bound.package = reply;
	*out = bound;
	return ERR_NONE;
}

static enum err sealed_take(struct bytes reply, struct keeper_sealed *out)
{
	struct keeper_sealed sealed;

	TRY(unpack_exact(&reply, sealed.iccid, ICCID_SIZE));
	TRY(unpack_bytes(&reply, &sealed.imsi));
	TRY(unpack_bytes(&reply, &sealed.type));
	TRY(unpack_bytes(&reply, &sealed.spn));
	TRY(unpack_bytes(&reply, &sealed.subscriber));
	sealed.package = reply;
	*out = sealed;
	return ERR_NONE;
}

static enum err hand_over(struct keeper *keeper, enum keeper_request request, struct bytes what,
                          struct keeper_sealed *out)
{
	struct room room = message(keeper);
	struct bytes reply;
	enum err err;

	room_put(&room, what);
	err = call(keeper, request, &room, &reply);
	wipe(keeper->out, room.len); /* a package in clear, on its way in */
	return err == ERR_NONE ? sealed_take(reply, out) : err;
}

enum err keeper_import(struct keeper *keeper, struct bytes package, struct keeper_sealed *out)
{
	return hand_over(keeper, KEEPER_IMPORT, package, out);
}

enum err keeper_generate(struct keeper *keeper, struct bytes description, struct keeper_sealed *out)
{
	return hand_over(keeper, KEEPER_GENERATE, description, out);
}

enum err keeper_protect(struct keeper *keeper, const uint8_t iccid[static ICCID_SIZE],
                        struct bytes keys, struct room *sealed)
{
	struct room room = message(keeper);
	enum err err;

	pack_bytes(&room, (struct bytes){ iccid, ICCID_SIZE });
	pack_bytes(&room, keys);
	err = call_into(keeper, KEEPER_PROTECT, &room, sealed);
	wipe(keeper->out, room.len);
	return err;
}

static void who_put(struct room *room, const struct keeper_who *who)
{
	pack_bytes(room, who->imsi);
	pack_bytes(room, who->sealed_subscriber);
	pack_bytes(room, who->permit);
}

enum err keeper_vectors(struct keeper *keeper, enum decision whose, uint16_t amf,
                        const struct keeper_ask *asks, size_t count, struct aka_vector *out,
                        enum err *each)
{
	struct room room = message(keeper);
	struct bytes reply, vectors;
	size_t size = count * sizeof *out;

	room_put_u64(&room, amf);
	for (size_t i = 0; i < count; i++) {
		who_put(&room, &asks[i].who);
		room_put_u64(&room, asks[i].sqn);
	}
	TRY(call(keeper, whose == ADMIT ? KEEPER_VECTOR : KEEPER_RESTRICTED_VECTOR, &room, &reply));
	if (!bytes_take(&reply, size, &vectors) || reply.len != count)
		return ERR_CORRUPT;
	memcpy(out, vectors.at, size);
	for (size_t i = 0; i < count; i++)
		each[i] = reply.at[i] < ERR_COUNT ? (enum err)reply.at[i] : ERR_CORRUPT;
	wipe(keeper->in, size); /* CK and IK do not linger here */
	return ERR_NONE;
}

enum err keeper_triplets(struct keeper *keeper, enum decision whose, const struct keeper_who *who,
                         size_t count, struct aka_triplet *out)
{
	struct room room = message(keeper);
	struct bytes reply;

	who_put(&room, who);
	room_put_u64(&room, count);
	TRY(call(keeper, whose == ADMIT ? KEEPER_TRIPLET : KEEPER_RESTRICTED_TRIPLET, &room, &reply));
	if (reply.len != count * sizeof *out)
		return ERR_CORRUPT;
	memcpy(out, reply.at, reply.len);
	wipe(keeper->in, reply.len);
	return ERR_NONE;
}

enum err keeper_resync(struct keeper *keeper, const struct keeper_who *who,
                       const uint8_t rand[static AKA_RAND_SIZE], struct bytes auts,
                       uint64_t *sqn_ms)
{
	struct room room = message(keeper);
	struct bytes reply;

	who_put(&room, who);
	pack_bytes(&room, (struct bytes){ rand, AKA_RAND_SIZE });
	pack_bytes(&room, auts);
	TRY(call(keeper, KEEPER_RESYNC, &room, &reply));
	return unpack_u64(&reply, sqn_ms);
}
