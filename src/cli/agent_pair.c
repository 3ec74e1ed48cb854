/* SPDX-License-Identifier: Apache-2.0 */
/* `assay-agent pair`: what the card says of its pairing, orders, and a machine that keeps proving itself. */
#include "cli/agent.h"

#include "codec/hex.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

enum { KEEP_LOOK_MS = 100 };

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

static const char *const last_names[PAIRING_LASTS] = { "never", "proven", "missed" };

static void show(const struct pairing_status *status, bool json)
{
	char id[HEX_TEXT_MAX] = "";

	if (status->key_id.at != NULL)
		hex_text(status->key_id, id);
	if (json)
		printf("{\"mode\":\"%s\",\"proven\":%s,\"last\":\"%s\",\"refusedSessions\":%u,"
		       "\"unprovenSessions\":%u,\"lastOrder\":%u,\"key\":\"%s\"}\n",
		       pairing_mode_name(status->mode), status->proven ? "true" : "false",
		       last_names[status->last], status->refused, status->missed, status->orders,
		       id);
	else
		printf("Pairing: %s\nMachine: %s\nLast seen: %s\nSessions refused: %u\n"
		       "Sessions without proof: %u\nLast order: %u\nKey: %s\n",
		       pairing_mode_name(status->mode),
		       status->proven ? "has proved itself" : "has not proved itself",
		       last_names[status->last], status->refused, status->missed, status->orders,
		       id[0] != '\0' ? id : "none");
}

static const char *order_text(enum err err)
{
	switch ((int)err) {
	case ERR_SIGNATURE:
		return "not signed by the card's authority";
	case ERR_NOT_FOUND:
		return "made for another card";
	case ERR_ORDER:
		return "not newer than the last one, or this card takes no orders";
	case ERR_UNSUPPORTED:
		return "the card knows no pairing";
	default:
		return err_text(err);
	}
}

static int carry(struct agent *agent, const char *path)
{
	uint8_t octets[PAIRING_ORDER_MAX + 1];
	struct room order = ROOM(octets);
	enum err err = agent_file_load(path, &order);

	if (err != ERR_NONE)
		return cli_fail_err(agent->cli, err, path);
	err = pairing_carry_order(&agent->link, room_used(&order));
	if (err != ERR_NONE)
		return cli_fail(agent->cli, err == ERR_IO ? CLI_UNREACHABLE : CLI_REFUSED, "%s: %s",
		                path, order_text(err));
	/* The order made void what was proved before. */
	return agent_prove(agent);
}

static void pause_a_little(void)
{
	const struct timespec time = { 0, KEEP_LOOK_MS * 1000000L };

	nanosleep(&time, NULL);
}

/* One turn of keeping: waits until somebody resets the card, and proves the machine again. */
static int keep_one(struct agent *agent)
{
	enum err err = pcsc_look(&agent->pcsc);

	if (err == ERR_NONE || err == ERR_BUSY) { /* busy: another program has it for itself */
		pause_a_little();
		return CLI_DONE;
	}
	if (err != ERR_SYNC) /* no reset: the card or the reader is gone */
		return cli_fail(agent->cli, CLI_UNREACHABLE, "%s", agent->pcsc.why);
	return agent_prove(agent);
}

/* keep holds a shared connection, so that the reader keeps the card under power, until SIGTERM. A proof
 * that fails ends nothing: the state may become good again, and the next reset tries. */
static int keep(struct agent *agent)
{
	const struct sigaction action = { .sa_handler = on_signal };
	int code = CLI_DONE;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	while (!stop && code != CLI_UNREACHABLE)
		code = keep_one(agent);
	return stop ? CLI_DONE : code;
}

static int run_with(struct agent *agent)
{
	const char *order = cli_value(agent->cli, "order");
	struct pairing_seen seen;

	if (cli_flag(agent->cli, "keep") && agent->signer.sign == NULL)
		return cli_usage(agent->cli, "--keep needs a way to prove the machine: --pairing");
	int code = order != NULL ? carry(agent, order) : agent_prove(agent);
	enum err err = pairing_ask(&agent->link, &seen);

	if (err == ERR_UNSUPPORTED)
		return cli_fail(agent->cli, CLI_REFUSED, "the card knows no pairing");
	if (err != ERR_NONE)
		return agent_fail(agent, err);
	show(&seen.answer.status, cli_flag(agent->cli, "json"));
	(void)fflush(stdout); /* somebody may wait for it while we keep the card */
	if (cli_flag(agent->cli, "keep"))
		return keep(agent);
	return code;
}

static int run(struct cli *cli)
{
	struct agent agent;
	int code = agent_attach(&agent, cli);

	if (code == CLI_DONE)
		code = run_with(&agent);
	agent_close(&agent);
	return code;
}

static const struct cli_option options[] = {
	{"order", 0, "FILE", "give this order of the card's authority to the card"          },
	{ "keep", 0, NULL,   "stay, keep the card under power, prove again after each reset"},
	AGENT_OPTION_PAIRING,
	AGENT_OPTION_READER,
	CLI_OPTION_JSON,
	CLI_OPTION_END,
};

const struct cli_command agent_pair = {
	.name = "pair",
	.args = "",
	.help = "Proves the machine to its card, and shows what the card says of it",
	.about = "A card that is paired wants a proof of its machine in each card session. The "
	         "other\n"
		 "commands prove it by themselves; --keep does it for programs that cannot.",
	.options = options,
	.run = run,
};
