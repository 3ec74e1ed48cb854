/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's requests for the inventory: packages come in, keys are taken out of them, both are sealed. */
#include "server/keeper_state.h"
#include "server/pack.h"

#include "profile/describe.h"
#include "profile/find.h"

#include <string.h>

/* subscriber_of translates what PE-AKAParameter says into what the AuC computes with. */
static enum err subscriber_of(const struct aka_parameter *from, struct aka_subscriber *who)
{
	struct aka_sizes sizes;

	if (from->algorithm != AKA_MILENAGE && from->algorithm != AKA_TUAK &&
	    from->algorithm != AKA_TEST)
		return ERR_UNSUPPORTED;
	aka_subscriber_init(who, (enum aka_algorithm)from->algorithm);
	TRY(aka_sizes_of(from, &sizes));
	who->k = from->key;
	if (who->algorithm != AKA_TEST)
		who->opc = from->opc;
	who->mac_size = sizes.mac;
	who->res_size = sizes.res;
	who->ck_size = sizes.ck;
	who->ik_size = sizes.ik;
	if (who->algorithm == AKA_MILENAGE) {
		memcpy(who->constants.r, from->rotation, sizeof who->constants.r);
		memcpy(who->constants.c, from->xoring, sizeof who->constants.c);
	}
	if (who->algorithm == AKA_TUAK)
		who->iterations = from->iterations;
	return aka_subscriber_valid(who) ? ERR_NONE : ERR_VALUE;
}

/* subscriber_put seals the keys of the package's USIM; writes nothing when it has none. */
static enum err subscriber_put(const struct keeper_state *state, const struct source *package,
                               struct bytes imsi, struct room *sealed)
{
	uint8_t record_octets[AKA_RECORD_MAX];
	struct room record = ROOM(record_octets);
	struct aka_parameter parameter;
	struct aka_subscriber who;
	enum err err = profile_find_aka(package, &parameter);

	if (err == ERR_NOT_FOUND || imsi.len == 0)
		return ERR_NONE;
	TRY(err);
	err = subscriber_of(&parameter, &who);
	aka_parameter_clear(&parameter);
	if (err == ERR_NONE) {
		aka_subscriber_put(&record, &who);
		err = seal_put(&state->seal, SEAL_SUBSCRIBER, imsi, room_used(&record), sealed);
	}
	aka_subscriber_clear(&who);
	wipe(record_octets, sizeof record_octets);
	return err;
}

/* seal_package answers import and generate: what the store is to keep. */
static enum err seal_package(const struct keeper_state *state, struct bytes package,
                             struct room *out)
{
	uint8_t sealed_octets[AKA_RECORD_MAX + SEAL_EXTRA];
	struct room sealed = ROOM(sealed_octets);
	struct source source = source_memory(&package);
	struct profile_facts facts;

	TRY(profile_find_facts(&source, &facts));
	TRY(subscriber_put(state, &source, bytes_text(facts.imsi), &sealed));
	pack_bytes(out, BYTES(facts.iccid_swapped));
	pack_bytes(out, bytes_text(facts.imsi));
	pack_bytes(out, bytes_text(facts.type));
	pack_bytes(out, bytes_text(facts.spn));
	pack_bytes(out, room_used(&sealed));
	/* The rest of the answer is the sealed package. */
	return seal_put(&state->seal, SEAL_PACKAGE, BYTES(facts.iccid_swapped), package, out);
}

enum err keeper_do_import(struct keeper_state *state, struct bytes in, struct room *out)
{
	return in.len > PACKAGE_MAX ? ERR_LIMIT : seal_package(state, in, out);
}

/* OPc or TOPc from K and OP or TOP, TS 35.206 4.1, TS 35.231 6.1. */
static enum err derive_opc(const struct profile_description *what, struct secret *opc)
{
	struct aka_subscriber who;
	enum err err;

	if (what->algorithm != AKA_MILENAGE && what->algorithm != AKA_TUAK)
		return ERR_UNSUPPORTED;
	aka_subscriber_init(&who, (enum aka_algorithm)what->algorithm);
	who.k = what->k;
	if (who.algorithm == AKA_TUAK)
		who.iterations = what->iterations;
	err = aka_subscriber_op(&who, &what->op);
	if (err == ERR_NONE)
		*opc = who.opc;
	aka_subscriber_clear(&who);
	return err;
}

enum err keeper_do_generate(struct keeper_state *state, struct bytes in, struct room *out)
{
	static const struct describe_ports ports = { .random = crypto_random,
		                                     .derive_opc = derive_opc };
	struct profile_description what;
	struct describe_flaw flaw;
	enum err err;

	TRY(profile_describe(in, &what, &flaw));
	err = profile_complete(&what, &ports);
	if (err == ERR_NONE)
		err = profile_build(&state->clear, &what);
	if (err == ERR_NONE)
		err = seal_package(state, room_used(&state->clear), out);
	profile_description_clear(&what);
	return err;
}
