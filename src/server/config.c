/* SPDX-License-Identifier: Apache-2.0 */
#include "server/config.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { TEXT, PATH, NUMBER, YESNO, LISTEN };

/* A row says where a key lives in the struct it belongs to, and what it may be. */
struct key {
	const char *section, *name;
	enum kind kind;
	size_t at, size; /* for TEXT and PATH the room, with NUL */
	uint32_t min, max;
};

#define FIELD(type, member) offsetof(type, member), sizeof(((type *)NULL)->member)
#define ROW_TEXT(section, name, type, member)   { section, name, TEXT, FIELD(type, member), 0, 0 }
#define ROW_PATH(section, name, type, member)   { section, name, PATH, FIELD(type, member), 0, 0 }
#define ROW_LISTEN(section, name, member) \
	{ section, name, LISTEN, FIELD(struct config, member), 0, 0 }
#define ROW_NUMBER(section, name, member, min, max) \
	{ section, name, NUMBER, FIELD(struct config, member), min, max }

static const struct key keys[] = {
	ROW_PATH("server", "data", struct config, data),
	ROW_TEXT("server", "user", struct config, user),
	ROW_NUMBER("server", "workers", workers, 0, WORKER_MAX),
	{ "server", "sandbox", YESNO, FIELD(struct config, sandbox), 0, 0 },
	ROW_TEXT("server", "address", struct config, address),
	ROW_PATH("server", "catalogue", struct config, catalogue),

	ROW_LISTEN("es9", "listen", es9),
	ROW_PATH("es9", "certificate", struct config, es9_tls.certificate),
	ROW_PATH("es9", "key", struct config, es9_tls.key),

	ROW_LISTEN("es2", "listen", es2),
	ROW_PATH("es2", "certificate", struct config, es2_tls.certificate),
	ROW_PATH("es2", "key", struct config, es2_tls.key),
	ROW_PATH("es2", "trust", struct config, es2_tls.trust),

	ROW_LISTEN("admin", "listen", admin),
	ROW_LISTEN("auc", "listen", auc),
	ROW_LISTEN("auc", "quarantine", quarantine),

	ROW_LISTEN("radius", "listen", radius),
	ROW_TEXT("radius", "network", struct config, radius_network),
	ROW_TEXT("radius", "quarantine", struct config, radius_quarantine),

	ROW_NUMBER("limits", "handshake-ms", deadlines.handshake_ms, 10, 600000),
	ROW_NUMBER("limits", "header-ms", deadlines.header_ms, 10, 600000),
	ROW_NUMBER("limits", "body-ms", deadlines.body_ms, 10, 600000),
	ROW_NUMBER("limits", "answer-ms", deadlines.answer_ms, 10, 600000),
	ROW_NUMBER("limits", "service-ms", service_ms, 100, 600000),
	ROW_NUMBER("limits", "connections", connections_max, 1, 100000),
	ROW_NUMBER("limits", "connections-per-address", connections_per_address_max, 0, 100000),
	ROW_NUMBER("limits", "session-seconds", session_seconds, 1, 86400),
	ROW_NUMBER("limits", "download-attempts", download_attempts, 1, 1000),
	ROW_NUMBER("limits", "confirmation-attempts", confirmation_attempts, 1, 1000),

	ROW_PATH("keeper", "master-key", struct config, master_key),
	ROW_PATH("keeper", "audit-key", struct config, audit_key),
	ROW_PATH("keeper", "audit-head", struct config, audit_head),
	ROW_PATH("keeper", "result-key", struct config, result_key),
	ROW_PATH("keeper", "notice-key", struct config, notice_key),

	{ "verifier", "test-chips", YESNO, FIELD(struct config, test_chips), 0, 0 },

	ROW_PATH("ci", "certificate", struct config_ci, certificate),
	ROW_PATH("ci", "dpauth-certificate", struct config_ci, dpauth_certificate),
	ROW_PATH("ci", "dpauth-key", struct config_ci, dpauth_key),
	ROW_PATH("ci", "dppb-certificate", struct config_ci, dppb_certificate),
	ROW_PATH("ci", "dppb-key", struct config_ci, dppb_key),

	ROW_TEXT("operator", "subject", struct config_operator, subject),
	ROW_TEXT("operator", "events-url", struct config_operator, events_url),
	ROW_TEXT("operator", "notify-url", struct config_operator, notify_url),
	ROW_PATH("operator", "notify-trust", struct config_operator, notify_trust),
	ROW_PATH("operator", "notify-certificate", struct config_operator, notify_certificate),
	ROW_PATH("operator", "notify-key", struct config_operator, notify_key),
};
_Static_assert(COUNT(keys) <= 64, "config_section.seen has one bit a row");

void config_defaults(struct config *config)
{
	*config = (struct config){
		.data = "/var/lib/assay", .sandbox = true,
		.es9 = { .at = { "[::]:443" }, .count = 1 },
		.admin = { .at = { "/run/assay/admin.sock" }, .count = 1 },
		.address = "localhost",
		.deadlines = { 10000, 30000, 10000, 60000 },
		.service_ms = 5000,
		.connections_max = 1000, .connections_per_address_max = 0,
		.session_seconds = 300, .download_attempts = 5, .confirmation_attempts = 3,
		.master_key = "/var/lib/assay/master.key",
	};
}

static char *trim(char *text)
{
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text;
}

static enum err fail(enum err err, const char **why, const char *says)
{
	*why = says;
	return err;
}

/* row_new makes place for a [ci NAME] or [operator NAME]. */
static enum err row_new(struct config *config, const struct config_section *section,
                        const char **why)
{
	if (strcmp(section->kind, "ci") == 0) {
		for (size_t i = 0; i < config->ci_count; i++)
			if (strcmp(config->ci[i].name, section->name) == 0)
				return fail(ERR_EXISTS, why, "a CI of that name was given above");
		if (config->ci_count == CI_MAX)
			return fail(ERR_LIMIT, why, "too many [ci] sections");
		memcpy(config->ci[config->ci_count++].name, section->name, NAME_SIZE);
		return ERR_NONE;
	}
	for (size_t i = 0; i < config->operator_count; i++)
		if (strcmp(config->operators[i].name, section->name) == 0)
			return fail(ERR_EXISTS, why, "an operator of that name was given above");
	if (config->operator_count == OPERATOR_MAX)
		return fail(ERR_LIMIT, why, "too many [operator] sections");
	memcpy(config->operators[config->operator_count++].name, section->name, NAME_SIZE);
	return ERR_NONE;
}

static enum err header(struct config *config, struct config_section *section, char *line,
                       const char **why)
{
	char *end = strchr(line, ']'), *kind, *name;
	bool known = false, named;

	if (end == NULL || *trim(end + 1) != '\0')
		return fail(ERR_VALUE, why, "a section is written [name]");
	*end = '\0';
	kind = trim(line + 1);
	name = kind + strcspn(kind, " \t");
	if (*name != '\0')
		*name++ = '\0';
	name = trim(name);
	named = strcmp(kind, "ci") == 0 || strcmp(kind, "operator") == 0;
	for (size_t i = 0; i < COUNT(keys); i++)
		known = known || strcmp(keys[i].section, kind) == 0;
	if (!known)
		return fail(ERR_VALUE, why, "no such section");
	if (named != (*name != '\0'))
		return fail(ERR_VALUE, why, named ? "this section needs a name" : "this section has no name");
	if (strlen(name) >= NAME_SIZE)
		return fail(ERR_LIMIT, why, "name is too long");
	*section = (struct config_section){ .seen = 0 };
	snprintf(section->kind, sizeof section->kind, "%s", kind);
	snprintf(section->name, sizeof section->name, "%s", name);
	return named ? row_new(config, section, why) : ERR_NONE;
}

static enum err put_text(const struct config *config, const struct key *key, char *to,
                         const char *value, const char **why)
{
	bool relative = key->kind == PATH && *value != '/' && *value != '\0' && config->base[0] != '\0';

	if (strlen(value) + (relative ? strlen(config->base) + 1 : 0) >= key->size)
		return fail(ERR_LIMIT, why, "value is too long");
	snprintf(to, key->size, "%s%s%s", relative ? config->base : "", relative ? "/" : "", value);
	return ERR_NONE;
}

static enum err put_number(const struct key *key, uint32_t *to, const char *value, const char **why)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end != '\0' || errno != 0)
		return fail(ERR_VALUE, why, "not a number");
	if (number < key->min || number > key->max)
		return fail(ERR_VALUE, why, "number is out of range");
	*to = (uint32_t)number;
	return ERR_NONE;
}

static enum err put_yesno(bool *to, const char *value, const char **why)
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0)
		return fail(ERR_VALUE, why, "yes or no is wanted");
	*to = yes;
	return ERR_NONE;
}

/* put_listen takes addresses separated by spaces; an empty value switches the service off. Socket files
 * are paths, and as such relative to the configuration. */
static enum err put_listen(const struct config *config, struct listen *to, char *value,
                           const char **why)
{
	struct listen read = { .count = 0 };
	char *rest = value;

	for (char *one; (one = strsep(&rest, " \t")) != NULL;) {
		bool number = one[strspn(one, "0123456789.")] == '\0'; /* an address whose port was forgotten */
		bool is_path = strchr(one, '/') != NULL || (strchr(one, ':') == NULL && !number);
		const struct key as_path = { NULL, NULL, is_path ? PATH : TEXT, 0, TEXT_PATH_SIZE, 0, 0 };
		if (*one == '\0')
			continue;
		if (read.count == LISTEN_MAX)
			return fail(ERR_LIMIT, why, "too many addresses");
		TRY(put_text(config, &as_path, read.at[read.count++], one, why));
	}
	*to = read;
	return ERR_NONE;
}

static void *target(struct config *config, const struct config_section *section)
{
	if (strcmp(section->kind, "ci") == 0)
		return &config->ci[config->ci_count - 1];
	if (strcmp(section->kind, "operator") == 0)
		return &config->operators[config->operator_count - 1];
	return config;
}

static enum err assign(struct config *config, struct config_section *section, const char *name,
                       char *value, const char **why)
{
	for (size_t i = 0; i < COUNT(keys); i++) {
		const struct key *key = &keys[i];
		uint8_t *to;

		if (strcmp(key->section, section->kind) != 0 || strcmp(key->name, name) != 0)
			continue;
		if (section->seen >> i & 1)
			return fail(ERR_EXISTS, why, "given twice");
		section->seen |= UINT64_C(1) << i;
		to = (uint8_t *)target(config, section) + key->at;
		switch (key->kind) {
		case TEXT:
		case PATH:
			return put_text(config, key, (char *)to, value, why);
		case NUMBER:
			return put_number(key, (uint32_t *)(void *)to, value, why);
		case YESNO:
			return put_yesno((bool *)to, value, why);
		case LISTEN:
			return put_listen(config, (struct listen *)(void *)to, value, why);
		}
	}
	return fail(ERR_NOT_FOUND, why, "no such key in this section");
}

enum err config_line(struct config *config, struct config_section *section, char *line,
                     const char **why)
{
	char *equals;

	line[strcspn(line, "#")] = '\0';
	line = trim(line);
	if (*line == '\0')
		return ERR_NONE;
	if (*line == '[')
		return header(config, section, line, why);
	equals = strchr(line, '=');
	if (equals == NULL)
		return fail(ERR_VALUE, why, "key = value is wanted");
	*equals = '\0';
	if (section->kind[0] == '\0')
		return fail(ERR_ORDER, why, "a [section] must come first");
	return assign(config, section, trim(line), trim(equals + 1), why);
}

static enum err lines(struct config *config, FILE *file)
{
	struct config_section section = { .seen = 0 };
	char line[2 * TEXT_PATH_SIZE];

	for (unsigned number = 1; fgets(line, sizeof line, file) != NULL; number++) {
		const char *why = "line is too long";
		enum err err = ERR_LIMIT;

		if (strchr(line, '\n') != NULL || feof(file))
			err = config_line(config, &section, line, &why);
		if (err != ERR_NONE) {
			fprintf(stderr, "%s:%u: %s\n", config->path, number, why);
			return err;
		}
	}
	return ferror(file) ? ERR_IO : ERR_NONE;
}

enum err config_load(struct config *config, const char *path)
{
	struct config *read = malloc(sizeof *read);
	FILE *file = fopen(path, "r");
	char *slash;
	enum err err;

	if (read == NULL || file == NULL || strlen(path) >= sizeof read->path) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		if (file != NULL)
			fclose(file);
		free(read);
		return ERR_IO;
	}
	config_defaults(read);
	snprintf(read->path, sizeof read->path, "%s", path);
	snprintf(read->base, sizeof read->base, "%s", path);
	slash = strrchr(read->base, '/');
	snprintf(slash == NULL ? read->base : slash, 2, "%s", slash == NULL ? "." : "");
	err = lines(read, file);
	fclose(file);
	if (err == ERR_NONE)
		*config = *read;
	free(read);
	return err;
}
