/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler checks for us. Freestanding rooms are compiled with FREESTANDING defined: there,
 * names that would reach for a heap or a terminal do not compile.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#define NODISCARD __attribute__((warn_unused_result))
#define UNUSED    __attribute__((unused))
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))

/* ASSERT is for our own mistakes, never for what a peer sent. It stays on everywhere: a host aborts,
 * a card resets. */
#define ASSERT(condition)                \
	do {                             \
		if (!(condition))        \
			__builtin_trap(); \
	} while (0)

#ifdef FREESTANDING
#pragma GCC poison malloc calloc realloc free printf sprintf snprintf fprintf
#endif

#endif
