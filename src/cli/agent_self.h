/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine checks itself against: reference values in a file that their supplier has signed, and the key that
 * must have signed them. Bare ones are taken from nobody. */
#ifndef CLI_AGENT_SELF_H
#define CLI_AGENT_SELF_H

#include "agent/evidence.h"
#include "verifier/self.h"

struct agent_self {
	struct references references;
	struct self self;
	struct machine_check check; /* what it is lent as */
};

/* agent_self_read takes the octets of the file and the path of the key's. ERR_SIGNATURE when they are not signed with
 * that key; ERR_NOT_FOUND when they have nothing for the model and firmware of the claims, which stay the
 * caller's; causes of references_add_signed and key_file_public. agent_self_clear frees what it took. */
NODISCARD enum err agent_self_read(struct agent_self *self, struct bytes file, const char *signer,
                                   const struct equipment_claims *claims, enum ima_form ima_form);
void agent_self_clear(struct agent_self *self);

#endif
