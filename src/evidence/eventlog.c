/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/eventlog.h"

enum { SHA1_SIZE = 20, SIGNATURE_SIZE = 16 };

/* Unlike everything else of the TPM, a log is little-endian. */
static enum err read_le(struct bytes *in, size_t n, uint32_t *out)
{
	struct bytes octets;
	uint32_t value = 0;

	if (!bytes_take(in, n, &octets))
		return ERR_TRUNCATED;
	for (size_t i = n; i-- > 0;)
		value = value << 8 | octets.at[i];
	*out = value;
	return ERR_NONE;
}

static enum err read_le16(struct bytes *in, uint16_t *out)
{
	uint32_t value;

	TRY(read_le(in, 2, &value));
	*out = (uint16_t)value;
	return ERR_NONE;
}

static enum err read_data(struct bytes *in, struct bytes *out)
{
	uint32_t size;

	TRY(read_le(in, 4, &size));
	return bytes_take(in, size, out) ? ERR_NONE : ERR_TRUNCATED;
}

/* Clause 10.2.1: TCG_PCClientPCREvent, one SHA-1 digest. */
static enum err read_old(struct bytes *in, struct event *out)
{
	TRY(read_le(in, 4, &out->pcr));
	TRY(read_le(in, 4, &out->type));
	if (!bytes_take(in, SHA1_SIZE, &out->digest[0].value))
		return ERR_TRUNCATED;
	out->digest[0].hash = TPM_ALG_SHA1;
	out->digests = 1;
	return read_data(in, &out->data);
}

/* Clause 10.4.5.1: TCG_EfiSpecIDEvent. The sizes it gives are what lets unknown banks be stepped
 * over; of known ones they must be right. */
static enum err read_algorithms(struct bytes in, struct eventlog *log)
{
	uint32_t count, skipped;
	struct bytes vendor;
	enum attest_hash hash;

	TRY(read_le(&in, 4, &skipped)); /* platformClass */
	TRY(read_le(&in, 4, &skipped)); /* versions, errata, uintnSize */
	TRY(read_le(&in, 4, &count));
	if (count == 0 || count > EVENT_ALGORITHMS_MAX)
		return ERR_LIMIT;
	for (uint32_t i = 0; i < count; i++) {
		TRY(read_le16(&in, &log->algorithm[i].hash));
		TRY(read_le16(&in, &log->algorithm[i].size));
		if (tpm_hash(log->algorithm[i].hash, &hash) == ERR_NONE &&
		    log->algorithm[i].size != attest_hash_size(hash))
			return ERR_LENGTH;
		for (uint32_t j = 0; j < i; j++) {
			if (log->algorithm[j].hash == log->algorithm[i].hash)
				return ERR_EXISTS;
		}
	}
	log->algorithms = count;
	TRY(read_le(&in, 1, &skipped));
	if (!bytes_take(&in, skipped, &vendor))
		return ERR_TRUNCATED;
	return in.len == 0 ? ERR_NONE : ERR_TRAILING;
}

enum err eventlog_open(struct bytes in, struct eventlog *out)
{
	static const uint8_t agile[SIGNATURE_SIZE] = "Spec ID Event03";
	struct eventlog log = { .rest = in };
	struct event first = { 0 };
	struct bytes rest = in, signature;

	if (in.len == 0)
		return ERR_TRUNCATED;
	TRY(read_old(&rest, &first));
	if (first.type == EV_NO_ACTION && bytes_take(&first.data, SIGNATURE_SIZE, &signature) &&
	    bytes_same(signature, BYTES(agile))) {
		TRY(read_algorithms(first.data, &log));
		log.agile = true;
		log.rest = rest;
	}
	*out = log;
	return ERR_NONE;
}

/* Firmware hands over the whole area it had set aside, filled up with one of the two values. */
bool eventlog_done(const struct eventlog *log)
{
	const struct bytes rest = log->rest;

	if (rest.len == 0)
		return true;
	if (rest.at[0] != 0x00 && rest.at[0] != 0xFF)
		return false;
	for (size_t i = 1; i < rest.len; i++) {
		if (rest.at[i] != rest.at[0])
			return false;
	}
	return rest.at[0] == 0xFF || rest.len >= 8; /* fewer zeros could be the start of an event */
}

static enum err size_of(const struct eventlog *log, uint16_t hash, size_t *size)
{
	for (uint32_t i = 0; i < log->algorithms; i++) {
		if (log->algorithm[i].hash == hash) {
			*size = log->algorithm[i].size;
			return ERR_NONE;
		}
	}
	return ERR_UNSUPPORTED;
}

/* Clause 10.2.2: TCG_PCR_EVENT2, a digest for each bank. */
static enum err read_agile(const struct eventlog *log, struct bytes *in, struct event *out)
{
	TRY(read_le(in, 4, &out->pcr));
	TRY(read_le(in, 4, &out->type));
	TRY(read_le(in, 4, &out->digests));
	if (out->digests > log->algorithms)
		return ERR_LIMIT;
	for (uint32_t i = 0; i < out->digests; i++) {
		size_t size;

		TRY(read_le16(in, &out->digest[i].hash));
		TRY(size_of(log, out->digest[i].hash, &size));
		if (!bytes_take(in, size, &out->digest[i].value))
			return ERR_TRUNCATED;
		for (uint32_t j = 0; j < i; j++) {
			if (out->digest[j].hash == out->digest[i].hash)
				return ERR_EXISTS;
		}
	}
	return read_data(in, &out->data);
}

enum err eventlog_next(struct eventlog *log, struct event *out)
{
	struct bytes rest = log->rest;
	struct event event;

	event.index = log->next;
	TRY(log->agile ? read_agile(log, &rest, &event) : read_old(&rest, &event));
	log->rest = rest;
	log->next++;
	*out = event;
	return ERR_NONE;
}

enum err event_digest(const struct event *event, enum attest_hash hash, struct bytes *out)
{
	for (uint32_t i = 0; i < event->digests; i++) {
		if (event->digest[i].hash == tpm_hash_id(hash)) {
			*out = event->digest[i].value;
			return ERR_NONE;
		}
	}
	return ERR_NOT_FOUND;
}

bool event_locality(const struct event *event, uint8_t *out)
{
	static const uint8_t name[SIGNATURE_SIZE] = "StartupLocality";
	struct bytes data = event->data, signature;

	if (event->type != EV_NO_ACTION || !bytes_take(&data, SIGNATURE_SIZE, &signature) ||
	    !bytes_same(signature, BYTES(name)) || data.len != 1)
		return false;
	*out = data.at[0];
	return true;
}

bool event_data_measured(const struct event *event, enum attest_hash hash)
{
	uint8_t digest[ATTEST_HASH_MAX];
	struct bytes value;

	return event_digest(event, hash, &value) == ERR_NONE &&
	       attest_digest(hash, digest, &event->data, 1) == ERR_NONE &&
	       bytes_same(value, (struct bytes){ digest, attest_hash_size(hash) });
}

static const struct {
	uint32_t type;
	const char *text;
} type_texts[] = {
	{ EV_PREBOOT_CERT, "EV_PREBOOT_CERT" },
	{ EV_POST_CODE, "EV_POST_CODE" },
	{ EV_NO_ACTION, "EV_NO_ACTION" },
	{ EV_SEPARATOR, "EV_SEPARATOR" },
	{ EV_ACTION, "EV_ACTION" },
	{ EV_EVENT_TAG, "EV_EVENT_TAG" },
	{ EV_S_CRTM_CONTENTS, "EV_S_CRTM_CONTENTS" },
	{ EV_S_CRTM_VERSION, "EV_S_CRTM_VERSION" },
	{ 0x09, "EV_CPU_MICROCODE" },
	{ 0x0A, "EV_PLATFORM_CONFIG_FLAGS" },
	{ 0x0B, "EV_TABLE_OF_DEVICES" },
	{ 0x0C, "EV_COMPACT_HASH" },
	{ EV_IPL, "EV_IPL" },
	{ 0x0E, "EV_IPL_PARTITION_DATA" },
	{ 0x0F, "EV_NONHOST_CODE" },
	{ 0x10, "EV_NONHOST_CONFIG" },
	{ 0x11, "EV_NONHOST_INFO" },
	{ 0x12, "EV_OMIT_BOOT_DEVICE_EVENTS" },
	{ 0x13, "EV_POST_CODE2" },
	{ 0x80000001, "EV_EFI_VARIABLE_DRIVER_CONFIG" },
	{ 0x80000002, "EV_EFI_VARIABLE_BOOT" },
	{ 0x80000003, "EV_EFI_BOOT_SERVICES_APPLICATION" },
	{ 0x80000004, "EV_EFI_BOOT_SERVICES_DRIVER" },
	{ 0x80000005, "EV_EFI_RUNTIME_SERVICES_DRIVER" },
	{ 0x80000006, "EV_EFI_GPT_EVENT" },
	{ 0x80000007, "EV_EFI_ACTION" },
	{ 0x80000008, "EV_EFI_PLATFORM_FIRMWARE_BLOB" },
	{ 0x80000009, "EV_EFI_HANDOFF_TABLES" },
	{ 0x8000000A, "EV_EFI_PLATFORM_FIRMWARE_BLOB2" },
	{ 0x8000000B, "EV_EFI_HANDOFF_TABLES2" },
	{ 0x8000000C, "EV_EFI_VARIABLE_BOOT2" },
	{ 0x8000000E, "EV_EFI_GPT_EVENT2" },
	{ 0x80000010, "EV_EFI_HCRTM_EVENT" },
	{ 0x800000E0, "EV_EFI_VARIABLE_AUTHORITY" },
	{ 0x800000E1, "EV_EFI_SPDM_FIRMWARE_BLOB" },
	{ 0x800000E2, "EV_EFI_SPDM_FIRMWARE_CONFIG" },
};

const char *event_type_text(uint32_t type)
{
	for (size_t i = 0; i < COUNT(type_texts); i++) {
		if (type_texts[i].type == type)
			return type_texts[i].text;
	}
	return "unknown type";
}

enum err eventlog_extend(struct eventlog *log, const struct event *event, struct tpm_bank *bank)
{
	struct bytes digest;
	uint8_t locality;

	if (event->type == EV_NO_ACTION) {
		if (!event_locality(event, &locality))
			return ERR_NONE;
		if (log->measured)
			return ERR_ORDER;
		/* Platform profile 4.6.2: PCR 0 starts as the locality, in its last octet. */
		bank->value[0][attest_hash_size(bank->hash) - 1] = locality;
		return ERR_NONE;
	}
	if (event->pcr >= TPM_PCRS)
		return ERR_VALUE;
	TRY(event_digest(event, bank->hash, &digest));
	TRY(attest_extend(bank->hash, bank->value[event->pcr], digest.at));
	bank->known |= (uint32_t)1 << event->pcr;
	log->measured = log->measured || event->pcr == 0;
	return ERR_NONE;
}

enum err eventlog_replay(struct bytes in, enum attest_hash hash, struct tpm_bank *bank,
                         struct eventlog_count *count)
{
	struct eventlog log;
	struct event event;

	*count = (struct eventlog_count){ 0, 0 };
	tpm_bank_clear(bank, hash);
	TRY(eventlog_open(in, &log));
	while (!eventlog_done(&log)) {
		TRY(eventlog_next(&log, &event));
		TRY(eventlog_extend(&log, &event, bank));
		count->events++;
		count->no_action += event.type == EV_NO_ACTION;
	}
	return ERR_NONE;
}
