/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one error type. A cause is declared once, here, and mapped to a status word (card), a
 * subject/reason code (ES9+, ES2+) or an exit code (programs) at the edge and nowhere else.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/check.h"

#define ERR_LIST(X)                                                                 \
	X(ERR_TRUNCATED, "input ends inside an element")                            \
	X(ERR_TAG, "element is not the one expected")                               \
	X(ERR_LENGTH, "length is not one the element may have")                     \
	X(ERR_VALUE, "value is not one the element may have")                       \
	X(ERR_TRAILING, "octets follow where nothing may")                          \
	X(ERR_DEPTH, "elements are nested too deep")                                \
	X(ERR_ROOM, "result does not fit the room given")                           \
	X(ERR_LIMIT, "a documented limit is exceeded")                              \
	X(ERR_ORDER, "not allowed in the present state")                            \
	X(ERR_DENIED, "access condition not met")                                   \
	X(ERR_SIGNATURE, "signature does not verify")                               \
	X(ERR_MAC, "message authentication code does not verify")                   \
	X(ERR_CERTIFICATE, "certificate is not acceptable")                         \
	X(ERR_EXPIRED, "validity has ended")                                        \
	X(ERR_NOT_FOUND, "no such thing")                                           \
	X(ERR_EXISTS, "such a thing exists already")                                \
	X(ERR_FULL, "storage is full")                                              \
	X(ERR_UNSUPPORTED, "not supported")                                         \
	X(ERR_SYNC, "sequence number is out of range")                              \
	X(ERR_IO, "the world did not do as asked")                                  \
	X(ERR_BUSY, "try again later")                                              \
	X(ERR_TIMEOUT, "no answer in time")                                         \
	X(ERR_CRYPTO, "the crypto backend failed")                                  \
	X(ERR_CORRUPT, "stored data is damaged")                                    \
	X(ERR_MISMATCH, "two things that belong together differ")

enum err {
	ERR_NONE = 0,
#define X(name, text) name,
	ERR_LIST(X)
#undef X
	ERR_COUNT
};

/* err_text is one English phrase for the cause, without a full stop; never NULL. */
const char *err_text(enum err err);

/* err_name is the enumerator's own name, "ERR_TAG"; never NULL. */
const char *err_name(enum err err);

/* TRY returns from the calling function with the cause unless `call` succeeded. It is the only macro
 * that hides a return. */
#define TRY(call)                          \
	do {                               \
		enum err try_err = (call); \
		if (try_err != ERR_NONE)   \
			return try_err;    \
	} while (0)

#endif
