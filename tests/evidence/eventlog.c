/* SPDX-License-Identifier: Apache-2.0 */
/* Boot event logs: rows of our own for every rule, then the published logs as their index says. */
#include "tests/eventlog.h"

#include "codec/hex.h"
#include "tests/evidence/index.h"

/* One PCR of an expectation file, "sha256 7 <hex>". */
static bool pcr_matches(const char *line, struct bytes log, bool *counted)
{
	static const char *const names[] = { "sha1", "sha256", "sha384", "sha512" };
	struct eventlog_count count;
	static struct tpm_bank bank;
	uint8_t want[ATTEST_HASH_MAX];
	char name[16], hex[130];
	unsigned pcr;

	*counted = false;
	if (sscanf(line, "%15s %u %129s", name, &pcr, hex) != 3 || pcr >= TPM_PCRS)
		return true;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		if (eventlog_replay(log, (enum attest_hash)i, &bank, &count) != ERR_NONE)
			return false;
		struct bytes value = unhex(hex, want, sizeof want);
		if (!(bank.known >> pcr & 1))
			return true; /* the log does not speak of it */
		*counted = true;
		return value.len == attest_hash_size((enum attest_hash)i) &&
		       memcmp(value.at, bank.value[pcr], value.len) == 0;
	}
	return true; /* a bank that nobody quotes from here, sm3_256 */
}

static void judge_pcrs(const struct vector *vector, const char *suffix)
{
	int equal = 0, differ = 0;
	struct bytes text;
	char path[200];

	snprintf(path, sizeof path, "%s.%s", vector->path, suffix);
	if (!attestation_file(path, &text) || text.len == 0)
		return;
	char *copy = strndup((const char *)text.at, text.len), *rest = copy, *line;
	while ((line = strsep(&rest, "\n")) != NULL) {
		bool counted, same = pcr_matches(line, vector->data, &counted);
		equal += same && counted;
		differ += !same;
	}
	free(copy);
	ok(differ == 0 && equal > 0, "... %s: %d equal, %d differ", suffix, equal, differ);
}

/* Events and end as the index counts them; the bank does not matter for that, but must be in the
 * log. */
static void walk(struct bytes in, struct eventlog_count *count, int *locality, bool *agile,
                 enum err *end)
{
	struct eventlog log;
	struct event event;
	uint8_t told;

	*count = (struct eventlog_count){ 0, 0 };
	*locality = -1;
	*end = eventlog_open(in, &log);
	*agile = *end != ERR_NONE || log.agile;
	while (*end == ERR_NONE && !eventlog_done(&log)) {
		*end = eventlog_next(&log, &event);
		if (*end != ERR_NONE)
			return;
		count->events++;
		count->no_action += event.type == EV_NO_ACTION;
		if (event_locality(&event, &told))
			*locality = told;
	}
}

static void judge(const struct vector *vector)
{
	int events, no_action, locality, found;
	char form[32], outcome[32];
	struct eventlog_count count;
	bool agile;
	enum err end;

	if (sscanf(vector->expected, "%31s events=%d no_action=%d end=%31s locality=%d", form,
	           &events, &no_action, outcome, &locality) != 5)
		return;
	walk(vector->data, &count, &found, &agile, &end);
	bool same = (strcmp(form, "crypto-agile") == 0) == agile && (int)count.events == events &&
	            (int)count.no_action == no_action && locality == found &&
	            (strcmp(outcome, "ok") == 0) == (end == ERR_NONE);
	if (!ok(same, "%s: %s", vector->path, vector->expected))
		printf("# got agile=%d events=%u no_action=%u end=%s locality=%d\n", agile,
		       count.events, count.no_action, err_name(end), found);
	judge_pcrs(vector, "pcrs-replayed");
	judge_pcrs(vector, "pcrs-recorded");
}

static enum err replay(const struct room *room, struct tpm_bank *bank)
{
	struct eventlog_count count;

	return eventlog_replay(room_used(room), ATTEST_SHA256, bank, &count);
}

static void rules(void)
{
	static const struct bytes locality = { (const uint8_t *)"StartupLocality\0\3", 17 };
	static struct tpm_bank bank;
	uint8_t store[1024], pcr0[ATTEST_HASH_MAX] = { [31] = 3 }, digest[ATTEST_HASH_MAX];
	struct bytes data = BYTES_STR("boot block");
	struct room out = ROOM(store);

	(void)!attest_digest(ATTEST_SHA256, digest, &data, 1);
	(void)!attest_extend(ATTEST_SHA256, pcr0, digest);
	put_header(&out, 32);
	put_event(&out, 0, EV_NO_ACTION, TPM_ALG_SHA256, locality);
	put_event(&out, 0, EV_POST_CODE, TPM_ALG_SHA256, data);
	ok(replay(&out, &bank) == ERR_NONE && memcmp(pcr0, bank.value[0], 32) == 0,
	   "PCR 0 starts as the locality that EV_NO_ACTION tells");
	ok(bank.known == 1, "... and only PCR 0 is known");
	size_t whole = out.len;
	static const uint8_t ones[40] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };
	room_put(&out, (struct bytes){ ones, 9 });
	ok_err(replay(&out, &bank), ERR_NONE, "a tail of FF is padding");
	out.len = whole;
	room_put(&out, (struct bytes){ ones + 9, 31 });
	ok_err(replay(&out, &bank), ERR_NONE, "a tail of 00 is padding");
	out.len = whole;
	put_event(&out, 0, EV_NO_ACTION, TPM_ALG_SHA256, locality);
	ok_err(replay(&out, &bank), ERR_ORDER, "a locality after PCR 0 was extended");
	out.len = whole;
	put_event(&out, 24, EV_POST_CODE, TPM_ALG_SHA256, data);
	ok_err(replay(&out, &bank), ERR_VALUE, "no TPM has a PCR 24");
	out.len = whole;
	put_event(&out, 1, EV_POST_CODE, 0, data);
	ok_err(replay(&out, &bank), ERR_NOT_FOUND, "an event without a digest for the quoted bank");
	out.len = whole;
	put_event(&out, 1, EV_POST_CODE, TPM_ALG_SHA384, data);
	ok_err(replay(&out, &bank), ERR_UNSUPPORTED,
	       "a digest of a bank that the header does not name");
	out.len = whole;
	put_event(&out, 1, EV_POST_CODE, TPM_ALG_SHA1, data);
	ok(replay(&out, &bank) != ERR_NONE, "two digests for one bank");
	for (size_t cut = 1, bad = 0; cut < whole; cut++) {
		out.len = cut;
		enum err err = replay(&out, &bank);
		bad += err == ERR_NONE && cut != 69 && cut != 69 + 89;
		if (cut == whole - 1)
			ok(bad == 0, "a log cut anywhere but between events is refused");
	}
	out.len = 0;
	put_header(&out, 20);
	ok_err(replay(&out, &bank), ERR_LENGTH, "a header that lies about the size of SHA-256");
	ok(strcmp(event_type_text(0x80000003), "EV_EFI_BOOT_SERVICES_APPLICATION") == 0,
	   "types have names");
}

int main(void)
{
	rules();
	each_vector("eventlogs/", judge);
	return done();
}
