/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Milenage, AUTN, AUTS and the GSM conversions against osmo-auc-gen (Debian: libosmocore-utils), an
 * implementation that shares nothing with ours. Skipped where it is not installed.
 */
#include "aka/aka.h"

#include "port/crypto.h"
#include "tests/tap.h"

enum { ROUNDS = 12, LINE_MAX_SIZE = 256 };

struct hex {
	char text[2 * 40 + 1];
};

static struct hex hex_of(const uint8_t *at, size_t size)
{
	struct hex hex = { "" };

	for (size_t i = 0; i < size; i++)
		snprintf(hex.text + 2 * i, 3, "%02x", at[i]);
	return hex;
}

/* What it prints behind "NAME:" and a tab. */
struct answer {
	char autn[64], ik[64], ck[64], res[64], sres[64], kc[64], sqn_ms[64];
};

static void note(const char *line, const char *name, char *out)
{
	size_t size = strlen(name);

	if (strncmp(line, name, size) == 0 && line[size] == ':')
		(void)!sscanf(line + size + 1, "%63s", out);
}

static bool ask(const struct aka_request *request, const char *how, struct answer *out)
{
	const struct aka_subscriber *who = request->who;
	char command[512], line[LINE_MAX_SIZE];

	snprintf(command, sizeof command,
	         "osmo-auc-gen -3 -a MILENAGE -k %s -o %s -r %s -f %04x %s 2>&1",
	         hex_of(who->k.at, 16).text, hex_of(who->opc.at, 16).text,
	         hex_of(request->rand, 16).text, (unsigned)request->amf, how);
	FILE *from = popen(command, "r");
	if (from == NULL)
		return false;
	memset(out, 0, sizeof *out);
	while (fgets(line, sizeof line, from) != NULL) {
		note(line, "AUTN", out->autn);
		note(line, "IK", out->ik);
		note(line, "CK", out->ck);
		note(line, "RES", out->res);
		note(line, "SRES", out->sres);
		note(line, "Kc", out->kc);
		note(line, "SQN.MS", out->sqn_ms);
	}
	return pclose(from) == 0;
}

static bool is_hex(const uint8_t *at, size_t size, const char *text)
{
	return strcmp(hex_of(at, size).text, text) == 0;
}

static struct aka_subscriber random_subscriber(struct aka_request *request)
{
	struct aka_subscriber who;
	uint8_t sqn[AKA_SQN_SIZE];

	aka_subscriber_init(&who, AKA_MILENAGE);
	who.k.len = who.opc.len = 16;
	if (crypto_random(who.k.at, 16) != ERR_NONE || crypto_random(who.opc.at, 16) != ERR_NONE ||
	    crypto_random(request->rand, sizeof request->rand) != ERR_NONE ||
	    crypto_random(sqn, sizeof sqn) != ERR_NONE)
		who.k.len = 0;
	request->sqn = sqn_get(sqn);
	request->amf = AKA_AMF_SEPARATION;
	return who;
}

static void quintet(int round)
{
	struct aka_request request;
	struct aka_subscriber who = random_subscriber(&request);
	struct aka_vector vector;
	struct aka_triplet triplet;
	struct answer theirs;
	char how[64];

	request.who = &who;
	snprintf(how, sizeof how, "-s %llu", (unsigned long long)request.sqn);
	bool ran = aka_vector_make(&request, &vector) == ERR_NONE &&
	           aka_triplet_make(&who, request.rand, &triplet) == ERR_NONE &&
	           ask(&request, how, &theirs);
	ok(ran && is_hex(vector.autn, 16, theirs.autn) && is_hex(vector.ck, 16, theirs.ck) &&
	           is_hex(vector.ik, 16, theirs.ik) && is_hex(vector.xres, 8, theirs.res),
	   "quintet %d: AUTN, CK, IK, RES agree", round);
	ok(ran && is_hex(triplet.sres, 4, theirs.sres) && is_hex(triplet.kc, 8, theirs.kc),
	   "... SRES and Kc too");
}

/* Our USIM's AUTS, uncovered by them. */
static void resynchronisation(int round)
{
	static const struct sqn_rules usual = { 1 << 28, 1 << 28 };
	struct aka_request request;
	struct aka_subscriber who = random_subscriber(&request);
	struct sqn_array seen = { { 0 } };
	struct aka_vector vector;
	struct aka_answer answer;
	struct answer theirs;
	char how[128], sqn_ms[32];

	request.who = &who;
	seen.at[sqn_ind(request.sqn)] = request.sqn;
	bool ran = aka_vector_make(&request, &vector) == ERR_NONE &&
	           aka_usim_check(&who, &seen, &usual, request.rand,
	                          (struct bytes){ vector.autn, vector.autn_size },
	                          &answer) == ERR_SYNC;
	snprintf(how, sizeof how, "-A %s", hex_of(answer.auts, answer.auts_size).text);
	snprintf(sqn_ms, sizeof sqn_ms, "%llu", (unsigned long long)request.sqn);
	ok(ran && ask(&request, how, &theirs) && strcmp(theirs.sqn_ms, sqn_ms) == 0,
	   "AUTS %d: they find the same SQN_MS", round);
}

int main(void)
{
	if (system("command -v osmo-auc-gen >/dev/null") != 0) {
		skip("osmo-auc-gen (libosmocore-utils) is not installed");
		return done();
	}
	for (int round = 0; round < ROUNDS; round++) {
		quintet(round);
		resynchronisation(round);
	}
	return done();
}
