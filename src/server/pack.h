/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How our own processes put values into messages and rows: big-endian numbers of eight octets, byte
 * strings behind a length of four. An absent string (at == NULL) stays absent. Not for strangers.
 */
#ifndef SERVER_PACK_H
#define SERVER_PACK_H

#include "base/bytes.h"
#include "base/err.h"
#include "server/records.h"

void pack_bytes(struct room *out, struct bytes value);
NODISCARD enum err unpack_u64(struct bytes *in, uint64_t *out);
NODISCARD enum err unpack_bytes(struct bytes *in, struct bytes *out);

/* unpack_exact takes a string of exactly n octets into `out`. */
NODISCARD enum err unpack_exact(struct bytes *in, uint8_t *out, size_t n);

/* One record each; the readers take it off the front and give views. */
void pack_order(struct room *out, const struct order *order);
NODISCARD enum err unpack_order(struct bytes *in, struct order *out);

/* unpack_order_row takes a row of the store: its version, then what was packed when it was written. */
NODISCARD enum err unpack_order_row(struct bytes *in, struct order *out);
void pack_session(struct room *out, const struct session *session);
NODISCARD enum err unpack_session(struct bytes *in, struct session *out);
void pack_audit(struct room *out, const struct audit *audit);
NODISCARD enum err unpack_audit(struct bytes *in, struct audit *out);
void pack_callback(struct room *out, const struct callback *callback);
NODISCARD enum err unpack_callback(struct bytes *in, struct callback *out);
void pack_subscription(struct room *out, const struct subscription *subscription);
NODISCARD enum err unpack_subscription(struct bytes *in, struct subscription *out);

#endif
