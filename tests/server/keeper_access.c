/* SPDX-License-Identifier: Apache-2.0 */
/* I4: the keeper computes nothing for a subscriber without a permit for that subscriber's access, now. */
#include "server/keeper_state.h"
#include "server/pack.h"

#include "tests/tap.h"

#include <string.h>
#include <time.h>

#define IMSI  "001010000000001"
#define OTHER "001010000000002"

enum { ALIKE = 3 };

static struct keeper_state state;
static uint8_t sealed_octets[400];
static struct room sealed = { sealed_octets, sizeof sealed_octets, 0, false };

static void begin(void)
{
	SECRET master = { .at = { 9 }, .len = 32 };
	struct aka_subscriber who;
	uint8_t clear_octets[AKA_RECORD_MAX];
	struct room clear = ROOM(clear_octets);

	aka_subscriber_init(&who, AKA_MILENAGE);
	who.k.len = who.opc.len = 16;
	aka_subscriber_put(&clear, &who);
	ok_err(seal_begin(&state.seal, &master), ERR_NONE, "a master key");
	ok_err(seal_put(&state.seal, SEAL_SUBSCRIBER, BYTES_STR(IMSI), room_used(&clear), &sealed),
	       ERR_NONE, "a subscriber");
}

/* The doors: where the keeper is asked, and for whom. */
static const struct door {
	keeper_fn *vector, *triplet;
	enum decision whose;
} doors[] = {
	{keeper_do_vector,             keeper_do_triplet,            ADMIT   },
	{ keeper_do_restricted_vector, keeper_do_restricted_triplet, RESTRICT},
};
static const struct door *door = &doors[0];

/* A permit, made by this keeper as the appraiser would ask for it. */
static struct bytes leave(uint8_t out[static PERMIT_SIZE], enum purpose purpose, const char *imsi,
                          int seconds)
{
	struct permit permit = { .purpose = purpose,
		                 .decision = door->whose,
		                 .expires_s = (uint64_t)(time(NULL) + seconds) };
	const struct bytes digits = bytes_text(imsi);

	if (permit_subject_access(digits, permit.subject) != ERR_NONE ||
	    permit_make(&state.seal.key[SEAL_PERMIT], &permit, out) != ERR_NONE)
		ok(false, "a permit is made");
	return (struct bytes){ out, PERMIT_SIZE };
}

static void put_who(struct room *in, struct bytes permit)
{
	pack_bytes(in, BYTES_STR(IMSI));
	pack_bytes(in, room_used(&sealed));
	pack_bytes(in, permit);
}

/* What the keeper says to three asks for a vector, of which the second has that permit. */
static enum err second_of_three(struct bytes permit)
{
	uint8_t in_octets[4096], out_octets[4096], good_octets[PERMIT_SIZE];
	struct room in = ROOM(in_octets), out = ROOM(out_octets);
	struct bytes good = leave(good_octets, PURPOSE_ACCESS, IMSI, 60), each;
	static const struct aka_vector none;

	room_put_u64(&in, AKA_AMF_SEPARATION);
	for (int i = 0; i < ALIKE; i++) {
		put_who(&in, i == 1 ? permit : good);
		room_put_u64(&in, 32 * (uint64_t)i);
	}
	if (door->vector(&state, room_used(&in), &out) != ERR_NONE ||
	    out.len != ALIKE * sizeof none + ALIKE)
		return ERR_CORRUPT;
	each = (struct bytes){ out_octets + ALIKE * sizeof none, ALIKE };
	if (each.at[0] != ERR_NONE || each.at[2] != ERR_NONE)
		return ERR_CORRUPT; /* its neighbours have their vectors whatever becomes of it */
	if (each.at[1] != ERR_NONE && memcmp(out_octets + sizeof none, &none, sizeof none) != 0)
		return ERR_CORRUPT;
	return (enum err)each.at[1];
}

static enum err triplets(struct bytes permit)
{
	uint8_t in_octets[1024], out_octets[1024];
	struct room in = ROOM(in_octets), out = ROOM(out_octets);

	put_who(&in, permit);
	room_put_u64(&in, 1);
	return door->triplet(&state, room_used(&in), &out);
}

static enum err resync(struct bytes permit)
{
	static const uint8_t zero[AKA_RAND_SIZE];
	uint8_t in_octets[1024], out_octets[64];
	struct room in = ROOM(in_octets), out = ROOM(out_octets);

	put_who(&in, permit);
	pack_bytes(&in, BYTES(zero));
	pack_bytes(&in, (struct bytes){ zero, 14 });
	return keeper_do_resync(&state, room_used(&in), &out);
}

static void denied(const char *says, struct bytes permit)
{
	ok_err(second_of_three(permit), ERR_DENIED, says);
	ok_err(triplets(permit), ERR_DENIED, "... no triplet either");
	ok_err(resync(permit), ERR_DENIED, "... and no AUTS is looked at");
}

static void changed_anywhere(void)
{
	uint8_t octets[PERMIT_SIZE];
	struct bytes permit = leave(octets, PURPOSE_ACCESS, IMSI, 60);
	int passed = 0;

	for (size_t i = 0; i < PERMIT_SIZE; i++) {
		octets[i] ^= 1;
		passed += triplets(permit) != ERR_DENIED;
		octets[i] ^= 1;
	}
	ok(passed == 0, "I4: no octet of it may be changed");
	ok_err(triplets(permit), ERR_NONE, "unchanged it is good again");
}

/* A row of what the appraiser asks many permits by: for that subscriber, for a minute. */
static void put_wish(struct room *in, const char *imsi, enum decision decision)
{
	static const uint8_t result[SHA256_SIZE];
	uint8_t subject[PERMIT_SUBJECT_SIZE];

	if (permit_subject_access(bytes_text(imsi), subject) != ERR_NONE)
		ok(false, "a subject");
	room_put_u64(in, decision);
	room_put_u64(in, (uint64_t)time(NULL) + 60);
	pack_bytes(in, BYTES(subject));
	pack_bytes(in, BYTES(result));
}

static void many_permits(void)
{
	uint8_t in_octets[8192], out_octets[(KEEPER_PERMITS_MAX + 1) * PERMIT_SIZE];
	struct room in = ROOM(in_octets), out = ROOM(out_octets);

	put_wish(&in, OTHER, ADMIT);
	put_wish(&in, IMSI, RESTRICT);
	ok_err(keeper_do_permits_access(&state, room_used(&in), &out), ERR_NONE,
	       "R11: permits for two in one question");
	ok(out.len == 2 * PERMIT_SIZE, "... are two");
	door = &doors[1];
	ok_err(triplets((struct bytes){ out_octets + PERMIT_SIZE, PERMIT_SIZE }), ERR_NONE,
	       "the second is the second subscriber's, at the quarantine's door");
	door = &doors[0];
	ok_err(triplets((struct bytes){ out_octets, PERMIT_SIZE }), ERR_DENIED,
	       "I4: the first is not");
	out.len = in.len = 0;
	put_wish(&in, OTHER, ADMIT);
	put_wish(&in, IMSI, REFUSE);
	ok_err(keeper_do_permits_access(&state, room_used(&in), &out), ERR_DENIED,
	       "I4: not when one of them is refused");
	out.len = in.len = 0;
	for (int i = 0; i <= KEEPER_PERMITS_MAX; i++)
		put_wish(&in, IMSI, ADMIT);
	ok_err(keeper_do_permits_access(&state, room_used(&in), &out), ERR_LIMIT,
	       "no more than that at once");
}

/* A good permit of the other kind, when the keeper sees it for the first time and when it knows it. */
static void wrong_door(void)
{
	for (size_t i = 0; i < COUNT(doors); i++) {
		uint8_t octets[PERMIT_SIZE];
		struct bytes permit;

		door = &doors[i];
		permit = leave(octets, PURPOSE_ACCESS, IMSI, 60);
		door = &doors[1 - i];
		ok_err(second_of_three(permit), ERR_DENIED, "R2: no vector at the other door");
		ok_err(triplets(permit), ERR_DENIED, "R2: ... and no triplet");
		ok_err(resync(permit), ERR_MAC, "... but an AUTS is looked at");
		door = &doors[i];
		ok_err(second_of_three(permit), ERR_NONE, "a vector at its own");
		door = &doors[1 - i];
		ok_err(triplets(permit), ERR_DENIED, "R2: ... and none at the other for that");
		door = &doors[i];
		ok_err(triplets(permit), ERR_NONE, "a triplet at its own");
	}
	door = &doors[0];
}

int main(void)
{
	uint8_t octets[PERMIT_SIZE];

	begin();
	ok_err(second_of_three(leave(octets, PURPOSE_ACCESS, IMSI, 60)), ERR_NONE,
	       "a vector with a permit");
	ok_err(second_of_three((struct bytes){ octets, PERMIT_SIZE }), ERR_NONE,
	       "... and with the same again");
	ok_err(triplets((struct bytes){ octets, PERMIT_SIZE }), ERR_NONE, "a triplet");
	ok_err(resync((struct bytes){ octets, PERMIT_SIZE }), ERR_MAC, "an AUTS that nobody made");
	denied("I4: without a permit: no vector", (struct bytes){ NULL, 0 });
	denied("I4: with a cut one", (struct bytes){ octets, PERMIT_SIZE - 1 });
	denied("I4: with another subscriber's", leave(octets, PURPOSE_ACCESS, OTHER, 60));
	denied("I4: with one that is over", leave(octets, PURPOSE_ACCESS, IMSI, 0));
	denied("I4: with one for another purpose", leave(octets, PURPOSE_PROVISIONING, IMSI, 60));
	changed_anywhere();
	many_permits();
	wrong_door();
	return done();
}
