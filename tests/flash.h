/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash in memory that loses power on demand. After the n-th write everything fails until power is
 * back; what was not synced then survives, vanishes or tears, each write on its own, as a seed says.
 */
#ifndef TESTS_FLASH_H
#define TESTS_FLASH_H

#include "port/flash.h"

#include <stdlib.h>
#include <string.h>

enum { MEM_PENDING = 512 };

struct mem_flash {
	uint8_t *now;     /* what reads see */
	uint8_t *durable; /* what survives */
	uint32_t size;
	long writes_left; /* -1: power stays */
	long writes;      /* made so far */
	bool dead;
	struct {
		uint32_t at;
		size_t len;
	} pending[MEM_PENDING];
	size_t count;
	uint32_t dice;
};

static uint32_t mem_roll(struct mem_flash *f)
{
	f->dice = f->dice * 1664525u + 1013904223u;
	return f->dice >> 8;
}

static enum err mem_read(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
	struct mem_flash *f = ctx;

	if (f->dead)
		return ERR_IO;
	if (at > f->size || len > f->size - at)
		return ERR_VALUE;
	memcpy(out, f->now + at, len);
	return ERR_NONE;
}

static enum err mem_sync(void *ctx)
{
	struct mem_flash *f = ctx;

	if (f->dead)
		return ERR_IO;
	for (size_t i = 0; i < f->count; i++)
		memcpy(f->durable + f->pending[i].at, f->now + f->pending[i].at, f->pending[i].len);
	f->count = 0;
	return ERR_NONE;
}

/* What the cut leaves of one write: all, nothing, or a first part. */
static void mem_settle(struct mem_flash *f, uint32_t at, const uint8_t *data, size_t len)
{
	switch (mem_roll(f) % 4) {
	case 0:
		break;
	case 1:
		memcpy(f->durable + at, data, mem_roll(f) % (len + 1));
		break;
	default:
		memcpy(f->durable + at, data, len);
		break;
	}
}

static enum err mem_write(void *ctx, uint32_t at, struct bytes data)
{
	struct mem_flash *f = ctx;

	if (f->dead)
		return ERR_IO;
	if (at > f->size || data.len > f->size - at)
		return ERR_VALUE;
	if (f->count == MEM_PENDING && mem_sync(f) != ERR_NONE)
		return ERR_IO;
	f->writes++;
	if (f->writes_left == 0) {
		f->dead = true;
		for (size_t i = 0; i < f->count; i++)
			mem_settle(f, f->pending[i].at, f->now + f->pending[i].at,
			           f->pending[i].len);
		mem_settle(f, at, data.at, data.len);
		return ERR_IO;
	}
	if (f->writes_left > 0)
		f->writes_left--;
	memcpy(f->now + at, data.at, data.len);
	f->pending[f->count].at = at;
	f->pending[f->count++].len = data.len;
	return ERR_NONE;
}

__attribute__((unused)) static void mem_make(struct mem_flash *f, uint32_t size)
{
	*f = (struct mem_flash){ .size = size, .writes_left = -1 };
	f->now = calloc(1, size);
	f->durable = calloc(1, size);
}

/* mem_power switches on again, with a cut after `writes` more writes (-1: none). */
__attribute__((unused)) static void mem_power(struct mem_flash *f, long writes, uint32_t seed)
{
	if (f->dead)
		memcpy(f->now, f->durable, f->size);
	else
		(void)!mem_sync(f);
	f->count = 0;
	f->dead = false;
	f->writes_left = writes;
	f->writes = 0;
	f->dice = seed;
}

__attribute__((unused)) static void mem_copy(struct mem_flash *to, const struct mem_flash *from)
{
	memcpy(to->now, from->now, from->size);
	memcpy(to->durable, from->now, from->size);
	to->count = 0;
	to->dead = false;
	to->writes_left = -1;
}

__attribute__((unused)) static struct flash mem_port(struct mem_flash *f)
{
	return (struct flash){ f, f->size, mem_read, mem_write, mem_sync };
}

#endif
