/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands of assay-agent share: the card in its reader, the way to servers, the memory for what
 * they say, and how a cause becomes an exit code.
 */
#ifndef CLI_AGENT_H
#define CLI_AGENT_H

#include "agent/curl.h"
#include "agent/download.h"
#include "agent/es10.h"
#include "agent/es9.h"
#include "agent/notify.h"
#include "agent/pcsc.h"
#include "cli/agent_device.h"
#include "cli/agent_evidence.h"
#include "cli/agent_pairing.h"
#include "cli/cli.h"
#include "cli/table.h"

#include <jansson.h>

#define AGENT_OPTION_READER                                                    \
	{                                                                      \
		"reader", 'r', "NAME",                                         \
			"reader whose name contains NAME (default: the first " \
			"with a card)"                                         \
	}
#define AGENT_OPTION_ISSUER                                                 \
	{                                                                   \
		"issuer", 'i', "FILE",                                      \
			"trust servers under these certificates (default: " \
			"/etc/assay/ci.pem, else the system's)"             \
	}
#define AGENT_OPTION_CONNECT                                                                 \
	{                                                                                    \
		"connect-to", 0, "HOST:PORT", "connect there, whatever the server's name is" \
	}
#define AGENT_OPTION_NO_NOTIFY                                          \
	{                                                               \
		"no-notify", 0, NULL, "leave notifications on the card" \
	}

struct agent {
	const struct cli *cli;
	struct pcsc pcsc;
	struct card_link card; /* the way to the card as PC/SC gives it */
	struct card_link
		link; /* ... and as commands use it, with proofs where there is a pairing */
	struct agent_pairing pairing;
	struct pairing_signer signer; /* without `sign` when nothing is configured */
	struct pairing_link paired;
	struct agent_evidence evidence;
	struct equipment_prover prover;
	struct es10 es10;
	struct curl_http curl;
	struct http http;
	struct es9 es9;
	struct room store;
	uint8_t *memory;
};

/* agent_open connects to the card, proves the machine to it and opens its ISD-R; agent_attach only connects.
 * agent_connect prepares the way to servers. Both
 * complain and return an exit code when that fails. agent_close undoes what was done. */
NODISCARD int agent_open(struct agent *agent, const struct cli *cli);
NODISCARD int agent_attach(struct agent *agent, const struct cli *cli);
NODISCARD int agent_connect(struct agent *agent);
void agent_close(struct agent *agent);

/* agent_prove proves the machine for this card session, where the card wants it and there is something to
 * prove with; complains and returns an exit code when that fails. */
NODISCARD int agent_prove(struct agent *agent);

/* agent_device reads how the machine shows its state to servers, and makes DeviceInfo with the IMEI of --imei or
 * else that of the evidence; complains and returns an exit code. agent_prover is NULL when nothing is
 * configured. For commands with AGENT_OPTION_EVIDENCE and --imei, after agent_open. */
NODISCARD int agent_device(struct agent *agent, struct device_octets *octets,
                           struct device_info *device);
const struct equipment_prover *agent_prover(struct agent *agent);

/* agent_fail complains about what the card (or, for_server, the server) did, and gives the exit code. */
int agent_fail(const struct agent *agent, enum err err);
int agent_fail_server(const struct agent *agent, enum err err);
enum cli_exit agent_exit(enum err err);

/* agent_notify sends the card's notifications and says on standard error which stay on the card. They are
 * not what the command was for, so that a failure does not change its exit code. */
void agent_notify(struct agent *agent, size_t *sent, size_t *kept);

/* agent_profile finds the profile that a person means by ICCID, AID or nickname; complains when there is
 * none or more than one. */
NODISCARD int agent_profile(struct agent *agent, const char *name, struct profile_info *out);

/* agent_list_print shows what `collect` gathers from the card, as a table or with --json as an array; complains and
 * returns an exit code. */
typedef enum err agent_collect_fn(struct agent *agent, struct table *table, json_t *array);
int agent_list_print(struct agent *agent, const char *const *heads, size_t columns,
                     const char *none, agent_collect_fn *collect);

/* agent_switch enables or disables a profile by tag and ends the card session as that wants. */
NODISCARD enum err agent_switch(struct agent *agent, ber_tag tag, struct bytes iccid);

/* Text of what cards say, each NUL-terminated. */
enum { ICCID_TEXT_MAX = 21, HEX_TEXT_MAX = 65, UTF8_TEXT_MAX = 130 };
const char *iccid_text(struct bytes iccid, char out[static ICCID_TEXT_MAX]);
const char *hex_text(struct bytes octets, char out[static HEX_TEXT_MAX]);
const char *utf8_text(struct bytes text, char out[static UTF8_TEXT_MAX]);
const char *event_text(uint32_t event);
const char *class_text(uint8_t profile_class);

extern const struct cli_command agent_download, agent_list, agent_enable, agent_disable,
	agent_delete, agent_nickname, agent_info, agent_notifications, agent_default_server,
	agent_memory_reset, agent_readers, agent_pair, agent_attest, agent_start,
	agent_components, agent_enrol, agent_chip_restart;

#endif
