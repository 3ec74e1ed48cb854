/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/x509_ext.h"

#include "rsp/cert.h"

/* id-rspRole, 2.23.146.1.2.1: one more arc says which role. */
static const uint8_t oid_rsp_role[] = { 0x67, 0x81, 0x12, 0x01, 0x02, 0x01 };

static enum err read_key_id(struct bytes value, struct bytes *id)
{
	struct bytes octets;

	TRY(ber_read(&value, 0x04, &octets));
	TRY(ber_end(value));
	*id = octets;
	return ERR_NONE;
}

static enum err subject_key_id(struct bytes value, struct x509 *out)
{
	return read_key_id(value, &out->subject_key_id);
}

static enum err authority_key_id(struct bytes value, struct x509 *out)
{
	struct bytes seq, ignored;

	TRY(ber_read(&value, 0x30, &seq));
	TRY(ber_end(value));
	TRY(ber_read(&seq, 0x80, &out->authority_key_id));
	return rsp_extensions(seq, &ignored); /* issuer and serial number may follow */
}

static enum err key_usage(struct bytes value, struct x509 *out)
{
	TRY(rsp_bits_read(&value, 0x03, &out->key_usage));
	return ber_end(value);
}

static enum err basic_constraints(struct bytes value, struct x509 *out)
{
	struct bytes seq;
	uint64_t path_len;

	TRY(ber_read(&value, 0x30, &seq));
	TRY(ber_end(value));
	if (ber_is(seq, 0x01))
		TRY(ber_read_bool(&seq, 0x01, &out->ca));
	if (seq.len == 0)
		return ERR_NONE;
	TRY(ber_read_uint(&seq, 0x02, 255, &path_len));
	out->path_len = (int)path_len;
	return ber_end(seq);
}

static uint32_t role_of(struct bytes oid)
{
	struct bytes arcs, role = oid;

	if (!bytes_take(&role, sizeof oid_rsp_role, &arcs))
		return 0;
	if (!bytes_same(arcs, BYTES(oid_rsp_role)) || role.len != 1 || role.at[0] > ROLE_DS_AUTH)
		return 0;
	return 1u << role.at[0];
}

static enum err certificate_policies(struct bytes value, struct x509 *out)
{
	struct bytes left, policy, oid;

	TRY(ber_read(&value, 0x30, &out->policies));
	TRY(ber_end(value));
	left = out->policies;
	while (left.len > 0) {
		TRY(ber_read(&left, 0x30, &policy));
		TRY(ber_read(&policy, 0x06, &oid));
		out->roles |= role_of(oid);
	}
	return ERR_NONE;
}

/* A SEQUENCE OF whatever, well formed. */
static enum err read_list(struct bytes value, struct bytes *list)
{
	struct bytes seq;

	TRY(ber_read(&value, 0x30, &seq));
	TRY(ber_end(value));
	return rsp_extensions(seq, list);
}

static enum err subject_alt_name(struct bytes value, struct x509 *out)
{
	return read_list(value, &out->alt_names);
}

static enum err name_constraints(struct bytes value, struct x509 *out)
{
	struct bytes seq, permitted;

	TRY(ber_read(&value, 0x30, &seq));
	TRY(ber_end(value));
	TRY(ber_read(&seq, 0xA0, &permitted));
	/* 4.5.2.1.0.2 permits names and excludes none: what excludes is not understood here. */
	if (seq.len > 0)
		return ERR_UNSUPPORTED;
	return rsp_extensions(permitted, &out->permitted);
}

static enum err ext_key_usage(struct bytes value, struct x509 *out)
{
	return read_list(value, &out->ext_key_usage);
}

static enum err crl_distribution_points(struct bytes value, struct x509 *out)
{
	struct bytes ignored;

	(void)out;
	return read_list(value, &ignored);
}

static const struct {
	uint8_t id; /* last arc of id-ce, 2.5.29 */
	enum err (*read)(struct bytes value, struct x509 *out);
} known[] = {
	{14,  subject_key_id         },
        { 15, key_usage              },
        { 17, subject_alt_name       },
	{ 19, basic_constraints      },
        { 30, name_constraints       },
        { 31, crl_distribution_points},
	{ 32, certificate_policies   },
        { 35, authority_key_id       },
        { 37, ext_key_usage          },
};

static enum err read_one(struct bytes seq, uint64_t *seen, struct x509 *out)
{
	struct bytes oid, value;
	bool critical = false;

	TRY(ber_read(&seq, 0x06, &oid));
	if (ber_is(seq, 0x01))
		TRY(ber_read_bool(&seq, 0x01, &critical));
	TRY(ber_read(&seq, 0x04, &value));
	TRY(ber_end(seq));
	if (oid.len != 3 || oid.at[0] != 0x55 || oid.at[1] != 0x1D) {
		out->unknown_critical |= critical;
		return ERR_NONE;
	}
	for (size_t i = 0; i < COUNT(known); i++) {
		if (known[i].id != oid.at[2])
			continue;
		if (*seen & (uint64_t)1 << known[i].id)
			return ERR_VALUE; /* RFC 5280 4.2: not more than one instance */
		*seen |= (uint64_t)1 << known[i].id;
		return known[i].read(value, out);
	}
	out->unknown_critical |= critical;
	return ERR_NONE;
}

enum err x509_extensions_read(struct bytes extensions, struct x509 *out)
{
	struct bytes seq;
	uint64_t seen = 0;

	while (extensions.len > 0) {
		TRY(ber_read(&extensions, 0x30, &seq));
		TRY(read_one(seq, &seen, out));
	}
	return ERR_NONE;
}
