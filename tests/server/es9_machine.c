/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/server/es9_machine.h"

#include "agent/curl.h"
#include "agent/enrol.h"
#include "agent/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODEL "Meter-5"
#define WANTED "{\"formats\":[\"tpm\"],\"banks\":[\"sha256\"],\"pcrs\":[0,7,14]}"

static struct {
	struct machine machine;
	struct equipment_wanted wanted;
	uint8_t log[1 << 15], bundle[1 << 16];
} m;

static void show(struct soft_card *card)
{
	const struct equipment_session session = {
		.host = BYTES_STR("localhost"),
		.server_signed1 = { card->server_signed1, card->server_signed1_len },
		.eid = BYTES(card->eid),
		.wanted = m.wanted,
	};
	struct room bundle = ROOM(m.bundle);
	struct machine_shown shown;
	enum err err = evidence_gather(&m.machine, &session, &bundle, &shown);

	if (err != ERR_NONE)
		fprintf(stderr, "evidence: %s\n", err_text(err));
	card->evidence = card->signed_evidence = room_used(&bundle);
}

bool es9_machine_open(const char *dir)
{
	char name[600];
	FILE *log;

	snprintf(name, sizeof name, "%s/log", dir);
	log = fopen(name, "rb");
	if (log == NULL)
		return false;
	m.machine.log = (struct bytes){ m.log, fread(m.log, 1, sizeof m.log, log) };
	fclose(log);
	m.machine.claims = (struct equipment_claims){ .model = BYTES_STR(MODEL),
		                                      .firmware = BYTES_STR("1.0") };
	snprintf(name, sizeof name, "soft:%s/soft", dir);
	card_shows = show;
	return equipment_wanted_read(BYTES_STR(WANTED), &m.wanted) == ERR_NONE &&
	       trust_open(&m.machine.trust, name) == ERR_NONE;
}

bool es9_machine_enrol(const char *issuer, const char *host, const uint8_t eid[static EID_SIZE])
{
	static uint8_t body[2 * ENROL_BODY_MAX];
	const struct curl_options options = { .issuers = issuer };
	struct enrolment_request request = { .trust = m.machine.trust,
		                             .host = bytes_text(host),
		                             .model = BYTES_STR(MODEL),
		                             .body = ROOM(body) };
	struct enrolment_outcome outcome = { .why = "" };
	struct curl_http curl;
	struct http http;
	enum err err = curl_http_open(&curl, &options);

	memcpy(request.eid, eid, EID_SIZE);
	http = curl_http_port(&curl);
	request.http = &http;
	if (err == ERR_NONE)
		err = enrol_machine(&request, &outcome);
	curl_http_close(&curl);
	if (err != ERR_NONE)
		fprintf(stderr, "enrolment: %s: %s\n", err_text(err), outcome.why);
	return err == ERR_NONE;
}

void es9_machine_taken(void)
{
	m.machine.log_known = true;
}
