/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept as it came – the header, security domains, remote file management – and what has to be
 * right when a package ends.
 */
#include "card/install.h"
#include "card/install_run.h"
#include "profile/apps.h"

/* Keeps the element's content in an object below the MF. */
static enum err keep(struct install *i, uint16_t first, uint8_t *count)
{
	const struct element *whole = &i->pe.whole;
	struct node node = {
		.kind = NODE_OBJECT,
		.parent = FS_MF,
		.fid = (uint16_t)(first + *count),
		.link = FS_NO_NODE,
		.size = whole->len,
	};
	struct fs_fill fill = {
		{NULL, 0},
                false
	};
	struct making making = { .size = whole->len };

	if (i->scope == FS_NO_NODE)
		return ERR_ORDER;
	if (*count == OBJECT_LAST)
		return ERR_LIMIT;
	if (whole->len == 0 || whole->len > FS_FILE_SIZE_MAX)
		return ERR_LENGTH;
	TRY(fs_create(i->tree, &node, fill, &making.number));
	TRY(install_fill(i, whole, &making));
	(*count)++;
	return ERR_NONE;
}

static enum err domain_check(const struct pe *pe)
{
	struct security_domain domain;
	enum err err;

	TRY(security_domain_read(pe, &domain));
	while (!cursor_done(&domain.keys)) {
		struct domain_key key;
		err = domain_key_next(&domain.keys, &key);
		wipe(&key, sizeof key);
		TRY(err);
	}
	return ERR_NONE;
}

enum err install_object(struct install *i)
{
	struct rfm rfm;

	switch ((unsigned)i->pe.kind) {
	case PE_SECURITY_DOMAIN:
		TRY(domain_check(&i->pe));
		return keep(i, OBJECT_SECURITY_DOMAIN, &i->objects[0]);
	case PE_RFM:
		TRY(rfm_read(&i->pe, &rfm));
		return keep(i, OBJECT_RFM, &i->objects[1]);
	case PE_CDMA_PARAMETER:
		TRY(cdma_check(&i->pe));
		return keep(i, OBJECT_CDMA, &i->objects[2]);
	default:
		return ERR_UNSUPPORTED;
	}
}

/* Services that an ADF may announce and that this card has no code for: GBA, MBMS security, security of
 * voice group and broadcast calls (TS 31.102 4.2.8); GBA in the ISIM (TS 31.103 4.2.7). */
static enum err service_clear(struct install *i, uint16_t table, unsigned service)
{
	uint32_t at = (service - 1) / 8;
	uint8_t octet;
	struct node node;

	TRY(fs_node(i->tree, table, &node));
	if (at >= node.size)
		return ERR_NONE;
	TRY(fs_read(i->tree, table, at, &octet, 1));
	octet = (uint8_t)(octet & ~(1u << (service - 1) % 8));
	return fs_write(i->tree, table, at, (struct bytes){ &octet, 1 });
}

enum err install_services(struct install *i)
{
	static const struct {
		uint8_t kind, naa, needs, service;
		uint16_t fid;
	} rows[] = {
		{PE_USIM,  NAA_USIM, SERVICES,         59, 0x6F38},
		{ PE_USIM, NAA_USIM, SERVICES,         60, 0x6F38},
		{ PE_USIM, NAA_USIM, SERVICE_GBA_USIM, 68, 0x6F38},
		{ PE_USIM, NAA_USIM, SERVICE_MBMS,     69, 0x6F38},
		{ PE_USIM, NAA_USIM, SERVICE_GBA_USIM, 76, 0x6F38},
		{ PE_ISIM, NAA_ISIM, SERVICE_GBA_ISIM, 2,  0x6F07},
		{ PE_ISIM, NAA_ISIM, SERVICE_GBA_ISIM, 4,  0x6F07},
	};

	for (size_t n = 0; n < COUNT(rows); n++) {
		uint16_t table;
		bool asked = rows[n].needs < SERVICES && (i->services >> rows[n].needs & 1) != 0;
		if (rows[n].kind != i->pe.kind || asked)
			continue;
		if (fs_child(i->tree, i->adf[rows[n].naa], rows[n].fid, &table) == ERR_NONE)
			TRY(service_clear(i, table, rows[n].service));
	}
	return ERR_NONE;
}

/* A key reference is defined in the directory or above it. */
static enum err pin_defined(struct install *i, uint16_t directory, uint8_t reference, bool *defined)
{
	struct fs_query query = {
		.fid = reference,
		.kind_from = NODE_PIN,
		.kind_to = NODE_PIN,
	};
	struct node node;
	uint16_t number;

	*defined = false;
	for (;;) {
		query.parent = directory;
		enum err err = fs_find(i->tree, &query, &number, NULL);
		if (err != ERR_NOT_FOUND) {
			*defined = err == ERR_NONE;
			return err;
		}
		if (directory == FS_MF)
			return ERR_NONE;
		TRY(fs_node(i->tree, directory, &node));
		directory = node.parent;
	}
}

static enum err directory_finish(struct install *i, uint16_t number, struct node *node)
{
	bool defined;

	for (size_t n = 0; n < node->pin_refs_len; n++) {
		TRY(pin_defined(i, number, node->pin_refs[n], &defined));
		if (!defined)
			return install_refuse(i, PE_PIN_CODE_MISSING, ERR_NOT_FOUND);
	}
	if (node->kind != NODE_ADF)
		return ERR_NONE;
	node->fid = 0; /* it was temporary (TCA 2.3.1, Fcp) */
	return fs_set(i->tree, number, node);
}

enum err install_finish(struct install *i)
{
	struct fs_query query = {
		.parent = FS_NO_NODE, .fid = -1, .kind_from = NODE_MF, .kind_to = NODE_ADF
	};
	struct node node;
	uint16_t number;

	if (i->scope == FS_NO_NODE)
		return ERR_ORDER; /* a profile without a file system */
	for (;;) {
		enum err err = fs_find(i->tree, &query, &number, &node);
		if (err == ERR_NOT_FOUND)
			return ERR_NONE;
		TRY(err);
		TRY(directory_finish(i, number, &node));
		query.from = (uint16_t)(number + 1);
	}
}
