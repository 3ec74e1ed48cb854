/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/cert.h"

#include <string.h>

/* SGP.22 v2.5 4.5.2.1: what a certificate must say to act in a role. */
static const struct {
	uint32_t key_usage; /* at least these */
	bool ca;
} needs[] = {
	[ROLE_CI] = {KEY_USAGE_CERT_SIGN,          true },
	[ROLE_EUICC] = { KEY_USAGE_DIGITAL_SIGNATURE, false},
	[ROLE_EUM] = { KEY_USAGE_CERT_SIGN,         true },
	[ROLE_DP_TLS] = { KEY_USAGE_DIGITAL_SIGNATURE, false},
	[ROLE_DP_AUTH] = { KEY_USAGE_DIGITAL_SIGNATURE, false},
	[ROLE_DP_PB] = { KEY_USAGE_DIGITAL_SIGNATURE, false},
	[ROLE_DS_TLS] = { KEY_USAGE_DIGITAL_SIGNATURE, false},
	[ROLE_DS_AUTH] = { KEY_USAGE_DIGITAL_SIGNATURE, false},
};

enum err cert_has_role(const struct x509 *certificate, enum cert_role role)
{
	uint32_t usage = needs[role].key_usage;

	if (!(certificate->roles & 1u << role))
		return ERR_CERTIFICATE;
	if ((certificate->key_usage & usage) != usage || certificate->ca != needs[role].ca)
		return ERR_CERTIFICATE;
	return certificate->unknown_critical ? ERR_CERTIFICATE : ERR_NONE;
}

enum err cert_in_time(const struct x509 *certificate, int64_t now)
{
	if (now == CERT_NO_TIME)
		return ERR_NONE;
	if (now < certificate->not_before || now > certificate->not_after)
		return ERR_EXPIRED;
	return ERR_NONE;
}

static enum err check_signature(const struct x509 *certificate, enum ec_curve curve,
                                const uint8_t *point)
{
	enum err err =
		crypto_ecdsa_verify(curve, point, &certificate->tbs, 1, certificate->signature);

	return err == ERR_VALUE ? ERR_CERTIFICATE : err;
}

enum err cert_names_anchor(const struct x509 *certificate, const struct trust_anchor *anchor)
{
	struct bytes id = { anchor->key_id, KEY_ID_SIZE };

	if (!bytes_same(certificate->authority_key_id, id))
		return ERR_CERTIFICATE;
	if (anchor->name.at != NULL && !bytes_same(certificate->issuer, anchor->name))
		return ERR_CERTIFICATE;
	return ERR_NONE;
}

enum err cert_names_issuer(const struct x509 *certificate, const struct x509 *issuer)
{
	if (issuer->subject_key_id.len == 0 ||
	    !bytes_same(certificate->authority_key_id, issuer->subject_key_id))
		return ERR_CERTIFICATE;
	return bytes_same(certificate->issuer, issuer->subject) ? ERR_NONE : ERR_CERTIFICATE;
}

enum err cert_signed_by_anchor(const struct x509 *certificate, const struct trust_anchor *anchor)
{
	TRY(cert_names_anchor(certificate, anchor));
	return check_signature(certificate, anchor->curve, anchor->point);
}

enum err cert_signed_by(const struct x509 *certificate, const struct x509 *issuer)
{
	TRY(cert_names_issuer(certificate, issuer));
	return check_signature(certificate, issuer->curve, issuer->point.at);
}

enum err trust_anchor_read(struct bytes der, struct trust_anchor *out)
{
	struct trust_anchor anchor;
	struct x509 ci;

	TRY(x509_read(der, &ci));
	TRY(cert_has_role(&ci, ROLE_CI));
	if (ci.subject_key_id.len != KEY_ID_SIZE || !bytes_same(ci.issuer, ci.subject))
		return ERR_CERTIFICATE;
	TRY(check_signature(&ci, ci.curve, ci.point.at));
	memcpy(anchor.key_id, ci.subject_key_id.at, KEY_ID_SIZE);
	memcpy(anchor.point, ci.point.at, EC_POINT_SIZE);
	anchor.curve = ci.curve;
	anchor.name = ci.subject;
	*out = anchor;
	return ERR_NONE;
}

enum err cert_eid(const struct x509 *euicc, uint8_t eid[static EID_SIZE])
{
	struct bytes digits;

	/* 4.5.2.1.0.3: serialNumber in the subject holds the EID as 32 digits. */
	if (x509_attribute(euicc->subject, BYTES(x509_oid_serial_number), &digits) != ERR_NONE)
		return ERR_CERTIFICATE;
	return rsp_eid_read(digits, eid) == ERR_NONE ? ERR_NONE : ERR_CERTIFICATE;
}

static bool starts_with(struct bytes text, struct bytes prefix)
{
	struct bytes head;

	return bytes_take(&text, prefix.len, &head) && bytes_same(head, prefix);
}

/* Does one GeneralSubtree, a directoryName of organization and serialNumber, permit the subject? */
static bool subtree_permits(struct bytes subtree, const struct x509 *euicc)
{
	struct bytes directory, organization, number, own_organization, eid;

	if (ber_read(&subtree, 0xA4, &directory) != ERR_NONE || subtree.len > 0)
		return false;
	if (x509_attribute(directory, BYTES(x509_oid_serial_number), &number) != ERR_NONE ||
	    x509_attribute(euicc->subject, BYTES(x509_oid_serial_number), &eid) != ERR_NONE)
		return false;
	if (number.len == 0 || !starts_with(eid, number))
		return false;
	if (x509_attribute(directory, BYTES(x509_oid_organization), &organization) != ERR_NONE)
		return true;
	return x509_attribute(euicc->subject, BYTES(x509_oid_organization), &own_organization) ==
	               ERR_NONE &&
	       bytes_same(organization, own_organization);
}

enum err cert_eum_permits(const struct x509 *eum, const struct x509 *euicc)
{
	struct bytes left = eum->permitted, subtree;

	while (left.len > 0 && ber_read(&left, 0x30, &subtree) == ERR_NONE) {
		if (subtree_permits(subtree, euicc))
			return ERR_NONE;
	}
	return ERR_CERTIFICATE;
}

enum err cert_check_server(const struct x509 *certificate, enum cert_role role,
                           const struct trust_anchor *anchor, int64_t now)
{
	TRY(cert_has_role(certificate, role));
	TRY(cert_in_time(certificate, now));
	return cert_signed_by_anchor(certificate, anchor);
}

enum err cert_check_eum(const struct x509 *eum, const struct trust_anchor *anchor, int64_t now)
{
	TRY(cert_has_role(eum, ROLE_EUM));
	if (eum->permitted.at == NULL)
		return ERR_CERTIFICATE; /* 4.5.2.1.0.2: nameConstraints are mandatory */
	TRY(cert_signed_by_anchor(eum, anchor));
	return cert_in_time(eum, now);
}

enum err cert_check_euicc(const struct x509 *euicc, const struct x509 *eum, int64_t now,
                          uint8_t eid[static EID_SIZE])
{
	TRY(cert_has_role(euicc, ROLE_EUICC));
	TRY(cert_eum_permits(eum, euicc));
	TRY(cert_signed_by(euicc, eum));
	TRY(cert_in_time(euicc, now));
	return cert_eid(euicc, eid);
}
