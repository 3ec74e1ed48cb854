/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal: two digits an octet, high nibble first. */
#ifndef CODEC_HEX_H
#define CODEC_HEX_H

#include "base/bytes.h"
#include "base/err.h"

/* hex_read appends the octets that `text` (either case, no separators) stands for. ERR_LENGTH for an
 * odd count, ERR_VALUE for a foreign character, ERR_ROOM; on error the room is as before. */
NODISCARD enum err hex_read(struct bytes text, struct room *out);

/* hex_put appends lower-case digits; hex_put_upper upper-case ones. */
void hex_put(struct room *out, struct bytes in);
void hex_put_upper(struct room *out, struct bytes in);

#endif
