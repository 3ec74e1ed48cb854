/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/status.h"

#include "profile/status.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *code, *text;
} subjects[] = {
  /* SGP.22 5.2.6.1 */
	{"1.1",     "function requester"                },
	{ "1.2",    "function provider"                 },
	{ "1.2.1",  "function provider identifier"      },
	{ "1.2.2",  "function provider"                 },
	{ "1.3",    "protocol"                          },
	{ "1.3.1",  "protocol format"                   },
	{ "1.3.2",  "protocol version"                  },
	{ "1.6",    "function"                          },
	{ "8",      "eUICC remote provisioning"         },
	{ "8.1",    "eUICC"			     },
	{ "8.1.1",  "EID"			       },
	{ "8.1.2",  "EUM certificate"                   },
	{ "8.1.3",  "eUICC certificate"                 },
	{ "8.1.4",  "eUICC configuration"               },
	{ "8.2",    "profile"			   },
	{ "8.2.1",  "ICCID"			     },
	{ "8.2.5",  "profile type"                      },
	{ "8.2.6",  "matching ID"                       },
	{ "8.2.7",  "confirmation code"                 },
	{ "8.8",    "SM-DP+"			    },
	{ "8.8.1",  "SM-DP+ address"                    },
	{ "8.8.2",  "security configuration"            },
	{ "8.8.3",  "specification version"             },
	{ "8.8.4",  "SM-DP+ certificate"                },
	{ "8.8.5",  "download order"                    },
	{ "8.9",    "SM-DS"			     },
	{ "8.9.1",  "SM-DS address"                     },
	{ "8.9.2",  "SM-DS security configuration"      },
	{ "8.9.3",  "specification version of the SM-DS"},
	{ "8.9.4",  "SM-DS certificate"                 },
	{ "8.9.5",  "event record"                      },
	{ "8.10",   "RSP operation"                     },
	{ "8.10.1", "transaction ID"                    },
	{ "8.11",   "certificate issuer"                },
	{ "8.11.1", "certificate issuer's public key"   },
};

static const struct {
	const char *code, *text;
} reasons[] = {
  /* SGP.22 5.2.6.2 */
	{"1.1",   "unknown"			   },
	{ "1.2",  "not allowed"                       },
	{ "2.1",  "invalid"			   },
	{ "2.2",  "mandatory element missing"         },
	{ "2.3",  "conditional element missing"       },
	{ "3.1",  "not supported"                     },
	{ "3.3",  "already in use"                    },
	{ "3.7",  "unavailable"                       },
	{ "3.8",  "refused"			   },
	{ "3.9",  "unknown"			   },
	{ "3.10", "invalid association"               },
	{ "3.11", "value has changed"                 },
	{ "4.2",  "execution error"                   },
	{ "4.3",  "stopped on warning"                },
	{ "4.8",  "insufficient memory"               },
	{ "4.10", "time to live expired"              },
	{ "5.1",  "inaccessible"                      },
	{ "5.2",  "time-out"                          },
	{ "5.3",  "time to live expired"              },
	{ "6.1",  "verification failed"               },
	{ "6.3",  "expired"			   },
	{ "6.4",  "maximum number of retries exceeded"},
};

/* What a pair means for the person who wants a profile, where that says more than the two words. */
static const struct {
	const char *subject, *reason, *text;
} sentences[] = {
  /* SGP.22 5.6.1 to 5.6.5 */
	{"8.1",     "4.8",  "the card has not enough free memory for this profile"                 },
	{ "8.1",    "6.1",  "the server does not accept the card's signature"                      },
	{ "8.1.1",  "3.8",  "the profile is reserved for another card (EID)"                       },
	{ "8.1.1",  "3.10", "the profile belongs to another card (EID)"                            },
	{ "8.1.2",  "6.1",  "the server does not trust the card's manufacturer"                    },
	{ "8.1.2",  "6.3",  "the certificate of the card's manufacturer has expired"               },
	{ "8.1.3",  "6.1",  "the server does not accept the card's certificate"                    },
	{ "8.1.3",  "6.3",  "the card's certificate has expired"                                   },
	{ "8.2",    "1.2",  "the operator has not released the profile yet: try again later"       },
	{ "8.2",    "3.7",  "the profile has been handed out meanwhile, or can not be bound again"},
	{ "8.2.5",  "4.3",  "no profile for this card in this machine"                             },
	{ "8.2.6",  "3.8",  "the matching ID is not known here, or was used already"               },
	{ "8.2.6",  "3.3",  "the matching ID was used already"                                     },
	{ "8.2.7",  "2.2",  "the confirmation code is missing"                                     },
	{ "8.2.7",  "3.8",  "the confirmation code is wrong"                                       },
	{ "8.2.7",  "6.4",
         "the confirmation code was wrong too often: ask the operator for a new order"             },
	{ "8.8.1",  "3.8",  "this server does not serve that SM-DP+ address"                       },
	{ "8.8.2",  "3.1",  "card and server trust no common certificate issuer"                   },
	{ "8.8.3",  "3.1",  "card and server share no version of the specification"                },
	{ "8.8.4",  "3.7",  "the server has no certificate under an issuer that the card trusts"   },
	{ "8.8.5",  "4.10", "the download order has expired: ask the operator for a new one"       },
	{ "8.8.5",  "6.4",  "the download was tried too often: ask the operator for a new order"   },
	{ "8.9.5",  "3.9",  "no event is waiting for this card"                                    },
	{ "8.10.1", "3.9",  "the server does not know this session (any more): start again"        },
	{ "8.11.1", "3.9",  "the server does not know the certificate issuer that the card names"  },
};

static const char *sentence(const struct es9_status *status)
{
	for (size_t i = 0; i < COUNT(sentences); i++) {
		if (strcmp(sentences[i].subject, status->subject) == 0 &&
		    strcmp(sentences[i].reason, status->reason) == 0)
			return sentences[i].text;
	}
	return NULL;
}

static const char *subject_text(const char *code)
{
	for (size_t i = 0; i < COUNT(subjects); i++) {
		if (strcmp(subjects[i].code, code) == 0)
			return subjects[i].text;
	}
	return "request";
}

static const char *reason_text(const char *code)
{
	for (size_t i = 0; i < COUNT(reasons); i++) {
		if (strcmp(reasons[i].code, code) == 0)
			return reasons[i].text;
	}
	return "failed";
}

void status_words(const struct es9_status *status, char out[static STATUS_WORDS_MAX])
{
	const char *known = sentence(status);
	const char *colon = status->message[0] != 0 ? ": " : "";

	if (status->subject[0] == 0)
		snprintf(out, STATUS_WORDS_MAX, "refused without a reason%s%s", colon,
		         status->message);
	else if (known != NULL)
		snprintf(out, STATUS_WORDS_MAX, "%s (%s/%s%s%s)", known, status->subject,
		         status->reason, colon, status->message);
	else
		snprintf(out, STATUS_WORDS_MAX, "%s: %s (%s/%s%s%s)", subject_text(status->subject),
		         reason_text(status->reason), status->subject, status->reason, colon,
		         status->message);
}

static const char *const pe_texts[] = {
	[PE_OK] = "ok",
	[PE_NOT_SUPPORTED] = "kind of element not supported",
	[PE_MEMORY_FAILURE] = "memory failure",
	[PE_BAD_VALUES] = "bad values",
	[PE_NOT_ENOUGH_MEMORY] = "not enough memory",
	[PE_INVALID_REQUEST_FORMAT] = "invalid format",
	[PE_INVALID_PARAMETER] = "invalid parameter",
	[PE_RUNTIME_NOT_SUPPORTED] = "run-time environment not supported",
	[PE_LIB_NOT_SUPPORTED] = "library not supported",
	[PE_TEMPLATE_NOT_SUPPORTED] = "template not supported",
	[PE_FEATURE_NOT_SUPPORTED] = "feature not supported",
	[PE_PIN_CODE_MISSING] = "PIN code missing",
	[PE_UNSUPPORTED_PROFILE_VERSION] = "profile version not supported",
};

const char *pe_status_words(uint8_t status)
{
	const char *text = status < COUNT(pe_texts) ? pe_texts[status] : NULL;

	return text != NULL ? text : "failed";
}
