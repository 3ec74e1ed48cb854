/* SPDX-License-Identifier: Apache-2.0 */
/* The program assay-card: makes a card, or is one. */
#include "cli/assay-card.h"

#include "codec/hex.h"
#include "port/posix/confine.h"
#include "port/posix/flash_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum err card_seal_read(const char *path, struct secret *seal)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	uint8_t octets[SECRET_MAX + 1];
	ssize_t n = read(fd, octets, sizeof octets);
	close(fd);
	enum err err = n < 0 ? ERR_IO : n != SECRET_MAX ? ERR_LENGTH : ERR_NONE;
	if (err == ERR_NONE && !secret_from(seal, (struct bytes){ octets, SECRET_MAX }))
		err = ERR_LENGTH;
	wipe(octets, sizeof octets);
	return err;
}

enum err card_seal_new(const char *path, struct secret *seal)
{
	TRY(crypto_random(seal->at, SECRET_MAX));
	seal->len = SECRET_MAX;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? ERR_EXISTS : ERR_IO;
	bool whole = write(fd, seal->at, SECRET_MAX) == SECRET_MAX && fsync(fd) == 0;
	close(fd);
	return whole ? ERR_NONE : ERR_IO;
}

static int run_apdu(struct cli *cli, struct card *card, const char *text)
{
	uint8_t octets[5 + APDU_DATA_MAX + 1], answer[APDU_REPLY_MAX];
	struct room command = ROOM(octets), reply = ROOM(answer);

	if (hex_read(bytes_text(text), &command) != ERR_NONE)
		return cli_usage(cli, "%s is not a command in hexadecimal", text);
	card_run(card, room_used(&command), &reply);
	for (size_t i = 0; i < reply.len; i++)
		printf("%02X", answer[i]);
	printf("\n");
	return CLI_DONE;
}

int card_apdus(struct cli *cli, struct card *card)
{
	const char *text;

	(void)!card_reset(card).len; /* nobody asked for the answer to reset */
	for (size_t i = 0; (text = cli_value_nth(cli, "apdu", i)) != NULL; i++) {
		int code = run_apdu(cli, card, text);
		if (code != CLI_DONE)
			return code;
	}
	return CLI_DONE;
}

/* read_seal gives the key of the image: none, from a file, or out of the chip. */
static int read_seal(struct cli *cli, struct secret *seal)
{
	const char *path = cli_value(cli, "seal"), *chip = cli_value(cli, "chip");

	if (chip != NULL && path == NULL)
		return cli_usage(cli, "--chip needs --seal FILE: where what it has sealed lies");
	if (path == NULL)
		return CLI_DONE;
	if (chip != NULL)
		return card_chip_unseal(cli, chip, path, seal);
	enum err err = card_seal_read(path, seal);
	return err == ERR_NONE ? CLI_DONE : cli_fail_err(cli, err, path);
}

/* A card of the machine's own runs in a process of its own; a card on a desk in this one. */
static int be_card(struct cli *cli, struct flash_file *file, struct secret *seal)
{
	const struct card_ports ports = { flash_file_port(file), seal->len > 0 ? seal : NULL };
	const char *chip = cli_value(cli, "chip");
	struct card card;
	int code = CLI_FAILED;

	if (chip != NULL)
		code = card_chip_epoch(cli, chip, &ports, false);
	if (chip != NULL && code != CLI_DONE)
		return code;
	if (chip != NULL && cli_value(cli, "apdu") == NULL)
		return card_inside(cli, file, &ports, seal);
	enum err err = card_init(&card, &ports);
	if (err != ERR_NONE)
		code = cli_fail_err(cli, err, cli_value(cli, "state"));
	else if (cli_value(cli, "apdu") != NULL)
		code = card_apdus(cli, &card);
	else
		code = card_serve(cli, &card, &ports);
	wipe(&card, sizeof card);
	return code;
}

/* run_card opens the image and is the card. */
static int run_card(struct cli *cli, const char *state)
{
	struct flash_file file;
	SECRET seal = { .len = 0 };

	enum err err = flash_file_open(&file, state);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, state);
	int code = card_tamper_check(cli, &file);
	if (code == CLI_DONE)
		code = read_seal(cli, &seal);
	if (code == CLI_DONE)
		code = be_card(cli, &file, &seal);
	flash_file_close(&file);
	return code;
}

static int run(struct cli *cli)
{
	const char *state = cli_value(cli, "state");

	if (state == NULL)
		return cli_usage(cli, "--state FILE is needed: the image that the card lives in");
	if (!confine_dumps()) /* keys of the card and of its image come into this process */
		return cli_fail_err(cli, ERR_IO, "core dumps");
	if (cli_flag(cli, "new"))
		return card_new(cli);
	if (cli_value(cli, "vpcd") == NULL && cli_value(cli, "apdu") == NULL &&
	    !cli_flag(cli, "tampered"))
		return cli_usage(cli, "say what to do: --new, --vpcd HOST:PORT or --apdu HEX");
	if (cli_value(cli, "tamper") != NULL && cli_value(cli, "chip") == NULL)
		return cli_usage(cli, "--tamper is for the machine's own card: --chip");
	return run_card(cli, state);
}

static const struct cli_option options[] = {
	{"state",              's', "FILE",      "the image that the card lives in"                                  },
	{ "vpcd",              'v', "HOST:PORT", "be the card in this virtual reader (port 35963 by default)"        },
	{ "apdu",              0,   "HEX",       "run one command and print the answer (may be repeated)"            },
	{ "seal",              0,   "FILE",      "32 octets that the image is encrypted with; --new makes the file"  },
	{ "chip",              0,   "HOW",
         "the machine's own card: --seal opens in its chip alone, as "
         "tpm:TCTI,approval=FILE,signer=FILE"									},
	{ "tamper",            0,   "HOW",
         "with --chip: erase the card when file:PATH appears, fifo:PATH is written to, or "
	  "gpio:CHIP:LINE[:low] is active"									   },
	{ "tampered",          0,   NULL,        "erase the card now: somebody has opened the machine"               },
	{ "log",               0,   "FILE",      "--tamper: event log that it is measured into; in /run"             },
	{ "pcr",               0,   "N",         "--log: which PCR is extended (default: 14)"                        },
	{ "continues",         0,   NULL,        "--log: it goes on where the firmware's ends"                       },
	{ "new",               0,   NULL,        "make a fresh card in FILE"                                         },
	{ "pki",               0,   "DIR",       "--new: keys and certificates from a directory of \"assay pki new\""},
	{ "eid",               0,   "EID",       "--new: the card of that number in DIR/cards (default: DIR's own)"  },
	{ "size",              0,   "KB",        "--new: size of the image in kilobytes (default: 1024)"             },
	{ "ci",		0,   "FILE",      "--new: a CI certificate to trust (may be repeated)"                },
	{ "euicc",             0,   "FILE",      "--new: certificate of the card (may be repeated, one each curve)"  },
	{ "euicc-key",         0,   "FILE",      "--new: its private key, in the same order"                         },
	{ "eum",               0,   "FILE",      "--new: certificate of its maker, in the same order"                },
	{ "default-dp",        0,   "ADDRESS",   "--new: default SM-DP+ (default: none)"                             },
	{ "root-ds",           0,   "ADDRESS",   "--new: root SM-DS (default: lpa.ds.gsma.com)"                      },
	{ "no-policy-rules",   0,   NULL,        "--new: let no operator set profile policy rules"                   },
	{ "pairing-key",       0,   "FILE",      "--new: public key of the machine that the card belongs to"         },
	{ "pairing-mode",      0,   "MODE",
         "--new: off, observe or enforce (default: observe with a key)"                                              },
	{ "pairing-authority", 0,   "FILE",
         "--new: public key of who may change the pairing by orders"                                                 },
	CLI_OPTION_END,
};

static const struct cli_command root = {
	.name = "assay-card",
	.args = "",
	.help = "A SIM card with an eUICC, in software, on PC/SC",
	.about = "The card's memory is a file: --new makes it, --vpcd puts the card into the "
		 "virtual\n"
		 "reader of pcsc-lite, where any PC/SC program sees it.",
	.options = options,
	.run = run,
};

int main(int argc, char **argv)
{
	return cli_main(&root, argc, argv);
}
