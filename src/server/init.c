/* SPDX-License-Identifier: Apache-2.0 */
#include "server/init.h"

#include "port/crypto.h"
#include "server/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char conf[] =
	"# assayd, for trying: everything on loopback, certificates of a test PKI.\n"
	"# assayd.conf(5) has every key and its default.\n"
	"[server]\n"
	"address = localhost\n"
	"data = data\n"
	"catalogue = catalogue\n"
	"\n"
	"[keeper]\n"
	"master-key = master.key\n"
	"audit-key = audit.key\n"
	"audit-head = audit.head\n"
	"result-key = result.key\n"
	"notice-key = notice.key\n"
	"\n"
	"[es9]\n"
	"listen = 127.0.0.1:8443\n"
	"certificate = @/CERT_S_SM_DP_TLS_NIST.pem\n"
	"key = @/SK_S_SM_DP_TLS_NIST.pem\n"
	"\n"
	"[es2]\n"
	"listen = 127.0.0.1:8444\n"
	"certificate = @/CERT_ES2_SERVER.pem\n"
	"key = @/SK_ES2_SERVER.pem\n"
	"trust = @/CERT_ES2_CA.pem\n"
	"\n"
	"[admin]\n"
	"listen = ./admin.sock\n"
	"\n"
	"[auc]\n"
	"listen = ./auc.sock\n"
	"quarantine = ./quarantine.sock\n"
	"\n"
	"[ci nist]\n"
	"certificate = @/CERT_CI_ECDSA_NIST.der\n"
	"dpauth-certificate = @/CERT_S_SM_DPauth_ECDSA_NIST.der\n"
	"dpauth-key = @/SK_S_SM_DPauth_ECDSA_NIST.pem\n"
	"dppb-certificate = @/CERT_S_SM_DPpb_ECDSA_NIST.der\n"
	"dppb-key = @/SK_S_SM_DPpb_ECDSA_NIST.pem\n"
	"\n"
	"[ci brainpool]\n"
	"certificate = @/CERT_CI_ECDSA_BRP.der\n"
	"dpauth-certificate = @/CERT_S_SM_DPauth_ECDSA_BRP.der\n"
	"dpauth-key = @/SK_S_SM_DPauth_ECDSA_BRP.pem\n"
	"dppb-certificate = @/CERT_S_SM_DPpb_ECDSA_BRP.der\n"
	"dppb-key = @/SK_S_SM_DPpb_ECDSA_BRP.pem\n"
	"\n"
	"[operator operator]\n"
	"subject = operator\n";

static bool say(const char *path)
{
	fprintf(stderr, "assayd: %s: %s\n", path, strerror(errno));
	return false;
}

static FILE *create(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	return fd < 0 ? NULL : fdopen(fd, "w");
}

static bool conf_write(const char *path, const char *pki)
{
	FILE *file = create(path, 0644);
	bool good;

	if (file == NULL)
		return say(path);
	good = true;
	for (const char *at = conf; *at != '\0';
	     at++) /* '@' stands for the certificates' directory */
		good = good && (*at == '@' ? fputs(pki, file) : fputc(*at, file)) != EOF;
	return (fclose(file) == 0 && good) || say(path);
}

/* The demonstration's master key is a file. A TPM or PKCS#11 token takes its place where it matters. */
static bool master_write(const char *path)
{
	uint8_t key[32];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0)
		return say(path);
	good = crypto_random(key, sizeof key) == ERR_NONE &&
	       write(fd, key, sizeof key) == (ssize_t)sizeof key;
	wipe(key, sizeof key);
	return (close(fd) == 0 && good) || say(path);
}

/* Heads of the audit log, attestation results, and what operators are told are signed with a key of their own
 * each; others get its public part. */
static bool pair_write(const char *path)
{
	char public_path[PATH_MAX];
	size_t len = strlen(path);

	snprintf(public_path, sizeof public_path, "%.*s.pub", (int)(len - strlen(".key")), path);
	return keyfile_new(path, public_path) == ERR_NONE || say(path);
}

static bool make(const char *dir, const char *name, mode_t mode, char path[static PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s%s%s", dir, *name == '\0' ? "" : "/", name) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return say(dir);
	}
	return mode == 0 || mkdir(path, mode) == 0 || errno == EEXIST || say(path);
}

bool init_directory(const char *dir, const char *pki)
{
	char path[PATH_MAX], certificates[PATH_MAX];

	if (pki == NULL)
		snprintf(certificates, sizeof certificates, "pki");
	else if (realpath(pki, certificates) == NULL)
		return say(pki);
	return make(dir, "", 0755, path) && make(dir, "data", 0700, path) &&
	       make(dir, "catalogue", 0755, path) && make(dir, "assayd.conf", 0, path) &&
	       conf_write(path, certificates) && make(dir, "master.key", 0, path) &&
	       master_write(path) && make(dir, "audit.key", 0, path) && pair_write(path) &&
	       make(dir, "result.key", 0, path) && pair_write(path) &&
	       make(dir, "notice.key", 0, path) && pair_write(path);
}
