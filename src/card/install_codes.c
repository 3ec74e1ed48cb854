/* SPDX-License-Identifier: Apache-2.0 */
/* PE-PINCodes and PE-PUKCodes (TCA 2.3.1, 8.4). */
#include "card/install_run.h"
#include "card/pin.h"
#include "profile/codes.h"

#include <string.h>

_Static_assert((int)PIN_SIZE == (int)CODE_SIZE, "a code fills a PIN");

static void code_to_pin(const struct code *code, uint16_t scope, struct pin_new *out)
{
	*out = (struct pin_new){
		.scope = scope,
		.reference = code->reference,
		.unblock = code->unblocking,
		.flags = code->attributes &
		         (PIN_FLAG_ENABLED | PIN_FLAG_CHANGEABLE | PIN_FLAG_DISABLEABLE),
		.max = code->attempts >> 4,
		.left = code->attempts & 0x0F,
	};
	memcpy(out->value, code->value.at, sizeof out->value);
}

static enum err code_create(struct install *i, const struct code *code, uint16_t scope,
                            enum err (*make)(struct fs *, const struct pin_new *))
{
	struct pin_new pin;

	code_to_pin(code, scope, &pin);
	enum err err = make(i->tree, &pin);
	wipe(&pin, sizeof pin);
	return err;
}

/* Global key references belong to the MF, local ones to the DF or ADF made last. */
static enum err scope_of(const struct install *i, uint8_t reference, uint16_t *scope)
{
	bool local = (reference & 0x80) != 0;

	if (i->scope == FS_NO_NODE || local != (i->scope != FS_MF))
		return ERR_ORDER;
	*scope = i->scope;
	return ERR_NONE;
}

/* pinCodes filePath: the codes of that directory are valid here too. A key reference is looked up from
 * a directory upwards, so those of a directory above are; to share with a sibling the card has no way. */
static enum err pins_share(struct install *i, const struct fcp_value *path)
{
	uint16_t from, at = i->scope;
	struct node node;

	TRY(install_path(i, path, &from));
	while (at != from && at != FS_MF) {
		TRY(fs_node(i->tree, at, &node));
		at = node.parent;
	}
	if (at != from)
		return install_refuse(i, PE_FEATURE_NOT_SUPPORTED, ERR_UNSUPPORTED);
	return ERR_NONE;
}

enum err install_pins(struct install *i)
{
	struct pin_codes list;
	uint16_t scope;

	TRY(pin_codes_read(&i->pe, &list));
	if (list.shared)
		return pins_share(i, &list.path);
	while (!cursor_done(&list.codes)) {
		struct code code;
		TRY(pin_next(&list.codes, &code));
		enum err err = scope_of(i, code.reference, &scope);
		if (err == ERR_NONE)
			err = code_create(i, &code, scope, pin_create);
		wipe(&code, sizeof code);
		TRY(err);
	}
	return ERR_NONE;
}

enum err install_puks(struct install *i)
{
	struct cursor codes;

	if (i->scope == FS_NO_NODE)
		return ERR_ORDER;
	TRY(puk_codes_read(&i->pe, &codes));
	while (!cursor_done(&codes)) {
		struct code code;
		TRY(puk_next(&codes, &code));
		enum err err = code_create(i, &code, FS_MF, puk_create);
		wipe(&code, sizeof code);
		TRY(err);
	}
	return ERR_NONE;
}
