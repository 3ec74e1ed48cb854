/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/pcsc.h"

#include <stdio.h>
#include <string.h>
#include <winscard.h>

_Static_assert(sizeof(SCARDCONTEXT) == sizeof(long) && sizeof(SCARDHANDLE) == sizeof(long),
               "struct pcsc holds winscard's handles without its header");

static enum err failed(struct pcsc *pcsc, const char *what, LONG code)
{
	snprintf(pcsc->why, sizeof pcsc->why, "%s: %s", what, pcsc_stringify_error(code));
	switch ((unsigned long)code) {
	case (unsigned long)SCARD_E_NO_READERS_AVAILABLE:
	case (unsigned long)SCARD_E_NO_SMARTCARD:
	case (unsigned long)SCARD_E_UNKNOWN_READER:
	case (unsigned long)SCARD_W_REMOVED_CARD:
		return ERR_NOT_FOUND;
	case (unsigned long)SCARD_E_SHARING_VIOLATION:
		return ERR_BUSY;
	case (unsigned long)SCARD_E_TIMEOUT:
		return ERR_TIMEOUT;
	default:
		return ERR_IO;
	}
}

static enum err establish(struct pcsc *pcsc)
{
	SCARDCONTEXT context;
	LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);

	if (code == (LONG)SCARD_E_NO_SERVICE) {
		snprintf(pcsc->why, sizeof pcsc->why,
		         "PC/SC: is pcscd running? It does not answer");
		return ERR_IO;
	}
	if (code != SCARD_S_SUCCESS)
		return failed(pcsc, "PC/SC service", code);
	pcsc->context = context;
	return ERR_NONE;
}

static enum err list(struct pcsc *pcsc, char *names, size_t cap)
{
	DWORD len = (DWORD)cap;
	LONG code = SCardListReaders(pcsc->context, NULL, names, &len);

	if (code != SCARD_S_SUCCESS)
		return failed(pcsc, "list of readers", code);
	return ERR_NONE;
}

static bool has_card(struct pcsc *pcsc, const char *reader)
{
	SCARD_READERSTATE state = { .szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE };
	LONG code = SCardGetStatusChange(pcsc->context, 0, &state, 1);

	return code == SCARD_S_SUCCESS && (state.dwEventState & SCARD_STATE_PRESENT) != 0;
}

static enum err choose(struct pcsc *pcsc, const char *wanted)
{
	char names[PCSC_NAMES_MAX] = { 0 };
	size_t count = 0;

	TRY(list(pcsc, names, sizeof names - 1));
	for (const char *name = names; *name != 0; name += strlen(name) + 1) {
		count++;
		if (wanted != NULL ? strstr(name, wanted) == NULL : !has_card(pcsc, name))
			continue;
		snprintf(pcsc->reader, sizeof pcsc->reader, "%s", name);
		return ERR_NONE;
	}
	if (wanted != NULL)
		snprintf(pcsc->why, sizeof pcsc->why, "no reader is called \"%.100s\"", wanted);
	else
		snprintf(pcsc->why, sizeof pcsc->why, "none of the %zu readers has a card", count);
	return ERR_NOT_FOUND;
}

static enum err read_atr(struct pcsc *pcsc)
{
	DWORD name_len = 0, state, protocol, len = sizeof pcsc->atr;
	LONG code = SCardStatus(pcsc->card, NULL, &name_len, &state, &protocol, pcsc->atr, &len);

	if (code != SCARD_S_SUCCESS)
		return failed(pcsc, pcsc->reader, code);
	pcsc->atr_len = len;
	return ERR_NONE;
}

static enum err attach(struct pcsc *pcsc)
{
	SCARDHANDLE card;
	DWORD protocol;
	LONG code = SCardConnect(pcsc->context, pcsc->reader, SCARD_SHARE_SHARED,
	                         SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);

	if (code != SCARD_S_SUCCESS)
		return failed(pcsc, pcsc->reader, code);
	pcsc->card = card;
	pcsc->protocol = protocol;
	pcsc->connected = true;
	return read_atr(pcsc);
}

enum err pcsc_open(struct pcsc *pcsc, const char *reader)
{
	*pcsc = (struct pcsc){ 0 };
	TRY(establish(pcsc));
	TRY(choose(pcsc, reader));
	return attach(pcsc);
}

void pcsc_close(struct pcsc *pcsc)
{
	if (pcsc->connected)
		(void)!SCardDisconnect(pcsc->card, SCARD_LEAVE_CARD); /* going away in any case */
	if (pcsc->context != 0)
		(void)!SCardReleaseContext(pcsc->context);
	*pcsc = (struct pcsc){ 0 };
}

enum err pcsc_readers(struct pcsc *pcsc, struct room *names)
{
	char text[PCSC_NAMES_MAX] = { 0 };

	*pcsc = (struct pcsc){ 0 };
	TRY(establish(pcsc));
	enum err err = list(pcsc, text, sizeof text - 1);
	(void)!SCardReleaseContext(pcsc->context);
	pcsc->context = 0;
	TRY(err);
	for (const char *name = text; *name != 0; name += strlen(name) + 1)
		room_put(names, (struct bytes){ (const uint8_t *)name, strlen(name) + 1 });
	return names->full ? ERR_ROOM : ERR_NONE;
}

/* ISO/IEC 7816-3 12.2: under T=0 the command goes without the Le of case 4; the card answers 61xx. */
static struct bytes for_protocol(const struct pcsc *pcsc, struct bytes command)
{
	bool case_4 = command.len > 5 && command.len == (size_t)5 + command.at[4] + 1;

	if (pcsc->protocol == SCARD_PROTOCOL_T0 && case_4)
		command.len--;
	return command;
}

static enum err transmit(void *ctx, struct bytes command, struct room *reply)
{
	struct pcsc *pcsc = ctx;
	uint8_t answer[LINK_REPLY_MAX];
	DWORD len = sizeof answer;
	const SCARD_IO_REQUEST *pci =
		pcsc->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
	struct bytes sent = for_protocol(pcsc, command);
	LONG code = SCardTransmit(pcsc->card, pci, sent.at, sent.len, NULL, answer, &len);

	if (code != SCARD_S_SUCCESS)
		return failed(pcsc, pcsc->reader, code);
	if (len < 2) { /* not even a status word: it went away meanwhile */
		snprintf(pcsc->why, sizeof pcsc->why, "%s: the card gives no answer", pcsc->reader);
		return ERR_IO;
	}
	room_put(reply, (struct bytes){ answer, len });
	return reply->full ? ERR_ROOM : ERR_NONE;
}

static enum err lock(void *ctx)
{
	struct pcsc *pcsc = ctx;
	LONG code = SCardBeginTransaction(pcsc->card);

	return code == SCARD_S_SUCCESS ? ERR_NONE : failed(pcsc, pcsc->reader, code);
}

static void unlock(void *ctx)
{
	struct pcsc *pcsc = ctx;

	(void)!SCardEndTransaction(pcsc->card, SCARD_LEAVE_CARD); /* the next command would tell */
}

static enum err reconnect(struct pcsc *pcsc, DWORD initialization)
{
	DWORD protocol;
	LONG code =
		SCardReconnect(pcsc->card, SCARD_SHARE_SHARED,
	                       SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, initialization, &protocol);

	if (code != SCARD_S_SUCCESS)
		return failed(pcsc, pcsc->reader, code);
	pcsc->protocol = protocol;
	return read_atr(pcsc);
}

static enum err reset(void *ctx)
{
	return reconnect(ctx, SCARD_UNPOWER_CARD);
}

static LONG status(struct pcsc *pcsc, DWORD *state)
{
	DWORD name_len = 0, protocol, atr_len = PCSC_ATR_MAX;
	uint8_t atr[PCSC_ATR_MAX];

	return SCardStatus(pcsc->card, NULL, &name_len, state, &protocol, atr, &atr_len);
}

enum err pcsc_look(struct pcsc *pcsc)
{
	DWORD state = 0;
	LONG code = status(pcsc, &state);
	bool was_reset = code == SCARD_W_RESET_CARD;

	if (was_reset) {
		TRY(reconnect(pcsc, SCARD_LEAVE_CARD));
		code = status(pcsc, &state);
	}
	if (code != SCARD_S_SUCCESS)
		return failed(pcsc, pcsc->reader, code);
	/* pcscd leaves a card that somebody has switched off without power, and lets nobody connect to it, for
	 * as long as a connection like ours is there: switching it on again is up to us. */
	if ((state & SCARD_POWERED) == 0) {
		TRY(reconnect(pcsc, SCARD_UNPOWER_CARD));
		return ERR_SYNC;
	}
	return was_reset ? ERR_SYNC : ERR_NONE;
}

static const char *why(void *ctx)
{
	const struct pcsc *pcsc = ctx;

	return pcsc->why;
}

struct card_link pcsc_link(struct pcsc *pcsc)
{
	return (struct card_link){ pcsc, transmit, lock, unlock, reset, why };
}
