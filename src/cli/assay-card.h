/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the program assay-card: a card in software on PC/SC's virtual reader. */
#ifndef CLI_ASSAY_CARD_H
#define CLI_ASSAY_CARD_H

#include "card/card.h"
#include "card/euicc.h"
#include "cli/cli.h"

#include <sys/types.h>

/* card_seal_read reads the 32 octets that the image is sealed with. ERR_NOT_FOUND, ERR_LENGTH, ERR_IO. */
NODISCARD enum err card_seal_read(const char *path, struct secret *seal);

/* card_seal_new makes such a file, for its owner only. ERR_EXISTS, ERR_IO, ERR_CRYPTO. */
NODISCARD enum err card_seal_new(const char *path, struct secret *seal);

/* card_chip_seal draws 32 octets and writes them to a new file, sealed by the machine's chip: they open there
 * alone, in a state that the signer has approved. card_chip_unseal opens them. `how` is as for
 * `assay-agent --pairing`. An exit code. */
NODISCARD int card_chip_seal(struct cli *cli, const char *how, const char *path,
                             struct secret *seal);
NODISCARD int card_chip_unseal(struct cli *cli, const char *how, const char *path,
                               struct secret *seal);

/* card_chip_epoch holds the image against the chip's monotonic counter and moves both on: an image that was
 * put back to an earlier state is refused. `fresh`: it has just been made. An exit code. */
NODISCARD int card_chip_epoch(struct cli *cli, const char *how, const struct card_ports *ports,
                              bool fresh);

/* card_inside is card_serve with the card in a process of its own that can do nothing but be a card: it has
 * the image, a socket to this process, and what it needs to compute. `seal`, which the ports point to, is
 * wiped here once that process has it. An exit code. */
struct flash_file;
NODISCARD int card_inside(struct cli *cli, struct flash_file *file, const struct card_ports *ports,
                          struct secret *seal);

/* card_chip_trust opens the chip that --chip names. */
struct trust;
NODISCARD enum err card_chip_trust(struct cli *cli, struct trust **trust);

/* card_tamper_check looks, before anything of the card is used, whether the machine was tampered with: now, by
 * --tamper or --tampered, or earlier, by the mark in the image. If so the card is erased, which is measured, and an
 * exit code that is not CLI_DONE says it.
 *
 * card_tamper_guard starts a process that waits for it to happen while the card's process runs, and then ends that
 * and erases; `link`, which leads to the card, is closed in it. 0 without --tamper, negative when it cannot be
 * started. card_tamper_end ends it: CLI_DONE, or its exit code when it has erased the card, which is waited for when
 * the card's process was killed. */
NODISCARD int card_tamper_check(struct cli *cli, struct flash_file *file);
NODISCARD pid_t card_tamper_guard(struct cli *cli, struct flash_file *file, pid_t card, int link);
NODISCARD int card_tamper_end(pid_t guard, bool card_killed);

/* card_answer serves one connection until it breaks. */
struct vpcd;
NODISCARD enum err card_answer(struct vpcd *vpcd, struct card *card,
                               const struct card_ports *ports);

/* card_reader_loop connects to the reader of --vpcd again and again, and serves each connection, until SIGTERM
 * or SIGINT. `serve` ends with ERR_IO or ERR_TIMEOUT when the connection has. An exit code. */
NODISCARD int card_reader_loop(struct cli *cli, enum err (*serve)(void *ctx, struct vpcd *vpcd),
                               void *ctx);

/* card_new makes a fresh eUICC: image, file system, identity. Prints its EID. An exit code. */
NODISCARD int card_new(struct cli *cli);

/* card_serve answers the virtual reader at HOST:PORT until SIGTERM or SIGINT. An exit code. */
NODISCARD int card_serve(struct cli *cli, struct card *card, const struct card_ports *ports);

/* card_apdus runs the commands given by --apdu and prints the answers. An exit code. */
NODISCARD int card_apdus(struct cli *cli, struct card *card);

/* --- certificates of files, DER or PEM --- */

enum { CARD_FILES_MAX = EUICC_ANCHORS_MAX + 2 * EUICC_CREDENTIALS_MAX };

/* What was read, until card_files_end. */
struct card_files {
	uint8_t *read[CARD_FILES_MAX];
	size_t count;
};

/* card_certificate reads a certificate file as DER. ERR_NOT_FOUND, ERR_IO, ERR_VALUE. */
NODISCARD enum err card_certificate(struct card_files *files, const char *path, struct bytes *der);

void card_files_end(struct card_files *files);

#endif
