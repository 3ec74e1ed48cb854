/* SPDX-License-Identifier: Apache-2.0 */
/* --new: an image, a card in it, and the card's identity. */
#include "cli/assay-card.h"

#include "cli/key_file.h"
#include "port/posix/flash_file.h"
#include "rsp/local_management.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_LEN = 1024, SIZE_DEFAULT_KB = 1024, SIZE_MAX_KB = 64 * 1024 };

struct making {
	struct cli *cli;
	struct card_files files;
	struct euicc_personalisation data;
	uint8_t rat[64];
	uint8_t pairing_key[EC_POINT_SIZE], pairing_authority[EC_POINT_SIZE];
};

/* SGP.26 names its files by curve. */
static const char *const curve_names[] = { "NIST", "BRP" };

static int complain(const struct making *making, enum err err, const char *path)
{
	return cli_fail_err(making->cli, err, path);
}

static int add_anchor(struct making *making, const char *path)
{
	struct euicc_personalisation *data = &making->data;
	struct trust_anchor *anchor = &data->anchors[data->anchor_count];
	struct bytes der;

	if (data->anchor_count == EUICC_ANCHORS_MAX)
		return complain(making, ERR_LIMIT, path);
	enum err err = card_certificate(&making->files, path, &der);
	if (err == ERR_NONE)
		err = trust_anchor_read(der, anchor);
	if (err != ERR_NONE)
		return complain(making, err, path);
	data->anchor_count++;
	return CLI_DONE;
}

/* The EID is what the first certificate says. */
static enum err take_eid(struct euicc_personalisation *data, struct bytes der)
{
	struct x509 certificate;

	if (data->credential_count > 0)
		return ERR_NONE;
	TRY(x509_read(der, &certificate));
	return cert_eid(&certificate, data->eid);
}

static int add_credential(struct making *making, const char *certificate, const char *key,
                          const char *eum)
{
	struct euicc_personalisation *data = &making->data;
	struct euicc_credential *credential = &data->credentials[data->credential_count];

	if (data->credential_count == EUICC_CREDENTIALS_MAX)
		return complain(making, ERR_LIMIT, certificate);
	enum err err = card_certificate(&making->files, certificate, &credential->certificate);
	if (err == ERR_NONE)
		err = take_eid(data, credential->certificate);
	if (err != ERR_NONE)
		return complain(making, err, certificate);
	err = key_file_private(key, &credential->curve, &credential->key);
	if (err != ERR_NONE)
		return complain(making, err, key);
	err = card_certificate(&making->files, eum, &credential->eum_certificate);
	if (err != ERR_NONE)
		return complain(making, err, eum);
	data->credential_count++;
	return CLI_DONE;
}

/* find gives "DIR/NAME_CURVE.der" or ".pem", whichever is there; false when neither is. */
static bool find(char path[static PATH_LEN], const char *dir, const char *name, const char *curve)
{
	static const char *const endings[] = { "der", "pem" };

	for (size_t i = 0; i < COUNT(endings); i++) {
		int n = snprintf(path, PATH_LEN, "%s/%s_%s.%s", dir, name, curve, endings[i]);
		if (n > 0 && n < PATH_LEN && access(path, R_OK) == 0)
			return true;
	}
	return false;
}

/* One curve of a directory: its CI is trusted, and if the card has a certificate on it, it is taken. */
static int add_curve(struct making *making, const char *dir, const char *own, const char *curve)
{
	char ci[PATH_LEN], certificate[PATH_LEN], key[PATH_LEN], eum[PATH_LEN];

	if (!find(ci, dir, "CERT_CI_ECDSA", curve))
		return CLI_DONE;
	int code = add_anchor(making, ci);
	if (code != CLI_DONE || !find(certificate, own, "CERT_EUICC_ECDSA", curve))
		return code;
	if (!find(key, own, "SK_EUICC_ECDSA", curve) || !find(eum, dir, "CERT_EUM_ECDSA", curve))
		return cli_fail(making->cli, CLI_FAILED,
		                "%s: its key or its maker's certificate is missing", certificate);
	return add_credential(making, certificate, key, eum);
}

static int add_directory(struct making *making, const char *dir)
{
	const char *eid = cli_value(making->cli, "eid");
	char own[PATH_LEN];
	int n = eid != NULL ? snprintf(own, sizeof own, "%s/cards/%s", dir, eid)
	                    : snprintf(own, sizeof own, "%s", dir);

	if (n < 0 || n >= PATH_LEN)
		return complain(making, ERR_LIMIT, dir);
	for (size_t i = 0; i < COUNT(curve_names); i++) {
		int code = add_curve(making, dir, own, curve_names[i]);
		if (code != CLI_DONE)
			return code;
	}
	return CLI_DONE;
}

static int add_files(struct making *making)
{
	struct cli *cli = making->cli;
	const char *path;

	for (size_t i = 0; (path = cli_value_nth(cli, "ci", i)) != NULL; i++) {
		int code = add_anchor(making, path);
		if (code != CLI_DONE)
			return code;
	}
	for (size_t i = 0; (path = cli_value_nth(cli, "euicc", i)) != NULL; i++) {
		const char *key = cli_value_nth(cli, "euicc-key", i),
			   *eum = cli_value_nth(cli, "eum", i);
		if (key == NULL || eum == NULL)
			return cli_usage(cli, "each --euicc needs its --euicc-key and its --eum");
		int code = add_credential(making, path, key, eum);
		if (code != CLI_DONE)
			return code;
	}
	return CLI_DONE;
}

/* SGP.22 2.9.2.1: one line that lets every operator (all digits E) set PPR1 and PPR2, with the user's
 * consent. */
static void put_rules(struct making *making)
{
	static const uint8_t any[] = { 0x30, 0x05, 0x80, 0x03, 0xEE, 0xEE, 0xEE };
	struct room room = ROOM(making->rat);
	struct authorisation_rule rule = {
		.pprs = PPR1_NO_DISABLE | PPR2_NO_DELETE,
		.allowed_operators = BYTES(any),
		.consent_required = true,
	};

	if (!cli_flag(making->cli, "no-policy-rules"))
		authorisation_rule_put(&room, &rule);
	making->data.rat = room_used(&room);
}

static struct bytes text(const char *value)
{
	return value != NULL ? bytes_text(value) : (struct bytes){ NULL, 0 };
}

static int take_point(struct making *making, const char *option, uint8_t *store, struct bytes *out)
{
	const char *path = cli_value(making->cli, option);

	if (path == NULL)
		return CLI_DONE;
	enum err err = key_file_public(path, store);
	if (err != ERR_NONE)
		return complain(making, err, path);
	*out = (struct bytes){ store, EC_POINT_SIZE };
	return CLI_DONE;
}

/* R1a, R1c: which machine the card knows, and whose orders may change that. */
static int take_pairing(struct making *making)
{
	struct pairing_settings *pairing = &making->data.pairing;
	const char *mode = cli_value(making->cli, "pairing-mode");
	int code = take_point(making, "pairing-key", making->pairing_key, &pairing->key);

	if (code == CLI_DONE)
		code = take_point(making, "pairing-authority", making->pairing_authority,
		                  &pairing->authority);
	if (code != CLI_DONE)
		return code;
	/* R1c: who says nothing of the mode gets a card that observes. */
	pairing->mode = pairing->key.at != NULL ? PAIRING_OBSERVE : PAIRING_OFF;
	if (mode != NULL && pairing_mode_read(text(mode), &pairing->mode) != ERR_NONE)
		return cli_usage(making->cli, "%s is not off, observe or enforce", mode);
	if (pairing->mode != PAIRING_OFF && pairing->key.at == NULL)
		return cli_usage(making->cli, "--pairing-mode %s needs --pairing-key", mode);
	return CLI_DONE;
}

static int collect(struct making *making)
{
	const char *dir = cli_value(making->cli, "pki"), *ds = cli_value(making->cli, "root-ds");
	struct euicc_personalisation *data = &making->data;
	int code = dir != NULL ? add_directory(making, dir) : CLI_DONE;

	if (code == CLI_DONE)
		code = add_files(making);
	if (code != CLI_DONE)
		return code;
	if (data->anchor_count == 0 || data->credential_count == 0)
		return cli_usage(making->cli,
		                 "no CI or no card certificate: give --pki DIR, or --ci, "
		                 "--euicc, --euicc-key and --eum");
	data->default_dp = text(cli_value(making->cli, "default-dp"));
	data->root_ds = text(ds != NULL ? ds : "lpa.ds.gsma.com"); /* SGP.22 2.4.9: root SM-DS */
	put_rules(making);
	code = take_pairing(making);
	if (code != CLI_DONE)
		return code;
	memcpy(data->firmware_version, "\x00\x01\x00", 3);
	memcpy(data->pp_version, "\x01\x00\x00", 3);
	data->sas_accreditation_number = BYTES_STR("ASSAY-TEST-0001");
	return CLI_DONE;
}

static int seal(const struct making *making, struct secret *out)
{
	const char *path = cli_value(making->cli, "seal"), *chip = cli_value(making->cli, "chip");

	if (chip != NULL)
		return path == NULL ? cli_usage(making->cli, "--chip needs --seal FILE")
		                    : card_chip_seal(making->cli, chip, path, out);
	if (path == NULL)
		return CLI_DONE;
	enum err err = card_seal_read(path, out);
	if (err == ERR_NOT_FOUND)
		err = card_seal_new(path, out);
	return err == ERR_NONE ? CLI_DONE : complain(making, err, path);
}

static void print_eid(const uint8_t eid[static EID_SIZE])
{
	for (size_t i = 0; i < EID_SIZE; i++)
		printf("%02x", eid[i]);
	printf("\n");
}

static int write_card(struct making *making, const struct secret *key, uint64_t kilobytes)
{
	const char *state = cli_value(making->cli, "state");
	struct flash_file file;
	struct card card;
	enum err err = flash_file_create(&file, state, (uint32_t)kilobytes * 1024);

	if (err != ERR_NONE)
		return complain(making, err, state);
	struct card_ports ports = { flash_file_port(&file), key->len > 0 ? key : NULL };
	err = card_format(&card, &ports);
	if (err == ERR_NONE)
		err = euicc_personalise(&card, &making->data);
	wipe(&card, sizeof card);
	const char *chip = cli_value(making->cli, "chip");
	int code = err == ERR_NONE && chip != NULL ? card_chip_epoch(making->cli, chip, &ports, true)
	                                           : CLI_DONE;
	flash_file_close(&file);
	if (code != CLI_DONE) {
		(void)!unlink(state); /* what went wrong has been told */
		return code;
	}
	if (err != ERR_NONE) {
		(void)!unlink(state); /* what is told is why there is no card */
		return complain(making, err, "keys and certificates");
	}
	print_eid(making->data.eid);
	return CLI_DONE;
}

int card_new(struct cli *cli)
{
	struct making making = { .cli = cli };
	SECRET key = { .len = 0 };
	uint64_t kilobytes;

	if (!cli_number(cli, "size", VAULT_SIZE_MIN / 1024, SIZE_MAX_KB, SIZE_DEFAULT_KB,
	                &kilobytes))
		return CLI_USAGE;
	int code = collect(&making);
	if (code == CLI_DONE)
		code = seal(&making, &key);
	if (code == CLI_DONE)
		code = write_card(&making, &key, kilobytes);
	card_files_end(&making.files);
	for (size_t i = 0; i < EUICC_CREDENTIALS_MAX; i++)
		secret_clear(&making.data.credentials[i].key);
	return code;
}
