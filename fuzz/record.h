/* SPDX-License-Identifier: Apache-2.0 */
/* The law of records that processes hand to each other: what reads is written back to the same octets, what does not
 * read moves nothing. `in` is what is read, and `octets` an array with room for any record. */
#ifndef FUZZ_RECORD_H
#define FUZZ_RECORD_H

#include "fuzz/law.h"

#include <string.h>

#define TRY_RECORD(name, type)                                             \
	do {                                                               \
		struct type record, before;                                \
		struct bytes rest = in;                                    \
		struct room again = ROOM(octets);                          \
		memset(&record, 0x55, sizeof record);                      \
		before = record;                                           \
		if (unpack_##name(&rest, &record) != ERR_NONE) {           \
			LAW(memcmp(&record, &before, sizeof record) == 0); \
			LAW(rest.at == in.at && rest.len == in.len);       \
		} else {                                                   \
			pack_##name(&again, &record);                      \
			in.len -= rest.len;                                \
			LAW(!again.full);                                  \
			LAW(bytes_same(room_used(&again), in));            \
		}                                                          \
	} while (0)

#endif
