/* SPDX-License-Identifier: Apache-2.0 */
/* `assay pairing`: the keys, approvals and orders that tie a card to its machine. */
#include "cli/commands.h"

#include "agent/pairing.h"
#include "cli/key_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* needed gives the option's value, or complains. */
static const char *needed(const struct cli *cli, const char *option)
{
	const char *value = cli_value(cli, option);

	if (value == NULL)
		(void)cli_usage(cli, "--%s is needed", option);
	return value;
}

static int open_chip(const struct cli *cli, struct trust **trust)
{
	const char *tcti = needed(cli, "trust");

	if (tcti == NULL)
		return CLI_USAGE;
	enum err err = trust_open(trust, tcti);
	return err == ERR_NONE
	               ? CLI_DONE
	               : cli_fail(cli, CLI_UNREACHABLE, "%s: %s", tcti, trust_open_text(err));
}

static int run_key(struct cli *cli)
{
	const char *signer = needed(cli, "signer"), *out = needed(cli, "out");
	uint8_t point[EC_POINT_SIZE];
	struct trust_policy policy;
	struct trust *trust;

	if (signer == NULL || out == NULL)
		return CLI_USAGE;
	enum err err = key_file_public(signer, policy.signer);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, signer);
	int code = open_chip(cli, &trust);
	if (code != CLI_DONE)
		return code;
	err = pairing_chip_public(trust, &policy, point);
	trust_close(trust);
	if (err == ERR_NONE)
		err = key_file_public_new(out, point);
	return err == ERR_NONE ? CLI_DONE : cli_fail_err(cli, err, out);
}

/* "0,7" as bits. */
static bool pcrs_read(const char *text, uint32_t *out)
{
	char *end;

	*out = 0;
	do {
		if (*text < '0' || *text > '9')
			return false;
		unsigned long pcr = strtoul(text, &end, 10);
		if (pcr >= TRUST_PCRS)
			return false;
		*out |= UINT32_C(1) << pcr;
		text = end + 1;
	} while (*end == ',');
	return *end == '\0';
}

static enum err p256_key(const char *path, struct secret *key)
{
	enum ec_curve curve;

	TRY(key_file_private(path, &curve, key));
	return curve == EC_P256 ? ERR_NONE : ERR_UNSUPPORTED;
}

static int run_approve(struct cli *cli)
{
	const char *signer = needed(cli, "signer"), *pcrs = needed(cli, "pcrs"),
		   *out = needed(cli, "out");
	struct trust_approval approval = { 0 };
	uint8_t octets[APPROVAL_SIZE];
	struct room room = ROOM(octets);
	struct trust *trust;
	SECRET key = { .len = 0 };

	if (signer == NULL || pcrs == NULL || out == NULL)
		return CLI_USAGE;
	if (!pcrs_read(pcrs, &approval.pcrs))
		return cli_usage(cli, "%s is not a list of PCRs, such as 0,7", pcrs);
	enum err err = p256_key(signer, &key);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, signer);
	int code = open_chip(cli, &trust);
	if (code != CLI_DONE)
		return code;
	err = trust_state_digest(trust, approval.pcrs, approval.digest);
	trust_close(trust);
	if (err == ERR_NONE)
		err = crypto_ecdsa_sign(EC_P256, &key, &BYTES(approval.digest), 1,
		                        approval.signature);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, "the state of the chip");
	pairing_approval_put(&room, &approval);
	return cli_write_new(cli, out, room_used(&room));
}

static enum err sign_order(const struct secret *key, const struct pairing_order *order,
                           struct room *out)
{
	uint8_t octets[PAIRING_SIGNED_MAX], signature[EC_SIGNATURE_SIZE];
	struct bytes parts[PAIRING_ORDER_PARTS];
	struct room part = ROOM(octets);

	pairing_order_signed_put(&part, order);
	if (part.full)
		return ERR_ROOM;
	pairing_order_parts(room_used(&part), parts);
	TRY(crypto_ecdsa_sign(EC_P256, key, parts, PAIRING_ORDER_PARTS, signature));
	pairing_order_put(out, room_used(&part), BYTES(signature));
	return ERR_NONE;
}

/* order_fill takes the fields from the command line; they point to `eid` and `point`. */
static int order_fill(const struct cli *cli, struct pairing_order *order,
                      uint8_t eid[static EID_SIZE], uint8_t point[static EC_POINT_SIZE])
{
	const char *mode = needed(cli, "mode"), *key = cli_value(cli, "key");
	uint64_t number;

	if (mode == NULL || needed(cli, "number") == NULL ||
	    !cli_number(cli, "number", 1, UINT32_MAX, 1, &number))
		return CLI_USAGE;
	if (rsp_eid_read(bytes_text(cli_arg(cli, 0)), eid) != ERR_NONE)
		return cli_usage(cli, "%s is not an EID", cli_arg(cli, 0));
	if (pairing_mode_read(bytes_text(mode), &order->mode) != ERR_NONE)
		return cli_usage(cli, "%s is not off, observe or enforce", mode);
	order->eid = (struct bytes){ eid, EID_SIZE };
	order->number = (uint32_t)number;
	if (key == NULL)
		return CLI_DONE;
	enum err err = key_file_public(key, point);
	order->key = (struct bytes){ point, EC_POINT_SIZE };
	return err == ERR_NONE ? CLI_DONE : cli_fail_err(cli, err, key);
}

static int run_order(struct cli *cli)
{
	const char *authority = needed(cli, "authority"), *out = needed(cli, "out");
	uint8_t octets[PAIRING_ORDER_MAX], eid[EID_SIZE], point[EC_POINT_SIZE];
	struct room room = ROOM(octets);
	struct pairing_order order = { 0 };
	SECRET key = { .len = 0 };

	if (authority == NULL || out == NULL)
		return CLI_USAGE;
	int code = order_fill(cli, &order, eid, point);
	if (code != CLI_DONE)
		return code;
	enum err err = p256_key(authority, &key);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, authority);
	err = sign_order(&key, &order, &room);
	return err == ERR_NONE ? cli_write_new(cli, out, room_used(&room))
	                       : cli_fail_err(cli, err, authority);
}

#define OPTION_TRUST                                                                            \
	{                                                                                       \
		"trust", 0, "TCTI",                                                             \
			"the chip, as tpm2-tools name it: device:/dev/tpmrm0 ..., or soft:FILE" \
	}

static const struct cli_option key_options[] = {
	OPTION_TRUST,
	{"signer", 0,   "FILE", "public key of who approves states of the machine"},
	{ "out",   'o', "FILE", "where to write the public key (PEM)"             },
	CLI_OPTION_END,
};

static const struct cli_option approve_options[] = {
	OPTION_TRUST,
	{"signer", 0,   "FILE", "private key of who approves states of the machine"        },
	{ "pcrs",  0,   "LIST", "which PCRs of the SHA-256 bank make up the state: 0,2,4,7"},
	{ "out",   'o', "FILE", "where to write the approval"                              },
	CLI_OPTION_END,
};

static const struct cli_option order_options[] = {
	{"authority", 0,   "FILE", "private key whose orders the card obeys"                    },
	{ "mode",     0,   "MODE", "off, observe or enforce"                                    },
	{ "number",   0,   "N",    "greater than that of every order before"                    },
	{ "key",      0,   "FILE", "public key of the machine (default: the card keeps its own)"},
	{ "out",      'o', "FILE", "where to write the order"                                   },
	CLI_OPTION_END,
};

static const struct cli_command key_command = {
	.name = "key",
	.args = "",
	.help = "Writes the public pairing key of a machine's chip",
	.about = "The key signs in states only that the signer has approved. A card that is given "
		 "this\n"
		 "key belongs to the machine.",
	.options = key_options,
	.run = run_key,
};

static const struct cli_command approve_command = {
	.name = "approve",
	.args = "",
	.help = "Approves the state that a machine is in now",
	.about = "Once for each firmware, on a machine that is known to be good: machines with the "
		 "same\n"
		 "firmware have the same state.",
	.options = approve_options,
	.run = run_approve,
};

static const struct cli_command order_command = {
	.name = "order",
	.args = "EID",
	.help = "Signs an order that changes the pairing of a card",
	.about = "\"assay-agent pair --order\" gives it to the card.",
	.options = order_options,
	.run = run_order,
};

static const struct cli_command *const subs[] = { &key_command, &approve_command, &order_command,
	                                          NULL };

const struct cli_command cli_pairing = {
	.name = "pairing",
	.args = "",
	.help = "Ties cards to machines: keys, approvals, orders",
	.subs = subs,
};
