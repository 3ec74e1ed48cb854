/* SPDX-License-Identifier: Apache-2.0 */
/* The subscriber of an ADF as an object of the tree: record, rules, then what SQNs were seen. */
#include "card/naa.h"

#include "card/inside.h"

#include <string.h>

enum {
	LENGTH_AT = 0, /* two octets */
	RECORD_AT = 2,
	RULES_AT = RECORD_AT + AKA_RECORD_MAX,
	SEEN_AT = RULES_AT + 16,
	OBJECT_SIZE = SEEN_AT + SQN_INDS * AKA_SQN_SIZE,
	CONTEXT_GSM = 0x80,
	CONTEXT_3G = 0x81,
	TAG_SUCCESS = 0xDB,
	TAG_SYNC_FAILURE = 0xDC,
	SERVICE_GSM_ACCESS = 27,
	FID_UST = 0x6F38,
	PIN1 = 0x01,
};

enum err naa_create(struct fs *fs, uint16_t adf, const struct aka_subscriber *who,
                    const struct naa_sequence *sequence)
{
	uint8_t raw[OBJECT_SIZE] = { 0 };
	struct room record = { raw + RECORD_AT, AKA_RECORD_MAX, 0, false };
	struct room length = { raw, 2, 0, false };
	struct room rules = { raw + RULES_AT, 16, 0, false };
	struct node node;
	uint16_t other;

	TRY(fs_node(fs, adf, &node));
	struct fs_query same = {
		0, adf, -1, 0, NODE_AKA, NODE_AKA, {NULL, 0}
	};
	if (fs_find(fs, &same, &other, NULL) == ERR_NONE)
		return ERR_EXISTS;
	if (node.kind != NODE_ADF || !aka_subscriber_valid(who))
		return ERR_VALUE;
	aka_subscriber_put(&record, who);
	ASSERT(!record.full);
	room_put_u16(&length, (uint16_t)record.len);
	room_put_u64(&rules, sequence->rules.delta);
	room_put_u64(&rules, sequence->rules.age_limit);
	for (unsigned i = 0; i < SQN_INDS; i++)
		sqn_put(sequence->seen.at[i], raw + SEEN_AT + (size_t)i * AKA_SQN_SIZE);
	enum err err = fs_create_object(fs, NODE_AKA, adf, 0, BYTES(raw), NULL);
	wipe(raw, sizeof raw);
	return err;
}

enum err naa_share(struct fs *fs, uint16_t adf, uint16_t source)
{
	struct fs_query query = {
		0, source, -1, 0, NODE_AKA, NODE_AKA, {NULL, 0}
	};
	struct node node = { .kind = NODE_AKA, .parent = adf };

	TRY(fs_find(fs, &query, &node.link, NULL));
	return fs_create(fs, &node, (struct fs_fill){ .repeat = false }, NULL);
}

/* A subscriber under AUTHENTICATE. */
struct naa {
	uint16_t number;
	struct aka_subscriber who;
	struct naa_sequence sequence;
};

static uint64_t eight(const uint8_t *at)
{
	uint64_t value = 0;

	(void)!bytes_uint((struct bytes){ at, 8 }, &value); /* eight octets always fit */
	return value;
}

static enum err naa_load(struct card *card, uint16_t adf, struct naa *naa)
{
	struct fs_query query = {
		0, adf, 0, 0, NODE_AKA, NODE_AKA, {NULL, 0}
	};
	uint8_t raw[OBJECT_SIZE];
	uint16_t number;

	TRY(fs_find(&card->fs, &query, &number, NULL));
	TRY(fs_target(&card->fs, number, &naa->number));
	TRY(fs_read(&card->fs, naa->number, 0, raw, sizeof raw));
	size_t len = (size_t)(raw[0] << 8 | raw[1]);
	enum err err =
		len > AKA_RECORD_MAX
			? ERR_CORRUPT
			: aka_subscriber_read((struct bytes){ raw + RECORD_AT, len }, &naa->who);
	naa->sequence.rules =
		(struct sqn_rules){ eight(raw + RULES_AT), eight(raw + RULES_AT + 8) };
	for (unsigned i = 0; i < SQN_INDS; i++)
		naa->sequence.seen.at[i] = sqn_get(raw + SEEN_AT + (size_t)i * AKA_SQN_SIZE);
	wipe(raw, sizeof raw);
	return err;
}

/* I5: the accepted number is durable before the answer leaves, or a power cut would accept it again. */
static enum err naa_note(struct card *card, const struct naa *naa, const struct sqn_array *before)
{
	uint8_t raw[AKA_SQN_SIZE];
	unsigned ind = 0;

	while (ind < SQN_INDS - 1 && naa->sequence.seen.at[ind] == before->at[ind])
		ind++;
	sqn_put(naa->sequence.seen.at[ind], raw);
	TRY(vault_begin(&card->vault));
	TRY(fs_write(&card->fs, naa->number, SEEN_AT + ind * AKA_SQN_SIZE, BYTES(raw)));
	return vault_commit(&card->vault);
}

/* --- AUTHENTICATE ------------------------------------------------------------------------- */

static bool is_isim(const struct node *adf)
{
	/* TS 101 220 annex E: 3GPP's RID, then 1002 for USIM, 1004 for ISIM. */
	return adf->aid_len >= 7 && adf->aid[5] == 0x10 && adf->aid[6] == 0x04;
}

bool naa_service(struct card *card, uint16_t adf, unsigned number)
{
	uint16_t ust;
	uint8_t octet;

	return fs_child(&card->fs, adf, FID_UST, &ust) == ERR_NONE &&
	       fs_target(&card->fs, ust, &ust) == ERR_NONE &&
	       fs_read(&card->fs, ust, (number - 1) / 8, &octet, 1) == ERR_NONE &&
	       (octet >> (number - 1) % 8 & 1) != 0;
}

static void value_put(struct room *out, const uint8_t *at, size_t len)
{
	room_put_u8(out, (uint8_t)len);
	room_put(out, (struct bytes){ at, len });
}

/* L1 RAND and, in 3G context, L2 AUTN (TS 31.102 7.1.2.1). */
static bool parts(struct bytes in, bool with_autn, struct bytes *rand, struct bytes *autn)
{
	struct bytes length;

	if (!bytes_take(&in, 1, &length) || length.at[0] != AKA_RAND_SIZE ||
	    !bytes_take(&in, AKA_RAND_SIZE, rand))
		return false;
	if (with_autn && (!bytes_take(&in, 1, &length) || !bytes_take(&in, length.at[0], autn)))
		return false;
	return in.len == 0;
}

/* TS 31.102 7.1.1.2, GSM context: SRES and Kc. */
static uint16_t gsm_context(const struct naa *naa, struct bytes data, struct room *reply)
{
	struct aka_triplet triplet;
	struct bytes rand, autn;

	if (!parts(data, false, &rand, &autn))
		return SW_WRONG_LENGTH;
	if (aka_usim_gsm(&naa->who, rand.at, &triplet) != ERR_NONE)
		return SW_TECHNICAL;
	value_put(reply, triplet.sres, sizeof triplet.sres);
	value_put(reply, triplet.kc, sizeof triplet.kc);
	wipe(&triplet, sizeof triplet);
	return SW_OK;
}

static uint16_t answer_put(const struct aka_answer *answer, bool with_kc, struct room *reply)
{
	room_put_u8(reply, TAG_SUCCESS);
	value_put(reply, answer->res, answer->res_size);
	value_put(reply, answer->ck, answer->ck_size);
	value_put(reply, answer->ik, answer->ik_size);
	if (with_kc)
		value_put(reply, answer->kc, sizeof answer->kc);
	return SW_OK;
}

/* TS 31.102 7.1.1.1, 3G context; TS 31.103 7.1.1.1, IMS AKA. */
static uint16_t aka_context(struct card *card, struct naa *naa, bool with_kc, struct bytes data,
                            struct room *reply)
{
	struct sqn_array before = naa->sequence.seen;
	struct aka_answer answer;
	struct bytes rand, autn;
	uint16_t sw = SW_OK;

	if (!parts(data, true, &rand, &autn))
		return SW_WRONG_LENGTH;
	enum err err = aka_usim_check(&naa->who, &naa->sequence.seen, &naa->sequence.rules, rand.at,
	                              autn, &answer);
	if (err == ERR_SYNC) {
		room_put_u8(reply, TAG_SYNC_FAILURE);
		value_put(reply, answer.auts, answer.auts_size);
	} else if (err != ERR_NONE) {
		sw = err == ERR_MAC ? SW_MAC : err == ERR_LENGTH ? SW_WRONG_LENGTH : SW_TECHNICAL;
	} else if (naa_note(card, naa, &before) != ERR_NONE) {
		sw = SW_MEMORY;
	} else {
		sw = answer_put(&answer, with_kc, reply);
	}
	wipe(&answer, sizeof answer);
	return sw;
}

/* TS 31.102 7.1.1: an application is selected and its PIN is satisfied. */
uint16_t naa_permitted(struct card *card, const struct channel *channel)
{
	struct node pin;
	uint16_t number;

	if (channel->app != APP_ADF)
		return SW_CONDITIONS;
	if (pin_find(card, channel, channel->adf, PIN1, &number, &pin) == ERR_NONE &&
	    !pin_met(card, channel, number, &pin))
		return SW_SECURITY_STATUS;
	return SW_OK;
}

uint16_t command_authenticate(struct card *card, struct channel *channel, const struct apdu *apdu,
                              struct room *reply)
{
	struct node adf;
	struct naa naa;

	uint16_t sw = naa_permitted(card, channel);
	if (sw != SW_OK)
		return sw;
	if (fs_node(&card->fs, channel->adf, &adf) != ERR_NONE)
		return SW_MEMORY;
	bool isim = is_isim(&adf),
	     gsm = !isim && naa_service(card, channel->adf, SERVICE_GSM_ACCESS);
	if (apdu->p1 != 0 || (apdu->p2 & 0x7F) > 0x06 || !(apdu->p2 & 0x80))
		return SW_WRONG_P1P2;
	if (apdu->p2 != CONTEXT_3G && (apdu->p2 != CONTEXT_GSM || !gsm))
		return SW_CONTEXT;
	/* R1a, R12: a subscription authenticates in the machine that the card knows. */
	if (pairing_gate(card) != ERR_NONE)
		return SW_CONDITIONS;
	enum err err = naa_load(card, channel->adf, &naa);
	if (err == ERR_NONE)
		sw = apdu->p2 == CONTEXT_GSM ? gsm_context(&naa, apdu->data, reply)
		                             : aka_context(card, &naa, gsm, apdu->data, reply);
	else
		sw = err == ERR_NOT_FOUND ? SW_NO_REFERENCED : SW_MEMORY;
	aka_subscriber_clear(&naa.who);
	return sw;
}

/* TS 102 221 11.1.18 / ISO/IEC 7816-4 11.5.3: Le unpredictable octets. */
uint16_t command_get_challenge(struct card *card, struct channel *channel, const struct apdu *apdu,
                               struct room *reply)
{
	(void)card;
	(void)channel;
	if (apdu->p1 != 0 || apdu->p2 != 0)
		return SW_WRONG_P1P2;
	size_t n = apdu->has_le ? apdu->le : 256;
	uint8_t *at = room_claim(reply, n);
	return at != NULL && crypto_random(at, n) == ERR_NONE ? SW_OK : SW_TECHNICAL;
}
