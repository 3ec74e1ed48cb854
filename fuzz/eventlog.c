/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws: a log that replays does so as the sum of its events, event by event; replaying stops
 * exactly where reading does; a log and the same log with padding behind it are the same; an event
 * never reaches beyond the log.
 */
#include "evidence/eventlog.h"

#include "fuzz/law.h"

#include <string.h>

static uint8_t padded[1 << 16];

static void within(struct bytes in, const struct event *event)
{
	LAW(event->data.len == 0 ||
	    (event->data.at >= in.at && event->data.at + event->data.len <= in.at + in.len));
	for (uint32_t i = 0; i < event->digests; i++)
		LAW(event->digest[i].value.at >= in.at &&
		    event->digest[i].value.at + event->digest[i].value.len <= in.at + in.len);
}

static enum err walk(struct bytes in, struct tpm_bank *bank)
{
	struct eventlog log;
	struct event event;

	tpm_bank_clear(bank, ATTEST_SHA256);
	TRY(eventlog_open(in, &log));
	while (!eventlog_done(&log)) {
		struct bytes before = log.rest;
		enum err err = eventlog_next(&log, &event);
		if (err != ERR_NONE) {
			LAW(log.rest.at == before.at && log.rest.len == before.len);
			return err;
		}
		LAW(log.rest.len < before.len);
		within(in, &event);
		(void)event_type_text(event.type);
		TRY(eventlog_extend(&log, &event, bank));
	}
	return ERR_NONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tpm_bank one, two;
	struct eventlog_count count;
	struct bytes in = { data, size };

	if (size + 16 > sizeof padded)
		return 0;
	enum err err = walk(in, &one);
	LAW(eventlog_replay(in, ATTEST_SHA256, &two, &count) == err);
	if (err != ERR_NONE)
		return 0;
	LAW(memcmp(&one, &two, sizeof one) == 0);
	if (size > 0 && data[size - 1] != 0xFF && data[size - 1] != 0) {
		memcpy(padded, data, size);
		memset(padded + size, 0xFF, 16);
		LAW(eventlog_replay((struct bytes){ padded, size + 16 }, ATTEST_SHA256, &two,
		                    &count) == ERR_NONE);
		LAW(memcmp(&one, &two, sizeof one) == 0);
	}
	return 0;
}
