/* SPDX-License-Identifier: Apache-2.0 */
/* All of string.h that a freestanding room may use; compilers call these by themselves, too. */
#ifndef GATE_STRING_H
#define GATE_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *at, int octet, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif
