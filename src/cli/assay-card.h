/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the program assay-card: a card in software on PC/SC's virtual reader. */
#ifndef CLI_ASSAY_CARD_H
#define CLI_ASSAY_CARD_H

#include "card/card.h"
#include "card/euicc.h"
#include "cli/cli.h"

/* card_seal_read reads the 32 octets that the image is sealed with. ERR_NOT_FOUND, ERR_LENGTH, ERR_IO. */
NODISCARD enum err card_seal_read(const char *path, struct secret *seal);

/* card_seal_new makes such a file, for its owner only. ERR_EXISTS, ERR_IO, ERR_CRYPTO. */
NODISCARD enum err card_seal_new(const char *path, struct secret *seal);

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
