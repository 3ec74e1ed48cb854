/* SPDX-License-Identifier: Apache-2.0 */
/* The first-level commands of `assay`, each in the file of its name. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct cli_command cli_audit;
extern const struct cli_command cli_completion;
extern const struct cli_command cli_device;
extern const struct cli_command cli_manifest;
extern const struct cli_command cli_events;
extern const struct cli_command cli_order;
extern const struct cli_command cli_pairing;
extern const struct cli_command cli_pki;
extern const struct cli_command cli_profile;
extern const struct cli_command cli_status;
extern const struct cli_command cli_subscription;
extern const struct cli_command cli_verifier;

#endif
