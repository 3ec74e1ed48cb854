/* SPDX-License-Identifier: Apache-2.0 */
#include "card/install.h"

#include "card/card.h"
#include "card/install_run.h"
#include "profile/apps.h"

/* What this card can do of ServicesList. CSIM: its files; GET IDENTITY and both SUCI schemes: suci.h. */
static const uint32_t services_known =
	SERVICE_BIT(SERVICE_USIM) | SERVICE_BIT(SERVICE_ISIM) | SERVICE_BIT(SERVICE_CSIM) |
	SERVICE_BIT(SERVICE_MILENAGE) | SERVICE_BIT(SERVICE_TUAK128) |
	SERVICE_BIT(SERVICE_TUAK256) | SERVICE_BIT(SERVICE_USIM_TEST_ALGORITHM) |
	SERVICE_BIT(SERVICE_MULTIPLE_USIM) | SERVICE_BIT(SERVICE_MULTIPLE_ISIM) |
	SERVICE_BIT(SERVICE_MULTIPLE_CSIM) | SERVICE_BIT(SERVICE_BER_TLV) |
	SERVICE_BIT(SERVICE_GET_IDENTITY) | SERVICE_BIT(SERVICE_PROFILE_A_X25519) |
	SERVICE_BIT(SERVICE_PROFILE_B_P256);

enum { VERSION_FIRST = 2, VERSION_LAST = 3 };

/* ICCIDs are printed digits in the header, swapped nibbles in EF.ICCID and in StoreMetadata. */
static bool iccid_same(const uint8_t header[static PROFILE_ICCID_SIZE], struct bytes swapped)
{
	if (swapped.len == 0)
		return true;
	for (size_t n = 0; n < PROFILE_ICCID_SIZE && swapped.len == PROFILE_ICCID_SIZE; n++)
		if (swapped.at[n] != (uint8_t)(header[n] << 4 | header[n] >> 4))
			return false;
	return swapped.len == PROFILE_ICCID_SIZE;
}

static enum err templates_check(struct install *i, const struct element *list)
{
	struct cursor each = cursor_in(&i->package, list);
	uint8_t oid[16];
	size_t len;

	while (!cursor_done(&each)) {
		TRY(cursor_bytes(&each, 0x06, oid, 1, sizeof oid, &len));
		if (!template_known((struct bytes){ oid, len }))
			return install_refuse(i, PE_TEMPLATE_NOT_SUPPORTED, ERR_UNSUPPORTED);
	}
	return ERR_NONE;
}

static enum err header_run(struct install *i, struct bytes iccid)
{
	struct profile_header header;

	TRY(pe_next(&i->package, &i->pe));
	if (i->pe.kind != PE_HEADER)
		return ERR_TAG;
	enum err err = profile_header_read(&i->pe, &header);
	if (err == ERR_UNSUPPORTED)
		return install_refuse(i, PE_FEATURE_NOT_SUPPORTED, err);
	TRY(err);
	if (header.major < VERSION_FIRST || header.major > VERSION_LAST)
		return install_refuse(i, PE_UNSUPPORTED_PROFILE_VERSION, ERR_UNSUPPORTED);
	if ((header.services & ~services_known) != 0) {
		bool runtime = (header.services &
		                (SERVICE_BIT(SERVICE_JAVACARD) | SERVICE_BIT(SERVICE_MULTOS))) != 0;
		return install_refuse(i,
		                      runtime ? PE_RUNTIME_NOT_SUPPORTED : PE_FEATURE_NOT_SUPPORTED,
		                      ERR_UNSUPPORTED);
	}
	if (header.has_aids && header.aids.len > 0)
		return install_refuse(i, PE_LIB_NOT_SUPPORTED, ERR_UNSUPPORTED);
	if (!iccid_same(header.iccid, iccid))
		return install_refuse(i, PE_BAD_VALUES, ERR_MISMATCH);
	i->services = header.services;
	return templates_check(i, &header.templates);
}

static enum err end_run(struct install *i)
{
	TRY(cursor_end(&i->pe.body));
	TRY(cursor_end(&i->package));
	i->ended = true;
	return install_finish(i);
}

static enum err element_run(struct install *i)
{
	switch ((unsigned)i->pe.kind) {
	case PE_PIN_CODES:
		return install_pins(i);
	case PE_PUK_CODES:
		return install_puks(i);
	case PE_AKA_PARAMETER:
		return install_keys(i);
	case PE_GENERIC_FILE_MANAGEMENT:
		return install_management(i);
	case PE_SECURITY_DOMAIN:
	case PE_RFM:
	case PE_CDMA_PARAMETER:
		return install_object(i);
	case PE_END:
		return end_run(i);
	case PE_HEADER:
		return ERR_ORDER; /* there is one, and it comes first */
	case PE_APPLICATION:
		return install_refuse(i, PE_RUNTIME_NOT_SUPPORTED, ERR_UNSUPPORTED);
	default:
		if (pe_is_files(i->pe.kind))
			return install_template(i);
		return install_refuse(i, PE_NOT_SUPPORTED, ERR_UNSUPPORTED);
	}
}

static void note(struct install *i, enum err cause)
{
	struct pe_result result = {
		.status = i->reason != PE_OK ? i->reason : pe_status_of(cause),
		.identified = i->pe.identified,
		.identification = i->pe.identification,
		.located = cause != ERR_NONE && i->fault.set && i->fault.at >= i->pe.whole.at,
		.offset = i->fault.at - i->pe.whole.at,
	};

	if (i->results_len < INSTALL_RESULTS_MAX)
		i->results[i->results_len++] = result;
}

/* TCA 2.3.1, 7.3: an element that is not mandatory and needs what the card lacks is passed over, but
 * only one that had no effect yet; whatever else goes wrong ends the installation. */
static bool may_pass(const struct install *i, enum err cause)
{
	bool whole = i->reason == PE_TEMPLATE_NOT_SUPPORTED || i->reason == PE_NOT_SUPPORTED ||
	             i->reason == PE_RUNTIME_NOT_SUPPORTED;

	return cause == ERR_UNSUPPORTED && !i->pe.mandated && whole;
}

static enum err package_run(struct install *i, struct bytes iccid)
{
	TRY(header_run(i, iccid));
	while (!i->ended) {
		i->number++;
		i->fault.set = false;
		i->pe = (struct pe){
			.kind = PE_KINDS, .whole = {0, i->package.at, 0, 0}
		};
		TRY(pe_next(&i->package, &i->pe));
		enum err err = element_run(i);
		if (err == ERR_NONE)
			continue;
		if (!may_pass(i, err))
			return err;
		note(i, err);
		i->reason = PE_OK;
	}
	return ERR_NONE;
}

enum err card_install_profile(struct card *card, uint8_t slot, const struct source *package,
                              struct bytes iccid, struct fs *tree, struct room *response)
{
	struct install i = {
		.tree = tree,
		.scope = FS_NO_NODE,
		.naa = FS_NO_NODE,
		.adf = {FS_NO_NODE, FS_NO_NODE, FS_NO_NODE},
	};
	enum err err = profile_draft(card, slot, tree);

	i.package = cursor_all(package, &i.fault);
	if (err == ERR_NONE)
		err = package_run(&i, iccid);
	if (err != ERR_NONE) {
		i.results_len = 0;
		note(&i, err);
		profile_discard(tree);
	} else if (i.results_len == 0) {
		i.pe.identified = false;
		note(&i, ERR_NONE);
	}
	euicc_response_put(response, i.results, i.results_len, err != ERR_NONE);
	return err;
}

static enum err staging_source_read(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
	return staging_read(ctx, at, out, len);
}

struct source source_staging(struct card *card)
{
	return (struct source){ card, staging_size(card), staging_source_read };
}
