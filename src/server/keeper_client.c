/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's client: one request at a time, waited for. When the keeper has died, the same question is
 * asked of its successor: it keeps nothing, so asking twice does no harm. */
#include "server/keeper.h"
#include "server/limits.h"
#include "server/link.h"
#include "server/links.h"
#include "server/pack.h"

#include <stdlib.h>
#include <string.h>

enum { PATIENCE_MS = 5000, TRIES = 3 };

struct keeper {
	struct links *links;
	uint32_t id;
	uint8_t *out, *in;
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

static enum err exchange(struct keeper *keeper, const struct link_head *head, struct bytes body,
                         struct room *reply, enum err *answer)
{
	int fd = keeper->links->keeper;
	struct link_head got;

	TRY(link_send(fd, head, body));
	do
		TRY(link_receive(fd, &got, reply));
	while (got.id != head->id);
	*answer = got.code < ERR_COUNT ? (enum err)got.code : ERR_CORRUPT;
	return ERR_NONE;
}

static enum err call_into(struct keeper *keeper, enum keeper_request request,
                          const struct room *body, struct room *room)
{
	struct link_head head = { .len = (uint32_t)body->len, .code = (uint16_t)request };
	enum err answer;

	if (body->full)
		return ERR_LIMIT;
	for (int i = 0; i < TRIES; i++) {
		if (keeper->links->keeper < 0 &&
		    !links_wait(keeper->links, &keeper->links->keeper, PATIENCE_MS))
			return ERR_BUSY;
		head.id = ++keeper->id;
		if (exchange(keeper, &head, room_used(body), room, &answer) == ERR_NONE)
			return answer;
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

enum err keeper_sign_result(struct keeper *keeper, struct bytes claims, struct room *out)
{
	struct room room = message(keeper);
	struct bytes reply;

	pack_bytes(&room, claims);
	TRY(call(keeper, KEEPER_RESULT, &room, &reply));
	room_put(out, reply);
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err keeper_result_jwt(struct keeper *keeper, struct bytes cwt, struct room *out)
{
	struct room room = message(keeper);
	struct bytes reply;

	pack_bytes(&room, cwt);
	TRY(call(keeper, KEEPER_RESULT_JWT, &room, &reply));
	room_put(out, reply);
	return out->full ? ERR_ROOM : ERR_NONE;
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

enum err keeper_vectors(struct keeper *keeper, uint16_t amf, const struct keeper_ask *asks,
                        size_t count, struct aka_vector *out, enum err *each)
{
	struct room room = message(keeper);
	struct bytes reply, vectors;
	size_t size = count * sizeof *out;

	room_put_u64(&room, amf);
	for (size_t i = 0; i < count; i++) {
		who_put(&room, &asks[i].who);
		room_put_u64(&room, asks[i].sqn);
	}
	TRY(call(keeper, KEEPER_VECTOR, &room, &reply));
	if (!bytes_take(&reply, size, &vectors) || reply.len != count)
		return ERR_CORRUPT;
	memcpy(out, vectors.at, size);
	for (size_t i = 0; i < count; i++)
		each[i] = reply.at[i] < ERR_COUNT ? (enum err)reply.at[i] : ERR_CORRUPT;
	wipe(keeper->in, size); /* CK and IK do not linger here */
	return ERR_NONE;
}

enum err keeper_triplets(struct keeper *keeper, const struct keeper_who *who, size_t count,
                         struct aka_triplet *out)
{
	struct room room = message(keeper);
	struct bytes reply;

	who_put(&room, who);
	room_put_u64(&room, count);
	TRY(call(keeper, KEEPER_TRIPLET, &room, &reply));
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
