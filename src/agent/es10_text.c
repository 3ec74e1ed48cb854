/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the ES10 functions and of what they refuse with. */
#include "agent/es10.h"

#include "rsp/bpp.h"

static const struct {
	ber_tag tag;
	const char *name;
} functions[] = {
	{TAG_GET_EUICC_INFO1,             "GetEUICCInfo"               },
	{ TAG_PREPARE_DOWNLOAD,           "PrepareDownload"            },
	{ TAG_GET_EUICC_INFO2,            "GetEUICCInfo"               },
	{ TAG_BPP,			"LoadBoundProfilePackage"    },
	{ TAG_LIST_NOTIFICATION,          "ListNotification"           },
	{ TAG_SET_NICKNAME,               "SetNickname"                },
	{ TAG_RETRIEVE_NOTIFICATIONS,     "RetrieveNotificationsList"  },
	{ TAG_GET_PROFILES_INFO,          "GetProfilesInfo"            },
	{ TAG_GET_EUICC_CHALLENGE,        "GetEUICCChallenge"          },
	{ TAG_NOTIFICATION_SENT,          "RemoveNotificationFromList" },
	{ TAG_ENABLE_PROFILE,             "EnableProfile"              },
	{ TAG_DISABLE_PROFILE,            "DisableProfile"             },
	{ TAG_DELETE_PROFILE,             "DeleteProfile"              },
	{ TAG_EUICC_MEMORY_RESET,         "eUICCMemoryReset"           },
	{ TAG_AUTHENTICATE_SERVER,        "AuthenticateServer"         },
	{ TAG_EUICC_CONFIGURED_ADDRESSES, "GetEuiccConfiguredAddresses"},
	{ TAG_GET_EUICC_DATA,             "GetEID"                     },
	{ TAG_SET_DEFAULT_DP_ADDRESS,     "SetDefaultDpAddress"        },
	{ TAG_CANCEL_SESSION,             "CancelSession"              },
	{ TAG_GET_RAT,                    "GetRAT"                     },
};

static const struct {
	ber_tag tag;
	uint8_t result;
	const char *text;
} results[] = {
	{TAG_ENABLE_PROFILE,       ENABLE_NOT_FOUND,                     "the card has no such profile"            },
	{ TAG_ENABLE_PROFILE,      ENABLE_NOT_DISABLED,                  "the profile is enabled already"          },
	{ TAG_ENABLE_PROFILE,      ENABLE_DISALLOWED_BY_POLICY,
         "the policy of the enabled profile forbids to disable it"                                                 },
	{ TAG_ENABLE_PROFILE,      ENABLE_WRONG_REENABLING,
         "only the test profile's predecessor may follow it"                                                       },
	{ TAG_ENABLE_PROFILE,      ENABLE_CAT_BUSY,                      "the card is busy with a toolkit session" },
	{ TAG_DISABLE_PROFILE,     DISABLE_NOT_FOUND,                    "the card has no such profile"            },
	{ TAG_DISABLE_PROFILE,     DISABLE_NOT_ENABLED,                  "the profile is not enabled"              },
	{ TAG_DISABLE_PROFILE,     DISABLE_DISALLOWED_BY_POLICY,         "the profile's policy forbids it"         },
	{ TAG_DISABLE_PROFILE,     DISABLE_CAT_BUSY,                     "the card is busy with a toolkit session" },
	{ TAG_DELETE_PROFILE,      DELETE_NOT_FOUND,                     "the card has no such profile"            },
	{ TAG_DELETE_PROFILE,      DELETE_NOT_DISABLED,                  "the profile is enabled: disable it first"},
	{ TAG_DELETE_PROFILE,      DELETE_DISALLOWED_BY_POLICY,          "the profile's policy forbids it"         },
	{ TAG_SET_NICKNAME,        NICKNAME_NOT_FOUND,                   "the card has no such profile"            },
	{ TAG_NOTIFICATION_SENT,   NOTIFICATION_NOTHING_TO_DELETE,
         "the card has no such notification"								       },
	{ TAG_EUICC_MEMORY_RESET,  MEMORY_RESET_NOTHING_TO_DELETE,       "nothing to delete"                       },
	{ TAG_EUICC_MEMORY_RESET,  MEMORY_RESET_CAT_BUSY,
         "the card is busy with a toolkit session"								 },
	{ TAG_AUTHENTICATE_SERVER, AUTHENTICATE_INVALID_CERTIFICATE,
         "the card does not accept the server's certificate"                                                       },
	{ TAG_AUTHENTICATE_SERVER, AUTHENTICATE_INVALID_SIGNATURE,
         "the card does not accept the server's signature"                                                         },
	{ TAG_AUTHENTICATE_SERVER, AUTHENTICATE_UNSUPPORTED_CURVE,
         "the card does not know the curve"									},
	{ TAG_AUTHENTICATE_SERVER, AUTHENTICATE_NO_SESSION_CONTEXT,      "the card has no session"                 },
	{ TAG_AUTHENTICATE_SERVER, AUTHENTICATE_INVALID_OID,
         "the server's certificate has no SM-DP+ OID"							      },
	{ TAG_AUTHENTICATE_SERVER, AUTHENTICATE_CHALLENGE_MISMATCH,
         "the server has signed another challenge"								 },
	{ TAG_AUTHENTICATE_SERVER, AUTHENTICATE_CI_PK_UNKNOWN,
         "the card does not know the certificate issuer"							   },
	{ TAG_PREPARE_DOWNLOAD,    DOWNLOAD_INVALID_CERTIFICATE,
         "the card does not accept the server's certificate for profile binding"                                   },
	{ TAG_PREPARE_DOWNLOAD,    DOWNLOAD_INVALID_SIGNATURE,
         "the card does not accept the server's signature"                                                         },
	{ TAG_PREPARE_DOWNLOAD,    DOWNLOAD_UNSUPPORTED_CURVE,           "the card does not know the curve"        },
	{ TAG_PREPARE_DOWNLOAD,    DOWNLOAD_NO_SESSION_CONTEXT,          "the card has no session"                 },
	{ TAG_PREPARE_DOWNLOAD,    DOWNLOAD_INVALID_TRANSACTION_ID,      "the transaction is another one"          },
	{ TAG_CANCEL_SESSION,      CANCEL_INVALID_TRANSACTION_ID,        "the transaction is another one"          },
	{ TAG_GET_PROFILES_INFO,   PROFILE_INFO_INCORRECT_INPUT,
         "the card does not accept the request"								    },
	{ TAG_INSTALLATION_RESULT, INSTALL_INCORRECT_INPUT_VALUES,       "incorrect input values"                  },
	{ TAG_INSTALLATION_RESULT, INSTALL_INVALID_SIGNATURE,
         "the package's signature does not verify"								 },
	{ TAG_INSTALLATION_RESULT, INSTALL_INVALID_TRANSACTION_ID,
         "the transaction is another one"									  },
	{ TAG_INSTALLATION_RESULT, INSTALL_UNSUPPORTED_CRT_VALUES,
         "key type or length not supported"									},
	{ TAG_INSTALLATION_RESULT, INSTALL_UNSUPPORTED_REMOTE_OPERATION,
         "remote operation not supported"									  },
	{ TAG_INSTALLATION_RESULT, INSTALL_UNSUPPORTED_PROFILE_CLASS,
         "profile class not supported"									     },
	{ TAG_INSTALLATION_RESULT, INSTALL_BSP_STRUCTURE_ERROR,
         "the package's structure is wrong"									},
	{ TAG_INSTALLATION_RESULT, INSTALL_BSP_SECURITY_ERROR,
         "the package is not meant for this card or was changed"                                                   },
	{ TAG_INSTALLATION_RESULT, INSTALL_ICCID_ALREADY_EXISTS,
         "the card has a profile with this ICCID already"                                                          },
	{ TAG_INSTALLATION_RESULT, INSTALL_INSUFFICIENT_MEMORY,
         "the card has not enough free memory"								     },
	{ TAG_INSTALLATION_RESULT, INSTALL_INTERRUPTION,                 "the installation was interrupted"        },
	{ TAG_INSTALLATION_RESULT, INSTALL_PE_PROCESSING_ERROR,
         "the card could not process an element of the profile"                                                    },
	{ TAG_INSTALLATION_RESULT, INSTALL_ICCID_MISMATCH,
         "metadata and profile bear different ICCIDs"							      },
	{ TAG_INSTALLATION_RESULT, INSTALL_TEST_INVALID_NAA_KEY,
         "a test profile's key is not a test key"								  },
	{ TAG_INSTALLATION_RESULT, INSTALL_PPR_NOT_ALLOWED,
         "the profile's policy rules are not allowed"							      },
};

const char *es10_function(ber_tag tag)
{
	for (size_t i = 0; i < COUNT(functions); i++) {
		if (functions[i].tag == tag)
			return functions[i].name;
	}
	return "card function";
}

const char *es10_result_text(ber_tag tag, uint8_t result)
{
	for (size_t i = 0; i < COUNT(results); i++) {
		if (results[i].tag == tag && results[i].result == result)
			return results[i].text;
	}
	return result == RESULT_UNDEFINED_ERROR ? "undefined error" : "error without a phrase here";
}
