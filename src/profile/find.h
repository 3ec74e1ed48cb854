/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others want to know of a package without installing it: whose it is, what it is called, and –
 * only for the keeper – the key in it.
 */
#ifndef PROFILE_FIND_H
#define PROFILE_FIND_H

#include "profile/keys.h"
#include "profile/source.h"

enum {
	IMSI_TEXT = 16,  /* 15 digits and a NUL */
	ICCID_TEXT = 21, /* 20 digits and a NUL */
	NAME_TEXT = 101, /* PROFILE_TYPE_MAX and a NUL */
	SPN_TEXT = 49,   /* 16 characters, three octets each in UTF-8, and a NUL */
};

/* What is public in a package. Texts end in NUL and are empty where the package has nothing. */
struct profile_facts {
	char type[NAME_TEXT];      /* profileType of the header, UTF-8 */
	char iccid[ICCID_TEXT];    /* digits without padding */
	uint8_t iccid_swapped[10]; /* as EF.ICCID and StoreMetadata have it */
	char imsi[IMSI_TEXT];      /* of the first USIM */
	char spn[SPN_TEXT];        /* of the first USIM, UTF-8 */
	uint8_t mnc_digits;        /* 2 or 3; 0: EF.AD does not say */
	bool isim;
	uint32_t services; /* SERVICE_BIT of what is mandatory */
};

/* profile_find_facts reads the whole package. On error `out` is untouched. */
NODISCARD enum err profile_find_facts(const struct source *package, struct profile_facts *out);

/* profile_find_aka gives the key and algorithm of the first USIM that has its own. ERR_NOT_FOUND; on
 * error `out` is wiped. sqn_init in it is not for use. The caller clears `out`. */
NODISCARD enum err profile_find_aka(const struct source *package, struct aka_parameter *out);

/* profile_find_file works out the content of the first file with this id among the files of the first
 * element of that kind. ERR_NOT_FOUND; ERR_ROOM when it is longer than the room has left. */
NODISCARD enum err profile_find_file(const struct source *package, enum pe_kind kind, uint16_t fid,
                                     struct room *out);

/* digits_swapped writes the digits of `in` (low nibble first, F ends them) and a NUL; true when there
 * is room. `skip` leaves out that many nibbles at the front. */
NODISCARD bool digits_swapped(struct bytes in, size_t skip, char *out, size_t cap);

#endif
