/* SPDX-License-Identifier: Apache-2.0 */
#include "aka/sqn.h"

void sqn_put(uint64_t sqn, uint8_t out[static AKA_SQN_SIZE])
{
	for (unsigned i = 0; i < AKA_SQN_SIZE; i++)
		out[i] = (uint8_t)(sqn >> (8 * (AKA_SQN_SIZE - 1 - i)));
}

uint64_t sqn_get(const uint8_t in[static AKA_SQN_SIZE])
{
	uint64_t sqn = 0;

	for (unsigned i = 0; i < AKA_SQN_SIZE; i++)
		sqn = sqn << 8 | in[i];
	return sqn;
}

uint64_t sqn_highest(const struct sqn_array *array)
{
	uint64_t highest = 0;

	for (unsigned i = 0; i < SQN_INDS; i++)
		highest = array->at[i] > highest ? array->at[i] : highest;
	return highest;
}

enum err sqn_accept(struct sqn_array *array, const struct sqn_rules *rules, uint64_t sqn)
{
	uint64_t seq = sqn_seq(sqn), seq_ms = sqn_seq(sqn_highest(array));
	uint64_t *mine = &array->at[sqn_ind(sqn)];

	/* TS 33.102 C.2.2 (i): no jump that would bring the counter near its end. */
	if (rules->delta != 0 && seq > seq_ms && seq - seq_ms > rules->delta)
		return ERR_SYNC;
	/* (ii): not too old, whatever its IND. */
	if (rules->age_limit != 0 && seq < seq_ms && seq_ms - seq >= rules->age_limit)
		return ERR_SYNC;
	/* (iii): above all that this IND has seen. */
	if (seq <= sqn_seq(*mine))
		return ERR_SYNC;
	*mine = sqn & SQN_MAX;
	return ERR_NONE;
}
