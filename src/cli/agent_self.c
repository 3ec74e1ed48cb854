/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/agent_self.h"

#include "cli/key_file.h"

static enum err check(void *ctx, const struct tpm_bank *now, struct bytes log, struct bytes ima,
                      struct statement *out)
{
	struct agent_self *own = ctx;

	own->self.now = now;
	own->self.log = log;
	own->self.ima = ima;
	return self_check(&own->references, &own->self, out);
}

enum err agent_self_read(struct agent_self *self, struct bytes file, const char *signer,
                         const struct equipment_claims *claims, enum ima_form ima_form)
{
	uint8_t point[EC_POINT_SIZE];
	const struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(point) };
	uint32_t line;

	references_clear(&self->references);
	self->self = (struct self){ .model = claims->model,
		                    .firmware = claims->firmware,
		                    .ima_form = ima_form };
	TRY(key_file_public(signer, point));
	if (!references_are_signed(file))
		return ERR_SIGNATURE;
	TRY(references_add_signed(&self->references, file, &key, &line));
	self->check = (struct machine_check){
		self, self_pcrs(&self->references, claims->model, claims->firmware), check
	};
	return self->check.pcrs != 0 ? ERR_NONE : ERR_NOT_FOUND;
}

void agent_self_clear(struct agent_self *self)
{
	references_clear(&self->references);
}
