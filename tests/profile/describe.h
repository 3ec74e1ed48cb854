/* SPDX-License-Identifier: Apache-2.0 */
/* Random but right descriptions from a seed, for tests of what is built from them. */
#ifndef TESTS_PROFILE_DESCRIBE_H
#define TESTS_PROFILE_DESCRIBE_H

#include "profile/build.h"

#include <stdio.h>
#include <string.h>

/* xorshift64*: good enough to vary test input. */
static inline uint32_t draw(uint64_t *state, uint32_t below)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)((*state * 0x2545F4914F6CDD1D) >> 33) % below;
}

static inline void draw_digits(uint64_t *state, char *out, size_t len)
{
	for (size_t n = 0; n < len; n++)
		out[n] = (char)('0' + draw(state, 10));
	out[len] = '\0';
}

static inline struct secret draw_secret(uint64_t *state, uint8_t len)
{
	struct secret secret = { .len = len };

	for (size_t n = 0; n < len; n++)
		secret.at[n] = (uint8_t)draw(state, 256);
	return secret;
}

static inline void draw_codes(uint64_t *state, struct profile_description *d)
{
	draw_digits(state, d->pin1, 4 + draw(state, 5));
	draw_digits(state, d->pin2, 4 + draw(state, 5));
	draw_digits(state, d->puk1, 8);
	draw_digits(state, d->puk2, 8);
	d->adm1 = draw_secret(state, 8);
	d->pin1_enabled = draw(state, 2);
}

static inline void draw_keys(uint64_t *state, struct profile_description *d)
{
	d->algorithm = (uint8_t)(1 + draw(state, 3));
	d->k = draw_secret(state, d->algorithm == ALGORITHM_TUAK && draw(state, 2) ? 32 : 16);
	d->opc = draw_secret(state, d->algorithm == ALGORITHM_TUAK ? 32 : 16);
	d->iterations = (uint8_t)(1 + draw(state, 3));
	d->ota = draw(state, 2);
	for (size_t n = 0; n < PROFILE_OTA_KEYS; n++)
		d->ota_keys[n] = draw_secret(state, (uint8_t)(16 + 8 * draw(state, 3)));
}

static inline void draw_suci(uint64_t *state, struct profile_suci *suci)
{
	suci->scheme = (uint8_t)draw(state, 3);
	suci->in_usim = draw(state, 2);
	suci->key_id = (uint8_t)draw(state, 256);
	suci->key_len = suci->scheme == 1 ? 32 : 33;
	for (size_t n = 0; n < suci->key_len; n++)
		suci->key[n] = (uint8_t)draw(state, 256);
	if (suci->scheme == 2)
		suci->key[0] = 2;
	draw_digits(state, suci->routing, 1 + draw(state, 4));
}

static inline void describe(uint64_t *state, struct profile_description *d)
{
	profile_defaults(d);
	snprintf(d->name, sizeof d->name, "Operator %u", draw(state, 100000));
	draw_digits(state, d->iccid, 18 + draw(state, 3));
	draw_digits(state, d->imsi, 6 + draw(state, 10));
	d->mnc_digits = (uint8_t)(2 + draw(state, 2));
	snprintf(d->spn, sizeof d->spn, "Net %u", draw(state, 1000000));
	if (draw(state, 2))
		draw_digits(state, d->msisdn, 1 + draw(state, 20));
	if (draw(state, 2)) {
		d->smsc[0] = '+';
		draw_digits(state, d->smsc + 1, 1 + draw(state, 19));
	}
	d->apns = (uint8_t)draw(state, PROFILE_APNS_MAX + 1);
	for (size_t n = 0; n < d->apns; n++)
		snprintf(d->apn[n], sizeof d->apn[n], "net%u.example.org", draw(state, 10000));
	d->ehplmns = (uint8_t)draw(state, 3);
	d->fplmns = (uint8_t)draw(state, 3);
	for (size_t n = 0; n < 3; n++) {
		draw_digits(state, d->ehplmn[n], 5 + draw(state, 2));
		draw_digits(state, d->fplmn[n], 5 + draw(state, 2));
	}
	d->isim = draw(state, 2);
	d->telecom = draw(state, 2);
	d->gsm = draw(state, 2);
	d->n5gs = draw(state, 2);
	draw_codes(state, d);
	draw_keys(state, d);
	draw_suci(state, &d->suci);
}

#endif
