/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines for the person who runs assayd, on standard error: time, process, text. What comes from a peer is
 * printed with everything but plain ASCII replaced; secrets never get here (no function takes one).
 */
#ifndef SERVER_LOG_H
#define SERVER_LOG_H

#include "base/err.h"

enum log_level { LOG_ERROR_LEVEL, LOG_INFO_LEVEL, LOG_DEBUG_LEVEL };

/* log_as names this process in its lines ("keeper", "worker 2"). */
void log_as(const char *name);
void log_level(enum log_level most);

__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_info(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_debug(const char *format, ...);

#endif
