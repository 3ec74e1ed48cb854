/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in files of a UICC: the GSM default alphabet of TS 23.038 6.2.1, one octet a character, or one of
 * the three codings of UCS2 of TS 102 221 annex A. On our side they are UTF-8.
 */
#ifndef CODEC_ALPHA_H
#define CODEC_ALPHA_H

#include "base/bytes.h"
#include "base/err.h"

/* alpha_read appends the name as UTF-8; FF ends it. What is no character of the alphabet, half a
 * character and a control character become U+FFFD. The room may overflow. */
void alpha_read(struct bytes alpha, struct room *text);

/* alpha_put appends the name: in the default alphabet where it has all characters, otherwise in UCS2
 * behind 80. ERR_VALUE when `text` is no UTF-8, has control characters or such beyond U+FFFE; then nothing
 * is appended. The room may overflow. */
NODISCARD enum err alpha_put(struct room *out, struct bytes text);

#endif
