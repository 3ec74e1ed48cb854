/* SPDX-License-Identifier: Apache-2.0 */
#include "card/domain.h"

#include "card/install.h"

struct place {
	struct fs *fs;
	uint16_t number;
};

static enum err place_read(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
	const struct place *place = ctx;

	return fs_read(place->fs, place->number, at, out, len);
}

/* The object holds the element without its tag: header first, then what security_domain_read takes. */
static enum err domain_read(struct fs *fs, unsigned n, struct security_domain *out)
{
	struct fs_query query = {
		.parent = FS_MF,
		.fid = OBJECT_SECURITY_DOMAIN + (int)n,
		.kind_from = NODE_OBJECT,
		.kind_to = NODE_OBJECT,
	};
	struct place place = { fs, 0 };
	struct source source = { &place, 0, place_read };
	struct pe pe = { .kind = PE_SECURITY_DOMAIN };
	struct element header;
	struct node node;

	TRY(fs_find(fs, &query, &place.number, &node));
	source.size = node.size;
	pe.body = cursor_all(&source, NULL);
	TRY(cursor_read(&pe.body, 0xA0, &header));
	return security_domain_read(&pe, out);
}

bool domain_aid(struct fs *fs, unsigned n, struct aid *aid)
{
	struct security_domain domain;

	if (n > OBJECT_LAST || domain_read(fs, n, &domain) != ERR_NONE)
		return false;
	*aid = domain.instance.instance;
	return true;
}
