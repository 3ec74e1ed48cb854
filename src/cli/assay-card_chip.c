/* SPDX-License-Identifier: Apache-2.0 */
/* The integrated card and its machine's chip (R1b.2, R1b.5): the key of the image opens in approved states
 * alone, and the image is held against the chip's counter. */
#include "cli/assay-card.h"

#include "agent/pairing.h"
#include "cli/agent_pairing.h"
#include "cli/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What --chip names, opened. */
struct chip_use {
	struct agent_pairing text;
	struct trust_policy policy;
	struct trust_approval approval;
	struct trust *trust;
};

static int chip_open(struct cli *cli, const char *how, struct chip_use *use)
{
	uint8_t octets[APPROVAL_SIZE + 1];
	struct room room = ROOM(octets);

	use->trust = NULL;
	if (agent_pairing_read(&use->text, how) != ERR_NONE || use->text.tcti == NULL)
		return cli_usage(cli, "--chip is tpm:TCTI,approval=FILE,signer=FILE");
	enum err err = key_file_public(use->text.signer, use->policy.signer);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, use->text.signer);
	err = agent_file_load(use->text.approval, &room);
	if (err == ERR_NONE)
		err = pairing_approval_read(room_used(&room), &use->approval);
	if (err != ERR_NONE)
		return cli_fail_err(cli, err, use->text.approval);
	err = trust_open(&use->trust, use->text.tcti);
	return err == ERR_NONE
	               ? CLI_DONE
	               : cli_fail(cli, CLI_FAILED, "%s: %s", use->text.tcti, trust_open_text(err));
}

enum err card_chip_trust(struct cli *cli, struct trust **trust)
{
	struct agent_pairing text;

	TRY(agent_pairing_read(&text, cli_value(cli, "chip")));
	return text.tcti != NULL ? trust_open(trust, text.tcti) : ERR_VALUE;
}

static enum err write_new(const char *path, struct bytes octets)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST ? ERR_EXISTS : ERR_IO;
	bool whole = write(fd, octets.at, octets.len) == (ssize_t)octets.len && fsync(fd) == 0;
	close(fd);
	return whole ? ERR_NONE : ERR_IO;
}

int card_chip_seal(struct cli *cli, const char *how, const char *path, struct secret *seal)
{
	uint8_t octets[TRUST_BLOB_MAX];
	struct room blob = ROOM(octets);
	struct chip_use use;
	int code = chip_open(cli, how, &use);

	if (code != CLI_DONE)
		return code;
	seal->len = SECRET_MAX;
	enum err err = crypto_random(seal->at, SECRET_MAX);
	if (err == ERR_NONE)
		err = trust_seal(use.trust, &use.policy, seal, &blob);
	trust_close(use.trust);
	if (err == ERR_NONE)
		err = write_new(path, room_used(&blob));
	return err == ERR_NONE ? CLI_DONE : cli_fail_err(cli, err, path);
}

/* Why the chip keeps what it was given, in words that name no error code. */
static int complain_unseal(struct cli *cli, const char *path, enum err err)
{
	if (err == ERR_DENIED)
		return cli_fail(cli, CLI_REFUSED,
		                "the machine is not in an approved state: its chip does not give "
		                "the card's key");
	if (err == ERR_SIGNATURE)
		return cli_fail(cli, CLI_REFUSED, "the approval is not one by the signer");
	if (err == ERR_CORRUPT)
		return cli_fail(cli, CLI_REFUSED, "%s was sealed by another chip, or is damaged",
		                path);
	return cli_fail_err(cli, err, path);
}

int card_chip_unseal(struct cli *cli, const char *how, const char *path, struct secret *seal)
{
	uint8_t octets[TRUST_BLOB_MAX];
	struct room blob = ROOM(octets);
	struct chip_use use;
	enum err err = agent_file_load(path, &blob);

	if (err != ERR_NONE)
		return cli_fail_err(cli, err, path);
	int code = chip_open(cli, how, &use);
	if (code != CLI_DONE)
		return code;
	err = trust_unseal(use.trust, &use.policy, &use.approval, room_used(&blob), seal);
	trust_close(use.trust);
	return err == ERR_NONE ? CLI_DONE : complain_unseal(cli, path, err);
}

/* --- the image and the counter ---------------------------------------------------------------- */

enum { EPOCH_SIZE = 8 };

static enum err epoch_read(struct vault *vault, uint64_t *out)
{
	uint8_t octets[EPOCH_SIZE];

	TRY(vault_read(vault, VOLUME_PLATFORM, 0, octets, sizeof octets));
	return bytes_uint(BYTES(octets), out) ? ERR_NONE : ERR_CORRUPT;
}

static enum err epoch_write(struct vault *vault, uint64_t epoch)
{
	uint8_t octets[EPOCH_SIZE];
	struct room room = ROOM(octets);
	bool first = !vault_exists(vault, VOLUME_PLATFORM);

	room_put_u64(&room, epoch);
	if (first)
		TRY(vault_draft(vault, VOLUME_PLATFORM));
	TRY(vault_begin(vault));
	enum err err = vault_write(vault, VOLUME_PLATFORM, 0, room_used(&room));
	if (err == ERR_NONE && first)
		err = vault_adopt(vault, VOLUME_PLATFORM);
	if (err != ERR_NONE) {
		vault_abort(vault);
		return err;
	}
	return vault_commit(vault);
}

/* The image says which start of the card it has seen last; the chip counts starts. The image is moved on
 * first: when the power goes between the two, it is one ahead, which no older image can be. */
static enum err epoch_move(struct trust *trust, struct vault *vault, bool fresh)
{
	uint64_t counted, seen;

	TRY(trust_counter(trust, false, &counted));
	if (!fresh) {
		TRY(epoch_read(vault, &seen));
		if (seen != counted && seen != counted + 1)
			return ERR_MISMATCH;
		if (seen == counted + 1) /* what the last start had begun */
			TRY(trust_counter(trust, true, &counted));
	}
	TRY(epoch_write(vault, counted + 1));
	return trust_counter(trust, true, &counted);
}

int card_chip_epoch(struct cli *cli, const char *how, const struct card_ports *ports, bool fresh)
{
	struct chip_use use;
	struct vault vault;
	int code = chip_open(cli, how, &use);

	if (code != CLI_DONE)
		return code;
	enum err err = vault_open(&vault, &ports->flash, ports->seal);
	if (err == ERR_NONE)
		err = epoch_move(use.trust, &vault, fresh);
	wipe(&vault, sizeof vault);
	trust_close(use.trust);
	if (err == ERR_MISMATCH || err == ERR_NOT_FOUND)
		return cli_fail(
			cli, CLI_REFUSED,
			"the image is not the one that this card was stopped with: it was put "
			"back to an earlier state");
	return err == ERR_NONE ? CLI_DONE : cli_fail_err(cli, err, how);
}
