/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every status that ES9+ and ES2+ can answer, once: subject code, reason code (SGP.22 v2.5 5.2.6)
 * and a phrase for a person. The engines return the name; the edge writes the codes.
 */
#ifndef SERVER_SMDP_STATUS_H
#define SERVER_SMDP_STATUS_H

#include "base/err.h"

#define SMDP_STATUS_LIST(X)                                                                       \
	/* Any function, 5.2.6 */                                                                 \
	X(SMDP_FORMAT_INVALID, "1.3.1", "2.1", "The message is malformed")                        \
	X(SMDP_ELEMENT_MISSING, "1.6", "2.2", "A mandatory element is missing")                   \
	X(SMDP_ELEMENT_INVALID, "1.6", "2.1", "An element has a value that it may not have")      \
	X(SMDP_EXECUTION_ERROR, "1.6", "4.2", "The function could not be executed, try again")    \
	/* ES9+, 5.6.1 to 5.6.5 */                                                                \
	X(SMDP_ADDRESS_REFUSED, "8.8.1", "3.8", "Invalid SM-DP+ address")                         \
	X(SMDP_CI_UNSUPPORTED, "8.8.2", "3.1", "None of the proposed CI keys is supported")       \
	X(SMDP_SVN_UNSUPPORTED, "8.8.3", "3.1", "The eUICC's version of SGP.22 is not supported") \
	X(SMDP_CERTIFICATE_UNAVAILABLE, "8.8.4", "3.7",                                           \
	  "No certificate that the eUICC can verify")                                             \
	X(SMDP_TRANSACTION_UNKNOWN, "8.10.1", "3.9", "No such RSP session")                       \
	X(SMDP_CI_UNKNOWN, "8.11.1", "3.9", "The EUM certificate is not under the chosen CI key") \
	X(SMDP_EUM_INVALID, "8.1.2", "6.1", "The EUM certificate is invalid")                     \
	X(SMDP_EUM_EXPIRED, "8.1.2", "6.3", "The EUM certificate has expired")                    \
	X(SMDP_EUICC_CERTIFICATE_INVALID, "8.1.3", "6.1", "The eUICC certificate is invalid")     \
	X(SMDP_EUICC_CERTIFICATE_EXPIRED, "8.1.3", "6.3", "The eUICC certificate has expired")    \
	X(SMDP_EUICC_UNVERIFIED, "8.1", "6.1", "The eUICC's signature or challenge is invalid")   \
	X(SMDP_EUICC_MEMORY, "8.1", "4.8", "The eUICC lacks memory for this profile")             \
	X(SMDP_EID_REFUSED, "8.1.1", "3.8", "The profile is not for this EID")                    \
	X(SMDP_MATCHING_ID_REFUSED, "8.2.6", "3.8", "The matching id is refused")                 \
	X(SMDP_NOT_RELEASED, "8.2", "1.2", "The profile has not been released yet")               \
	X(SMDP_NOT_ELIGIBLE, "8.2.5", "4.3", "No eligible profile for this eUICC")                \
	X(SMDP_EQUIPMENT_REFUSED, "8.2.5", "4.3", "No eligible profile for this device")          \
	X(SMDP_ORDER_EXPIRED, "8.8.5", "4.10", "The download order has expired")                  \
	X(SMDP_ORDER_ATTEMPTS, "8.8.5", "6.4", "Too many attempts to download this profile")      \
	X(SMDP_BINDING_UNAVAILABLE, "8.2", "3.7", "The profile cannot be bound anew")             \
	X(SMDP_CODE_MISSING, "8.2.7", "2.2", "The confirmation code is missing")                  \
	X(SMDP_CODE_REFUSED, "8.2.7", "3.8", "The confirmation code is wrong")                    \
	X(SMDP_CODE_ATTEMPTS, "8.2.7", "6.4", "Too many wrong confirmation codes")                \
	X(SMDP_OID_INVALID, "8.8", "3.10", "The SM-DP+ OID is not this one's")                    \
	/* ES2+, 5.3.1 to 5.3.4 */                                                                \
	X(SMDP_ICCID_FORBIDDEN, "8.2.1", "1.2", "The profile is another operator's")              \
	X(SMDP_ICCID_MISSING, "8.2.1", "2.2", "ICCID or final profile status is missing")         \
	X(SMDP_ICCID_IN_USE, "8.2.1", "3.3", "The profile is not available for this")             \
	X(SMDP_ICCID_TRANSITION, "8.2.1", "3.5", "The profile cannot be released now")            \
	X(SMDP_ICCID_UNKNOWN, "8.2.1", "3.9", "No such profile")                                  \
	X(SMDP_ICCID_ASSOCIATION, "8.2.1", "3.10", "The order is for another EID")                \
	X(SMDP_TYPE_FORBIDDEN, "8.2.5", "1.2", "Profiles of this type are other operators'")      \
	X(SMDP_TYPE_UNKNOWN, "8.2.5", "3.9", "No such profile type")                              \
	X(SMDP_TYPE_UNAVAILABLE, "8.2.5", "3.7", "No more profile of this type")                  \
	X(SMDP_TYPE_REFUSED, "8.2.5", "3.8", "The profile is of another type")                    \
	X(SMDP_EID_MISSING, "8.1.1", "2.2", "This order needs an EID")                            \
	X(SMDP_EID_ASSOCIATION, "8.1.1", "3.10", "Another EID is associated with this profile")   \
	X(SMDP_MATCHING_ID_INVALID, "8.2.6", "2.1",                                               \
	  "The matching id has characters it may not have")                                       \
	X(SMDP_MATCHING_ID_IN_USE, "8.2.6", "3.3", "The matching id is in use")                   \
	X(SMDP_MATCHING_ID_ASSOCIATION, "8.2.6", "3.10", "Another matching id is associated")     \
	X(SMDP_SMDS_INACCESSIBLE, "8.9", "5.1", "This SM-DP+ reaches no SM-DS")                   \
	/* What an LPA's cancellation means to the operator, 5.6.5 */                             \
	X(SMDP_CANCEL_END_USER, "8.8.5", "3.8", "The end user rejected the profile")              \
	X(SMDP_CANCEL_POLICY, "8.2.8", "1.2",                                                     \
	  "The eUICC does not allow the profile's policy rules")                                  \
	X(SMDP_CANCEL_METADATA, "8.2.9", "3.11", "The profile metadata has changed")              \
	X(SMDP_CANCEL_LOAD, "8.2.10", "4.2", "The bound profile package could not be loaded")     \
	X(SMDP_CANCEL_OTHER, "8", "4.2", "The download was cancelled")

enum smdp_status {
	SMDP_OK = 0,
#define X(name, subject, reason, text) name,
	SMDP_STATUS_LIST(X)
#undef X
		SMDP_STATUS_COUNT
};

/* The codes and the phrase; "" for SMDP_OK. */
const char *smdp_subject_code(enum smdp_status status);
const char *smdp_reason_code(enum smdp_status status);
const char *smdp_message(enum smdp_status status);

/* SMDP_TRY returns from the calling engine function with the status unless it is SMDP_OK: TRY
 * of the other error type. */
#define SMDP_TRY(call)                                     \
	do {                                               \
		enum smdp_status smdp_try_status = (call); \
		if (smdp_try_status != SMDP_OK)            \
			return smdp_try_status;            \
	} while (0)

#endif
