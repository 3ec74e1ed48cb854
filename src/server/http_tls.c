/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http_tls.h"

#include "server/keyfile.h"
#include "server/log.h"

#include "rsp/x509.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/x509.h>

enum { CHAIN_MAX = 4 };

static struct tls_service {
	struct keeper *keeper;
	enum keeper_tls which;
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned chain_len;
	gnutls_privkey_t key;
} services[KEEPER_TLS_SERVICES];

/* GnuTLS asks for the signature over a digest; TLS wants it as the DER of (r, s). */
static int sign_hash(gnutls_privkey_t key, gnutls_sign_algorithm_t algorithm, void *ctx,
                     unsigned flags, const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
	const struct tls_service *service = ctx;
	uint8_t raw[EC_SIGNATURE_SIZE], der_octets[80];
	struct room der = ROOM(der_octets);
	struct bytes digest = { hash->data, hash->size };

	(void)key;
	(void)algorithm;
	(void)flags;
	if (keeper_tls_sign(service->keeper, service->which, digest, raw) != ERR_NONE)
		return GNUTLS_E_PK_SIGN_FAILED;
	ecdsa_signature_put(&der, raw);
	signature->data = gnutls_malloc(der.len);
	if (signature->data == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	memcpy(signature->data, der.at, der.len);
	signature->size = (unsigned)der.len;
	return 0;
}

static int key_info(gnutls_privkey_t key, unsigned flags, void *ctx)
{
	(void)key;
	(void)ctx;
	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
		return GNUTLS_PK_ECDSA;
	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
		return 256;
	if (flags & GNUTLS_PRIVKEY_INFO_SIGN_ALGO)
		return GNUTLS_SIGN_ECDSA_SHA256;
	if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO) {
		unsigned algorithm = GNUTLS_FLAGS_TO_SIGN_ALGO(flags);
		return algorithm == GNUTLS_SIGN_ECDSA_SHA256 ||
		       algorithm == GNUTLS_SIGN_ECDSA_SECP256R1_SHA256;
	}
	return -1;
}

static int chain_load(struct tls_service *service, const char *path)
{
	struct buffer text = { NULL, 0, 0 };
	gnutls_datum_t datum;
	unsigned count = CHAIN_MAX;
	int got;

	if (keyfile_text(path, &text) != ERR_NONE)
		return GNUTLS_E_FILE_ERROR;
	datum = (gnutls_datum_t){ text.at, (unsigned)text.len };
	got = gnutls_pcert_list_import_x509_raw(service->chain, &count, &datum, GNUTLS_X509_FMT_PEM,
	                                        0);
	if (got < 0) {
		count = 1;
		got = gnutls_pcert_import_x509_raw(&service->chain[0], &datum, GNUTLS_X509_FMT_DER,
		                                   0);
	}
	service->chain_len = count;
	buffer_free(&text);
	return got;
}

enum err http_tls_begin(const struct http_service *from)
{
	struct tls_service *service = &services[from->tls_key];
	int got;

	if (service->key != NULL)
		return ERR_NONE;
	*service = (struct tls_service){ .keeper = from->keeper, .which = from->tls_key };
	got = chain_load(service, from->tls->certificate);
	if (got >= 0)
		got = gnutls_privkey_init(&service->key);
	if (got >= 0)
		got = gnutls_privkey_import_ext4(service->key, service, NULL, sign_hash, NULL, NULL,
		                                 key_info, 0);
	if (got < 0)
		log_error("%s: %s", from->tls->certificate, gnutls_strerror(got));
	return got < 0 ? ERR_CERTIFICATE : ERR_NONE;
}

static int retrieve(struct tls_service *service, gnutls_pcert_st **certs, unsigned *count,
                    gnutls_privkey_t *key)
{
	*certs = service->chain;
	*count = service->chain_len;
	*key = service->key;
	return 0;
}

static int retrieve_es9(gnutls_session_t session, const gnutls_datum_t *issuers, int issuer_count,
                        const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
                        gnutls_pcert_st **certs, unsigned *count, gnutls_privkey_t *key)
{
	(void)session;
	(void)issuers;
	(void)issuer_count;
	(void)algorithms;
	(void)algorithm_count;
	return retrieve(&services[KEEPER_TLS_ES9], certs, count, key);
}

static int retrieve_es2(gnutls_session_t session, const gnutls_datum_t *issuers, int issuer_count,
                        const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
                        gnutls_pcert_st **certs, unsigned *count, gnutls_privkey_t *key)
{
	(void)session;
	(void)issuers;
	(void)issuer_count;
	(void)algorithms;
	(void)algorithm_count;
	return retrieve(&services[KEEPER_TLS_ES2], certs, count, key);
}

gnutls_certificate_retrieve_function2 *http_tls_callback(enum keeper_tls service)
{
	return service == KEEPER_TLS_ES9 ? retrieve_es9 : retrieve_es2;
}

static bool name_of(const gnutls_datum_t *der, char *name, size_t size)
{
	gnutls_x509_crt_t cert;
	bool good;

	if (gnutls_x509_crt_init(&cert) < 0)
		return false;
	good = gnutls_x509_crt_import(cert, der, GNUTLS_X509_FMT_DER) >= 0 &&
	       gnutls_x509_crt_get_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name,
	                                     &size) >= 0;
	gnutls_x509_crt_deinit(cert);
	return good;
}

bool http_tls_peer(gnutls_session_t session, char *name, size_t size)
{
	unsigned status = 0, count = 0;
	const gnutls_datum_t *certs = gnutls_certificate_get_peers(session, &count);

	return certs != NULL && count > 0 &&
	       gnutls_certificate_verify_peers2(session, &status) >= 0 && status == 0 &&
	       name_of(&certs[0], name, size);
}
