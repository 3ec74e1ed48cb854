/* SPDX-License-Identifier: Apache-2.0 */
/* The store's requests for the AuC: subscriptions and their sequence numbers. */
#include "server/pack.h"
#include "server/store_ops.h"

enum { IND_COUNT = 32 };

/* TS 33.102 C.1.2: SQN has 48 bits, IND takes five of them. */
static const uint64_t seq_max = (UINT64_C(1) << 43) - 1;

enum err store_do_subscription_load(struct db *db, struct bytes in, struct room *out)
{
	struct subscription subscription = { .imsi = in };
	struct db_use use = db_use(db, DB_SUBSCRIPTION_GET);
	struct bytes iccid;
	uint64_t basis;

	db_put_text(&use, in);
	TRY(db_row(&use));
	iccid = db_blob(&use, 0);
	for (size_t i = 0; i < ICCID_SIZE && i < iccid.len; i++)
		subscription.iccid[i] = iccid.at[i];
	subscription.sealed = db_blob(&use, 1);
	subscription.barred = db_number(&use, 2) != 0;
	pack_subscription(out, &subscription);
	db_reset(&use);
	TRY(store_access_basis(db, in, &basis));
	room_put_u64(out, basis);
	return ERR_NONE;
}

static enum err seq_get(struct db *db, struct bytes imsi, uint64_t *seq)
{
	struct db_use use = db_use(db, DB_SEQ_GET);

	db_put_text(&use, imsi);
	TRY(db_row(&use));
	*seq = db_number(&use, 0);
	db_reset(&use);
	return ERR_NONE;
}

static enum err seq_set(struct db *db, struct bytes imsi, uint64_t seq)
{
	struct db_use use = db_use(db, DB_SEQ_SET);

	db_put_number(&use, seq);
	db_put_text(&use, imsi);
	return db_done(&use);
}

enum err store_do_sqn_reserve(struct db *db, struct bytes in, struct room *out)
{
	struct bytes imsi;
	uint64_t ind, count, seq;

	TRY(unpack_bytes(&in, &imsi));
	TRY(unpack_u64(&in, &ind));
	TRY(unpack_u64(&in, &count));
	if (ind >= IND_COUNT || count == 0 || count > SQN_RANGE_MAX)
		return ERR_VALUE;
	TRY(seq_get(db, imsi, &seq));
	if (count > seq_max - seq)
		return ERR_FULL;
	TRY(seq_set(db, imsi, seq + count));
	room_put_u64(out, seq + 1);
	return ERR_NONE;
}

enum err store_do_sqn_raise(struct db *db, struct bytes in, struct room *out)
{
	struct bytes imsi;
	uint64_t least, seq;

	(void)out;
	TRY(unpack_bytes(&in, &imsi));
	TRY(unpack_u64(&in, &least));
	if (least > seq_max)
		return ERR_VALUE;
	TRY(seq_get(db, imsi, &seq));
	return least > seq ? seq_set(db, imsi, least) : ERR_NONE;
}
