/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the UICC part share: the command handlers that the table in commands.c names, and
 * the questions they ask each other.
 */
#ifndef CARD_INSIDE_H
#define CARD_INSIDE_H

#include "card/card.h"

/* A handler answers one command on an open channel: it appends data to the reply and returns SW1 SW2. */
typedef uint16_t command_fn(struct card *card, struct channel *channel, const struct apdu *apdu,
                            struct room *reply);

command_fn command_select_file, command_status, command_read_binary, command_update_binary,
	command_read_record, command_update_record, command_search_record, command_increase,
	command_retrieve_data, command_set_data, command_verify_pin, command_change_pin,
	command_disable_pin, command_enable_pin, command_unblock_pin, command_activate_file,
	command_deactivate_file, command_authenticate, command_get_challenge, command_get_identity,
	command_terminal_profile, command_terminal_capability, command_envelope, command_fetch,
	command_terminal_response, command_manage_channel,
	command_pairing_challenge, command_pairing_prove, command_pairing_order;

/* commands_run finds the row of the command and runs it: the part of card_run between reading the
 * command and shaping the answer. `two_way` is set when the command carries data both ways. */
uint16_t commands_run(struct card *card, const struct apdu *apdu, struct room *reply,
                      bool *two_way);

/* --- channels and the current file --------------------------------------------------------- */

/* channel_enter makes a freshly opened channel: at the MF, no application. */
void channel_enter(struct channel *channel);

/* channel_leave ends what the channel's application had: its half-done commands and local PINs. */
void channel_leave(struct card *card, struct channel *channel);

static inline uint8_t channel_number(const struct card *card, const struct channel *channel)
{
	return (uint8_t)(channel - card->channels);
}

/* An EF under a command: its own node, and the node that has the content (they differ for links). */
struct file {
	uint16_t number, body_number;
	struct node node, body;
};

/* file_current loads the current EF, after making the one with short id `sfi` current if sfi is not 0.
 * Answers SW_OK, or the status word for why there is none. */
uint16_t file_current(struct card *card, struct channel *channel, uint8_t sfi, struct file *out);

/* What a command wants to do with a file: a bit of the access mode byte and an instruction, as rules
 * name either (TS 102 221 9.2.2, ISO/IEC 7816-4 table 17). */
enum access {
	ACCESS_READ = 0x01,
	ACCESS_UPDATE = 0x02,
	ACCESS_DEACTIVATE = 0x08,
	ACCESS_ACTIVATE = 0x10,
	ACCESS_INCREASE = 0x3200, /* only by instruction: AM_DO 84 01 32 */
};

/* access_check evaluates the rule that the file refers to. SW_OK, SW_SECURITY_STATUS, or SW_MEMORY. */
uint16_t access_check(struct card *card, const struct channel *channel, uint16_t number,
                      const struct node *file, enum access access);

/* file_usable is access_check after asking whether the file is activated (SW_INVALIDATED). */
uint16_t file_usable(struct card *card, const struct channel *channel, const struct file *file,
                     enum access access);

/* fcp_put appends the file's control parameters (TS 102 221 11.1.1.3). */
NODISCARD enum err fcp_put(struct card *card, const struct channel *channel, uint16_t number,
                           struct room *reply);

/* fcp_put_none is the MF of a card without an enabled profile. */
void fcp_put_none(struct room *reply);

/* --- PINs ---------------------------------------------------------------------------------- */

/* pin_find looks for a PIN by key reference: from a directory up to the MF, then in the channel's ADF.
 * ERR_NOT_FOUND. */
NODISCARD enum err pin_find(struct card *card, const struct channel *channel, uint16_t from,
                            uint8_t reference, uint16_t *number, struct node *out);

/* pin_met tells whether an access condition naming this PIN is fulfilled. */
bool pin_met(struct card *card, const struct channel *channel, uint16_t number,
             const struct node *pin);

void pin_forget(struct card *card, uint16_t number);
void pin_forget_all(struct card *card);
/* pin_forget_scope unverifies the PINs that belong to a directory. */
void pin_forget_scope(struct card *card, uint16_t directory);

/* --- network access applications ------------------------------------------------------------ */

/* naa_permitted asks what AUTHENTICATE and GET IDENTITY need: an application and its PIN. */
uint16_t naa_permitted(struct card *card, const struct channel *channel);

/* naa_service looks a service up in the USIM's service table (TS 31.102 4.2.8). */
bool naa_service(struct card *card, uint16_t adf, unsigned number);

/* --- applications that are not files ------------------------------------------------------- */

/* builtin_find looks in the table of built-in applications and then among the profile's security
 * domains, from a row on; false at the end. builtin_count is more than any row. */
bool builtin_find(struct card *card, struct bytes aid, unsigned from, unsigned *row);
unsigned builtin_count(void);
/* builtin_enter selects it on the channel and appends its FCI. */
void builtin_enter(struct card *card, struct channel *channel, unsigned row, struct room *reply);

/* --- small helpers ------------------------------------------------------------------------- */

/* le_must_be answers SW_OK, or 6Cxx when Le is not the number of octets there are (7.3.1.1.2). A case 1
 * command to a case 2 instruction is P3 = 00 under T=0: wrong as well, unless nothing is there. */
static inline uint16_t le_must_be(const struct apdu *apdu, size_t there)
{
	uint16_t le = apdu->has_le ? apdu->le : 256;

	return le == there ? (uint16_t)SW_OK : (uint16_t)(SW_WRONG_LE | (there & 0xFF));
}

#endif
