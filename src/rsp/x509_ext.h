/* SPDX-License-Identifier: Apache-2.0 */
/* The extensions of a certificate, RFC 5280 4.2; used by x509.c only. */
#ifndef RSP_X509_EXT_H
#define RSP_X509_EXT_H

#include "rsp/x509.h"

/* x509_extensions_read fills the extension fields of `out` from a list of Extension elements. An
 * extension that occurs twice is ERR_VALUE. On error those fields hold anything. */
NODISCARD enum err x509_extensions_read(struct bytes extensions, struct x509 *out);

#endif
