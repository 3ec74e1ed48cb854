/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What integrity adds to a download (R11): octets and round trips of ES9+ (bodies; JSON and Base64 included,
 * HTTP headers and TLS not), and CPU of engine and verifier, against the same download without evidence in
 * the same run. Store, keeper and the messages between processes are in neither.
 */
#include "bench/download.h"
#include "tests/server/smdp_machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 40, AT_ONCE = 10 };

static const char policy[] =
	"assay-policy 1\nname \"b\"\npurpose provisioning\nformats tpm\nbanks sha256\n"
	"pcrs 0 2 4 7 9\nmax-age 3600\npairing enforce\n";
static const char wanted[] = "{\"formats\":[\"tpm\"],\"banks\":[\"sha256\"],\"pcrs\":[0,2,4,7,9]}";

enum mode { WITHOUT, LOG_KNOWN, LOG_WHOLE, MODES };
static const char *const names[] = { "without", "log known", "log sent" };

static enum mode mode;

static void show(struct soft_card *c)
{
	struct bytes session = { c->server_signed1, c->server_signed1_len };

	c->evidence = c->signed_evidence = (struct bytes){ NULL, 0 };
	if (mode != WITHOUT)
		c->evidence = c->signed_evidence =
			machine_show(session, c->eid, NULL,
		                     mode == LOG_KNOWN ? MACHINE_LOG_DIGEST : MACHINE_LOG_WHOLE);
}

static void set_mode(enum mode to)
{
	mode = to;
	world.judge = mode == WITHOUT ? NULL : machine_judge;
	world.ports.evidence_wanted =
		(struct bytes){ (const uint8_t *)wanted, mode == WITHOUT ? 0 : sizeof wanted - 1 };
}

/* The machines take turns, so that what else the computer does falls on all of them alike. */
int main(void)
{
	static struct stored_order fresh;
	struct {
		double seconds;
		size_t octets, trips;
	} sum[MODES] = { 0 };
	char dir[256];

	world_pki(dir, sizeof dir);
	world_init(&world, dir);
	world.ports.verify = verify;
	card_init(&card, dir, NULL, EC_P256);
	machine_init(card.eid, policy);
	card_shows = show;
	struct stored_order *row = world_profile(&world, "8949000000000000017", "op", "basic");
	world_release(&world, row, "BENCH");
	fresh = *row;
	set_mode(LOG_WHOLE);
	one_download(); /* caches */
	for (int i = 0; i < ROUNDS * MODES; i++) {
		set_mode((enum mode)(i % MODES));
		world.seconds = 0;
		world.octets = world.trips = 0;
		for (int n = 0; n < AT_ONCE; n++) {
			fresh.order.version = row->order.version;
			*row = fresh;
			one_download();
		}
		sum[mode].seconds += world.seconds;
		sum[mode].octets += world.octets;
		sum[mode].trips += world.trips;
	}
	for (int i = 0; i < MODES; i++) {
		const double runs = ROUNDS * AT_ONCE;
		printf("%-10s %6.1f us CPU (%.2f)  %7.0f octets (%+.0f)  %.0f round trips\n",
		       names[i], sum[i].seconds / runs * 1e6, sum[i].seconds / sum[WITHOUT].seconds,
		       (double)sum[i].octets / runs,
		       ((double)sum[i].octets - (double)sum[WITHOUT].octets) / runs,
		       (double)sum[i].trips / runs);
	}
	return 0;
}
