/* SPDX-License-Identifier: Apache-2.0 */
/* Laws: whatever a client asks of the keeper, no key is in the answer, and nothing in clear is left behind (R7); and who
 * has no permit has no package bound, nor anything permitted in a session that the keeper did not open (I4). The
 * first octet says which request. */
#include "server/keeper_state.h"

#include "fuzz/law.h"

#include <string.h>

static uint8_t clear[PACKAGE_MAX], reply[2 * PACKAGE_MAX];

static void begin(struct keeper_state *state)
{
	static const struct secret master = { .at = { 7 }, .len = 32 };
	uint8_t point[EC_POINT_SIZE];

	LAW(seal_begin(&state->seal, &master) == ERR_NONE);
	state->ci_count = 1;
	state->ci[0] = (struct keeper_ci){ .curve = EC_P256, .has_dpauth = true, .has_dppb = true };
	LAW(crypto_ec_generate(EC_P256, &state->ci[0].dpauth, point) == ERR_NONE);
	LAW(crypto_ec_generate(EC_P256, &state->ci[0].dppb, point) == ERR_NONE);
	state->address = BYTES_STR("a.b");
	state->session_s = 600;
	state->clear = ROOM(clear);
}

static bool holds(struct bytes text, const struct secret *key)
{
	return text.len >= key->len && memmem(text.at, text.len, key->at, key->len) != NULL;
}

/* A permit repeats what it is asked to name, and libFuzzer learns keys from comparisons: who asks with the key in his
 * hands is told nothing. */
static bool leaks(struct bytes asked, struct bytes answer, const struct secret *key)
{
	return holds(answer, key) && !holds(asked, key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct keeper_state state;
	struct room out = ROOM(reply);
	struct bytes in = { data + 1, size - 1 }, text;
	enum err err;

	if (size == 0)
		return 0;
	if (state.ci_count == 0)
		begin(&state);
	err = keeper_answer(&state, data[0], in, &out);
	text = (struct bytes){ reply, out.len };
	LAW(data[0] != KEEPER_BIND || (err != ERR_NONE && text.len == 0));
	LAW(data[0] != KEEPER_PERMIT || text.len == 0);
	LAW(state.clear.len == 0 && !state.clear.full);
	LAW(!leaks(in, text, &state.ci[0].dpauth) && !leaks(in, text, &state.ci[0].dppb));
	for (size_t kind = 0; kind < SEAL_KINDS; kind++)
		LAW(!leaks(in, text, &state.seal.key[kind]));
	for (size_t i = 0; i < sizeof clear && i < 64; i++)
		LAW(clear[i] == 0);
	return 0;
}
