/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/build_put.h"
#include "profile/codes.h"
#include "profile/describe.h"

#include "codec/hex.h"

#include <string.h>

enum {
	LINE_FINE,
	LINE_UNKNOWN,
	LINE_VALUE,
};

struct word {
	const char *text;
	uint8_t value;
};

static bool is_text(struct bytes value, const char *text)
{
	return bytes_same(value, text_bytes(text));
}

static bool choose(struct bytes value, const struct word *words, size_t count, uint8_t *out)
{
	for (size_t n = 0; n < count; n++)
		if (is_text(value, words[n].text)) {
			*out = words[n].value;
			return true;
		}
	return false;
}

static bool read_flag(struct bytes value, bool *out)
{
	static const struct word words[] = {
		{"yes",    1},
                { "true",  1},
                { "on",    1},
                { "no",    0},
                { "false", 0},
                { "off",   0}
	};
	uint8_t flag;

	if (!choose(value, words, COUNT(words), &flag))
		return false;
	*out = flag != 0;
	return true;
}

static bool read_text(struct bytes value, char *out, size_t cap)
{
	if (value.len >= cap)
		return false;
	for (size_t n = 0; n < value.len; n++)
		if (value.at[n] < 0x20)
			return false;
	memset(out, 0, cap);
	if (value.len > 0)
		memcpy(out, value.at, value.len);
	return true;
}

static bool read_octets(struct bytes value, uint8_t *out, size_t cap, size_t *len)
{
	struct room room = { out, cap, 0, false };

	if (hex_read(value, &room) != ERR_NONE)
		return false;
	*len = room.len;
	return true;
}

static bool read_secret(struct bytes value, struct secret *out)
{
	size_t len;

	if (!read_octets(value, out->at, sizeof out->at, &len))
		return false;
	out->len = (uint8_t)len;
	return len > 0;
}

static bool read_small(struct bytes value, uint8_t max, uint8_t *out)
{
	unsigned number = 0;

	for (size_t n = 0; n < value.len; n++) {
		if (value.at[n] < '0' || value.at[n] > '9' || number > 255)
			return false;
		number = number * 10 + (unsigned)(value.at[n] - '0');
	}
	if (value.len == 0 || number > max)
		return false;
	*out = (uint8_t)number;
	return true;
}

static struct bytes trim(struct bytes in)
{
	while (in.len > 0 && (in.at[0] == ' ' || in.at[0] == '\t'))
		in = (struct bytes){ in.at + 1, in.len - 1 };
	while (in.len > 0 &&
	       (in.at[in.len - 1] == ' ' || in.at[in.len - 1] == '\t' || in.at[in.len - 1] == '\r'))
		in.len--;
	return in;
}

/* A list is parted by commas; each item goes to `out`, item_cap octets apart. */
static bool read_list(struct bytes value, char *out, size_t item_cap, size_t max, uint8_t *count)
{
	*count = 0;
	while (value.len > 0) {
		size_t end = 0;
		while (end < value.len && value.at[end] != ',')
			end++;
		struct bytes item = trim((struct bytes){ value.at, end });
		if (*count == max || item.len == 0 ||
		    !read_text(item, out + *count * item_cap, item_cap))
			return false;
		(*count)++;
		end += end < value.len;
		value = (struct bytes){ value.at + end, value.len - end };
	}
	return true;
}

/* "?" as the last digit asks for the check digit. */
static bool read_iccid(struct bytes value, struct profile_description *d)
{
	bool compute = value.len > 0 && value.at[value.len - 1] == '?';

	if (compute)
		value.len--;
	if (!read_text(value, d->iccid, sizeof d->iccid))
		return false;
	if (!compute)
		return true;
	if (value.len + 2 > sizeof d->iccid)
		return false;
	d->iccid[value.len] = luhn_digit(d->iccid);
	return true;
}

static bool read_options(struct bytes value, uint8_t *out)
{
	static const struct word words[] = {
		{"32",   0},
                { "64",  1},
                { "128", 2},
                { "256", 3}
	};

	return choose(value, words, COUNT(words), out);
}

static bool read_adm(struct bytes value, struct secret *out)
{
	if (value.len != CODE_SIZE)
		return read_secret(value, out);
	memcpy(out->at, value.at, CODE_SIZE); /* eight characters are taken as they are */
	out->len = CODE_SIZE;
	return true;
}

static bool read_constants(struct bytes value, struct profile_description *d, bool rotation)
{
	struct aka_parameter usual;
	size_t len;

	aka_defaults(&usual);
	if (!d->has_constants) {
		memcpy(d->rotation, usual.rotation, sizeof d->rotation);
		memcpy(d->xoring, usual.xoring, sizeof d->xoring);
		d->has_constants = true;
	}
	if (rotation)
		return read_octets(value, d->rotation, sizeof d->rotation, &len) &&
		       len == sizeof d->rotation;
	return read_octets(value, d->xoring, sizeof d->xoring, &len) && len == sizeof d->xoring;
}

/* --- keys: each group answers LINE_UNKNOWN for keys that are not its own ----------------------- */

static int verdict(bool fine)
{
	return fine ? LINE_FINE : LINE_VALUE;
}

static int key_texts(struct bytes key, struct bytes value, struct profile_description *d)
{
	const struct {
		const char *key;
		char *at;
		size_t cap;
	} rows[] = {
		{"name",               d->name,         sizeof d->name        },
		{ "imsi",              d->imsi,         sizeof d->imsi        },
		{ "spn",               d->spn,          sizeof d->spn         },
		{ "msisdn",            d->msisdn,       sizeof d->msisdn      },
		{ "smsc",              d->smsc,         sizeof d->smsc        },
		{ "language",          d->language,     sizeof d->language    },
		{ "gid1",              d->gid1,         sizeof d->gid1        },
		{ "pin1",              d->pin1,         sizeof d->pin1        },
		{ "pin2",              d->pin2,         sizeof d->pin2        },
		{ "puk1",              d->puk1,         sizeof d->puk1        },
		{ "puk2",              d->puk2,         sizeof d->puk2        },
		{ "routing-indicator", d->suci.routing, sizeof d->suci.routing},
	};

	for (size_t n = 0; n < COUNT(rows); n++)
		if (is_text(key, rows[n].key))
			return verdict(read_text(value, rows[n].at, rows[n].cap));
	return LINE_UNKNOWN;
}

static int key_flags(struct bytes key, struct bytes value, struct profile_description *d)
{
	const struct {
		const char *key;
		bool *at;
	} rows[] = {
		{"spn-hidden",    &d->spn_hidden  },
		{ "acl",          &d->acl_enforced},
		{ "pin1-enabled", &d->pin1_enabled},
		{ "isim",         &d->isim        },
		{ "telecom",      &d->telecom     },
		{ "gsm",          &d->gsm         },
		{ "5g",           &d->n5gs        },
		{ "ota",          &d->ota         },
	};

	for (size_t n = 0; n < COUNT(rows); n++)
		if (is_text(key, rows[n].key))
			return verdict(read_flag(value, rows[n].at));
	return LINE_UNKNOWN;
}

static int key_secrets(struct bytes key, struct bytes value, struct profile_description *d)
{
	const struct {
		const char *key;
		struct secret *at;
	} rows[] = {
		{"k",     &d->k          },
		{ "opc",  &d->opc        },
		{ "topc", &d->opc        },
		{ "op",   &d->op         },
		{ "top",  &d->op         },
		{ "kic",  &d->ota_keys[0]},
		{ "kid",  &d->ota_keys[1]},
		{ "kik",  &d->ota_keys[2]},
	};

	for (size_t n = 0; n < COUNT(rows); n++)
		if (is_text(key, rows[n].key))
			return verdict(read_secret(value, rows[n].at));
	if (is_text(key, "adm1"))
		return verdict(read_adm(value, &d->adm1));
	return LINE_UNKNOWN;
}

static int key_algorithm(struct bytes key, struct bytes value, struct profile_description *d)
{
	static const struct word names[] = {
		{"milenage", ALGORITHM_MILENAGE },
		{ "tuak",    ALGORITHM_TUAK     },
		{ "test",    ALGORITHM_USIM_TEST}
	};

	if (is_text(key, "algorithm"))
		return verdict(choose(value, names, COUNT(names), &d->algorithm));
	if (is_text(key, "tuak-iterations"))
		return verdict(read_small(value, 255, &d->iterations));
	if (is_text(key, "res-bits"))
		return verdict(read_options(value, &d->options));
	if (is_text(key, "milenage-r"))
		return verdict(read_constants(value, d, true));
	if (is_text(key, "milenage-c"))
		return verdict(read_constants(value, d, false));
	return LINE_UNKNOWN;
}

static int key_suci(struct bytes key, struct bytes value, struct profile_description *d)
{
	static const struct word schemes[] = {
		{"null", 0},
                { "a",   1},
                { "b",   2}
	};
	static const struct word places[] = {
		{"usim",   1},
                { "phone", 0}
	};
	uint8_t where;
	size_t len;

	if (is_text(key, "suci-scheme"))
		return verdict(choose(value, schemes, COUNT(schemes), &d->suci.scheme));
	if (is_text(key, "suci-in")) {
		if (!choose(value, places, COUNT(places), &where))
			return LINE_VALUE;
		d->suci.in_usim = where != 0;
		return LINE_FINE;
	}
	if (is_text(key, "suci-key-id"))
		return verdict(read_small(value, 255, &d->suci.key_id));
	if (is_text(key, "suci-key")) {
		if (!read_octets(value, d->suci.key, sizeof d->suci.key, &len))
			return LINE_VALUE;
		d->suci.key_len = (uint8_t)len;
		return LINE_FINE;
	}
	return LINE_UNKNOWN;
}

static int key_others(struct bytes key, struct bytes value, struct profile_description *d)
{
	size_t len;

	if (is_text(key, "iccid"))
		return verdict(read_iccid(value, d));
	if (is_text(key, "mnc-digits"))
		return verdict(read_small(value, 3, &d->mnc_digits));
	if (is_text(key, "apn"))
		return verdict(
			read_list(value, d->apn[0], sizeof d->apn[0], PROFILE_APNS_MAX, &d->apns));
	if (is_text(key, "ehplmn"))
		return verdict(read_list(value, d->ehplmn[0], sizeof d->ehplmn[0],
		                         PROFILE_PLMNS_MAX, &d->ehplmns));
	if (is_text(key, "fplmn"))
		return verdict(read_list(value, d->fplmn[0], sizeof d->fplmn[0], PROFILE_PLMNS_MAX,
		                         &d->fplmns));
	if (is_text(key, "tar"))
		return verdict(read_octets(value, d->tar, sizeof d->tar, &len) &&
		               len == sizeof d->tar);
	return LINE_UNKNOWN;
}

static int key_read(struct bytes key, struct bytes value, struct profile_description *d)
{
	static int (*const groups[])(struct bytes, struct bytes, struct profile_description *) = {
		key_texts, key_flags, key_secrets, key_algorithm, key_suci, key_others,
	};

	for (size_t n = 0; n < COUNT(groups); n++) {
		int said = groups[n](key, value, d);
		if (said != LINE_UNKNOWN)
			return said;
	}
	return LINE_UNKNOWN;
}

static struct bytes without_comment(struct bytes line)
{
	for (size_t n = 0; n < line.len; n++)
		if (line.at[n] == '#') {
			line.len = n;
			break;
		}
	return trim(line);
}

static struct bytes unquoted(struct bytes value)
{
	if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
		return (struct bytes){ value.at + 1, value.len - 2 };
	return value;
}

static const char *line_read(struct bytes line, struct profile_description *d)
{
	size_t at = 0;

	line = without_comment(line);
	if (line.len == 0)
		return NULL;
	while (at < line.len && line.at[at] != '=')
		at++;
	if (at == line.len)
		return "a line is written key = value";
	struct bytes key = trim((struct bytes){ line.at, at });
	struct bytes value = trim((struct bytes){ line.at + at + 1, line.len - at - 1 });
	switch (key_read(key, unquoted(value), d)) {
	case LINE_FINE:
		return NULL;
	case LINE_UNKNOWN:
		return "there is no such key";
	default:
		return "the value is not one that this key may have";
	}
}

enum err profile_describe(struct bytes text, struct profile_description *out,
                          struct describe_flaw *flaw)
{
	unsigned number = 0;

	profile_defaults(out);
	while (text.len > 0) {
		size_t end = 0;
		while (end < text.len && text.at[end] != '\n')
			end++;
		number++;
		const char *says = line_read((struct bytes){ text.at, end }, out);
		if (says != NULL) {
			*flaw = (struct describe_flaw){ number, says };
			profile_description_clear(out);
			return ERR_VALUE;
		}
		end += end < text.len;
		text = (struct bytes){ text.at + end, text.len - end };
	}
	return ERR_NONE;
}

/* --- completing ------------------------------------------------------------------------------- */

static enum err draw_secret(const struct describe_ports *ports, struct secret *out, uint8_t len)
{
	if (out->len > 0)
		return ERR_NONE;
	TRY(ports->random(out->at, len));
	out->len = len;
	return ERR_NONE;
}

/* Digits without bias: octets from 250 on are drawn again. */
static enum err draw_digits(const struct describe_ports *ports, char *out, size_t len)
{
	if (out[0] != '\0')
		return ERR_NONE;
	for (size_t n = 0; n < len;) {
		uint8_t octet;
		TRY(ports->random(&octet, 1));
		if (octet < 250)
			out[n++] = (char)('0' + octet % 10);
	}
	out[len] = '\0';
	return ERR_NONE;
}

enum err profile_complete(struct profile_description *what, const struct describe_ports *ports)
{
	bool tuak = what->algorithm == ALGORITHM_TUAK;

	TRY(draw_secret(ports, &what->k, 16));
	if (what->opc.len == 0 && what->op.len > 0)
		TRY(ports->derive_opc(what, &what->opc));
	TRY(draw_secret(ports, &what->opc, tuak ? 32 : 16));
	TRY(draw_secret(ports, &what->adm1, CODE_SIZE));
	TRY(draw_digits(ports, what->pin1, 4));
	TRY(draw_digits(ports, what->pin2, 4));
	TRY(draw_digits(ports, what->puk1, 8));
	TRY(draw_digits(ports, what->puk2, 8));
	for (size_t n = 0; what->ota && n < PROFILE_OTA_KEYS; n++)
		TRY(draw_secret(ports, &what->ota_keys[n], 16));
	return ERR_NONE;
}

enum err profile_step(struct profile_description *what, uint64_t n)
{
	size_t iccid = text_bytes(what->iccid).len, imsi = text_bytes(what->imsi).len;
	size_t network = 3U + what->mnc_digits; /* TS 23.003 2.2: MCC and MNC */
	struct bytes msisdn = text_bytes(what->msisdn);

	if (n == 0)
		return ERR_NONE;
	/* A subscriber's number that overflows would be one of another operator. */
	if (iccid == 0 || imsi <= network || !digits_add(what->imsi + network, imsi - network, n))
		return ERR_LIMIT;
	if (msisdn.len > 0 && !digits_add(what->msisdn, msisdn.len, n))
		return ERR_LIMIT;
	char check = what->iccid[iccid - 1];
	what->iccid[iccid - 1] = '\0';
	bool checked = luhn_digit(what->iccid) == check;
	if (!checked)
		what->iccid[iccid - 1] = check;
	if (!digits_add(what->iccid, checked ? iccid - 1 : iccid, n))
		return ERR_LIMIT;
	if (checked)
		what->iccid[iccid - 1] = luhn_digit(what->iccid);
	return ERR_NONE;
}
