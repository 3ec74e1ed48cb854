/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Complete downloads by software eUICCs, over HTTPS, from a running assayd: for the tests that look for keys
 * and for the benchmark. Each process has a card and a connection of its own.
 *
 *     es9_load PKI URL ADDRESS PREFIX COUNT [PROCESSES [fresh | enrol | attested]]
 *
 * downloads the orders PREFIX-0 to PREFIX-<COUNT-1>; prints "downloads N failed M seconds S". With `fresh`
 * every download has a TLS connection of its own. With `attested` each process has a card and a machine of its own, with
 * the software TPM and the log in PKI/machine-<PROCESS>; `enrol` enrols those and prints the EIDs of their cards.
 */
#include "tests/server/es9_machine.h"
#include "tests/server/smdp_world.h"
#include "tests/tap.h"

#include "server/buffer.h"

#include <curl/curl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROCESSES_MAX = 64 };

struct load {
	const char *pki, *url, *address, *prefix;
	bool fresh, machines;
	CURL *curl;
	struct curl_slist *heads;
	struct soft_card card;
};

static size_t take(char *at, size_t size, size_t count, void *ctx)
{
	return buffer_add(ctx, (struct bytes){ (const uint8_t *)at, size * count }) ? size * count
	                                                                            : 0;
}

/* post gives the answer as JSON; NULL with the HTTP status in `status` when there is none. */
static json_t *post(struct load *load, const char *function, const char *body, long *status)
{
	struct buffer answer = { NULL, 0, 0 };
	json_t *parsed = NULL;
	char url[600];

	snprintf(url, sizeof url, "%s/gsma/rsp2/es9plus/%s", load->url, function);
	curl_easy_setopt(load->curl, CURLOPT_URL, url);
	curl_easy_setopt(load->curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(load->curl, CURLOPT_WRITEDATA, &answer);
	*status = 0;
	if (curl_easy_perform(load->curl) == CURLE_OK)
		curl_easy_getinfo(load->curl, CURLINFO_RESPONSE_CODE, status);
	if (*status == 200)
		parsed = json_loadb((const char *)answer.at, answer.len, JSON_REJECT_DUPLICATES,
		                    NULL);
	buffer_free(&answer);
	return parsed;
}

static bool good(const json_t *answer, const char *where)
{
	if (answer != NULL && code(answer)[0] == 0)
		return true;
	fprintf(stderr, "%s: %s\n", where, answer == NULL ? "no answer" : code(answer));
	return false;
}

static bool download_one(struct load *load, const char *matching_id)
{
	static uint8_t store[8192];
	struct room message = ROOM(store);
	long status;
	json_t *answer = post(load, "initiateAuthentication",
	                      card_initiate(&load->card, load->address), &status);
	bool done = good(answer, "initiateAuthentication") &&
	            card_take_initiate(&load->card, answer, matching_id, &message);

	json_decref(answer);
	if (!done)
		return false;
	answer = post(load, "authenticateClient",
	              body_offer(&load->card, room_used(&message)), &status);
	message.len = 0;
	done = good(answer, "authenticateClient") &&
	       card_take_authenticate(&load->card, answer, NULL, &message);
	json_decref(answer);
	if (!done)
		return false;
	answer = post(load, "getBoundProfilePackage",
	              body_with(&load->card, "prepareDownloadResponse", room_used(&message)),
	              &status);
	done = good(answer, "getBoundProfilePackage") && card_take_package(&load->card, answer);
	json_decref(answer);
	if (!done)
		return false;
	message.len = 0;
	card_result(&load->card, 0, &message);
	json_decref(post(load, "handleNotification", body_pending(room_used(&message)), &status));
	load->card.has_otpk = false;
	es9_machine_taken();
	return status == 204;
}

static void connect_new(struct load *load)
{
	char ca[600];

	if (load->curl != NULL)
		curl_easy_cleanup(load->curl);
	load->curl = curl_easy_init();
	snprintf(ca, sizeof ca, "%s/CERT_CI_ECDSA_NIST.pem", load->pki);
	curl_easy_setopt(load->curl, CURLOPT_CAINFO, ca);
	curl_easy_setopt(load->curl, CURLOPT_HTTPHEADER, load->heads);
	curl_easy_setopt(load->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(load->curl, CURLOPT_TIMEOUT, 30L);
}

/* eid_of makes the EID of a process's card, with its check digits (SGP.02 2.2.2: the whole modulo 97 is 1). */
static void eid_of(int process, char eid[static 2 * EID_SIZE + 1])
{
	unsigned rest = 0;

	snprintf(eid, 2 * EID_SIZE + 1, "89049032%022d00", process);
	for (size_t i = 0; i < 2 * EID_SIZE; i++)
		rest = (rest * 10 + (unsigned)(eid[i] - '0')) % 97;
	snprintf(eid + 2 * EID_SIZE - 2, 3, "%02u", 98 - rest);
}

/* card_and_machine takes the card of this process, and where there are machines the one around it. */
static bool card_and_machine(struct load *load, int process, char eid[static 2 * EID_SIZE + 1])
{
	char dir[600];

	eid_of(process, eid);
	card_init(&load->card, load->pki, load->machines ? eid : NULL, EC_P256);
	load->card.imei = getenv("ES9_LOAD_IMEI");
	snprintf(dir, sizeof dir, "%s/machine-%d", load->pki, process);
	return !load->machines || es9_machine_open(dir);
}

static int enrol_run(struct load *load, int process)
{
	char eid[2 * EID_SIZE + 1], issuer[600];

	snprintf(issuer, sizeof issuer, "%s/CERT_CI_ECDSA_NIST.pem", load->pki);
	if (!card_and_machine(load, process, eid) ||
	    !es9_machine_enrol(issuer, strstr(load->url, "//") + 2, load->card.eid))
		return 1;
	printf("%s\n", eid);
	fflush(stdout);
	return 0;
}

/* worker_run downloads what is its share and returns how many failed, at most 255. */
static int worker_run(struct load *load, int first, int step, int count)
{
	char eid[2 * EID_SIZE + 1];
	int failed = 0;

	load->heads = curl_slist_append(NULL, "Content-Type: application/json");
	load->heads = curl_slist_append(load->heads, "X-Admin-Protocol: gsma/rsp/v2.5.0");
	if (!card_and_machine(load, first, eid))
		return 255;
	connect_new(load);
	for (int i = first; i < count; i += step) {
		char matching_id[MATCHING_ID_MAX + 1];
		snprintf(matching_id, sizeof matching_id, "%s-%d", load->prefix, i);
		if (load->fresh && i != first)
			connect_new(load);
		failed += !download_one(load, matching_id);
	}
	curl_easy_cleanup(load->curl);
	return failed > 255 ? 255 : failed;
}

static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static struct load load;
	int count, processes, failed = 0;
	bool enrol;
	double began = now();

	if (argc < 6)
		return 2;
	load = (struct load){ .pki = argv[1],
		              .url = argv[2],
		              .address = argv[3],
		              .prefix = argv[4],
		              .fresh = argc > 7 && strcmp(argv[7], "fresh") == 0 };
	enrol = argc > 7 && strcmp(argv[7], "enrol") == 0;
	load.machines = enrol || (argc > 7 && strcmp(argv[7], "attested") == 0);
	count = atoi(argv[5]);
	processes = argc > 6 ? atoi(argv[6]) : 1;
	if (count < 1 || processes < 1 || processes > PROCESSES_MAX)
		return 2;
	for (int i = 0; i < processes; i++)
		if (fork() == 0)
			_exit(enrol ? enrol_run(&load, i)
			            : worker_run(&load, i, processes, count));
	for (int status; wait(&status) > 0;)
		failed += WIFEXITED(status) ? WEXITSTATUS(status) : count;
	if (enrol)
		return failed == 0 ? 0 : 1;
	printf("downloads %d failed %d seconds %.3f\n", count, failed, now() - began);
	return failed == 0 ? 0 : 1;
}
