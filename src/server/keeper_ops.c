/* SPDX-License-Identifier: Apache-2.0 */
#include "server/keeper_state.h"

#include "server/keyfile.h"
#include "server/log.h"

#include <stdlib.h>
#include <string.h>

#define WORKER (1u << KEEPER_FOR_WORKER)
#define ADMIN  (1u << KEEPER_FOR_ADMIN)
#define AUC    (1u << KEEPER_FOR_AUC)
#define QUARANTINE (1u << KEEPER_FOR_QUARANTINE)
#define APPRAISER (1u << KEEPER_FOR_APPRAISER)
#define CALLER (1u << KEEPER_FOR_CALLER)

/* The permit table (R7): who may ask for what. */
static const struct {
	keeper_fn *run;
	uint32_t roles;
} requests[KEEPER_REQUESTS] = {
	[KEEPER_OPEN] = {keeper_do_open,            WORKER   },
	[KEEPER_SIGN] = { keeper_do_sign,           WORKER   },
	[KEEPER_BIND] = { keeper_do_bind,           WORKER   },
	[KEEPER_TLS_SIGN] = { keeper_do_tls_sign,       WORKER   },
	[KEEPER_IMPORT] = { keeper_do_import,         ADMIN    },
	[KEEPER_GENERATE] = { keeper_do_generate,       ADMIN    },
	[KEEPER_PROTECT] = { keeper_do_protect,        ADMIN    },
	[KEEPER_VECTOR] = { keeper_do_vector,         AUC      },
	[KEEPER_TRIPLET] = { keeper_do_triplet,        AUC      },
	[KEEPER_RESTRICTED_VECTOR] = { keeper_do_restricted_vector, QUARANTINE },
	[KEEPER_RESTRICTED_TRIPLET] = { keeper_do_restricted_triplet, QUARANTINE },
	[KEEPER_RESYNC] = { keeper_do_resync,         AUC | QUARANTINE },
	[KEEPER_PERMIT] = { keeper_do_permit,         APPRAISER},
	[KEEPER_RESULT] = { keeper_do_result,         APPRAISER},
	[KEEPER_RESULT_JWT] = { keeper_do_result_jwt,     ADMIN    },
	[KEEPER_HEAD_LAST] = { keeper_do_head_last,      ADMIN    },
	[KEEPER_HEAD_SIGN] = { keeper_do_head_sign,      ADMIN    },
	[KEEPER_NOTICE_SIGN] = { keeper_do_notice_sign,    CALLER   },
	[KEEPER_PERMITS_ACCESS] = { keeper_do_permits_access, APPRAISER},
};

bool keeper_permits(enum keeper_role role, enum keeper_request request)
{
	return role < KEEPER_ROLES && request < KEEPER_REQUESTS && (requests[request].roles >> role & 1);
}

enum err keeper_answer(struct keeper_state *state, uint16_t request, struct bytes in,
                       struct room *out)
{
	enum err err;

	if (request >= KEEPER_REQUESTS)
		return ERR_VALUE;
	err = requests[request].run(state, in, out);
	wipe(state->clear.at, state->clear.len);
	state->clear.len = 0;
	state->clear.full = false;
	return err;
}

static enum err complain(enum err err, const char *what)
{
	log_error("%s: %s", what, err_text(err));
	return err;
}

static enum err key_load(const char *path, bool *has, enum ec_curve *curve, struct secret *key)
{
	enum err err;

	if (*path == '\0')
		return ERR_NONE;
	err = keyfile_key(path, curve, key);
	if (err != ERR_NONE)
		return complain(err, path);
	*has = true;
	return ERR_NONE;
}

static enum err ci_load(struct keeper_ci *ci, const struct config_ci *from)
{
	enum ec_curve curve = EC_P256;

	TRY(key_load(from->dpauth_key, &ci->has_dpauth, &ci->curve, &ci->dpauth));
	TRY(key_load(from->dppb_key, &ci->has_dppb, &curve, &ci->dppb));
	if (ci->has_dpauth && ci->has_dppb && curve != ci->curve)
		return complain(ERR_VALUE, from->dppb_key);
	if (ci->has_dppb)
		ci->curve = curve;
	return ERR_NONE;
}

static enum err p256_load(const char *path, bool *has, struct secret *key)
{
	enum ec_curve curve = EC_P256;

	TRY(key_load(path, has, &curve, key));
	return curve == EC_P256 ? ERR_NONE : complain(ERR_UNSUPPORTED, path);
}

static enum err pair_load(const char *path, bool *has, struct secret *key,
                          uint8_t point[static EC_POINT_SIZE])
{
	TRY(p256_load(path, has, key));
	return *has ? crypto_ec_public(EC_P256, key, point) : ERR_NONE;
}

static enum err head_load(struct keeper_state *state, const char *path)
{
	enum err err;

	if (*path == '\0' || !state->has_audit)
		return ERR_NONE;
	err = head_file_open(&state->head_file, path, state->audit_point, &state->head,
	                     &state->has_head);
	if (err != ERR_NONE)
		return complain(err, path);
	if (!state->has_head)
		log_info("%s is new: the audit log goes on from the last head that the store has",
		         path);
	return ERR_NONE;
}

enum err keeper_load(struct keeper_state *state, const struct config *config)
{
	const struct tls_files *const tls[KEEPER_TLS_SERVICES] = { &config->es9_tls, &config->es2_tls };
	SECRET master = { .len = 0 };
	enum err err = keyfile_master(config->master_key, &master);

	if (err != ERR_NONE)
		return complain(err, config->master_key);
	TRY(seal_begin(&state->seal, &master));
	state->ci_count = config->ci_count;
	state->address = bytes_text(config->address);
	state->session_s = config->session_seconds;
	for (size_t i = 0; i < config->ci_count; i++)
		TRY(ci_load(&state->ci[i], &config->ci[i]));
	for (size_t i = 0; i < KEEPER_TLS_SERVICES; i++)
		TRY(key_load(tls[i]->key, &state->has_tls[i], &state->tls_curve[i], &state->tls[i]));
	TRY(pair_load(config->audit_key, &state->has_audit, &state->audit, state->audit_point));
	TRY(head_load(state, config->audit_head));
	TRY(pair_load(config->notice_key, &state->has_notice, &state->notice,
	              state->notice_point));
	TRY(pair_load(config->result_key, &state->has_result, &state->result, state->result_point));
	state->clear = (struct room){ malloc(PACKAGE_MAX), PACKAGE_MAX, 0, false };
	return state->clear.at == NULL ? ERR_FULL : ERR_NONE;
}

void keeper_clear(struct keeper_state *state)
{
	free(state->clear.at);
	head_file_close(&state->head_file);
	wipe(state, sizeof *state);
}
