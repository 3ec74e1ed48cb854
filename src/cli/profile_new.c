/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/profile_new.h"

#include "aka/aka.h"
#include "port/crypto.h"
#include "profile/describe.h"

static enum err derive_opc(const struct profile_description *what, struct secret *opc)
{
	struct aka_subscriber who;

	aka_subscriber_init(&who, (enum aka_algorithm)what->algorithm);
	who.k = what->k;
	if (what->algorithm == ALGORITHM_TUAK)
		who.iterations = what->iterations;
	enum err err = aka_subscriber_op(&who, &what->op);
	if (err == ERR_NONE)
		*opc = who.opc;
	aka_subscriber_clear(&who);
	return err;
}

static enum err make(struct profile_description *what, uint64_t n, struct room *package,
                     const char **flaw)
{
	static const struct describe_ports ports = { crypto_random, derive_opc };

	TRY(profile_step(what, n));
	TRY(profile_complete(what, &ports));
	*flaw = profile_description_flaw(what);
	if (*flaw != NULL)
		return ERR_VALUE;
	return profile_build(package, what);
}

enum err profile_make(const struct profile_description *first, uint64_t n,
                      const struct profile_sink *sink, const char **flaw)
{
	uint8_t octets[PROFILE_PACKAGE_MAX];
	struct room package = ROOM(octets);
	struct profile_description what = *first;

	*flaw = NULL;
	enum err err = make(&what, n, &package, flaw);
	if (err == ERR_NONE)
		err = sink->take(sink->ctx, &what, room_used(&package));
	profile_description_clear(&what);
	wipe(octets, sizeof octets);
	return err;
}
