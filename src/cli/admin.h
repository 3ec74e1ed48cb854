/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to a running assayd for its administrator: HTTP with JSON on the admin socket (docs/admin-api.md),
 * and how what comes back is shown.
 */
#ifndef CLI_ADMIN_H
#define CLI_ADMIN_H

#include "cli/cli.h"

#include <jansson.h>

enum { ADMIN_PATH_MAX = 256, ADMIN_FILE_MAX = 1 << 20 };

/* admin_call sends one request; `body` may be NULL and stays the caller's. CLI_DONE and the answer (the
 * caller's to json_decref), or an exit code after complaining. */
NODISCARD int admin_call(const struct cli *cli, const char *method, const char *path,
                         const json_t *body, json_t **answer);

/* admin_list fetches all pages of a listing and gives its elements in one array. `path` has everything but
 * "after" and "limit"; `after` is where to begin ("" for the first); `name` is the member that holds the
 * elements. */
NODISCARD int admin_list(const struct cli *cli, const char *path, const char *after,
                         const char *name, json_t **array);

/* A member of an answer as people see it. */
struct admin_column {
	const char *member, *head;
};

/* admin_show_list prints the array as JSON when the command was given --json, otherwise as a table with
 * these columns, or as the sentence `none`. admin_show prints one object likewise, a line a member. Both
 * take the reference and return CLI_DONE. */
NODISCARD int admin_show_list(const struct cli *cli, json_t *array,
                              const struct admin_column *columns, size_t count, const char *none);
NODISCARD int admin_show(const struct cli *cli, json_t *object, const struct admin_column *columns,
                         size_t count);

/* admin_listens tells, and says nothing, whether a server is there to be asked. */
NODISCARD bool admin_listens(const struct cli *cli);

/* admin_path writes PREFIX, NAME with everything escaped that is no plain character, and SUFFIX. */
NODISCARD bool admin_path(char out[static ADMIN_PATH_MAX], const char *prefix, const char *name,
                          const char *suffix);

/* admin_is_digits tells whether a text is of so many digits; admin_is_eid whether it is an EID. */
enum { EID_DIGITS = 32, IMSI_DIGITS_LEAST = 6, IMSI_DIGITS_MOST = 15 };
NODISCARD bool admin_is_digits(const char *text, size_t least, size_t most);
NODISCARD bool admin_is_eid(const char *text);

/* admin_file reads a whole file ("-": standard input) of at most ADMIN_FILE_MAX octets; the caller frees
 * what it gets. Complains and returns NULL when it cannot. */
NODISCARD uint8_t *admin_file(const struct cli *cli, const char *path, size_t *len);

/* admin_base64 is a JSON string of the octets in Base64, or NULL. */
NODISCARD json_t *admin_base64(const uint8_t *at, size_t len);

/* admin_der is the same of a certificate or key, which may have come as PEM (RFC 7468): the text between the lines is the
 * DER in Base64. */
NODISCARD json_t *admin_der(const uint8_t *at, size_t len);

/* admin_set_option puts the option's value, when it was given, as a member. */
void admin_set_option(const struct cli *cli, json_t *object, const char *option,
                      const char *member);

#endif
