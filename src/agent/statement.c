/* SPDX-License-Identifier: Apache-2.0 */
/* Semi-autonomous validation (R11): the machine holds what its chip has against signed reference values, and says in
 * one short signed statement what deviates. */
#include "agent/evidence.h"

enum { CLOCK_INFO_SIZE = 17 }; /* TPMS_CLOCK_INFO: part 2, 10.11.1 */

/* The list is loaded after the PCRs were read, so that it has at least what they have. */
static enum err check(const struct machine *machine, struct statement *out)
{
	const struct machine_check *self = machine->self;
	struct tpm_bank now;
	struct bytes list = { NULL, 0 };

	TRY(machine_pcrs(machine->trust, self->pcrs, &now));
	if (machine->ima != NULL)
		TRY(machine->ima(machine->ima_ctx, &list));
	return self->check(self->ctx, &now, machine->log, list, out);
}

static enum err sign(void *ctx, struct bytes message, uint8_t signature[static EC_SIGNATURE_SIZE])
{
	return trust_attestation_sign(ctx, message, signature);
}

enum err machine_state(const struct machine *machine, struct bytes binding, struct room *out)
{
	const struct cose_signer signer = { machine->trust, sign };
	struct statement statement = { .deviations = 0 };
	uint8_t store[CLOCK_INFO_SIZE];
	struct room clock = ROOM(store);

	TRY(check(machine, &statement));
	TRY(trust_clock(machine->trust, &clock));
	TRY(tpm_clock_read(room_used(&clock), &statement.clock));
	return statement_put(out, &signer, binding, &statement);
}
