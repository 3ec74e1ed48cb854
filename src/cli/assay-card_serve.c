/* SPDX-License-Identifier: Apache-2.0 */
/* The card in the virtual reader: one message in, one answer out, for as long as nobody says stop. */
#include "cli/assay-card.h"

#include "port/posix/vpcd.h"

#include <stdio.h>
#include <string.h>

enum {
	RETRY_MS = 200,     /* pcscd may be restarted at any time; a person waits for the card */
	MESSAGE_MAX = 1024, /* an extended APDU that is refused is still read */
};

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

/* The signals are blocked but where the link waits, so none is missed. */
static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGTERM);
	sigaddset(&both, SIGINT);
	sigprocmask(SIG_BLOCK, &both, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

/* power_on is what the reader's power line does: RAM is lost, flash is not. */
static enum err power_on(struct card *card, const struct card_ports *ports)
{
	struct bytes atr;

	wipe(card, sizeof *card);
	TRY(card_init(card, ports));
	atr = card_reset(card);
	return atr.len > 0 ? ERR_NONE : ERR_CORRUPT;
}

static enum err control(struct vpcd *vpcd, uint8_t what, struct card *card,
                        const struct card_ports *ports, struct bytes *atr)
{
	switch (what) {
	case VPCD_OFF:
	case VPCD_ON:
		TRY(power_on(card, ports));
		*atr = card_reset(card);
		return ERR_NONE;
	case VPCD_RESET:
		*atr = card_reset(card);
		return ERR_NONE;
	case VPCD_ATR:
		return vpcd_send(vpcd, *atr);
	default:
		return ERR_NONE; /* no answer is due to a control that we do not know */
	}
}

/* One card session: the card, the reader that it is in, and what the reader was told at power on. */
struct session {
	struct vpcd *vpcd;
	struct card *card;
	const struct card_ports *ports;
	struct bytes atr;
};

static enum err answer_one(struct session *session)
{
	uint8_t octets[MESSAGE_MAX], reply_octets[APDU_REPLY_MAX];
	struct room message = ROOM(octets), reply = ROOM(reply_octets);

	TRY(vpcd_receive(session->vpcd, &message));
	if (message.len == 1)
		return control(session->vpcd, octets[0], session->card, session->ports,
		               &session->atr);
	card_run(session->card, room_used(&message), &reply);
	return vpcd_send(session->vpcd, room_used(&reply));
}

enum err card_answer(struct vpcd *vpcd, struct card *card, const struct card_ports *ports)
{
	struct session session = { vpcd, card, ports, card_reset(card) };
	enum err err;

	do
		err = answer_one(&session);
	while (err == ERR_NONE);
	return err;
}

/* split takes "HOST:PORT", "[V6]:PORT" or "HOST" apart. */
static bool split(const char *where, char host[static 256], const char **port)
{
	const char *colon = strrchr(where, ':'), *bracket = strrchr(where, ']');
	size_t len = strlen(where);

	*port = "35963"; /* vpcd's first reader */
	if (colon != NULL && (bracket == NULL || colon > bracket)) {
		*port = colon + 1;
		len = (size_t)(colon - where);
	}
	if (len > 1 && where[0] == '[' && where[len - 1] == ']') {
		where++;
		len -= 2;
	}
	if (len == 0 || len >= 256 || **port == '\0')
		return false;
	memcpy(host, where, len);
	host[len] = '\0';
	return true;
}

int card_reader_loop(struct cli *cli, enum err (*serve)(void *ctx, struct vpcd *vpcd), void *ctx)
{
	const char *where = cli_value(cli, "vpcd"), *port;
	bool told = false;
	char host[256];
	struct vpcd vpcd;

	if (!split(where, host, &port))
		return cli_usage(cli, "%s is not HOST:PORT", where);
	catch_signals();
	while (!stop) {
		if (vpcd_connect(&vpcd, host, port, &stop) != ERR_NONE) {
			if (!told)
				cli_warn(cli, "no reader at %s yet, trying again", where);
			told = true;
			vpcd_pause(&stop, RETRY_MS);
			continue;
		}
		cli_warn(cli, "in the reader at %s", where);
		told = false;
		enum err err = serve(ctx, &vpcd);
		vpcd_close(&vpcd);
		if (err != ERR_IO && err != ERR_TIMEOUT)
			return cli_fail_err(cli, err, where);
	}
	return CLI_DONE;
}

struct here {
	struct card *card;
	const struct card_ports *ports;
};

static enum err serve_here(void *ctx, struct vpcd *vpcd)
{
	const struct here *here = ctx;

	return card_answer(vpcd, here->card, here->ports);
}

int card_serve(struct cli *cli, struct card *card, const struct card_ports *ports)
{
	struct here here = { card, ports };

	return card_reader_loop(cli, serve_here, &here);
}
