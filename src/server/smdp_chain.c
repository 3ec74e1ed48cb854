/* SPDX-License-Identifier: Apache-2.0 */
#include "server/smdp_chain.h"

#include <string.h>

struct smdp_trust smdp_trust(const struct smdp_ports *ports)
{
	return (struct smdp_trust){ .ci = ports->ci,
		                    .ci_count = ports->ci_count,
		                    .now = (int64_t)(ports->now_ms(ports->ctx) / 1000),
		                    .ctx = ports->ctx,
		                    .verify = ports->verify };
}

/* A signature under a certificate, by way of the memory of what was verified before. */
static enum err check_signature(const struct smdp_trust *trust, const struct x509 *certificate,
                                enum ec_curve curve, const uint8_t *point)
{
	return trust->verify(trust->ctx, curve, point, &certificate->tbs, 1,
	                     certificate->signature);
}

/* The same CI key may come with several certificates and names (the two test CIs of SGP.26 do). */
static enum smdp_status check_root(const struct smdp_trust *trust, const uint8_t *root,
                                   const struct x509 *eum)
{
	enum smdp_status status = SMDP_CI_UNKNOWN;

	for (size_t i = 0; i < trust->ci_count; i++) {
		const struct smdp_ci *ci = &trust->ci[i];
		struct x509 certificate;
		struct trust_anchor anchor = { .curve = ci->curve };

		if (root != NULL && !bytes_same(ci->key_id, (struct bytes){ root, KEY_ID_SIZE }))
			continue;
		if (!bytes_same(ci->key_id, eum->authority_key_id) ||
		    x509_read(ci->certificate, &certificate) != ERR_NONE)
			continue;
		if (ci->key_id.len != KEY_ID_SIZE)
			continue;
		memcpy(anchor.key_id, ci->key_id.at, KEY_ID_SIZE);
		anchor.name = certificate.subject;
		status = SMDP_EUM_INVALID;
		if (cert_names_anchor(eum, &anchor) == ERR_NONE &&
		    check_signature(trust, eum, ci->curve, ci->point) == ERR_NONE)
			return SMDP_OK;
	}
	return status;
}

static enum smdp_status check_eum(const struct smdp_trust *trust, const uint8_t *root,
                                  const struct x509 *eum)
{
	SMDP_TRY(check_root(trust, root, eum));
	if (cert_has_role(eum, ROLE_EUM) != ERR_NONE || eum->permitted.at == NULL)
		return SMDP_EUM_INVALID;
	return cert_in_time(eum, trust->now) == ERR_NONE ? SMDP_OK : SMDP_EUM_EXPIRED;
}

static enum smdp_status check_euicc(const struct smdp_trust *trust, const struct x509 *eum,
                                    const struct x509 *euicc, struct smdp_card *out)
{
	if (cert_has_role(euicc, ROLE_EUICC) != ERR_NONE ||
	    cert_eum_permits(eum, euicc) != ERR_NONE || cert_names_issuer(euicc, eum) != ERR_NONE ||
	    check_signature(trust, euicc, eum->curve, eum->point.at) != ERR_NONE ||
	    cert_eid(euicc, out->eid) != ERR_NONE)
		return SMDP_EUICC_CERTIFICATE_INVALID;
	if (cert_in_time(euicc, trust->now) != ERR_NONE)
		return SMDP_EUICC_CERTIFICATE_EXPIRED;
	out->curve = euicc->curve;
	memcpy(out->point, euicc->point.at, EC_POINT_SIZE);
	return SMDP_OK;
}

enum smdp_status smdp_chain_verify(const struct smdp_trust *trust, const uint8_t *root,
                                   struct bytes euicc_certificate, struct bytes eum_certificate,
                                   struct smdp_card *out)
{
	struct smdp_card card;
	struct x509 eum, euicc;

	if (x509_read(eum_certificate, &eum) != ERR_NONE)
		return SMDP_EUM_INVALID;
	if (x509_read(euicc_certificate, &euicc) != ERR_NONE)
		return SMDP_EUICC_CERTIFICATE_INVALID;
	SMDP_TRY(check_eum(trust, root, &eum));
	SMDP_TRY(check_euicc(trust, &eum, &euicc, &card));
	*out = card;
	return SMDP_OK;
}
