/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/agent_pairing.h"

#include "cli/key_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char config_file[] = "/etc/assay/pairing";

enum err agent_file_load(const char *path, struct room *out)
{
	uint8_t octets[8 << 10];

	errno = 0;
	FILE *file = fopen(path, "rbe");
	if (file == NULL)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	size_t n = fread(octets, 1, sizeof octets, file);
	bool whole = ferror(file) == 0;
	(void)fclose(file); /* only read from */
	if (!whole)
		return ERR_IO;
	room_put(out, (struct bytes){ octets, n });
	return out->full || n == sizeof octets ? ERR_ROOM : ERR_NONE;
}

/* A TCTI configuration has commas of its own: the parts that are ours are looked for from the end. */
static char *cut(char *text, const char *name)
{
	char *found = NULL;

	for (char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name))
		found = at;
	if (found == NULL)
		return NULL;
	*found = '\0';
	return found + strlen(name);
}

enum err agent_pairing_read(struct agent_pairing *pairing, const char *how)
{
	char *text = pairing->text;

	*pairing = (struct agent_pairing){ 0 };
	int n = snprintf(text, sizeof pairing->text, "%s", how);
	if (n < 0 || (size_t)n >= sizeof pairing->text)
		return ERR_VALUE;
	text[strcspn(text, "\n")] = '\0';
	if (strncmp(text, "file:", 5) == 0 && text[5] != '\0') {
		pairing->key = text + 5;
		return ERR_NONE;
	}
	if (strncmp(text, "tpm:", 4) != 0)
		return ERR_VALUE;
	pairing->tcti = text + 4;
	char *signer = cut(text, ",signer="), *approval = cut(text, ",approval=");
	if (signer != NULL && approval == NULL) /* the other way round: behind the signer */
		approval = cut(signer, ",approval=");
	pairing->signer = signer;
	pairing->approval = approval;
	return signer != NULL && approval != NULL ? ERR_NONE : ERR_VALUE;
}

enum err agent_pairing_default(struct agent_pairing *pairing)
{
	char line[AGENT_PAIRING_MAX + 1];
	struct room room = { (uint8_t *)line, AGENT_PAIRING_MAX, 0, false };

	TRY(agent_file_load(config_file, &room));
	line[room.len] = '\0';
	return agent_pairing_read(pairing, line);
}

/* A signer's causes have meanings of their own; that something could not be used is none of them. */
static enum err unusable(struct agent_pairing *pairing, const char *what, enum err err)
{
	snprintf(pairing->why, sizeof pairing->why, "%s: %s", what, err_text(err));
	return ERR_IO;
}

static enum err sign_with_file(struct agent_pairing *pairing, struct bytes message,
                               uint8_t signature[static EC_SIGNATURE_SIZE])
{
	SECRET key = { .len = 0 };
	enum ec_curve curve;
	enum err err = key_file_private(pairing->key, &curve, &key);

	if (err == ERR_NONE && curve != EC_P256)
		err = ERR_UNSUPPORTED;
	if (err == ERR_NONE)
		err = crypto_ecdsa_sign(EC_P256, &key, &message, 1, signature);
	return err == ERR_NONE ? ERR_NONE : unusable(pairing, pairing->key, err);
}

static enum err sign_with_chip(struct agent_pairing *pairing, struct bytes message,
                               uint8_t signature[static EC_SIGNATURE_SIZE])
{
	struct pairing_chip chip = { 0 };
	uint8_t octets[APPROVAL_SIZE + 1];
	struct room room = ROOM(octets);
	enum err err = agent_file_load(pairing->approval, &room);

	if (err == ERR_NONE)
		err = pairing_approval_read(room_used(&room), &chip.approval);
	if (err != ERR_NONE)
		return unusable(pairing, pairing->approval, err);
	err = key_file_public(pairing->signer, chip.policy.signer);
	if (err != ERR_NONE)
		return unusable(pairing, pairing->signer, err);
	err = trust_open(&chip.trust, pairing->tcti);
	if (err != ERR_NONE) {
		snprintf(pairing->why, sizeof pairing->why, "%s: %s", pairing->tcti,
		         trust_open_text(err));
		return ERR_IO;
	}
	struct pairing_signer signer = pairing_chip_signer(&chip);
	err = signer.sign(signer.ctx, message, signature);
	trust_close(chip.trust);
	return err;
}

static enum err sign(void *ctx, struct bytes message, uint8_t signature[static EC_SIGNATURE_SIZE])
{
	struct agent_pairing *pairing = ctx;

	pairing->why[0] = '\0';
	return pairing->key != NULL ? sign_with_file(pairing, message, signature)
	                            : sign_with_chip(pairing, message, signature);
}

struct pairing_signer agent_pairing_signer(struct agent_pairing *pairing)
{
	return (struct pairing_signer){ pairing, sign };
}

const char *agent_pairing_text(const struct agent_pairing *pairing, enum err err)
{
	if (pairing->why[0] != '\0')
		return pairing->why;
	switch ((int)err) {
	case ERR_DENIED:
		return "the machine is not in an approved state, so its chip does not sign";
	case ERR_SIGNATURE:
		return "the approval is not one by the signer";
	case ERR_MISMATCH:
		return "the card belongs to another machine";
	default:
		return err_text(err);
	}
}
