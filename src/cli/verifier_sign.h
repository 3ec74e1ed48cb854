/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_VERIFIER_SIGN_H
#define CLI_VERIFIER_SIGN_H

#include "cli/cli.h"

extern const struct cli_command cli_verifier_sign;

#endif
