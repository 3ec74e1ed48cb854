/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/server/smdp_world.h"

#include "cli/pki.h"
#include "rsp/bpp.h"
#include "rsp/metadata.h"
#include "rsp/prepare_download.h"
#include "server/es2.h"
#include "server/smdp_equipment.h"
#include "server/smdp_order.h"
#include "tests/tap.h"

#include <ftw.h>

#include <openssl/core_names.h>
#include <openssl/pem.h>

static const char *const suffix[WORLD_CURVES] = { "NIST", "BRP" };

static void stop(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(EXIT_FAILURE);
}

static char temporary[4][300];

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static void remove_temporary(void)
{
	for (size_t i = 0; i < COUNT(temporary) && temporary[i][0] != 0; i++)
		(void)!nftw(temporary[i], remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Remembers a directory that is to go when the program ends. */
static void remember(const char *dir)
{
	static size_t count;

	if (count == 0)
		atexit(remove_temporary);
	if (count < COUNT(temporary))
		snprintf(temporary[count++], sizeof temporary[0], "%s", dir);
}

void world_pki(char *dir, size_t size)
{
	struct pki_choice choice = { .host = "smdp.example.com" };

	snprintf(dir, size, "%s/assay-smdp-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (mkdtemp(dir) == NULL)
		stop("mkdtemp");
	remember(dir);
	strncat(dir, "/pki", size - strlen(dir) - 1);
	if (!pki_new(dir, &choice))
		stop("pki_new");
}

static void load_key(const char *path, struct secret *out)
{
	FILE *file = fopen(path, "r");
	EVP_PKEY *key;
	BIGNUM *scalar = NULL;

	if (file == NULL)
		return;
	key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	if (key == NULL || !EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) ||
	    BN_bn2binpad(scalar, out->at, 32) != 32)
		stop(path);
	out->len = 32;
	BN_clear_free(scalar);
	EVP_PKEY_free(key);
	fclose(file);
}

void pair_load(const char *dir, const char *name, enum ec_curve curve, struct pair *out)
{
	char path[700];
	FILE *file;

	memset(out, 0, sizeof *out);
	snprintf(path, sizeof path, "%s/CERT_%s_ECDSA_%s.der", dir, name, suffix[curve]);
	file = fopen(path, "rb");
	if (file == NULL)
		return;
	out->len = fread(out->der, 1, sizeof out->der, file);
	fclose(file);
	snprintf(path, sizeof path, "%s/SK_%s_ECDSA_%s.pem", dir, name, suffix[curve]);
	load_key(path, &out->key);
}

/* --- ports ---------------------------------------------------------------------------------- */

static uint64_t now_ms(void *ctx)
{
	return ((struct world *)ctx)->now_ms;
}

static enum err random_octets(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	return crypto_random(out, len);
}

static struct stored_session *session_row(struct world *world, struct bytes id)
{
	for (size_t i = 0; i < WORLD_SESSIONS; i++) {
		struct stored_session *row = &world->sessions[i];
		if (row->used && bytes_same(BYTES(row->id), id))
			return row;
	}
	return NULL;
}

static enum err session_load(void *ctx, struct bytes transaction_id, struct session *out)
{
	struct stored_session *row = session_row(ctx, transaction_id);

	if (row == NULL)
		return ERR_NOT_FOUND;
	*out = (struct session){
		.transaction_id = BYTES(row->id),
		.version = row->version,
		.expires_ms = row->expires_ms,
		.body = {row->body, row->len}
	};
	return ERR_NONE;
}

struct stored_order *world_order(struct world *world, const uint8_t *iccid)
{
	for (size_t i = 0; i < WORLD_ORDERS; i++) {
		if (world->orders[i].used &&
		    memcmp(world->orders[i].order.iccid, iccid, ICCID_SIZE) == 0)
			return &world->orders[i];
	}
	return NULL;
}

static bool order_is(const struct order *order, enum smdp_find by, struct bytes key)
{
	struct bytes operator_name = key;

	switch (by) {
	case SMDP_BY_ICCID:
		return bytes_same(BYTES(order->iccid), key);
	case SMDP_BY_MATCHING_ID:
		return order->matching_id.len > 0 && bytes_same(order->matching_id, key);
	case SMDP_BY_EID:
		return (order->state == PROFILE_RELEASED || order->state == PROFILE_DOWNLOADED) &&
		       order->matching_id.at != NULL && order->matching_id.len == 0 &&
		       bytes_same(order->eid, key);
	case SMDP_BY_TYPE:
		operator_name.len = 0;
		while (operator_name.len < key.len && key.at[operator_name.len] != 0)
			operator_name.len++;
		return order->state == PROFILE_AVAILABLE &&
		       bytes_same(order->operator_name, operator_name) &&
		       bytes_same(order->profile_type,
		                  (struct bytes){ key.at + operator_name.len + 1,
		                                  key.len - operator_name.len - 1 });
	case SMDP_FINDS:
	default:
		return false;
	}
}

/* Why there is none of a type: used up, another operator's, or unknown to all. */
static enum err type_missing(const struct world *world, struct bytes key)
{
	enum err err = ERR_NOT_FOUND;
	size_t type_at = 0;

	while (type_at < key.len && key.at[type_at] != 0)
		type_at++;
	for (size_t i = 0; i < WORLD_ORDERS; i++) {
		const struct order *any = &world->orders[i].order;
		uint8_t store[128];
		struct room own = ROOM(store);

		room_put(&own, any->operator_name);
		room_put_u8(&own, 0);
		room_put(&own, any->profile_type);
		if (!world->orders[i].used || own.full)
			continue;
		if (bytes_same(room_used(&own), key))
			return ERR_ORDER;
		if (bytes_same(any->profile_type,
		               (struct bytes){ key.at + type_at + 1, key.len - type_at - 1 }))
			err = ERR_DENIED;
	}
	return err;
}

static enum err order_find(void *ctx, enum smdp_find by, struct bytes key, struct order *out)
{
	struct world *world = ctx;

	for (size_t i = 0; i < WORLD_ORDERS; i++) {
		if (world->orders[i].used && order_is(&world->orders[i].order, by, key)) {
			*out = world->orders[i].order;
			return ERR_NONE;
		}
	}
	return by == SMDP_BY_TYPE ? type_missing(world, key) : ERR_NOT_FOUND;
}

static enum err package_load(void *ctx, const uint8_t iccid[static ICCID_SIZE],
                             struct bytes *sealed)
{
	struct stored_order *row = world_order(ctx, iccid);

	if (row == NULL)
		return ERR_NOT_FOUND;
	*sealed = (struct bytes){ row->profile, row->profile_len };
	return ERR_NONE;
}

static void keep(struct room *octets, struct bytes *view)
{
	size_t at = octets->len;

	if (view->at == NULL)
		return;
	room_put(octets, *view);
	*view = (struct bytes){ octets->at + at, view->len };
}

/* A deep copy: the views of the old row may be among those of the new. */
static void put_order(struct stored_order *row, const struct order *from)
{
	static uint8_t copy[sizeof row->octets];
	struct room octets = ROOM(copy);
	struct order order = *from;
	struct bytes *views[] = {
		&order.operator_name, &order.profile_type,      &order.imsi,
		&order.metadata,      &order.matching_id,       &order.eid,
		&order.confirmation,  &order.smds_address,      &order.sealed_ppk,
		&order.bound_eid,     &order.bound_transaction, &order.euicc_otpk,
		&order.sealed_otsk,
	};

	for (size_t i = 0; i < COUNT(views); i++)
		keep(&octets, views[i]);
	if (octets.full)
		stop("order too large");
	memcpy(row->octets, copy, octets.len);
	for (size_t i = 0; i < COUNT(views); i++) {
		if (views[i]->at != NULL)
			views[i]->at = row->octets + (views[i]->at - copy);
	}
	row->len = octets.len;
	row->order = order;
	row->order.version++;
	row->used = true;
}

static void put_session(struct world *world, const struct session *session)
{
	struct stored_session *row = session_row(world, session->transaction_id);

	for (size_t i = 0; row == NULL && i < WORLD_SESSIONS; i++) {
		if (!world->sessions[i].used)
			row = &world->sessions[i];
	}
	if (row == NULL || session->body.len > sizeof row->body)
		stop("no place for a session");
	memcpy(row->id, session->transaction_id.at, sizeof row->id);
	row->used = session->body.len > 0;
	row->version = session->version + 1;
	row->expires_ms = session->expires_ms;
	row->len = session->body.len;
	if (row->len > 0)
		memcpy(row->body, session->body.at, row->len);
}

static enum err check_versions(struct world *world, const struct smdp_change *change)
{
	if (change->session != NULL) {
		struct stored_session *row = session_row(world, change->session->transaction_id);
		if (change->session->version != (row != NULL ? row->version : 0))
			return ERR_BUSY;
	}
	if (change->order == NULL)
		return ERR_NONE;
	struct stored_order *row = world_order(world, change->order->iccid);
	if (row == NULL || row->order.version != change->order->version)
		return ERR_BUSY;
	for (size_t i = 0; i < WORLD_ORDERS; i++) {
		const struct stored_order *other = &world->orders[i];
		if (other != row && other->used && change->order->matching_id.len > 0 &&
		    bytes_same(other->order.matching_id, change->order->matching_id))
			return ERR_EXISTS;
	}
	return ERR_NONE;
}

static enum err commit(void *ctx, const struct smdp_change *change)
{
	struct world *world = ctx;

	if (world->commit_fails != ERR_NONE)
		return world->commit_fails;
	TRY(check_versions(world, change));
	world->commits++;
	if (change->audit != NULL) {
		snprintf(world->audited, sizeof world->audited, "%.*s",
		         (int)change->audit->event.len, (const char *)change->audit->event.at);
		snprintf(world->audit_detail, sizeof world->audit_detail, "%.*s",
		         (int)change->audit->detail.len, (const char *)change->audit->detail.at);
	}
	if (change->session != NULL)
		put_session(world, change->session);
	if (change->order != NULL)
		put_order(world_order(world, change->order->iccid), change->order);
	if (change->callback != NULL && change->callback->body.len < sizeof world->callbacks[0]) {
		char *text = world->callbacks[world->callback_count++ % WORLD_CALLBACKS];
		memcpy(text, change->callback->body.at, change->callback->body.len);
		text[change->callback->body.len] = 0;
	}
	return ERR_NONE;
}

static enum err sign(void *ctx, uint8_t ci, const struct bytes *parts, size_t count,
                     uint8_t signature[static EC_SIGNATURE_SIZE])
{
	struct world *world = ctx;

	return crypto_ecdsa_sign(world->ci[ci].curve, &world->dppb[ci].key, parts, count,
	                         signature);
}

static enum err open_session(void *ctx, uint8_t ci,
                             const uint8_t euicc_challenge[static RSP_CHALLENGE_SIZE],
                             struct room *signed1, uint8_t signature[static EC_SIGNATURE_SIZE])
{
	struct world *world = ctx;
	uint8_t random[TRANSACTION_ID_MAX + RSP_CHALLENGE_SIZE];
	const struct server_signed1 session = {
		.transaction_id = {random,                       TRANSACTION_ID_MAX},
		.euicc_challenge = { euicc_challenge,             RSP_CHALLENGE_SIZE},
		.server_address = world->ports.address,
		.server_challenge = { random + TRANSACTION_ID_MAX, RSP_CHALLENGE_SIZE},
	};
	struct bytes part;

	TRY(crypto_random(random, sizeof random));
	server_signed1_put(signed1, &session);
	part = room_used(signed1);
	return crypto_ecdsa_sign(world->ci[ci].curve, &world->dpauth[ci].key, &part, 1, signature);
}

/* The one-time key of a request: a given one again, or a new one. */
static enum err one_time_key(enum ec_curve curve, struct bytes sealed, struct secret *key,
                             uint8_t point[static EC_POINT_SIZE])
{
	if (sealed.len == 0)
		return crypto_ec_generate(curve, key, point);
	if (!secret_from(key, sealed))
		return ERR_LENGTH;
	return crypto_ec_public(curve, key, point);
}

static enum err sign_channel(struct world *world, const struct keeper_bind *request,
                             struct bytes euicc_otpk, struct initialise_secure_channel *isc,
                             uint8_t signature[static EC_SIGNATURE_SIZE])
{
	static uint8_t store[512];
	struct room text = ROOM(store);

	initialise_secure_channel_put_signed(&text, isc);
	ber_put(&text, TAG_ONE_TIME_KEY, euicc_otpk);
	struct bytes part = room_used(&text);
	TRY(sign(world, request->ci, &part, 1, signature));
	isc->smdp_sign = (struct bytes){ signature, EC_SIGNATURE_SIZE };
	return ERR_NONE;
}

static bool same_card(const struct smdp_card *a, const struct smdp_card *b)
{
	return a->curve == b->curve && bytes_same(BYTES(a->eid), BYTES(b->eid)) &&
	       bytes_same(BYTES(a->point), BYTES(b->point));
}

/* What the keeper does with keys that are sealed there and lie open here. */
static enum err bind_package(void *ctx, const struct keeper_bind *request, struct keeper_bound *out)
{
	static uint8_t package[16384], point[EC_POINT_SIZE], signature[EC_SIGNATURE_SIZE];
	static struct secret key;
	struct world *world = ctx;
	enum ec_curve curve = world->ci[request->ci].curve;
	struct room bpp = ROOM(package);
	struct bpp_input in = {
		.isc = {.remote_op = REMOTE_OP_INSTALL_BPP,
                        .key_type = BSP_KEY_TYPE_AES,
                        .key_length = BSP_KEY_LENGTH,
                        .host_id = request->host_id,
                        .smdp_otpk = BYTES(point) },
		.configure_isdp = { (const uint8_t *)"\xBF\x24\x00",        3   },
		.metadata = request->metadata,
		.profile = request->sealed_package
	};
	struct euicc_signed2 signed2;
	struct secret shared;
	struct bsp bsp;

	TRY(euicc_signed2_read(request->euicc_signed2, &signed2));
	if (!bytes_same(request->permit, BYTES(world->permit)) ||
	    !same_card(&request->card, &world->admitted))
		return ERR_DENIED;
	if (smdp_card_verify_signed2(&request->card, request->euicc_signed2,
	                             request->smdp_signature2,
	                             request->euicc_signature2) != SMDP_OK)
		return ERR_SIGNATURE;
	world->binds++;
	in.isc.transaction_id = signed2.transaction_id;
	TRY(one_time_key(curve, request->sealed_otsk, &key, point));
	TRY(sign_channel(world, request, signed2.euicc_otpk, &in.isc, signature));
	TRY(crypto_ecdh(curve, &key, signed2.euicc_otpk.at, &shared));
	TRY(bsp_start(&bsp, &shared, request->host_id, request->card.eid));
	TRY(bpp_put(&bpp, &in, &bsp));
	*out = (struct keeper_bound){ .package = room_used(&bpp),
		                      .smdp_otpk = BYTES(point),
		                      .sealed_otsk = secret_bytes(&key) };
	return ERR_NONE;
}

/* What the appraiser does before it judges: it believes the card, and goes by the order. */
static enum smdp_status look(struct world *world, const struct appraise_request *request,
                             struct smdp_claims *claims, struct smdp_equipment *equipment)
{
	const struct smdp_trust trust = smdp_trust(&world->ports);
	struct server_signed1 session;

	if (server_signed1_read(request->session, &session) != ERR_NONE)
		return SMDP_FORMAT_INVALID;
	SMDP_TRY(smdp_claims_read(request->response, claims));
	SMDP_TRY(smdp_claims_verify(&trust, request->root.at, &session, claims));
	return smdp_equipment_read(claims, equipment) == ERR_NONE ? SMDP_OK : SMDP_FORMAT_INVALID;
}

static enum err judge(struct world *world, const struct appraise_request *request,
                      const struct smdp_claims *claims, const struct smdp_equipment *equipment,
                      struct appraise_answer *out)
{
	struct shown shown = {
		.purpose = PURPOSE_ACCESS,
		.session = request->session,
		.eid = BYTES(claims->card.eid),
		.digest = equipment->digest,
		.evidence = request->evidence,
		.device_imei = {equipment->imei, equipment->imei_len}
	};

	if (request->iccid.len > 0) {
		const struct stored_order *row = world_order(world, request->iccid.at);
		if (row == NULL || smdp_order_asked(&row->order, claims->params.matching_id,
		                                    claims->card.eid, world->now_ms) != SMDP_OK)
			return ERR_DENIED;
		shown.purpose = PURPOSE_PROVISIONING;
		shown.operator_name = row->order.operator_name;
	}
	return world->judge != NULL ? world->judge(world->judge_ctx, &shown, out) : ERR_NONE;
}

static enum err appraise(void *ctx, const struct appraise_request *request,
                         struct appraise_answer *out)
{
	struct world *world = ctx;
	struct smdp_equipment equipment;
	struct smdp_claims claims;

	*out = (struct appraise_answer){ .decision = REFUSE };
	out->card = look(world, request, &claims, &equipment);
	if (out->card != SMDP_OK)
		return ERR_NONE;
	world->judged++;
	out->decision = ADMIT;
	TRY(judge(world, request, &claims, &equipment, out));
	if (out->decision != REFUSE) {
		memcpy(world->permit, out->permit, PERMIT_SIZE);
		world->admitted = claims.card;
	}
	return ERR_NONE;
}

static enum err verify(void *ctx, enum ec_curve curve, const uint8_t point[static EC_POINT_SIZE],
                       const struct bytes *parts, size_t count,
                       const uint8_t signature[static EC_SIGNATURE_SIZE])
{
	((struct world *)ctx)->verifications++;
	return crypto_ecdsa_verify(curve, point, parts, count, signature);
}

/* --- world ---------------------------------------------------------------------------------- */

static void init_ci(struct world *world, const char *dir, size_t curve)
{
	struct smdp_ci *ci = &world->ci[curve];
	struct trust_anchor anchor;

	pair_load(dir, "CI", (enum ec_curve)curve, &world->ca[curve]);
	pair_load(dir, "S_SM_DPauth", (enum ec_curve)curve, &world->dpauth[curve]);
	pair_load(dir, "S_SM_DPpb", (enum ec_curve)curve, &world->dppb[curve]);
	ci->certificate = (struct bytes){ world->ca[curve].der, world->ca[curve].len };
	ci->dpauth = (struct bytes){ world->dpauth[curve].der, world->dpauth[curve].len };
	ci->dppb = (struct bytes){ world->dppb[curve].der, world->dppb[curve].len };
	if (trust_anchor_read(ci->certificate, &anchor) != ERR_NONE)
		stop("CI");
	struct x509 certificate;
	if (x509_read(ci->certificate, &certificate) != ERR_NONE)
		stop("CI");
	ci->key_id = certificate.subject_key_id;
	ci->curve = anchor.curve;
	memcpy(ci->point, anchor.point, EC_POINT_SIZE);
}

void world_init(struct world *world, const char *dir)
{
	memset(world, 0, sizeof *world);
	for (size_t i = 0; i < WORLD_CURVES; i++)
		init_ci(world, dir, i);
	world->now_ms = (uint64_t)time(NULL) * 1000;
	world->ports = (struct smdp_ports){ .ctx = world,
		                            .now_ms = now_ms,
		                            .random = random_octets,
		                            .session_load = session_load,
		                            .order_find = order_find,
		                            .package_load = package_load,
		                            .commit = commit,
		                            .open = open_session,
		                            .sign = sign,
		                            .bind = bind_package,
		                            .verify = verify,
		                            .appraise = appraise,
		                            .address = BYTES_STR("smdp.example.com"),
		                            .ci = world->ci,
		                            .ci_count = WORLD_CURVES,
		                            .session_ms = 600000,
		                            .download_attempts = 3,
		                            .confirmation_attempts = 3 };
}

struct stored_order *world_profile(struct world *world, const char *iccid,
                                   const char *operator_name, const char *type)
{
	uint8_t store[512];
	struct room metadata = ROOM(store);
	struct store_metadata value = { .service_provider_name = BYTES_STR("Operator"),
		                        .profile_name = BYTES_STR("Profile"),
		                        .icon_type = ICON_NONE,
		                        .profile_class = CLASS_OPERATIONAL };
	struct order order = { .state = PROFILE_AVAILABLE,
		               .operator_name = bytes_text(operator_name),
		               .profile_type = bytes_text(type) };
	size_t i = 0;

	while (i < WORLD_ORDERS && world->orders[i].used)
		i++;
	if (i == WORLD_ORDERS || rsp_iccid_read(bytes_text(iccid), order.iccid) != ERR_NONE)
		stop("world_profile");
	value.iccid = BYTES(order.iccid);
	store_metadata_put(&metadata, &value);
	order.metadata = room_used(&metadata);
	put_order(&world->orders[i], &order);
	world->orders[i].profile_len = 3000;
	for (size_t k = 0; k < 3000; k++)
		world->orders[i].profile[k] = (uint8_t)(k * 31 + i);
	return &world->orders[i];
}

void world_release(struct world *world, struct stored_order *row, const char *matching_id)
{
	uint8_t store[20], iccid[ICCID_SIZE];
	struct room text = ROOM(store);
	struct es2_caller caller = { .admin = true };
	struct confirm_order_ok ok_;

	if (rsp_iccid_text(row->order.iccid, &text) != ERR_NONE)
		stop("world_release");
	struct download_order order = { .iccid = room_used(&text) };
	struct confirm_order confirm = { .iccid = room_used(&text),
		                         .matching_id = bytes_text(matching_id),
		                         .release = true };
	if (es2_download_order(&world->ports, &caller, &order, iccid) != SMDP_OK ||
	    es2_confirm_order(&world->ports, &caller, &confirm, &ok_) != SMDP_OK)
		stop("world_release");
}
