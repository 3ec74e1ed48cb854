/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 of RFC 4648: section 4 with padding (SGP.22 JSON), section 5 without (JOSE). */
#ifndef CODEC_BASE64_H
#define CODEC_BASE64_H

#include "base/bytes.h"
#include "base/err.h"

/* base64_read appends what `text` stands for. Strict: padding as section 4 says, unused bits zero, no
 * white space. ERR_LENGTH, ERR_VALUE or ERR_ROOM; on error the room is as before. */
NODISCARD enum err base64_read(struct bytes text, struct room *out);
void base64_put(struct room *out, struct bytes in);

/* base64url_read and base64url_put are the URL alphabet without padding. */
NODISCARD enum err base64url_read(struct bytes text, struct room *out);
void base64url_put(struct room *out, struct bytes in);

#endif
