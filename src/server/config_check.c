/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at everything that a configuration names, so that mistakes are found before the start. */
#include "server/config.h"
#include "server/keyfile.h"
#include "server/listen.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MASTER_KEY_SIZE = 32 };

struct check {
	const struct config *config;
	enum err first;
};

/* Of a file that should hold a key or a certificate. */
static const char *file_fault(enum err err)
{
	return err == ERR_NOT_FOUND ? "cannot be read" : err == ERR_VALUE ? "neither PEM nor DER of what belongs there" : err_text(err);
}

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

/* What everybody may read is no secret (R7). A group may: TLS keys of a host are often kept so. */
static void check_secret(struct check *check, const char *name, const char *path)
{
	struct stat info;

	if (stat(path, &info) == 0 && (info.st_mode & S_IRWXO) != 0)
		wrong(check, ERR_DENIED, "%s %s is open to everybody: chmod o= it", name, path);
}

/* pair looks whether key and certificate belong together; `name` is their section, `what` how both keys begin. */
static void pair(struct check *check, const char *name, const char *what, const char *certificate, const char *key)
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
		wrong(check, err, "[%s] %scertificate %s: %s", name, what, certificate, file_fault(err));
		return;
	}
	if (key[0] == '\0') {
		wrong(check, ERR_NOT_FOUND, "[%s] %scertificate needs %skey", name, what, what);
		return;
	}
	check_secret(check, "key", key);
	err = keyfile_key(key, &of_key, &scalar);
	if (err == ERR_NONE)
		err = crypto_ec_public(of_key, &scalar, computed);
	if (err != ERR_NONE)
		wrong(check, err, "[%s] %skey %s: %s", name, what, key, file_fault(err));
	else if (curve != of_key || memcmp(stated, computed, sizeof stated) != 0)
		wrong(check, ERR_CERTIFICATE, "%s and %s do not belong together", certificate, key);
}

static void check_ci(struct check *check, const struct config_ci *ci)
{
	struct buffer der = { NULL, 0, 0 };
	enum err err = keyfile_certificate(ci->certificate, &der);
	char name[NAME_SIZE + 4];

	buffer_free(&der);
	snprintf(name, sizeof name, "ci %s", ci->name);
	if (err != ERR_NONE)
		wrong(check, err, "[%s] certificate %s: %s", name, ci->certificate, file_fault(err));
	if (ci->dpauth_certificate[0] != '\0')
		pair(check, name, "dpauth-", ci->dpauth_certificate, ci->dpauth_key);
	if (ci->dppb_certificate[0] != '\0')
		pair(check, name, "dppb-", ci->dppb_certificate, ci->dppb_key);
}

static void check_place(struct check *check, const char *name, const char *at)
{
	const char *fault = listen_fault(at);

	if (fault != NULL)
		wrong(check, ERR_VALUE, "%s %s: %s", name, at, fault);
}

static void check_listen(struct check *check, const char *name, const struct listen *listen)
{
	for (size_t i = 0; i < listen->count; i++)
		check_place(check, name, listen->at[i]);
}

static void check_listens(struct check *check)
{
	const struct config *config = check->config;

	check_listen(check, "[es9] listen", &config->es9);
	check_listen(check, "[es2] listen", &config->es2);
	check_listen(check, "[admin] listen", &config->admin);
	check_listen(check, "[auc] listen", &config->auc);
	check_listen(check, "[auc] quarantine", &config->quarantine);
	check_listen(check, "[radius] listen", &config->radius);
	if (config->radius.count == 0)
		return;
	check_place(check, "[radius] network", config->radius_network);
	check_place(check, "[radius] quarantine", config->radius_quarantine);
}

static void check_tls(struct check *check, const char *name, const struct listen *listen,
                      const struct tls_files *files)
{
	if (listen->count == 0)
		return;
	if (files->certificate[0] == '\0' || files->key[0] == '\0')
		wrong(check, ERR_NOT_FOUND, "[%s] needs certificate and key", name);
	else
		pair(check, name, "", files->certificate, files->key);
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
		wrong(check, err, "%s %s: %s", name, path,
		      err == ERR_NOT_FOUND ? file_fault(err) : "no private key on P-256, PEM or DER");
	check_secret(check, name, path);
}

static void check_master(struct check *check, const char *path)
{
	struct stat info;

	if (access(path, R_OK) != 0 || stat(path, &info) != 0)
		wrong(check, ERR_NOT_FOUND, "master-key %s cannot be read", path);
	else if (!S_ISREG(info.st_mode) || info.st_size != MASTER_KEY_SIZE)
		wrong(check, ERR_LENGTH, "master-key %s is no file of %d octets", path, MASTER_KEY_SIZE);
	check_secret(check, "master-key", path);
}

static void check_url(struct check *check, const char *operator, const char *name, const char *url)
{
	if (url[0] != '\0' && strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
		wrong(check, ERR_VALUE, "[operator %s] %s %s: https://... or http://... is wanted", operator, name, url);
}

static void check_operator(struct check *check, const struct config_operator *operator)
{
	check_url(check, operator->name, "events-url", operator->events_url);
	check_url(check, operator->name, "notify-url", operator->notify_url);
	if (operator->events_url[0] != '\0' && check->config->notice_key[0] == '\0')
		wrong(check, ERR_NOT_FOUND, "[operator %s] events-url needs [keeper] notice-key", operator->name);
}

static void check_server(struct check *check)
{
	const struct config *config = check->config;

	if (config->address[0] == '\0')
		wrong(check, ERR_VALUE, "[server] address is empty: it is the name in activation codes");
	if (config->user[0] != '\0' && getpwnam(config->user) == NULL)
		wrong(check, ERR_NOT_FOUND, "[server] user %s is not known here", config->user);
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

	check_server(&check);
	check_listens(&check);
	check_directory(&check, "data", config->data);
	if (config->catalogue[0] != '\0')
		check_directory(&check, "catalogue", config->catalogue);
	check_master(&check, config->master_key);
	if (config->audit_key[0] != '\0')
		check_p256(&check, "audit-key", config->audit_key);
	check_head(&check);
	if (config->result_key[0] != '\0')
		check_p256(&check, "result-key", config->result_key);
	if (config->notice_key[0] != '\0')
		check_p256(&check, "notice-key", config->notice_key);
	for (size_t i = 0; i < config->operator_count; i++)
		check_operator(&check, &config->operators[i]);
	if (config->ci_count == 0)
		wrong(&check, ERR_NOT_FOUND, "no [ci NAME]: nobody could be authenticated");
	for (size_t i = 0; i < config->ci_count; i++)
		check_ci(&check, &config->ci[i]);
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
