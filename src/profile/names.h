/* SPDX-License-Identifier: Apache-2.0 */
/* The names that the specification gives to elements, services and files; for people, not for cards. */
#ifndef PROFILE_NAMES_H
#define PROFILE_NAMES_H

#include "profile/template.h"

/* pe_kind_name is the member of the CHOICE, "opt-usim"; service_name that of ServicesList; never NULL. */
const char *pe_kind_name(enum pe_kind kind);
const char *service_name(unsigned service);

/* template_file_name is the member of the element, "ef-imsi"; never NULL. */
const char *template_file_name(const struct template *template, unsigned n);

#endif
