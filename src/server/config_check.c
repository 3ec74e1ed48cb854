/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at everything that a configuration names, so that mistakes are found before the start. */
#include "server/config.h"
#include "server/keyfile.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct check {
	const struct config *config;
	enum err first;
};

__attribute__((format(printf, 3, 4))) static void wrong(struct check *check, enum err err,
                                                        const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", check->config->path);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	if (check->first == ERR_NONE)
		check->first = err;
}

/* pair looks whether key and certificate belong together. */
static void pair(struct check *check, const char *certificate, const char *key)
{
	struct buffer der = { NULL, 0, 0 };
	uint8_t stated[EC_POINT_SIZE], computed[EC_POINT_SIZE];
	enum ec_curve curve = EC_P256, of_key = EC_P256;
	SECRET scalar = { .len = 0 };
	enum err err = keyfile_certificate(certificate, &der);

	if (err == ERR_NONE)
		err = keyfile_point(buffer_bytes(&der), &curve, stated);
	buffer_free(&der);
	if (err != ERR_NONE) {
		wrong(check, err, "certificate %s: %s", certificate, err_text(err));
		return;
	}
	err = keyfile_key(key, &of_key, &scalar);
	if (err == ERR_NONE)
		err = crypto_ec_public(of_key, &scalar, computed);
	if (err != ERR_NONE)
		wrong(check, err, "key %s: %s", key, err_text(err));
	else if (curve != of_key || memcmp(stated, computed, sizeof stated) != 0)
		wrong(check, ERR_CERTIFICATE, "%s and %s do not belong together", certificate, key);
}

static void check_ci(struct check *check, const struct config_ci *ci)
{
	struct buffer der = { NULL, 0, 0 };
	enum err err = keyfile_certificate(ci->certificate, &der);

	buffer_free(&der);
	if (err != ERR_NONE)
		wrong(check, err, "[ci %s] certificate %s: %s", ci->name, ci->certificate,
		      err_text(err));
	if (ci->dpauth_certificate[0] != '\0')
		pair(check, ci->dpauth_certificate, ci->dpauth_key);
	if (ci->dppb_certificate[0] != '\0')
		pair(check, ci->dppb_certificate, ci->dppb_key);
}

static void check_tls(struct check *check, const char *name, const struct listen *listen,
                      const struct tls_files *files)
{
	if (listen->count == 0)
		return;
	if (files->certificate[0] == '\0' || files->key[0] == '\0')
		wrong(check, ERR_NOT_FOUND, "[%s] needs certificate and key", name);
	else
		pair(check, files->certificate, files->key);
	if (files->trust[0] != '\0' && access(files->trust, R_OK) != 0)
		wrong(check, ERR_NOT_FOUND, "[%s] trust %s cannot be read", name, files->trust);
}

static void check_directory(struct check *check, const char *name, const char *path)
{
	struct stat info;

	if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
		wrong(check, ERR_NOT_FOUND, "%s %s is no directory", name, path);
}

static void check_p256(struct check *check, const char *name, const char *path)
{
	enum ec_curve curve = EC_P256;
	SECRET scalar = { .len = 0 };
	enum err err = keyfile_key(path, &curve, &scalar);

	if (err == ERR_NONE && curve != EC_P256)
		err = ERR_UNSUPPORTED;
	if (err != ERR_NONE)
		wrong(check, err, "%s %s: %s", name, path, err_text(err));
}

/* Who can write the store shall not be able to write what it is held against. */
static void check_head(struct check *check)
{
	const struct config *config = check->config;
	size_t len = strlen(config->data);

	if (strncmp(config->audit_head, config->data, len) == 0 && config->audit_head[len] == '/')
		wrong(check, ERR_VALUE, "audit-head %s is in the store's directory", config->audit_head);
	if (config->audit_head[0] != '\0' && config->audit_key[0] == '\0')
		wrong(check, ERR_NOT_FOUND, "[keeper] audit-head needs audit-key");
}

enum err config_check(const struct config *config)
{
	struct check check = { config, ERR_NONE };

	check_directory(&check, "data", config->data);
	if (config->catalogue[0] != '\0')
		check_directory(&check, "catalogue", config->catalogue);
	if (access(config->master_key, R_OK) != 0)
		wrong(&check, ERR_NOT_FOUND, "master-key %s cannot be read", config->master_key);
	if (config->audit_key[0] != '\0')
		check_p256(&check, "audit-key", config->audit_key);
	check_head(&check);
	if (config->result_key[0] != '\0')
		check_p256(&check, "result-key", config->result_key);
	if (config->notice_key[0] != '\0')
		check_p256(&check, "notice-key", config->notice_key);
	for (size_t i = 0; i < config->operator_count; i++)
		if (config->operators[i].events_url[0] != '\0' && config->notice_key[0] == '\0')
			wrong(&check, ERR_NOT_FOUND, "[operator %s] events-url needs [keeper] notice-key",
			      config->operators[i].name);
	if (config->ci_count == 0)
		wrong(&check, ERR_NOT_FOUND, "no [ci NAME]: nobody could be authenticated");
	for (size_t i = 0; i < config->ci_count; i++)
		check_ci(&check, &config->ci[i]);
	if (config->radius.count > 0 &&
	    (config->radius_network[0] == '\0' || config->radius_quarantine[0] == '\0'))
		wrong(&check, ERR_NOT_FOUND, "[radius] needs network and quarantine");
	check_tls(&check, "es9", &config->es9, &config->es9_tls);
	check_tls(&check, "es2", &config->es2, &config->es2_tls);
	if (config->es2.count > 0 && config->es2_tls.trust[0] == '\0')
		wrong(&check, ERR_NOT_FOUND,
		      "[es2] needs trust: operators are known by their certificates");
	return check.first;
}

enum err config_check_apart(const struct config *config)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit((int)config_check(config));
	if (pid < 0)
		return ERR_IO;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return ERR_IO;
	return WIFEXITED(status) && WEXITSTATUS(status) < ERR_COUNT
	               ? (enum err)WEXITSTATUS(status)
	               : ERR_IO;
}
