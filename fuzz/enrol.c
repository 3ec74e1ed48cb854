/* SPDX-License-Identifier: Apache-2.0 */
/* Law: what goes between worker and appraiser about enrolment, and what a manifest lists, is written back as it
 * was read; JSON from strangers is answered with a status that it deserves, and reaches the appraiser whole or not. */
#include "evidence/imei.h"
#include "evidence/manifest.h"
#include "server/enrol_http.h"

#include "fuzz/law.h"

#include <string.h>

static uint8_t store[1 << 16];
static int reached;

static void links(struct bytes in)
{
	struct enrol_challenge challenge;
	struct enrol_outcome outcome;
	struct enrol_begin begin;
	struct enrol_prove prove;
	struct room out = ROOM(store);

	if (enrol_begin_read(in, &begin) == ERR_NONE) {
		enrol_begin_put(&out, &begin);
		LAW(bytes_same(room_used(&out), in));
	}
	out.len = 0;
	if (enrol_prove_read(in, &prove) == ERR_NONE) {
		enrol_prove_put(&out, &prove);
		LAW(bytes_same(room_used(&out), in));
	}
	out.len = 0;
	/* Texts of no octets may have been absent or empty. */
	if (enrol_challenge_read(in, &challenge) == ERR_NONE) {
		enrol_challenge_put(&out, &challenge);
		LAW(out.len == in.len);
	}
	out.len = 0;
	if (enrol_outcome_read(in, &outcome) == ERR_NONE) {
		enrol_outcome_put(&out, &outcome);
		LAW(out.len == in.len);
	}
}

static void lists(struct bytes in)
{
	struct manifest_entry entry;
	struct bytes rest = in;

	while (manifest_next(&rest, &entry) == ERR_NONE) {
		struct room out = ROOM(store);
		LAW(imei_is_one(entry.imei));
		manifest_entry_put(&out, &entry);
		LAW(!out.full && out.len <= in.len - rest.len);
		LAW(memcmp(store, rest.at - out.len, out.len) == 0);
	}
}

static enum err begin(void *ctx, const struct enrol_begin *in, struct enrol_challenge *out)
{
	(void)ctx;
	LAW(in->eid.len == EID_SIZE && in->ek_public.at != NULL && in->ak_public.at != NULL);
	reached++;
	*out = (struct enrol_challenge){
		.refused = {"", ""}
	};
	return ERR_NONE;
}

static enum err prove(void *ctx, const struct enrol_prove *in, struct enrol_outcome *out)
{
	(void)ctx;
	LAW(in->id.len == ENROL_ID_SIZE);
	reached++;
	*out = (struct enrol_outcome){ .state = CHIP_PENDING };
	return ERR_NONE;
}

static void json(const char *path, struct bytes body)
{
	const struct enrol_service service = { NULL, begin, prove };
	struct room reply = ROOM(store);

	reached = 0;
	unsigned status = enrol_answer(&service, bytes_text(path), body, &reply);
	LAW((status == 200) == (reached == 1));
	LAW(status == 200 || status == 400);
	LAW(reply.len > 2 && reply.at[0] == '{' && reply.at[reply.len - 1] == '}');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes in = { data, size };

	if (size > 8192)
		return 0;
	links(in);
	lists(in);
	json(ENROL_PATH, in);
	json(ENROL_PATH "/prove", in);
	return 0;
}
