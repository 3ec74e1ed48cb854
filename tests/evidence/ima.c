/* SPDX-License-Identifier: Apache-2.0 */
/* IMA lists: rows of our own, then the published ones as their index says. */
#include "evidence/ima.h"

#include "tests/evidence/index.h"

static uint8_t scratch_store[IMA_TEMPLATE_MAX];

struct walk {
	struct ima_state state;
	int mismatches, violations, signatures;
	size_t left;
	enum err end;
};

static struct walk walk(struct bytes in, enum ima_form form, enum attest_hash bank)
{
	struct walk walk = { .state = { .hash = bank }, .end = ERR_NONE };
	struct room scratch = ROOM(scratch_store);
	struct ima_entry entry;

	while (walk.end == ERR_NONE && in.len > 0) {
		walk.end = ima_next(&in, form, &scratch, &entry);
		if (walk.end != ERR_NONE)
			break;
		walk.mismatches += ima_entry_check(&entry) != ERR_NONE;
		walk.violations += entry.violation;
		walk.signatures += entry.extra.len > 0;
		entry.pcr = IMA_PCR;
		walk.end = ima_extend(&walk.state, &entry);
	}
	walk.left = in.len;
	return walk;
}

static const struct {
	const char *path;
	enum ima_form form;
	int entries, violations, signatures;
	enum err end;
	const char *sha1;
} published[] = {
	{ "ima/rustkl-ascii_runtime_measurements", IMA_ASCII, 826, 0, 0, ERR_NONE,
	  "82231c67a69da98dc5b3aa10f6343d33109225fc" },
	{ "ima/tss-sml-ima-sha1.bin", IMA_BINARY, 12, 0, 0, ERR_TRUNCATED, NULL },
	{ "ima/tss-sml-ima-sha1-invalidated.bin", IMA_BINARY, 1, 1, 0, ERR_NONE, NULL },
	{ "ima/tss-sml-ima-ng-sha1.bin", IMA_BINARY, 6, 0, 0, ERR_TRUNCATED, NULL },
	{ "ima/tss-sml-ima-ng-sha1-invalidated.bin", IMA_BINARY, 0, 0, 0, ERR_TRUNCATED, NULL },
	{ "ima/tss-sml-ima-sig-sha256.bin", IMA_BINARY, 9, 0, 0, ERR_TRUNCATED, NULL },
	{ "ima/tss-sml-ima-sig-sha256-invalidated.bin", IMA_BINARY, 2, 1, 0, ERR_NONE, NULL },
	{ "ima/kl-ima-log-sha1", IMA_ASCII, 2, 1, 0, ERR_NONE, NULL },
	{ "ima/kl-ima-log-sha256", IMA_ASCII, 2, 0, 0, ERR_NONE, NULL },
	{ "ima/kl-ima-log-sha384", IMA_ASCII, 2, 1, 0, ERR_NONE, NULL },
	{ "ima/kl-ima-log-sha512", IMA_ASCII, 2, 1, 0, ERR_NONE, NULL },
	{ "ima/kl-ima-log-sm3_256", IMA_ASCII, 2, 1, 0, ERR_NONE, NULL },
	{ "ima/kl-ima-log-unknown", IMA_ASCII, 0, 0, 0, ERR_UNSUPPORTED, NULL },
	{ "ima/kl-MEASUREMENTS.txt", IMA_ASCII, 3, 0, 0, ERR_NONE, NULL },
	{ "ima/kl-SIGNATURES.txt", IMA_ASCII, 2, 0, 2, ERR_NONE, NULL },
	{ "ima/kl-KEYRINGS.txt", IMA_ASCII, 1, 0, 1, ERR_NONE, NULL },
};

static void judge(const struct vector *vector)
{
	for (size_t i = 0; i < COUNT(published); i++) {
		if (strcmp(published[i].path, vector->path) != 0)
			continue;
		struct walk got = walk(vector->data, published[i].form, ATTEST_SHA1);
		bool same = got.end == published[i].end &&
		            (uint64_t)published[i].entries == got.state.entries &&
		            published[i].violations == got.violations &&
		            published[i].signatures == got.signatures;
		if (!ok(same, "%s: %d entries, then %s", vector->path, published[i].entries,
		        err_name(published[i].end)))
			printf("# got %llu entries, %d violations, %d signatures, %s, %zu left\n",
			       (unsigned long long)got.state.entries, got.violations,
			       got.signatures, err_name(got.end), got.left);
		/* SM3 is no hash of ours: its template hash of 32 octets is taken for SHA-256 and
		 * differs. */
		bool sm3 = strstr(vector->path, "sm3") != NULL;
		ok(got.mismatches == sm3, "... %d template hashes differ", sm3);
		if (published[i].sha1 != NULL) {
			uint8_t want[20];
			ok_bytes((struct bytes){ got.state.pcr, 20 },
			         unhex(published[i].sha1, want, sizeof want), "... SHA-1 PCR 10");
		}
	}
}

/* Entries of ours; the hashes are what sha1sum says of the template data. */
static const struct {
	const char *says;
	const char *line;
	enum err read, check;
} lines[] = {
	{ "an entry whose hash is another",
	  "10 0000000000000000000000000000000000000001 ima-ng "
	  "sha1:0000000000000000000000000000000000000000 /a",
	  ERR_NONE, ERR_VALUE },
	{ "an unknown template",
	  "10 0000000000000000000000000000000000000001 ima-mine "
	  "sha1:0000000000000000000000000000000000000000 /a",
	  ERR_UNSUPPORTED, ERR_NONE },
	{ "a digest too short for its name",
	  "10 0000000000000000000000000000000000000001 ima-ng "
	  "sha256:0000000000000000000000000000000000000000 /a",
	  ERR_LENGTH, ERR_NONE },
	{ "no path", "10 0000000000000000000000000000000000000001 ima-ng sha1:00", ERR_VALUE,
	  ERR_NONE },
	{ "a PCR that is no number",
	  "1x 0000000000000000000000000000000000000001 ima-ng sha1:00 /a", ERR_VALUE, ERR_NONE },
	{ "a hash that is no hex", "10 zz00000000000000000000000000000000000001 ima-ng sha1:00 /a",
	  ERR_VALUE, ERR_NONE },
};

static void rows(void)
{
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct bytes in = bytes_text(lines[i].line), was = in;
		struct room scratch = ROOM(scratch_store);
		struct ima_entry entry;
		enum err err = ima_next(&in, IMA_ASCII, &scratch, &entry);

		ok_err(err, lines[i].read, lines[i].says);
		if (err == ERR_NONE)
			ok_err(ima_entry_check(&entry), lines[i].check, "... its template hash");
		else
			ok(in.at == was.at && in.len == was.len, "... and nothing moved");
	}
}

/* R11: the machine that comes back sends what is new; the replay ends where a whole one ends. */
static void resumed(void)
{
	struct bytes all, in;
	struct room scratch = ROOM(scratch_store);
	struct ima_entry entry;

	if (!attestation_file("ima/rustkl-ascii_runtime_measurements", &all)) {
		skip("no list to resume");
		return;
	}
	struct walk whole = walk(all, IMA_ASCII, ATTEST_SHA256);
	struct ima_state state = { .hash = ATTEST_SHA256 };
	in = all;
	for (int i = 0; i < 500; i++) {
		if (ima_next(&in, IMA_ASCII, &scratch, &entry) != ERR_NONE ||
		    ima_extend(&state, &entry) != ERR_NONE)
			break;
	}
	struct ima_state kept = state;
	while (in.len > 0) {
		if (ima_next(&in, IMA_ASCII, &scratch, &entry) != ERR_NONE ||
		    ima_extend(&kept, &entry) != ERR_NONE)
			break;
	}
	ok(kept.entries == 826 && memcmp(kept.pcr, whole.state.pcr, 32) == 0,
	   "a replay resumed after 500 entries ends where a whole one does");
	struct ima_state padded = { .hash = ATTEST_SHA256, .padded = true };
	in = all;
	ok(ima_next(&in, IMA_ASCII, &scratch, &entry) == ERR_NONE &&
	           ima_extend(&padded, &entry) == ERR_NONE,
	   "an old kernel pads the SHA-1 hash");
	uint8_t pcr[ATTEST_HASH_MAX] = { 0 }, digest[ATTEST_HASH_MAX] = { 0 };
	memcpy(digest, entry.template_hash.at, 20);
	(void)!attest_extend(ATTEST_SHA256, pcr, digest);
	ok(memcmp(pcr, padded.pcr, 32) == 0, "... with zeros");
	entry.pcr = 11;
	ok_err(ima_extend(&padded, &entry), ERR_VALUE, "an entry of another PCR");
}

int main(void)
{
	rows();
	resumed();
	each_vector("ima/", judge);
	return done();
}
