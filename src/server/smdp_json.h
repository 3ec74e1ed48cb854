/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as SGP.22 6.5 uses it: bodies are read with jansson, answers are written straight into
 * a room. */
#ifndef SERVER_SMDP_JSON_H
#define SERVER_SMDP_JSON_H

#include "base/bytes.h"
#include "base/err.h"
#include "server/smdp_status.h"

#include <jansson.h>

/* json_body parses a whole body as one object; NULL when it is not, or has a member twice, or
 * is nested deeper than a request may be. The caller releases it with json_decref. */
json_t *json_body(struct bytes body);

/* json_text gives a string member; ERR_NOT_FOUND when absent or null, ERR_TAG when no string.
 * The view lives as long as the object. */
NODISCARD enum err json_text(const json_t *object, const char *name, struct bytes *text);

/* json_octets appends what a base64 member stands for, and gives a view of that. */
NODISCARD enum err json_octets(const json_t *object, const char *name, struct room *store,
                               struct bytes *octets);

/* json_hex does so for a member in hexadecimal (transactionId). */
NODISCARD enum err json_hex(const json_t *object, const char *name, struct room *store,
                            struct bytes *octets);

/* Writers. A name is a literal; json_put_* put `"name":` and the value, with a comma before it
 * unless an object has just been opened. */
void json_put_open(struct room *out, const char *name); /* NULL: no name */
void json_put_close(struct room *out);
void json_put_text(struct room *out, const char *name, struct bytes text);
void json_put_literal(struct room *out, const char *name, const char *text);
void json_put_number(struct room *out, const char *name, uint64_t number);
void json_put_base64(struct room *out, const char *name, struct bytes octets);
void json_put_hex(struct room *out, const char *name, struct bytes octets);

/* json_put_base64_element puts an element made of a primitive tag and its value, in base64. */
void json_put_base64_element(struct room *out, const char *name, unsigned tag, struct bytes value);

/* json_put_status puts `"name":{"status":...}` with the code data of a failure (6.5.1.4). */
void json_put_status(struct room *out, const char *name, enum smdp_status status);

/* json_put_status_as does so with another message than the status's own, unless that is NULL or empty. */
void json_put_status_as(struct room *out, const char *name, enum smdp_status status,
                        const char *message);

/* json_put_header opens the answer's object and puts its header. */
void json_put_header(struct room *out, enum smdp_status status);
void json_put_header_as(struct room *out, enum smdp_status status, const char *message);

/* json_put_value puts a member whose value is JSON text already. */
void json_put_value(struct room *out, const char *name, struct bytes json);

/* json_put_time puts an instant as W3C's "2026-11-24T03:00:00Z" (5.3.5). */
void json_put_time(struct room *out, const char *name, uint64_t ms);

#endif
