/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a card says of an installation: EUICCResponse with its PEStatus (TCA 2.3.1, 8.11). One status
 * for each element that has something to say, or a single "ok" when all went well.
 */
#ifndef PROFILE_STATUS_H
#define PROFILE_STATUS_H

#include "base/bytes.h"
#include "base/err.h"

enum pe_status {
	PE_OK = 0,
	PE_NOT_SUPPORTED = 1,
	PE_MEMORY_FAILURE = 2,
	PE_BAD_VALUES = 3,
	PE_NOT_ENOUGH_MEMORY = 4,
	PE_INVALID_REQUEST_FORMAT = 5,
	PE_INVALID_PARAMETER = 6,
	PE_RUNTIME_NOT_SUPPORTED = 7,
	PE_LIB_NOT_SUPPORTED = 8,
	PE_TEMPLATE_NOT_SUPPORTED = 9,
	PE_FEATURE_NOT_SUPPORTED = 10,
	PE_PIN_CODE_MISSING = 11,
	PE_UNSUPPORTED_PROFILE_VERSION = 31,
};

struct pe_result {
	enum pe_status status;
	bool identified; /* whether `identification` names the element */
	uint16_t identification;
	bool located; /* whether `offset` says where in the element */
	uint32_t offset;
};

/* pe_status_of is the status that fits a cause. */
enum pe_status pe_status_of(enum err cause);

/* euicc_response_put appends a whole EUICCResponse; `aborted` says that nothing was installed. */
void euicc_response_put(struct room *out, const struct pe_result *results, size_t count,
                        bool aborted);

/* euicc_response_read reads one back: the first status that is not "ok", or "ok". */
NODISCARD enum err euicc_response_read(struct bytes in, struct pe_result *result, bool *aborted);

#endif
