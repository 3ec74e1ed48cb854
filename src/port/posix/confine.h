/* SPDX-License-Identifier: Apache-2.0 */
/* A process that has all that it will ever need gives up the rest: no file can be opened, no network reached, no
 * program started, no other process looked into; what it has open it may read and write. Entered once,
 * never left. */
#ifndef PORT_POSIX_CONFINE_H
#define PORT_POSIX_CONFINE_H

#include <stdbool.h>

/* confine_dumps gives up core dumps and debuggers alone: for who is about to hold a key. False when it could not. */
__attribute__((warn_unused_result)) bool confine_dumps(void);

/* confine_enter is false when the kernel could not be made to; then the process must not go on. */
__attribute__((warn_unused_result)) bool confine_enter(void);

#endif
