/* SPDX-License-Identifier: Apache-2.0 */
/* PE-AKAParameter (TCA 2.3.1, 8.5): the subscriber of the ADF made last. */
#include "card/install_run.h"
#include "card/naa.h"
#include "profile/keys.h"

#include <string.h>

_Static_assert((int)AKA_MILENAGE == (int)ALGORITHM_MILENAGE, "one numbering");
_Static_assert((int)AKA_TUAK == (int)ALGORITHM_TUAK, "one numbering");
_Static_assert((int)AKA_TEST == (int)ALGORITHM_USIM_TEST, "one numbering");
_Static_assert((int)SQN_INDS == (int)AKA_SQN_INIT_COUNT, "one array");

enum { SQN_CHECK_AGE = 0x01, SQN_CHECK_DELTA = 0x02 }; /* sqnOptions */

static enum err subscriber_of(const struct aka_parameter *aka, struct aka_subscriber *who)
{
	struct aka_sizes sizes;

	TRY(aka_sizes_of(aka, &sizes));
	aka_subscriber_init(who, (enum aka_algorithm)aka->algorithm);
	who->k = aka->key;
	if (aka->algorithm != ALGORITHM_USIM_TEST)
		who->opc = aka->opc;
	if (aka->algorithm == ALGORITHM_MILENAGE) {
		memcpy(who->constants.r, aka->rotation, sizeof who->constants.r);
		memcpy(who->constants.c, aka->xoring, sizeof who->constants.c);
	}
	if (aka->algorithm == ALGORITHM_TUAK)
		who->iterations = aka->iterations;
	who->mac_size = sizes.mac;
	who->res_size = sizes.res;
	who->ck_size = sizes.ck;
	who->ik_size = sizes.ik;
	return aka_subscriber_valid(who) ? ERR_NONE : ERR_VALUE;
}

/* sqnInit has no IND in it: entry n is what was last accepted with IND n. */
static enum err sequence_of(struct install *i, const struct aka_parameter *aka,
                            struct naa_sequence *out)
{
	uint64_t seq;

	*out = (struct naa_sequence){ 0 };
	if (aka->sqn_options & SQN_CHECK_DELTA)
		out->rules.delta = aka->sqn_delta;
	if (aka->sqn_options & SQN_CHECK_AGE)
		out->rules.age_limit = aka->sqn_age_limit;
	for (unsigned n = 0; n < SQN_INDS; n++) {
		TRY(aka_sqn_init(&i->pe, aka, n, &seq));
		out->seen.at[n] = sqn_make(seq, seq == 0 ? 0 : n);
	}
	return ERR_NONE;
}

static enum err own_create(struct install *i, const struct aka_parameter *aka)
{
	struct aka_subscriber who;
	struct naa_sequence sequence;
	enum err err;

	/* authCounterMax: this card does not count; the test algorithm ignores it anyway. */
	if (aka->has_counter_max && aka->algorithm != ALGORITHM_USIM_TEST &&
	    !bytes_same(BYTES(aka->counter_max), BYTES_STR("\xFF\xFF\xFF")))
		return install_refuse(i, PE_FEATURE_NOT_SUPPORTED, ERR_UNSUPPORTED);
	TRY(sequence_of(i, aka, &sequence));
	err = subscriber_of(aka, &who);
	if (err == ERR_NONE)
		err = naa_create(i->tree, i->naa, &who, &sequence);
	aka_subscriber_clear(&who);
	return err;
}

/* mappingParameter: another application's key, algorithm and sequence numbers, found by its AID. */
static enum err mapped_create(struct install *i, const struct aka_parameter *aka)
{
	struct fs_query query = {
		.parent = FS_NO_NODE,
		.fid = -1,
		.kind_from = NODE_ADF,
		.kind_to = NODE_ADF,
		.aid = {aka->source, aka->source_len},
	};
	uint16_t source;

	TRY(fs_find(i->tree, &query, &source, NULL));
	return naa_share(i->tree, i->naa, source);
}

enum err install_keys(struct install *i)
{
	struct aka_parameter aka;

	if (i->naa == FS_NO_NODE)
		return ERR_ORDER;
	TRY(aka_parameter_read(&i->pe, &aka));
	enum err err = aka.mapped ? mapped_create(i, &aka) : own_create(i, &aka);
	aka_parameter_clear(&aka);
	return err;
}
