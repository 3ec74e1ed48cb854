/* SPDX-License-Identifier: Apache-2.0 */
/* A failed assertion on a card is a reset. */
#define assert(condition) ((condition) ? (void)0 : __builtin_trap())
