/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/status.h"

#include "codec/ber.h"

/* Causes that are not named here are faults of the package's format. */
enum pe_status pe_status_of(enum err cause)
{
	static const struct {
		uint8_t cause, status;
	} rows[] = {
		{ERR_NONE,         PE_OK                   },
		{ ERR_VALUE,       PE_BAD_VALUES           },
		{ ERR_ORDER,       PE_INVALID_PARAMETER    },
		{ ERR_NOT_FOUND,   PE_INVALID_PARAMETER    },
		{ ERR_EXISTS,      PE_INVALID_PARAMETER    },
		{ ERR_DENIED,      PE_INVALID_PARAMETER    },
		{ ERR_FULL,        PE_NOT_ENOUGH_MEMORY    },
		{ ERR_LIMIT,       PE_NOT_ENOUGH_MEMORY    },
		{ ERR_ROOM,        PE_NOT_ENOUGH_MEMORY    },
		{ ERR_UNSUPPORTED, PE_FEATURE_NOT_SUPPORTED},
		{ ERR_IO,          PE_MEMORY_FAILURE       },
		{ ERR_CORRUPT,     PE_MEMORY_FAILURE       },
		{ ERR_CRYPTO,      PE_MEMORY_FAILURE       },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].cause == cause)
			return (enum pe_status)rows[i].status;
	return PE_INVALID_REQUEST_FORMAT;
}

void euicc_response_put(struct room *out, const struct pe_result *results, size_t count,
                        bool aborted)
{
	size_t response = ber_open(out, 0x30);
	size_t list = ber_open(out, 0xA0);

	for (size_t i = 0; i < count; i++) {
		size_t one = ber_open(out, 0x30);
		ber_put_uint(out, 0x80, (uint64_t)results[i].status);
		if (results[i].identified)
			ber_put_uint(out, 0x81, results[i].identification);
		if (results[i].located)
			ber_put_uint(out, 0x83, results[i].offset);
		ber_close(out, one);
	}
	ber_close(out, list);
	if (aborted)
		ber_put(out, 0x81, (struct bytes){ NULL, 0 });
	ber_close(out, response);
}

static enum err status_read(struct bytes in, struct pe_result *out)
{
	struct pe_result result = { 0 };
	uint64_t value;

	TRY(ber_read_uint(&in, 0x80, 0xFFFF, &value));
	result.status = (enum pe_status)value;
	if (ber_is(in, 0x81)) {
		TRY(ber_read_uint(&in, 0x81, 0x7FFF, &value));
		result.identified = true;
		result.identification = (uint16_t)value;
	}
	if (ber_is(in, 0x82))
		TRY(ber_read_uint(&in, 0x82, 0xFF, &value)); /* additional-information */
	if (ber_is(in, 0x83)) {
		TRY(ber_read_uint(&in, 0x83, 0x7FFFFFFF, &value));
		result.located = true;
		result.offset = (uint32_t)value;
	}
	TRY(ber_end(in));
	*out = result;
	return ERR_NONE;
}

enum err euicc_response_read(struct bytes in, struct pe_result *result, bool *aborted)
{
	struct bytes response, list, one, flag, message;
	struct pe_result first = { PE_OK, false, 0, false, 0 }, next;

	TRY(ber_read(&in, 0x30, &response));
	TRY(ber_end(in));
	TRY(ber_read(&response, 0xA0, &list));
	TRY(ber_read_optional(&response, 0x81, &flag));
	TRY(ber_read_optional(&response, 0x82, &message)); /* statusMessage */
	TRY(ber_end(response));
	while (list.len > 0) {
		TRY(ber_read(&list, 0x30, &one));
		TRY(status_read(one, &next));
		if (first.status == PE_OK)
			first = next;
	}
	*result = first;
	*aborted = flag.at != NULL;
	return ERR_NONE;
}
