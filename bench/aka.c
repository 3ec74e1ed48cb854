/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AKA vectors a second and core: one by one, and in batches, with a fresh key schedule for every
 * vector, from subscribers and RANDs to finished quintets. Beside them the AES-128 speed of the machine in
 * the same run, as OpenSSL reaches it with one key over a long run of blocks: five blocks a vector
 * at that speed are the floor, key schedules not counted.
 */
#include "aka/aka.h"

#include "bench/bench.h"
#include "port/crypto.h"
#include "port/crypto_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUBSCRIBERS = 64, AES_OCTETS = 16384, BLOCKS_PER_VECTOR = 5 };

static struct aka_subscriber subscribers[SUBSCRIBERS];
static struct aka_request requests[SUBSCRIBERS];
static struct aka_vector vectors[SUBSCRIBERS];
static struct crypto_milenage lanes[SUBSCRIBERS];
static uint8_t buffer[AES_OCTETS];

static void must(enum err err)
{
	if (err != ERR_NONE) {
		fprintf(stderr, "bench/aka: %s\n", err_text(err));
		exit(EXIT_FAILURE);
	}
}

static void set_up(enum aka_algorithm algorithm)
{
	for (size_t i = 0; i < SUBSCRIBERS; i++) {
		struct aka_subscriber *who = &subscribers[i];
		aka_subscriber_init(who, algorithm);
		who->k.len = 16;
		who->opc.len = algorithm == AKA_TUAK ? 32 : 16;
		must(crypto_random(who->k.at, who->k.len));
		must(crypto_random(who->opc.at, who->opc.len));
		requests[i] =
			(struct aka_request){ .who = who, .sqn = i, .amf = AKA_AMF_SEPARATION };
		must(crypto_random(requests[i].rand, sizeof requests[i].rand));
		lanes[i] = (struct crypto_milenage){
			.k = who->k.at,
			.opc = who->opc.at,
			.rand = requests[i].rand,
			.autn = vectors[i].autn,
			.res = vectors[i].xres,
			.ck = vectors[i].ck,
			.ik = vectors[i].ik,
		};
	}
}

static void aes_blocks(void *ctx)
{
	must(crypto_aes_ecb(ctx, BYTES(buffer), buffer));
}

static void one_by_one(void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < SUBSCRIBERS; i++)
		must(aka_vector_make(&requests[i], &vectors[i]));
}

static void batches_of_one(void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < SUBSCRIBERS; i++)
		must(aka_vectors(&requests[i], 1, &vectors[i]));
}

static void batch(void *ctx)
{
	(void)ctx;
	must(aka_vectors(requests, SUBSCRIBERS, vectors));
}

static void backend(void *ctx)
{
	const struct crypto_milenage_backend *with = ctx;

	must(with->run(lanes, SUBSCRIBERS));
}

static double vectors_each_second(void (*run)(void *ctx), void *ctx)
{
	return SUBSCRIBERS / bench_seconds_each(run, ctx, 0.5);
}

static void line(const char *what, double rate, double blocks)
{
	printf("%-34s %9.3f M/s   %5.3f of the AES floor\n", what, rate / 1e6,
	       rate * BLOCKS_PER_VECTOR / blocks);
}

int main(void)
{
	struct secret key = { .len = 16, .at = { 1 } };
	double blocks = AES_OCTETS / 16 / bench_seconds_each(aes_blocks, &key, 0.5);

	printf("%-34s %9.3f M/s   (OpenSSL, one key)\n", "AES-128 blocks", blocks / 1e6);
	printf("%-34s %9.3f M/s\n", "  which is, in vectors", blocks / BLOCKS_PER_VECTOR / 1e6);
	set_up(AKA_MILENAGE);
	line("Milenage quintets, one by one", vectors_each_second(one_by_one, NULL), blocks);
	line("Milenage quintets, batches of one", vectors_each_second(batches_of_one, NULL),
	     blocks);
	line("Milenage quintets, in batches", vectors_each_second(batch, NULL), blocks);
	for (size_t i = 0; i < crypto_milenage_backend_count; i++) {
		static struct crypto_milenage_backend with;
		char name[64];

		with = crypto_milenage_backends[i];
		snprintf(name, sizeof name, "  the port alone, %s", with.name);
		if (with.available())
			line(name, vectors_each_second(backend, &with), blocks);
	}
	set_up(AKA_TUAK);
	printf("%-34s %9.3f M/s\n", "TUAK quintets", vectors_each_second(one_by_one, NULL) / 1e6);
	return EXIT_SUCCESS;
}
