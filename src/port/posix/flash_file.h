/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flash port of a host: an image file of fixed size. Writes are on the medium after
 * a sync (fdatasync), and the file is locked, so that two programs never drive one card.
 */
#ifndef PORT_POSIX_FLASH_FILE_H
#define PORT_POSIX_FLASH_FILE_H

#include "port/flash.h"

struct flash_file {
	int fd;
	uint32_t size;
};

/* flash_file_create makes an image of `size` octets, all FF as erased flash is, that only its owner may
 * read. ERR_EXISTS when the path is taken, ERR_IO; then nothing is left behind. */
NODISCARD enum err flash_file_create(struct flash_file *file, const char *path, uint32_t size);

/* flash_file_open opens an image. ERR_NOT_FOUND, ERR_BUSY when another program holds it, ERR_LIMIT above
 * 4 GiB, ERR_IO. */
NODISCARD enum err flash_file_open(struct flash_file *file, const char *path);

/* flash_file_port lends the file as flash; it must outlive the port. */
struct flash flash_file_port(struct flash_file *file);

void flash_file_close(struct flash_file *file);

#endif
