/* SPDX-License-Identifier: Apache-2.0 */
/* A directory that assayd can be started from: configuration, master key, data. */
#ifndef SERVER_INIT_H
#define SERVER_INIT_H

#include "base/check.h"

#include <stdbool.h>

/* init_directory makes DIR/assayd.conf, DIR/master.key, DIR/data and DIR/catalogue; the certificates are
 * those of `pki` (as `assay pki new` names them), or, when it is NULL, expected in DIR/pki. Says what
 * fails; overwrites nothing. */
NODISCARD bool init_directory(const char *dir, const char *pki);

#endif
