/* SPDX-License-Identifier: Apache-2.0 */
#include "server/cis.h"

#include "server/keyfile.h"
#include "server/log.h"

#include "rsp/x509.h"

#include <string.h>

enum { VERIFIED_MAX = 1024 };

enum err cis_verify(void *ctx, enum ec_curve curve, const uint8_t point[static EC_POINT_SIZE],
                    const struct bytes *parts, size_t count,
                    const uint8_t signature[static EC_SIGNATURE_SIZE])
{
	static uint8_t seen[VERIFIED_MAX][SHA256_SIZE];
	const uint8_t on = (uint8_t)curve;
	uint8_t text[SHA256_SIZE], digest[SHA256_SIZE];
	const struct bytes all[] = {
		{&on,        1                },
                { point,     EC_POINT_SIZE    },
                BYTES(text), { signature, EC_SIGNATURE_SIZE}
	};
	size_t place;

	(void)ctx;
	TRY(crypto_sha256(text, parts, count));
	TRY(crypto_sha256(digest, all, COUNT(all)));
	place = ((size_t)digest[0] << 8 | digest[1]) % VERIFIED_MAX;
	if (memcmp(seen[place], digest, sizeof digest) == 0)
		return ERR_NONE;
	TRY(crypto_ecdsa_verify(curve, point, parts, count, signature));
	memcpy(seen[place], digest, sizeof digest);
	return ERR_NONE;
}

static enum err complain(enum err err, const char *what)
{
	log_error("%s: %s", what, err_text(err));
	return err;
}

static enum err certificate_load(const char *path, struct buffer *out, struct bytes *view)
{
	enum err err;

	if (*path == '\0')
		return ERR_NONE;
	err = keyfile_certificate(path, out);
	if (err != ERR_NONE)
		return complain(err, path);
	*view = buffer_bytes(out);
	return ERR_NONE;
}

static enum err ci_load(struct smdp_ci *ci, struct buffer certificates[static 3],
                        const struct config_ci *from)
{
	struct x509 root;
	enum err err;

	TRY(certificate_load(from->certificate, &certificates[0], &ci->certificate));
	TRY(certificate_load(from->dpauth_certificate, &certificates[1], &ci->dpauth));
	TRY(certificate_load(from->dppb_certificate, &certificates[2], &ci->dppb));
	err = x509_read(ci->certificate, &root);
	if (err != ERR_NONE || root.subject_key_id.at == NULL)
		return complain(err == ERR_NONE ? ERR_CERTIFICATE : err, from->certificate);
	ci->curve = root.curve;
	ci->key_id = root.subject_key_id;
	memcpy(ci->point, root.point.at, EC_POINT_SIZE);
	return ERR_NONE;
}

enum err cis_load(struct cis *cis, const struct config *config)
{
	cis->count = config->ci_count;
	for (size_t i = 0; i < config->ci_count; i++)
		TRY(ci_load(&cis->ci[i], cis->certificates[i], &config->ci[i]));
	return ERR_NONE;
}

struct smdp_trust cis_trust(const struct cis *cis, int64_t now)
{
	return (struct smdp_trust){
		.ci = cis->ci, .ci_count = cis->count, .now = now, .verify = cis_verify
	};
}
