/* SPDX-License-Identifier: Apache-2.0 */
/* The store process: the loop of a service around the database. */
#include "server/child.h"
#include "server/log.h"
#include "server/sandbox.h"
#include "server/serve.h"
#include "server/store_ops.h"

#include <stdio.h>

enum { PURGE_AFTER_MS = 60000 };

static bool permits(void *ctx, uint8_t role, uint16_t code)
{
	(void)ctx;
	return store_permits((enum store_role)role, code);
}

static enum err answer(void *ctx, uint16_t code, struct bytes request, struct room *reply)
{
	return store_answer(ctx, code, request, reply);
}

static enum err begin(void *ctx)
{
	return db_begin(ctx);
}

static enum err end(void *ctx)
{
	return db_end(ctx);
}

/* Sessions are abandoned by phones that lose their network: none is kept longer than it may be used. */
static void idle(void *ctx)
{
	struct db *db = ctx;
	struct db_use use = db_use(db, DB_SESSION_PURGE);

	db_put_number(&use, db->now_ms() - PURGE_AFTER_MS);
	if (db_done(&use) != ERR_NONE)
		log_error("expired sessions could not be deleted");
	use = db_use(db, DB_CHALLENGE_PURGE);
	db_put_number(&use, db->now_ms() / 1000);
	if (db_done(&use) != ERR_NONE)
		log_error("expired challenges could not be deleted");
}

int store_process(const struct child_start *start)
{
	char path[TEXT_PATH_SIZE + 16];
	struct db db;
	enum err err;

	snprintf(path, sizeof path, "%s/assay.db", start->config->data);
	if (!sandbox_user(start->config) || db_open(&db, path) != ERR_NONE)
		return CHILD_CANNOT_START;
	if (!sandbox_enter(start->config, SANDBOX_STORE))
		return CHILD_CANNOT_START;
	child_ready(start);
	err = serve_run(&(struct serve){ .ctx = &db,
	                                 .permits = permits,
	                                 .answer = answer,
	                                 .begin = begin,
	                                 .end = end,
	                                 .idle = idle },
	                start->control);
	db_close(&db);
	return err == ERR_NONE ? 0 : 1;
}
