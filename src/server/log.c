/* SPDX-License-Identifier: Apache-2.0 */
#include "server/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_OCTETS = 800 };

static char process_name[32] = "assayd";
static enum log_level level_max = LOG_INFO_LEVEL;

void log_as(const char *name)
{
	snprintf(process_name, sizeof process_name, "%s", name);
}

void log_level(enum log_level most)
{
	level_max = most;
}

/* One write a line, so that lines of several processes do not mix. */
__attribute__((format(printf, 2, 0))) static void line(const char *mark, const char *format,
                                                       va_list args)
{
	char text[LINE_MAX_OCTETS];
	struct timespec now;
	struct tm utc;
	int at, more;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	at = snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %s[%d] %s",
	              utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
	              utc.tm_sec, now.tv_nsec / 1000000, process_name, (int)getpid(), mark);
	more = vsnprintf(text + at, sizeof text - (size_t)at - 1, format, args);
	if (more < 0)
		return;
	at = at + more < (int)sizeof text - 1 ? at + more : (int)sizeof text - 2;
	for (int i = 0; i < at; i++)
		if (text[i] < 0x20 || text[i] > 0x7E)
			text[i] = '?';
	text[at] = '\n';
	(void)!write(STDERR_FILENO, text, (size_t)at + 1); /* nowhere to say that it failed */
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line("error: ", format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	if (level_max < LOG_INFO_LEVEL)
		return;
	va_start(args, format);
	line("", format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	if (level_max < LOG_DEBUG_LEVEL)
		return;
	va_start(args, format);
	line("debug: ", format, args);
	va_end(args);
}
