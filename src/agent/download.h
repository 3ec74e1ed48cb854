/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profile download as an LPA does it: common mutual authentication, download confirmation, installation
 * (SGP.22 v2.5 3.0.1, 3.1.3). Card, server and person are reached through what the caller gives; the
 * order of steps, the checks between them and the cancellation of a session that ends early are here.
 *
 * A download that broke off is tried again from its start: the server keeps the package that it bound to
 * this card (SGP.22 3.1.3.2), and download_installed tells whether the card had got it after all.
 *
 * A server may want evidence of the machine (docs/protocol.md). Where there is a prover, chip and card sign it
 * together on the way, without another round trip.
 */
#ifndef AGENT_DOWNLOAD_H
#define AGENT_DOWNLOAD_H

#include "agent/equipment.h"
#include "agent/es10.h"
#include "agent/es9.h"
#include "rsp/activation_code.h"

enum {
	DOWNLOAD_WHY_MAX = 1088,
	DOWNLOAD_STORE = 4 << 20, /* what one download keeps: certificates, package, result */
	CONFIRMATION_CODE_MAX = 64,
};

enum download_step {
	STEP_IDENTIFY,     /* asking the card who it is */
	STEP_INITIATE,     /* server: InitiateAuthentication */
	STEP_PROVE,        /* chip: evidence, if the server wants it */
	STEP_AUTHENTICATE, /* card: AuthenticateServer */
	STEP_OFFER,        /* server: AuthenticateClient */
	STEP_CONSENT,      /* person */
	STEP_PREPARE,      /* card: PrepareDownload */
	STEP_FETCH,        /* server: GetBoundProfilePackage */
	STEP_INSTALL,      /* card: LoadBoundProfilePackage */
	STEP_DONE,
};

enum download_answer { ANSWER_YES, ANSWER_NO, ANSWER_LATER };

/* The person, or what stands for one. */
struct download_user {
	void *ctx;
	/* consent is asked once the server has said what it offers. `rules` tells that the profile has policy
	 * rules which, after the card's rules authorisation table, need the person's consent. */
	enum download_answer (*consent)(void *ctx, const struct store_metadata *metadata,
	                                bool rules);
	/* confirmation_code is asked only when the server wants one; false when there is none. */
	bool (*confirmation_code)(void *ctx, struct room *code);
	void (*step)(void *ctx, enum download_step step);
	void (*loaded)(void *ctx, size_t done, size_t total);
};

struct download {
	struct es10 *es10;
	struct es9 *es9; /* its host is set from the activation code */
	const struct download_user *user;
	struct room *store;
	const struct device_info *device;
	const struct equipment_prover *prover; /* NULL: the machine shows no evidence */

	/* What has become of it. */
	enum download_step step; /* the one that was under way */
	size_t shown;            /* octets of the bundle that was shown last; 0: none */
	struct store_metadata metadata;
	struct bytes result; /* whole ProfileInstallationResult */
	struct installation_result_data installed;
	char why[DOWNLOAD_WHY_MAX];
};

/* download_run downloads and installs one profile. ERR_NONE: it is installed and disabled, and the card
 * holds a notification of it. ERR_DENIED: card, server or person refused. Others: as es10.h and es9.h.
 * `why` says it in words. The store is used from its present length on. */
NODISCARD enum err download_run(struct download *download, const struct activation_code *code);

/* download_attest shows the machine's evidence to a server and ends there: card and chip sign as they do for a
 * download, and nothing is downloaded (R5). ERR_NONE: the server has decided, also when it refuses; then
 * `result` says what and why. ERR_UNSUPPORTED when the server judges no equipment. */
NODISCARD enum err download_attest(struct download *download, const struct activation_code *server,
                                   struct equipment_result *result);

/* download_installed tells, after an attempt that broke off, whether the card has the offered profile. */
NODISCARD enum err download_installed(struct download *download, bool *installed);

/* download_worth_retrying tells whether the cause may be gone when the download is started again. */
bool download_worth_retrying(const struct download *download, enum err err);

/* download_step_of_card tells whether the step is one in which the card is spoken to. */
bool download_step_of_card(enum download_step step);

/* download_step_text is what the step does, as "asking the server". */
const char *download_step_text(enum download_step step);

#endif
