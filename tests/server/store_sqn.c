/* SPDX-License-Identifier: Apache-2.0 */
/*
 * I5 on the real store: a process that reserves sequence numbers is killed at any moment, again and again;
 * its successors never get a number that somebody was told before.
 */
#include "server/pack.h"
#include "server/store_ops.h"
#include "tests/tap.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILLS = 40, PER_GROUP = 8, COUNT = 3, SEEN_MAX = 1 << 20 };

static const char imsi[] = "001010000000001";

/* What a child was told, when it was durable. */
struct told {
	uint64_t first, count;
};

static struct bytes imsi_bytes(void)
{
	return (struct bytes){ (const uint8_t *)imsi, sizeof imsi - 1 };
}

static bool add_subscription(struct db *db)
{
	uint8_t octets[1024];
	struct room room = ROOM(octets), none = { NULL, 0, 0, false };
	struct order order = { .state = PROFILE_AVAILABLE, .imsi = imsi_bytes() };
	struct subscription subscription = { .imsi = imsi_bytes(), .sealed = BYTES_STR("sealed") };

	pack_order(&room, &order);
	pack_bytes(&room, BYTES_STR("package"));
	room_put_u64(&room, 1);
	pack_subscription(&room, &subscription);
	return db_begin(db) == ERR_NONE &&
	       store_answer(db, STORE_PROFILE_ADD, room_used(&room), &none) == ERR_NONE &&
	       db_end(db) == ERR_NONE;
}

static bool reserve(struct db *db, uint64_t ind, struct told *told)
{
	uint8_t octets[64], answer[8];
	struct room room = ROOM(octets), reply = ROOM(answer);

	pack_bytes(&room, imsi_bytes());
	room_put_u64(&room, ind);
	room_put_u64(&room, COUNT);
	told->count = COUNT;
	return store_answer(db, STORE_SQN_RESERVE, room_used(&room), &reply) == ERR_NONE &&
	       bytes_uint(room_used(&reply), &told->first);
}

/* Groups of reservations, as the store makes them for two AuCs at once; told only after the commit. */
static void reserve_for_ever(const char *path, int to)
{
	struct told told[PER_GROUP];
	struct db db;

	if (db_open(&db, path) != ERR_NONE)
		_exit(1);
	for (;;) {
		if (db_begin(&db) != ERR_NONE)
			_exit(1);
		for (uint64_t i = 0; i < PER_GROUP; i++)
			if (!reserve(&db, i % 2, &told[i]))
				_exit(1);
		if (db_end(&db) != ERR_NONE || write(to, told, sizeof told) != sizeof told)
			_exit(1);
	}
}

/* A life: some milliseconds of reserving, then kill -9. All that it told is in `seen`. */
static void one_life(const char *path, unsigned us, uint8_t *seen, unsigned *twice,
                     unsigned *groups)
{
	struct told told[PER_GROUP];
	int ends[2];
	pid_t child;

	if (pipe(ends) != 0 || (child = fork()) < 0)
		return;
	if (child == 0)
		reserve_for_ever(path, ends[1]);
	close(ends[1]);
	if (read(ends[0], told, sizeof told) == sizeof told) {
		usleep(us);
		kill(child, SIGKILL);
		do {
			(*groups)++;
			for (size_t i = 0; i < PER_GROUP; i++)
				for (uint64_t n = 0; n < told[i].count; n++)
					*twice += seen[(told[i].first + n) % SEEN_MAX]++;
		} while (read(ends[0], told, sizeof told) == sizeof told);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ends[0]);
}

int main(void)
{
	static uint8_t seen[SEEN_MAX];
	char folder[] = "/tmp/assay-store-XXXXXX", path[64];
	unsigned twice = 0, groups = 0;
	struct told told;
	struct db db;

	if (mkdtemp(folder) == NULL)
		return EXIT_FAILURE;
	snprintf(path, sizeof path, "%s/assay.db", folder);
	ok_err(db_open(&db, path), ERR_NONE, "a store is made");
	ok(add_subscription(&db), "with one subscription");
	db_close(&db);
	for (unsigned i = 0; i < KILLS; i++)
		one_life(path, i * 137 % 5000, seen, &twice, &groups);
	ok(groups >= KILLS, "%u groups were committed in %d lives", groups, KILLS);
	ok(twice == 0, "I5: no sequence number was given twice");
	ok_err(db_open(&db, path), ERR_NONE, "the store opens after the last kill");
	ok(db_begin(&db) == ERR_NONE && reserve(&db, 0, &told) && db_end(&db) == ERR_NONE &&
	           seen[told.first % SEEN_MAX] == 0,
	   "... and goes on above all that was given");
	ok(told.first > 0 && told.first < SEEN_MAX,
	   "... from 1, without waste beyond what was lost");
	db_close(&db);
	snprintf(path, sizeof path, "rm -r %s", folder);
	return system(path) == 0 ? done() : EXIT_FAILURE;
}
