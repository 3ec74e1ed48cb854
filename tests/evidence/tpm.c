/* SPDX-License-Identifier: Apache-2.0 */
/* TPM structures: the recorded quotes verify whole, and nothing shorter or changed does. */
#include "evidence/tpm.h"
#include "evidence/eventlog.h"

#include "codec/base64.h"
#include "codec/cbor.h"
#include "tests/evidence/keys.h"

/* A quote under a key: signature, and that the nonce is the one expected (when one is given). */
static enum err verify(const struct attest_key *key, struct bytes attest, struct bytes signature,
                       struct bytes nonce, struct tpm_attest *out)
{
	struct tpm_signature read;

	TRY(tpm_attest_read(attest, out));
	TRY(tpm_signature_read(signature, &read));
	TRY(tpm_verify(key, &read, attest));
	return nonce.at == NULL || bytes_same(out->extra_data, nonce) ? ERR_NONE : ERR_DENIED;
}

static bool take(const char *folder, const char *name, struct bytes *out)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return attestation_file(path, out);
}

static void round_trips(struct bytes attest, struct bytes signature, struct bytes tpm2b)
{
	uint8_t store[TPM_PUBLIC_MAX];
	struct room out = ROOM(store);
	struct tpm_attest a;
	struct tpm_signature s;
	struct tpm_public p;

	ok(tpm_attest_read(attest, &a) == ERR_NONE, "TPMS_ATTEST");
	tpm_attest_put(&out, &a);
	ok_bytes(room_used(&out), attest, "... is written back alike");
	out.len = 0;
	ok(tpm_signature_read(signature, &s) == ERR_NONE, "TPMT_SIGNATURE");
	tpm_signature_put(&out, &s);
	ok_bytes(room_used(&out), signature, "... is written back alike");
	out.len = 0;
	ok(tpm_public_read(tpm2b, true, &p) == ERR_NONE, "TPM2B_PUBLIC");
	tpm_public_put(&out, &p);
	ok_bytes(room_used(&out), (struct bytes){ tpm2b.at + 2, tpm2b.len - 2 },
	         "... is written back alike");
	int read = 0;
	for (size_t n = 0; n < attest.len; n++)
		read += tpm_attest_read((struct bytes){ attest.at, n }, &a) == ERR_NONE;
	for (size_t n = 0; n < signature.len; n++)
		read += tpm_signature_read((struct bytes){ signature.at, n }, &s) == ERR_NONE;
	for (size_t n = 0; n < tpm2b.len; n++)
		read += tpm_public_read((struct bytes){ tpm2b.at, n }, true, &p) == ERR_NONE;
	ok(read == 0, "... none of them is read when cut short");
}

static void bits(const struct attest_key *key, struct bytes attest, struct bytes signature,
                 struct bytes nonce)
{
	uint8_t store[TPM_ATTEST_MAX];
	struct tpm_attest a;
	int accepted = 0;

	memcpy(store, attest.at, attest.len);
	for (size_t i = 0; i < 8 * attest.len; i++) {
		store[i / 8] ^= (uint8_t)(1 << i % 8);
		accepted += verify(key, (struct bytes){ store, attest.len }, signature, nonce,
		                   &a) == ERR_NONE;
		store[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	ok(accepted == 0, "no bit of a quote can be changed (%d can)", accepted);
	store[3] ^= 0xFF;
	ok_err(tpm_attest_read((struct bytes){ store, attest.len }, &a), ERR_TAG,
	       "a structure that the TPM did not begin itself (magic)");
}

/* attest, signature, key, nonce, log and PCRs of one recording are consistent with each other. */
static void recorded(const char *folder, const char *attest_name, const char *signature_name,
                     const char *nonce_name)
{
	struct bytes attest, signature, tpm2b, nonce, log;
	uint8_t point_store[ATTEST_POINT_MAX], digest[ATTEST_HASH_MAX];
	struct room point = ROOM(point_store);
	static struct tpm_bank bank;
	struct eventlog_count count;
	struct tpm_public public;
	struct tpm_attest a;
	struct attest_key key;

	if (!take(folder, attest_name, &attest) || !take(folder, signature_name, &signature) ||
	    !take(folder, "ak.tpm2b", &tpm2b) || !take(folder, nonce_name, &nonce) ||
	    !take(folder, "eventlog.bin", &log)) {
		skip("%s is not here", folder);
		return;
	}
	round_trips(attest, signature, tpm2b);
	ok(tpm_public_read(tpm2b, true, &public) == ERR_NONE &&
	           tpm_public_key(&public, &point, &key) == ERR_NONE && key.kind == ATTEST_P256,
	   "%s: the key is P-256", folder);
	ok((public.attributes & (TPM_RESTRICTED | TPM_SIGN | TPM_FIXED_TPM)) ==
	                   (TPM_RESTRICTED | TPM_SIGN | TPM_FIXED_TPM) &&
	           !(public.attributes & TPM_DECRYPT),
	   "... restricted, for signing");
	ok_err(verify(&key, attest, signature, nonce, &a), ERR_NONE, "... quote and nonce verify");
	ok(eventlog_replay(log, ATTEST_SHA256, &bank, &count) == ERR_NONE && count.events == 105,
	   "... 105 events are replayed");
	ok(tpm_pcr_digest(&a.selection, &bank, 1, ATTEST_SHA256, digest) == ERR_NONE &&
	           bytes_same(a.pcr_digest, (struct bytes){ digest, 32 }),
	   "... to what was quoted");
	bits(&key, attest, signature, nonce);
}

static bool file_key(const char *name, struct attest_key *key, struct room *point)
{
	struct tpm_public public;
	struct bytes tpm2b;

	return attestation_file(name, &tpm2b) &&
	       tpm_public_read(tpm2b, true, &public) == ERR_NONE &&
	       tpm_public_key(&public, point, key) == ERR_NONE;
}

static void keylime(void)
{
	struct bytes quote, signature, name, tpm2b;
	uint8_t point_store[ATTEST_POINT_MAX], name_store[TPM_NAME_MAX], nonce[20];
	struct room point = ROOM(point_store), computed = ROOM(name_store);
	struct attest_key key, pem;
	struct tpm_attest a;

	if (!attestation_file("quotes/keylime-quote.out", &quote) ||
	    !attestation_file("quotes/keylime-quotesig.out", &signature) ||
	    !attestation_file("quotes/keylime-ak.name", &name) ||
	    !attestation_file("quotes/keylime-ak.pub", &tpm2b)) {
		skip("keylime's quotes are not here");
		return;
	}
	ok(key_from_pem("quotes/keylime-akpub.pem", &pem), "the key in PEM");
	ok_err(verify(&pem, quote, signature,
	              unhex("db1db298db6d60e6385b7231743e9c3056a18003", nonce, sizeof nonce), &a),
	       ERR_NONE, "a quote signed RSASSA verifies");
	ok(a.selection.count == 1 && a.selection.bank[0].mask == 0x418000,
	   "... over PCRs 15, 16 and 22");
	ok(file_key("quotes/keylime-ak.pub", &key, &point) && bytes_same(key.modulus, pem.modulus),
	   "TPM2B_PUBLIC holds the key of the PEM file");
	ok(tpm_name((struct bytes){ tpm2b.at + 2, tpm2b.len - 2 }, &computed) == ERR_NONE &&
	           bytes_same(room_used(&computed), name),
	   "... and has the name recorded beside it");
}

/* "r" base64(attest) ":" base64(signature) ":" base64(PCRs), as keylime sends it. */
static void keylime_wire(void)
{
	uint8_t store[2][1024];
	struct room part[2] = { ROOM(store[0]), ROOM(store[1]) };
	struct tpm_signature signature;
	struct tpm_attest attest;
	struct bytes text;

	if (!attestation_file("quotes/rustkl-test-quote.txt", &text)) {
		skip("the wire quote is not here");
		return;
	}
	const uint8_t *at = text.at + 1, *colon;
	for (int i = 0; i < 2; i++) {
		colon = memchr(at, ':', (size_t)(text.at + text.len - at));
		if (!ok_err(base64_read((struct bytes){ at, (size_t)(colon - at) }, &part[i]),
		            ERR_NONE, "base64"))
			return;
		at = colon + 1;
	}
	ok_err(tpm_attest_read(room_used(&part[0]), &attest), ERR_NONE, "the wire quote is read");
	ok_err(tpm_signature_read(room_used(&part[1]), &signature), ERR_NONE,
	       "... and its signature");
}

static struct bytes json_octets(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	struct room out = { keep_octets(1 << 17), 1 << 17, 0, false };

	if (text != NULL)
		(void)!base64_read(bytes_text(text), &out);
	return room_used(&out);
}

/* Created, quoted (SHA-1, no nonce) and logged by a machine in a cloud. */
static void windows(void)
{
	static struct tpm_bank bank;
	uint8_t point_store[ATTEST_POINT_MAX], digest[ATTEST_HASH_MAX], name_store[TPM_NAME_MAX];
	struct room point = ROOM(point_store), name = ROOM(name_store);
	struct tpm_public public;
	struct attest_key key;
	struct tpm_attest a;
	struct bytes text;
	size_t index;
	json_t *item;

	if (!attestation_file("quotes/goatt-windows_gcp_shielded_vm.json", &text)) {
		skip("the cloud machine's quote is not here");
		return;
	}
	json_t *root = json_loadb((const char *)text.at, text.len, 0, NULL);
	json_t *ak = json_object_get(root, "AK"), *quote = json_object_get(root, "Quote");
	struct bytes tpmt = json_octets(ak, "Public"), none = { NULL, 0 };
	ok(tpm_public_read(tpmt, false, &public) == ERR_NONE &&
	           tpm_public_key(&public, &point, &key) == ERR_NONE &&
	           tpm_name(tpmt, &name) == ERR_NONE,
	   "the key of a cloud machine");
	ok(verify(&key, json_octets(ak, "CreateAttestation"), json_octets(ak, "CreateSignature"),
	          none, &a) == ERR_NONE &&
	           a.type == TPM_ST_ATTEST_CREATION && bytes_same(a.name, room_used(&name)),
	   "... signs its own creation");
	ok(verify(&key, json_octets(quote, "Quote"), json_octets(quote, "Signature"), none, &a) ==
	                   ERR_NONE &&
	           a.extra_data.len == 0,
	   "... and a quote without nonce");
	tpm_bank_clear(&bank, ATTEST_SHA1);
	json_array_foreach(json_object_get(json_object_get(root, "Log"), "PCRs"), index, item)
	{
		unsigned n = (unsigned)json_integer_value(json_object_get(item, "Index"));
		if (json_integer_value(json_object_get(item, "DigestAlg")) != 3)
			continue;
		memcpy(bank.value[n], json_octets(item, "Digest").at, 20);
		bank.known |= 1u << n;
	}
	enum attest_hash hash = ATTEST_SHA256;
	struct tpm_signature s;
	(void)!tpm_signature_read(json_octets(quote, "Signature"), &s);
	hash = s.hash;
	bool same = tpm_pcr_digest(&a.selection, &bank, 1, hash, digest) == ERR_NONE &&
	            bytes_same(a.pcr_digest, (struct bytes){ digest, attest_hash_size(hash) });
	ok(same, "... over the PCRs beside it");
	json_decref(root);
}

/* A SHA-1 selection is bank 4; the rest of a map {text: bytes} is stepped over. */
static void parsec(void)
{
	struct bytes in, pairs, name, value;
	struct tpm_attest a;
	uint64_t count;
	int attests = 0;

	if (!attestation_file("quotes/parsec-tpm-evidence.cbor", &in)) {
		skip("Parsec's evidence is not here");
		return;
	}
	ok_err(cbor_read_open(&in, CBOR_MAP, &count, &pairs), ERR_NONE,
	       "Parsec's evidence is a map");
	while (pairs.len > 0 && cbor_skip(&pairs) == ERR_NONE &&
	       cbor_read_whole(&pairs, &value) == ERR_NONE) {
		struct bytes inner;
		if (cbor_read_open(&value, CBOR_MAP, &count, &inner) != ERR_NONE)
			continue;
		while (inner.len > 0 && cbor_read_text(&inner, &name) == ERR_NONE) {
			struct bytes octets;
			if (cbor_read_bytes(&inner, &octets) != ERR_NONE) {
				if (cbor_skip(&inner) != ERR_NONE)
					break;
				continue;
			}
			attests += tpm_attest_read(octets, &a) == ERR_NONE;
		}
	}
	ok(attests == 2, "... with a certify and a quote structure (%d)", attests);
}

static const struct {
	const char *says;
	const char *hex;
	enum err want;
} rows[] = {
	{ "a signature scheme of another kind", "001A000B0000", ERR_UNSUPPORTED },
	{ "a signature over SM3", "0018001200000000", ERR_UNSUPPORTED },
	{ "r longer than any curve", "0018000B0100", ERR_LENGTH },
	{ "something behind it", "0018000B00000000FF", ERR_TRAILING },
};

static const char head[] = "FF5443478018000000000000000000000001000000010000000001"
			   "0000000000000000";

static const struct {
	const char *says;
	const char *tail;
	enum err want;
} selections[] = {
	{ "no bank", "000000000000", ERR_NONE },
	{ "a bank twice", "00000002000B03010000000B030100000000", ERR_EXISTS },
	{ "a PCR that no TPM has", "00000001000B04000000010000", ERR_VALUE },
	{ "more banks than there are", "000000050000", ERR_LIMIT },
	{ "a digest that runs past the end", "00000000002000", ERR_TRUNCATED },
};

static void malformed(void)
{
	uint8_t store[256];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tpm_signature s;
		ok_err(tpm_signature_read(unhex(rows[i].hex, store, sizeof store), &s),
		       rows[i].want, rows[i].says);
	}
	for (size_t i = 0; i < COUNT(selections); i++) {
		struct tpm_attest a;
		char hex[256];
		snprintf(hex, sizeof hex, "%s%s", head, selections[i].tail);
		ok_err(tpm_attest_read(unhex(hex, store, sizeof store), &a), selections[i].want,
		       selections[i].says);
	}
}

int main(void)
{
	malformed();
	recorded("recorded/r105", "attest.bin", "sig.bin", "nonce.bin");
	recorded("recorded/kl", "q.msg", "q.sig", "nonce.txt");
	keylime();
	keylime_wire();
	windows();
	parsec();
	return done();
}
