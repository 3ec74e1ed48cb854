/* SPDX-License-Identifier: Apache-2.0 */
/* Law: views of a certificate lie inside of it, its signature writes back to what was read,
 * its validity is a time, and reading is repeatable; on error nothing moved. */
#include "rsp/cert.h"

#include "fuzz/law.h"

#include <string.h>

static bool inside(struct bytes part, const uint8_t *data, size_t size)
{
	return part.at == NULL ||
	       (part.at >= data && part.len <= size && (size_t)(part.at - data) <= size - part.len);
}

static void check_views(const struct x509 *c, const uint8_t *data, size_t size)
{
	const struct bytes views[] = {
		c->whole,     c->tbs,       c->serial,        c->issuer,
		c->subject,   c->point,     c->policies,      c->subject_key_id,
		c->alt_names, c->permitted, c->ext_key_usage, c->authority_key_id,
	};

	for (size_t i = 0; i < COUNT(views); i++)
		LAW(inside(views[i], data, size));
	LAW(c->point.len == EC_POINT_SIZE && c->tbs.len < c->whole.len);
	LAW(c->whole.at == data && c->whole.len == size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size }, value;
	struct x509 c, before;
	uint8_t store[80], raw[EC_SIGNATURE_SIZE], eid[EID_SIZE];
	struct room out = ROOM(store);

	memset(&c, 0xA5, sizeof c);
	memset(&before, 0xA5, sizeof before);
	if (x509_read(in, &c) != ERR_NONE) {
		LAW(memcmp(&c, &before, sizeof c) == 0);
		return 0;
	}
	check_views(&c, data, size);
	ecdsa_signature_put(&out, c.signature);
	LAW(ecdsa_signature_read(room_used(&out), raw) == ERR_NONE);
	LAW(memcmp(raw, c.signature, sizeof raw) == 0);
	LAW(data[size - 1] == store[out.len - 1]); /* the signature ends the certificate */
	for (unsigned role = ROLE_CI; role <= ROLE_DS_AUTH; role++) {
		if (cert_has_role(&c, (enum cert_role)role) == ERR_NONE)
			LAW((c.roles & 1u << role) != 0 && !c.unknown_critical);
	}
	if (cert_eid(&c, eid) == ERR_NONE)
		LAW(x509_attribute(c.subject, BYTES(x509_oid_serial_number), &value) == ERR_NONE);
	(void)!cert_eum_permits(&c, &c); /* only that it ends */
	LAW(cert_in_time(&c, c.not_before - 1) == ERR_EXPIRED);
	return 0;
}
