/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/learn.h"

#include "codec/hex.h"
#include "evidence/decision.h"
#include "evidence/eventlog.h"
#include "verifier/reference.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void put(struct room *out, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof line)
		out->full = true;
	else
		room_put(out, (struct bytes){ (const uint8_t *)line, (size_t)n });
}

/* A name in quotation marks; what could end it or the line becomes '?'. */
static void put_name(struct room *out, struct bytes name)
{
	room_put_u8(out, '"');
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.at[i];
		room_put_u8(out, c < 0x20 || c == '"' || c >= 0x7F ? '?' : c);
	}
	put(out, "\"");
}

/* A log's text says more than its number: what a boot loader or our own start wrote of what it started. */
static void put_event_name(struct room *out, const struct event *event)
{
	struct bytes text = event->data;
	char number[REFERENCE_TEXT_MAX];
	size_t printable = 0;

	if (text.len > 0 && text.at[text.len - 1] == 0)
		text = (struct bytes){ text.at, text.len - 1 };
	while (printable < text.len && text.at[printable] >= 0x20 && text.at[printable] < 0x7F)
		printable++;
	if (text.len == 0 || text.len > REFERENCE_TEXT_MAX || printable < text.len) {
		snprintf(number, sizeof number, "%u %s", event->index, event_type_text(event->type));
		text = bytes_text(number);
	}
	put_name(out, text);
}

static const char *const banks[] = { "sha1", "sha256", "sha384", "sha512" };

static void put_pcrs(struct room *out, uint32_t pcrs)
{
	for (unsigned n = 0; n < TPM_PCRS; n++) {
		if (pcrs >> n & 1)
			put(out, " %u", n);
	}
	put(out, "\n");
}

static void put_head(struct room *out, const struct learn *learn)
{
	put(out, "assay-reference 1\nmodel ");
	put_name(out, learn->model);
	put(out, "\nfirmware ");
	put_name(out, learn->firmware);
	put(out, "\nbank %s\nexact", banks[learn->bank]);
	put_pcrs(out, learn->pcrs);
}

static enum err put_events(struct room *out, const struct learn *learn, uint32_t *extended)
{
	struct eventlog log;
	struct event event;
	struct bytes digest;

	TRY(eventlog_open(learn->log, &log));
	while (!eventlog_done(&log)) {
		TRY(eventlog_next(&log, &event));
		if (event.type == EV_NO_ACTION || event.pcr >= TPM_PCRS ||
		    !(learn->pcrs >> event.pcr & 1))
			continue;
		TRY(event_digest(&event, learn->bank, &digest));
		put(out, "event %u ", event.pcr);
		hex_put(out, digest);
		put(out, " ");
		put_event_name(out, &event);
		put(out, "\n");
		*extended |= (uint32_t)1 << event.pcr;
	}
	return ERR_NONE;
}

/* A PCR that nothing extends is known by the value it keeps. */
static void put_values(struct room *out, const struct learn *learn, const struct tpm_bank *bank,
                       uint32_t extended)
{
	for (unsigned n = 0; n < TPM_PCRS; n++) {
		if (!(learn->pcrs >> n & 1) || (extended >> n & 1) ||
		    (n == IMA_PCR && learn->ima.len > 0))
			continue;
		put(out, "pcr %u ", n);
		hex_put(out, (struct bytes){ bank->value[n], attest_hash_size(bank->hash) });
		put(out, "\n");
	}
}

static enum err put_files(struct room *out, const struct learn *learn)
{
	static _Thread_local uint8_t store[IMA_TEMPLATE_MAX];
	struct room scratch = ROOM(store);
	struct bytes in = learn->ima;
	struct ima_entry entry;

	while (in.len > 0) {
		TRY(ima_next(&in, learn->ima_form, &scratch, &entry));
		TRY(ima_entry_check(&entry));
		if (entry.violation)
			return ERR_VALUE; /* files that change while measured are no example */
		put(out, "ima ");
		hex_put(out, entry.digest);
		put(out, " ");
		put_name(out, entry.path.len < 190 ? entry.path : BYTES_STR("(long path)"));
		put(out, "\n");
	}
	return ERR_NONE;
}

enum err learn_put(struct room *out, const struct learn *learn)
{
	struct eventlog_count count;
	struct tpm_bank bank;
	uint32_t extended = 0;

	TRY(eventlog_replay(learn->log, learn->bank, &bank, &count));
	put_head(out, learn);
	TRY(put_events(out, learn, &extended));
	put_values(out, learn, &bank, extended);
	TRY(put_files(out, learn));
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err learn_policy_put(struct room *out, const struct learn *learn, struct bytes name)
{
	enum { A_DAY_S = 86400 };

	put(out, "assay-policy 1\nname ");
	put_name(out, name);
	put(out, "\n");
	for (enum purpose purpose = 0; purpose < PURPOSES; purpose++) {
		put(out, "purpose %s\nformats tpm\nbanks %s\npcrs", purpose_text(purpose),
		    banks[learn->bank]);
		put_pcrs(out, learn->pcrs | (learn->ima.len > 0 ? 1u << IMA_PCR : 0));
		put(out, "max-age %d\npairing enforce\n", A_DAY_S);
	}
	return out->full ? ERR_ROOM : ERR_NONE;
}
