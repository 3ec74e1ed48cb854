/* SPDX-License-Identifier: Apache-2.0 */
/* Any backend of port/crypto.h must pass this: published vectors first, then the contract's edges. */
#include "port/crypto.h"

#include "tests/tap.h"

static struct secret key_of(const char *hex)
{
	struct secret key = { { 0 }, 0 };
	uint8_t store[SECRET_MAX];

	(void)!secret_from(&key, unhex(hex, store, sizeof store)); /* rows are short enough */
	return key;
}

static void hashes(void)
{
	uint8_t out[SHA256_SIZE], want[64], squeezed[32];
	struct bytes parts[] = { BYTES_STR("a"), BYTES_STR(""), BYTES_STR("bc") };
	struct room room = ROOM(squeezed);
	struct secret key = key_of("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");

	ok_err(crypto_sha256(out, parts, COUNT(parts)), ERR_NONE, "SHA-256 in parts");
	ok_bytes(BYTES(out),
	         unhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", want,
	               sizeof want),
	         "FIPS 180-4 abc");
	ok_err(crypto_shake256(&room, BYTES_STR("")), ERR_NONE, "SHAKE256");
	ok_bytes(BYTES(squeezed),
	         unhex("46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f", want,
	               sizeof want),
	         "FIPS 202 empty message");
	parts[0] = BYTES_STR("Hi There");
	ok_err(crypto_hmac_sha256(out, &key, parts, 1), ERR_NONE, "HMAC");
	ok_bytes(BYTES(out),
	         unhex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", want,
	               sizeof want),
	         "RFC 4231 test case 1");
}

static void ciphers(void)
{
	uint8_t in[32], out[64], want[32], iv[16], nonce[GCM_NONCE_SIZE] = { 0 };
	struct secret key = key_of("2b7e151628aed2a6abf7158809cf4f3c");
	struct bytes block = unhex("6bc1bee22e409f96e93d7e117393172a", in, sizeof in);

	ok_err(crypto_aes_ecb(&key, block, out), ERR_NONE, "AES-128 block");
	ok_bytes((struct bytes){ out, 16 },
	         unhex("3ad77bb40d7a3660a89ecaf32466ef97", want, sizeof want), "SP 800-38A F.1.1");
	(void)unhex("000102030405060708090a0b0c0d0e0f", iv, sizeof iv);
	ok_err(crypto_aes_cbc_encrypt(&key, iv, block, out), ERR_NONE, "AES-128-CBC");
	ok_bytes((struct bytes){ out, 16 },
	         unhex("7649abac8119b246cee98e9b12e9197d", want, sizeof want), "SP 800-38A F.2.1");
	ok_err(crypto_aes_cbc_decrypt(&key, iv, (struct bytes){ out, 16 }, out), ERR_NONE, "back");
	ok_bytes((struct bytes){ out, 16 }, block, "... in place");
	ok_err(crypto_aes_ecb(&key, (struct bytes){ in, 15 }, out), ERR_LENGTH, "no partial block");
	ok_err(crypto_aes_cmac(out, &key, &block, 1), ERR_NONE, "CMAC");
	ok_bytes((struct bytes){ out, 16 },
	         unhex("070a16b46b4d4144f79bdd9dd04a287c", want, sizeof want), "SP 800-38B D.1");
	ok_err(crypto_gcm_seal(&key, nonce, BYTES_STR("aad"), block, out), ERR_NONE, "GCM seals");
	uint8_t opened[16];
	ok_err(crypto_gcm_open(&key, nonce, BYTES_STR("aad"), (struct bytes){ out, 32 }, opened),
	       ERR_NONE, "GCM opens");
	ok_bytes(BYTES(opened), block, "... the same");
	out[3] ^= 1;
	ok_err(crypto_gcm_open(&key, nonce, BYTES_STR("aad"), (struct bytes){ out, 32 }, opened),
	       ERR_MAC, "a changed octet is noticed");
	out[3] ^= 1;
	ok_err(crypto_gcm_open(&key, nonce, BYTES_STR("aae"), (struct bytes){ out, 32 }, opened),
	       ERR_MAC, "other additional data is noticed");
}

static void curves(enum ec_curve curve, const char *name)
{
	struct secret a, b, za, zb;
	uint8_t pa[EC_POINT_SIZE], pb[EC_POINT_SIZE], derived[EC_POINT_SIZE], sig[EC_SIGNATURE_SIZE];
	struct bytes parts[] = { BYTES_STR("one"), BYTES_STR("two") }, whole = BYTES_STR("onetwo");

	ok_err(crypto_ec_generate(curve, &a, pa), ERR_NONE, name);
	ok_err(crypto_ec_generate(curve, &b, pb), ERR_NONE, "a second key");
	ok_err(crypto_ec_public(curve, &a, derived), ERR_NONE, "public from private");
	ok_bytes(BYTES(derived), BYTES(pa), "... is the generated one");
	ok_err(crypto_ecdh(curve, &a, pb, &za), ERR_NONE, "ECDH one way");
	ok_err(crypto_ecdh(curve, &b, pa, &zb), ERR_NONE, "ECDH other way");
	ok(secret_same(secret_bytes(&za), secret_bytes(&zb)), "... agree");
	ok_err(crypto_ecdsa_sign(curve, &a, parts, 2, sig), ERR_NONE, "sign in parts");
	ok_err(crypto_ecdsa_verify(curve, pa, &whole, 1, sig), ERR_NONE, "verify as a whole");
	ok_err(crypto_ecdsa_verify(curve, pb, &whole, 1, sig), ERR_SIGNATURE, "not the other's key");
	sig[0] ^= 0x40;
	ok_err(crypto_ecdsa_verify(curve, pa, &whole, 1, sig), ERR_SIGNATURE, "changed signature");
	memset(sig, 0, sizeof sig);
	ok_err(crypto_ecdsa_verify(curve, pa, &whole, 1, sig), ERR_SIGNATURE, "zero signature");
	pa[64] ^= 1;
	ok_err(crypto_ecdsa_verify(curve, pa, &whole, 1, sig), ERR_VALUE, "point not on the curve");
	ok_err(crypto_ecdh(curve, &b, pa, &zb), ERR_VALUE, "... nor for ECDH");
	pa[0] = 0x06;
	ok_err(crypto_ecdh(curve, &b, pa, &zb), ERR_VALUE, "hybrid form is refused");
	a = (struct secret){ .len = 32 };
	ok_err(crypto_ec_public(curve, &a, derived), ERR_VALUE, "scalar zero is refused");
	memset(a.at, 0xFF, 32);
	ok_err(crypto_ec_public(curve, &a, derived), ERR_VALUE, "scalar above the order is refused");
}

/* RFC 5903 8.1: a published Diffie-Hellman on P-256; RFC 7027 A.1 on brainpoolP256r1. */
static void published_agreement(enum ec_curve curve, const char *scalar, const char *point,
                                const char *want)
{
	uint8_t octets[EC_POINT_SIZE], store[32];
	struct secret key = key_of(scalar), shared;

	(void)unhex(point, octets, sizeof octets);
	ok_err(crypto_ecdh(curve, &key, octets, &shared), ERR_NONE, "published agreement");
	ok_bytes(secret_bytes(&shared), unhex(want, store, sizeof store), "... gives x");
}

/* Both sides agree (a published agreement: tests/card/suci.c); compressed points expand. */
static void x25519(void)
{
	uint8_t point[X25519_SIZE], whole[EC_POINT_SIZE], short_form[EC_COMPRESSED_SIZE];
	struct secret shared, scalar;

	ok_err(crypto_ec_generate(EC_P256, &scalar, whole), ERR_NONE, "a point");
	memcpy(short_form + 1, whole + 1, 32);
	short_form[0] = 2 | (whole[64] & 1);
	uint8_t again[EC_POINT_SIZE];
	ok_err(crypto_ec_expand(EC_P256, short_form, again), ERR_NONE, "its compressed form expands");
	ok_bytes(BYTES(again), BYTES(whole), "to the same point");
	short_form[0] = 4;
	ok_err(crypto_ec_expand(EC_P256, short_form, again), ERR_VALUE, "another first octet does not");
	struct secret a = { .len = 32 }, b = { .len = 32 }, other;
	memset(a.at, 0x11, 32);
	memset(b.at, 0x22, 32);
	ok_err(crypto_x25519_public(&a, point), ERR_NONE, "X25519: one side's point");
	ok_err(crypto_x25519(&b, point, &shared), ERR_NONE, "the other side's secret");
	ok_err(crypto_x25519_public(&b, point), ERR_NONE, "and the other way round");
	ok_err(crypto_x25519(&a, point, &other), ERR_NONE, "...");
	ok(secret_same(secret_bytes(&shared), secret_bytes(&other)), "gives the same");
	memset(point, 0, sizeof point);
	ok_err(crypto_x25519(&a, point, &other), ERR_VALUE, "RFC 7748 6.1: zeros are refused");
}

int main(void)
{
	hashes();
	x25519();
	ciphers();
	curves(EC_P256, "P-256");
	curves(EC_BRAINPOOL_P256R1, "brainpoolP256r1");
	published_agreement(EC_P256,
	                    "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433",
	                    "04D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
	                    "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
	                    "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE");
	published_agreement(EC_BRAINPOOL_P256R1,
	                    "81DB1EE100150FF2EA338D708271BE38300CB54241D79950F77B063039804F1D",
	                    "048D2D688C6CF93E1160AD04CC4429117DC2C41825E1E9FCA0ADDD34E6F1B39F7B"
	                    "990C57520812BE512641E47034832106BC7D3E8DD0E4C7F1136D7006547CEC6A",
	                    "89AFC39D41D3B327814B80940B042590F96556EC91E6AE7939BCE31F3A18BF2B");
	return done();
}
