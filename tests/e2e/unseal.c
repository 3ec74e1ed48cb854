/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints, in hex, the key of an integrated card's image, so that a test can look for it where it may not be. It
 * is what the machine's own software could do while the machine is in an approved state.
 *
 *     unseal HOW SEALED-FILE      HOW as for assay-card --chip
 */
#include "agent/pairing.h"
#include "cli/agent_pairing.h"
#include "cli/key_file.h"
#include "port/trust.h"

#include <stdio.h>

static enum err unseal(const char *how, const char *path, struct secret *key)
{
	uint8_t approval_octets[APPROVAL_SIZE + 1], blob_octets[TRUST_BLOB_MAX];
	struct room room = ROOM(approval_octets), blob = ROOM(blob_octets);
	struct trust_approval approval;
	struct trust_policy policy;
	struct agent_pairing text;
	struct trust *trust = NULL;

	TRY(agent_pairing_read(&text, how));
	TRY(key_file_public(text.signer, policy.signer));
	TRY(agent_file_load(text.approval, &room));
	TRY(pairing_approval_read(room_used(&room), &approval));
	TRY(agent_file_load(path, &blob));
	TRY(trust_open(&trust, text.tcti));
	enum err err = trust_unseal(trust, &policy, &approval, room_used(&blob), key);
	trust_close(trust);
	return err;
}

int main(int argc, char **argv)
{
	SECRET key = { .len = 0 };
	enum err err = argc == 3 ? unseal(argv[1], argv[2], &key) : ERR_VALUE;

	if (err != ERR_NONE) {
		fprintf(stderr, "unseal: %s\n", err_text(err));
		return 1;
	}
	for (size_t i = 0; i < key.len; i++)
		printf("%02x", key.at[i]);
	printf("\n");
	return 0;
}
