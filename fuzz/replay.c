/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds a fuzz law without a fuzzer: every file of the corpus, then each of them cut short at every
 * length and with a bounded number of seeded changes. Prints TAP. A broken law aborts the program.
 */
#include "fuzz/law.h"
#include "tests/tap.h"

#include <dirent.h>

enum { INPUT_MAX = 1 << 17, CUTS_MAX = 512, CHANGES = 256 };

static uint64_t state = 0x9E3779B97F4A7C15;

/* xorshift64*: the same sequence on every machine, so that a failure repeats. */
static uint32_t draw(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)(state * 0x2545F4914F6CDD1D >> 32) % below;
}

/* A copy of exactly that size on the heap, so that the sanitizers see a read past its end. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *exact = calloc(1, size > 0 ? size : 1);

	if (exact == NULL)
		abort();
	memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static size_t run_file(const char *path)
{
	static uint8_t data[INPUT_MAX], changed[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	size_t size, step;

	if (file == NULL)
		return 0;
	size = fread(data, 1, sizeof data, file);
	fclose(file);
	run(data, size);
	step = size / CUTS_MAX + 1;
	for (size_t cut = 0; cut < size; cut += step)
		run(data, cut);
	for (int i = 0; size > 0 && i < CHANGES; i++) {
		memcpy(changed, data, size);
		for (uint32_t n = 1 + draw(3); n > 0; n--)
			changed[draw((uint32_t)size)] = (uint8_t)draw(256);
		run(changed, size);
	}
	return 1;
}

int main(int argc, char **argv)
{
	size_t files = 0;
	struct dirent **entries;
	int count;

	if (argc != 3)
		return EXIT_FAILURE;
	run((const uint8_t *)"", 0);
	count = scandir(argv[2], &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", argv[2], entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			files += run_file(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	ok(files > 0, "law %s holds over %zu seeds, each cut short and changed %d times", argv[1],
	   files, CHANGES);
	return done();
}
