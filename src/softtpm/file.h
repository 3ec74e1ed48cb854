/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A software TPM in a file: its seed, its certificate, and what a chip keeps while it has power. The file is its owner's
 * alone (0600), locked as long as it is open, and replaced as a whole: after a crash it is the old one or the new
 * one. The chip's clock runs on while nobody has it open, by the time of day.
 */
#ifndef SOFTTPM_FILE_H
#define SOFTTPM_FILE_H

#include "softtpm/softtpm.h"

struct softtpm_file {
	struct softtpm tpm;
	uint64_t at_ms; /* time of day when the chip's clock stood as it does */
	uint8_t certificate[SOFTTPM_CERTIFICATE_MAX];
	size_t certificate_len;
	char *path;
	int fd;
};

/* softtpm_file_new makes the file of a chip with the endorsement key's certificate (DER, may be empty). ERR_EXISTS when
 * the path is taken, ERR_LENGTH, ERR_NOT_FOUND when there is no such folder, ERR_IO; then nothing is left behind. */
NODISCARD enum err softtpm_file_new(const char *path, const struct softtpm *tpm,
                                    struct bytes certificate);

/* softtpm_file_open waits for who else has it open, for 10 seconds: ERR_BUSY. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO;
 * then nothing is to be closed. softtpm_file_close wipes what it read. */
NODISCARD enum err softtpm_file_open(struct softtpm_file *file, const char *path);
void softtpm_file_close(struct softtpm_file *file);

/* softtpm_file_restart does softtpm_restart to a chip in a file: what a reset of the machine does. Errors as above. */
NODISCARD enum err softtpm_file_restart(const char *path);

/* softtpm_file_tick moves the chip's clock on to now, by a millisecond at least: each command takes one. */
void softtpm_file_tick(struct softtpm_file *file);

/* softtpm_file_save replaces the file by what `tpm` is, durably, and takes that over. On an error file and chip are both
 * as they were, or both the new ones without the medium's word that they will stay. */
NODISCARD enum err softtpm_file_save(struct softtpm_file *file, const struct softtpm *tpm);

#endif
