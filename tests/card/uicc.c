/* SPDX-License-Identifier: Apache-2.0 */
/* Every command of the UICC by rows: what is sent, what must come back. A row builds on those before. */
#include "tests/card/mini.h"
#include "tests/flash.h"
#include "tests/tap.h"

#include <ctype.h>

enum { SIZE = 512 * 1024 };

static struct mem_flash flash;
static struct card card;
static struct mini mini;

static struct bytes run(const char *hex, uint8_t *store)
{
	uint8_t raw[300];
	struct room reply = { store, APDU_REPLY_MAX, 0, false };

	card_run(&card, unhex(hex, raw, sizeof raw), &reply);
	return room_used(&reply);
}

struct row {
	const char *says, *send, *want; /* want: data and SW; '*' at the end of data: any more */
};

static bool answer_is(struct bytes got, const char *want)
{
	uint8_t store[300];
	const char *star = strchr(want, '*');
	char head[700];

	if (star == NULL)
		return bytes_same(got, unhex(want, store, sizeof store));
	memcpy(head, want, (size_t)(star - want));
	head[star - want] = 0;
	struct bytes front = unhex(head, store, sizeof store);
	bool same = got.len >= front.len + 2 && memcmp(got.at, front.at, front.len) == 0;
	struct bytes sw = unhex(star + 1, store, sizeof store);
	return same && memcmp(got.at + got.len - 2, sw.at, 2) == 0;
}

static void rows_run(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t store[APDU_REPLY_MAX];
		struct bytes got = run(rows[i].send, store);
		if (ok(answer_is(got, rows[i].want), "%s", rows[i].says))
			continue;
		printf("# sent %s\n# want %s\n# got  ", rows[i].send, rows[i].want);
		for (size_t k = 0; k < got.len; k++)
			printf("%02X", got.at[k]);
		printf("\n");
	}
}

#define USIM "A0000000871002FF49FF0589"

static const struct row blank[] = {
	{"no profile: the MF can be selected", "00A40004023F00", "6119"     },
	{ "and answers a minimal FCP",         "00C0000019",
         "62178202782183023F00A5068001718701018A0105C60290009000"           },
	{ "but has no files",                  "00A40004022FE2", "6A82"     },
	{ "and nothing to read",               "00B0000001",     "6986"     },
	{ "nor a subscriber",
         "0088008122100000000000000000000000000000000010"
	  "00000000000000000000000000000000",	            "6985"     },
	{ "STATUS answers",                    "80F2000019",     "6217*9000"},
};

static const struct row framing[] = {
	{"an unknown instruction",                  "00FE000000",         "6D00" },
	{ "a reserved class",                       "20A40004023F00",     "6E00" },
	{ "PPS is no class",                        "FFA40004023F00",     "6E00" },
	{ "too short for a header",                 "00A400",             "6700" },
	{ "nothing at all",                         "",                   "6700" },
	{ "Lc longer than the data",                "00A40004053F00",     "6700" },
	{ "Lc shorter than the data",               "00A40004013F00AABB", "6700" },
	{ "secure messaging",                       "04A40004023F00",     "6882" },
	{ "chaining",			       "10A40004023F00",     "6884" },
	{ "a channel that is closed",               "01A40004023F00",     "6881" },
	{ "a channel beyond ours",                  "4FA40004023F00",     "6881" },
	{ "UPDATE BINARY in the proprietary class", "80D600000100",       "6E00" },
	{ "INCREASE in the other one",              "003200000100",       "6E00" },
	{ "GET RESPONSE without anything",          "00C0000000",         "6985" },
	{ "GET CHALLENGE gives what Le asks",       "0084000004",         "*9000"},
};

static const struct row selecting[] = {
	{"SELECT MF answers 61xx, no data",                                 "00A40004023F00",                               "6128"                            },
	{ "GET RESPONSE with too large Le says how much",                   "00C00000FF",                                   "6C28"                            },
	{ "GET RESPONSE gives the FCP: C6 with PIN1 first and its bit set", "00C0000028",
         "62268202782183023F00A5068001718701018A01058B032F0601C60C9001A083010183018183010A9000"                                                               },
	{ "with Le the answer comes at once",                               "00A40004023F0000",                             "6226*9000"                       },
	{ "with a small Le the rest waits",                                 "00A40004023F0004",                             "622682026124"                    },
	{ "and is given",						   "00C0000024",                                   "782183023F00*9000"               },
	{ "no data wanted",						 "00A4000C023F00",                               "9000"                            },
	{ "a child EF",						     "00A40004022FE200",
         "62178202412183022FE28A01058B032F06028002000A8801109000"											     },
	{ "a DF",							   "00A4000C027F10",                               "9000"                            },
	{ "an EF below it",						 "00A4000C026F3A",                               "9000"                            },
	{ "an EF at the MF is out of reach from there",                     "00A4000C022FE2",                               "6A82"                            },
	{ "the MF by its id from anywhere",                                 "00A4000C023F00",                               "9000"                            },
	{ "the first application with the USIM's RID and code",             "00A4040C07A0000000871002",
         "9000"																	       },
	{ "7FFF is the application",					"00A4000C027FFF",                               "9000"                            },
	{ "its EF",							 "00A4000C026F07",                               "9000"                            },
	{ "a sibling DF of the ADF",					"00A4000C027F10",                               "9000"                            },
	{ "path from the MF",					       "00A4080C047F106F3A",                           "9000"                            },
	{ "path through 7FFF",					      "00A4080C047FFF6F07",                           "9000"                            },
	{ "path from the current DF",				       "00A4090C026F38",                               "9000"                            },
	{ "the parent",						     "00A4030C",				     "9000"                            },
	{ "path of odd length",					     "00A4080C037F106F",                             "6700"                            },
	{ "child DF only",						  "00A4010C027F10",                               "9000"                            },
	{ "child DF that is not there",                                     "00A4010C027F77",                               "6A82"                            },
	{ "an application that is not there",                               "00A4040C07A0000000879999",                     "6A82"                            },
	{ "first by RID",						   "00A4040C05A000000087",                         "9000"                            },
	{ "STATUS says which: USIM",					"80F200010E",                                   "840C" USIM "9000"                },
	{ "next by RID",						    "00A4040E05A000000087",                         "9000"                            },
	{ "STATUS says which: ISIM",					"80F200010E",                                   "840CA0000000871004FF49FF05899000"},
	{ "no further",						     "00A4040E05A000000087",                         "6A82"                            },
	{ "previous by RID",						"00A4040F05A000000087",                         "9000"                            },
	{ "STATUS says which: USIM again",                                  "80F200010E",                                   "840C" USIM "9000"                },
	{ "last by RID",						    "00A4040D05A000000087",                         "9000"                            },
	{ "STATUS says which: ISIM again",                                  "80F200010E",                                   "840CA0000000871004FF49FF05899000"},
	{ "an AID longer than any",					 "00A4040C11A000000087100200000000000000000000", "6A80"                            },
	{ "P1 that means nothing",					  "00A40504023F00",                               "6A86"                            },
	{ "STATUS with Le too long says how much",                          "80F2000000",                                   "6C2E"                            },
	{ "the ECASD",						      "00A4040010A0000005591010FFFFFFFF890000020000", "6F128410A000*9000"               },
	{ "the ISD-R, no data wanted",                                      "00A4040C10A0000005591010FFFFFFFF8900000100",   "9000"                            },
	{ "it is no application with files",                                "80F2000100",                                   "6985"                            },
	{ "leaving it by file id",					  "00A4000C023F00",                               "9000"                            },
	{ "the USIM",						       "00A4040C07A0000000871002",                     "9000"                            },
	{ "session termination leaves the application",                     "00A4044C07A0000000871002",                     "9000"                            },
	{ "then there is no application",                                   "80F2000100",                                   "6985"                            },
};

static const struct row binary[] = {
	{"select EF.ICCID",			       "00A4000C022FE2",             "9000"                    },
	{ "READ BINARY",				  "00B000000A",                 "000102030405060708099000"},
	{ "with Le 00: 6Cxx",                             "00B0000000",                 "6C0A"                    },
	{ "with an offset",			       "00B0000802",                 "08099000"                },
	{ "too long from an offset",                      "00B0000805",                 "6C02"                    },
	{ "offset behind the end",                        "00B0000A01",                 "6B00"                    },
	{ "update without PIN1",                          "00D60000020A0B",             "6982"                    },
	{ "verify PIN1 wrongly",                          "002000010831323335FFFFFFFF", "63C2"                    },
	{ "verify PIN1 rightly",                          "002000010831323334FFFFFFFF", "9000"                    },
	{ "update now",				   "00D60000020A0B",             "9000"                    },
	{ "it is there",				  "00B000000A",                 "0A0B02030405060708099000"},
	{ "update behind the end",                        "00D6000A0101",               "6B00"                    },
	{ "update across the end",                        "00D6000902AABB",             "6700"                    },
	{ "update without data",                          "00D60000",                   "6700"                    },
	{ "by short id",				  "00B0850003",                 "0001029000"              },
	{ "by short id, which is then current",           "00B0012B01",                 "099000"                  },
	{ "by short id that is not there",                "00B0990001",                 "6A82"                    },
	{ "short id 31 is none",                          "00B09F0001",                 "6A86"                    },
	{ "256 octets",				   "00B0000000",                 "00010203*9000"           },
	{ "a record command on it",                       "00B2010403",                 "6981"                    },
	{ "ADM1 is needed to update it",                  "00D6000001AA",               "6982"                    },
	{ "select the USIM",			      "00A4040C0C" USIM,            "9000"                    },
	{ "read PIN1 or ADM1: PIN1 is enough",            "00B0870009",                 "0001020304050607089000"  },
	{ "update needs the second PIN",                  "00D6000001AA",               "6982"                    },
	{ "read ADM1 and PIN1: PIN1 alone is not enough", "00A4000C026F09",             "9000"                    },
	{ "says the read",				"00B0000009",                 "6982"                    },
	{ "ADM1 verified",				"0020000A0861646D696E6F6E65", "9000"                    },
	{ "both are",				     "00B0000009",                 "0001020304050607089000"  },
	{ "nothing else is allowed",                      "00D6000001AA",               "6982"                    },
	{ "second PIN verified",                          "002000810835363738FFFFFFFF", "9000"                    },
	{ "then the update",			      "00D6870001AA",               "9000"                    },
	{ "leaving the application",                      "00A4040C07A0000000871004",   "9000"                    },
	{ "and coming back",			      "00A4040C0C" USIM,            "9000"                    },
	{ "the second PIN is to be verified again",       "00D6870001AA",               "6982"                    },
};

static const struct row records[] = {
	{"select a linear EF",				"00A4080C047F106F3A",                                 "9000"            },
	{ "next without pointer is the first",                "00B2000214",
         "00010203040506070809000102030405060708099000"									       },
	{ "next",					     "00B2000214",					 "01010203*9000"   },
	{ "Le FF: 6Cxx",				      "00B20002FF",					 "6C14"            },
	{ "which moved nothing: next is 3",                   "00B2000214",                                         "02010203*9000"   },
	{ "current",					  "00B2000414",					 "02010203*9000"   },
	{ "absolute",					 "00B2010414",					 "00010203*9000"   },
	{ "which moved nothing: previous is 2",               "00B2000314",                                         "01010203*9000"   },
	{ "absolute beyond the end",                          "00B2050414",                                         "6A83"            },
	{ "record 0 without pointer after SELECT",            "00A4080C047F106F3A",                                 "9000"            },
	{ "has no current record",                            "00B2000414",                                         "6A83"            },
	{ "previous without pointer is the last",             "00B2000314",                                         "03010203*9000"   },
	{ "next after the last",                              "00B2000214",                                         "6A83"            },
	{ "a mode that is none",                              "00B2010114",                                         "6A86"            },
	{ "UPDATE RECORD absolute",                           "00DC020414EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE", "9000"            },
	{ "UPDATE RECORD of another length",                  "00DC020413EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE",
         "6700"														       },
	{ "READ BINARY on it",				"00B0000001",                                         "6981"            },
	{ "SEARCH finds it",				  "00A2010402EEEE",                                     "6101"            },
	{ "and says where",				   "00C0000001",                                         "029000"          },
	{ "SEARCH finds nothing",                             "00A20405021234",                                     "6282"            },
	{ "SEARCH backward",				  "00A2040502050600",                                   "0403019000"      },
	{ "SEARCH forward from 2",                            "00A2020402050600",                                   "03049000"        },
	{ "enhanced: offset 12 hides the first occurrence",   "00A20106040410050600",                               "6282"            },
	{ "enhanced: offset 10 shows the second",             "00A2010604040A050600",                               "0103049000"      },
	{ "enhanced: behind the first 09",                    "00A20106040C09000100",                               "0103049000"      },
	{ "enhanced: from the next record",                   "00A20006040600050600",                               "03049000"        },
	{ "SEARCH from record 9",                             "00A2090402EEEE",                                     "6A83"            },
	{ "SEARCH without string",                            "00A20104",                                           "6700"            },
	{ "select the USIM",				  "00A4040C0C" USIM,                                    "9000"            },
	{ "a linked file shows the same content",             "00B2024C14",                                         "EEEEEEEE*9000"   },
	{ "and its FCP has its own id and the other's shape", "00A40004026F3A00",
         "621A8205422100140483026F3A*9000"											    },
	{ "cyclic by short id",                               "00B2015403",                                         "0000009000"      },
	{ "INCREASE",					 "8032000003000005",                                   "6106"            },
	{ "gives the new value and what was added",           "00C0000006",                                         "0000050000059000"},
	{ "INCREASE again, with Le",                          "803200000300000600",                                 "00000B0000069000"},
	{ "record 1 is the newest",                           "00B2015403",                                         "00000B9000"      },
	{ "record 2 the one before",                          "00B2025403",                                         "0000059000"      },
	{ "cyclic update is PREVIOUS only",                   "00DC010403FFFFFE",                                   "6A86"            },
	{ "UPDATE RECORD PREVIOUS",                           "00DC000303FFFFFE",                                   "9000"            },
	{ "INCREASE beyond the maximum",                      "8032000003000002",                                   "9850"            },
	{ "changed nothing",				  "00B2010403",                                         "FFFFFE9000"      },
	{ "previous from the newest wraps to the oldest",     "00B2000303",                                         "0000059000"      },
	{ "INCREASE by more octets than a record has",        "803200000400000001",                                 "6700"            },
	{ "INCREASE on a transparent file",                   "8032870003000001",                                   "6981"            },
};

/* UPDATE RECORD and SEARCH RECORD in the modes that are left. */
#define TWENTY(x) x x x x x x x x x x x x x x x x x x x x

static const struct row modes[] = {
	{"select the linear EF",					  "00A4080C047F106F3A",      "9000"     },
	{ "UPDATE NEXT without pointer is the first",                     "00DC000214" TWENTY("11"), "9000"     },
	{ "which is the current one now",                                 "00B2000414",              "1111*9000"},
	{ "UPDATE NEXT",						  "00DC000214" TWENTY("22"), "9000"     },
	{ "UPDATE CURRENT",					       "00DC000414" TWENTY("33"), "9000"     },
	{ "was the same record",					  "00B2020414",              "3333*9000"},
	{ "UPDATE PREVIOUS",					      "00DC000314" TWENTY("44"), "9000"     },
	{ "was the one before",					   "00B2010414",              "4444*9000"},
	{ "before the first is none",                                     "00DC000314" TWENTY("55"), "6A83"     },
	{ "which changed nothing",					"00B2010414",              "4444*9000"},
	{ "nor moved the pointer",					"00B2000414",              "4444*9000"},
	{ "UPDATE NEXT takes no number",                                  "00DC010214" TWENTY("55"), "6A86"     },
	{ "UPDATE RECORD in a mode that is none",                         "00DC010114" TWENTY("55"), "6A86"     },
	{ "UPDATE absolute beyond the end",                               "00DC050414" TWENTY("55"), "6A83"     },
	{ "enhanced SEARCH backward from 4",                              "00A20406040500050600",    "04039000" },
	{ "leaves the pointer at the first match: from the previous one", "00A20006040700050600",
         "039000"											       },
	{ "from the next one",					    "00A20006040600050600",    "049000"   },
	{ "behind the last is none",				      "00A20006040600050600",    "6A83"     },
	{ "which takes no number",					"00A20106040600050600",    "6A86"     },
	{ "enhanced SEARCH in a mode that is none",                       "00A20106040300050600",    "6A80"     },
	{ "enhanced SEARCH without string",                               "00A2010602040000",        "6700"     },
	{ "SEARCH in a mode that is none",                                "00A2010302050600",        "6A86"     },
	{ "select the USIM",					      "00A4040C0C" USIM,         "9000"     },
	{ "SEARCH by short id",					   "00A2014C02050600",        "03049000" },
	{ "which makes it current, and its first match",                  "00B2000414",              "0201*9000"},
};

static const struct row blocking[] = {
	{"a wrong PUK, 1",                    "002C000110303030303030303031323334FFFFFFFF", "63C9"},
	{ "2",				"002C000110303030303030303031323334FFFFFFFF", "63C8"},
	{ "3",				"002C000110303030303030303031323334FFFFFFFF", "63C7"},
	{ "4",				"002C000110303030303030303031323334FFFFFFFF", "63C6"},
	{ "5",				"002C000110303030303030303031323334FFFFFFFF", "63C5"},
	{ "6",				"002C000110303030303030303031323334FFFFFFFF", "63C4"},
	{ "7",				"002C000110303030303030303031323334FFFFFFFF", "63C3"},
	{ "8",				"002C000110303030303030303031323334FFFFFFFF", "63C2"},
	{ "9",				"002C000110303030303030303031323334FFFFFFFF", "63C1"},
	{ "10",			       "002C000110303030303030303031323334FFFFFFFF", "63C0"},
	{ "the right one comes too late",     "002C000110313131313131313131323334FFFFFFFF", "6983"},
	{ "so say its tries",                 "002C0001",                                   "6983"},
	{ "the PIN itself is well",           "002000010831323334FFFFFFFF",                 "9000"},
	{ "CHANGE with a wrong one is a try", "002400011030303030FFFFFFFF34333231FFFFFFFF",
         "63C2"										   },
	{ "DISABLE with a wrong one, too",    "002600010830303030FFFFFFFF",                 "63C1"},
	{ "and the third",                    "002000010830303030FFFFFFFF",                 "63C0"},
	{ "a blocked PIN is not changed",     "002400011031323334FFFFFFFF34333231FFFFFFFF", "6983"},
	{ "nor disabled",                     "002600010831323334FFFFFFFF",                 "6983"},
	{ "and its PUK is blocked: for good", "002C000110313131313131313131323334FFFFFFFF",
         "6983"										   },
};

static const struct row objects[] = {
	{"select a BER-TLV file",           "00A4080C047FD04F40",       "9000"              },
	{ "nothing there",                  "80CB0080018000",           "6A88"              },
	{ "SET DATA",		       "80DB0080058003AABBCC",     "9000"              },
	{ "RETRIEVE DATA by T=0",           "80CB00800180",             "6105"              },
	{ "GET RESPONSE",                   "00C0000005",               "8003AABBCC9000"    },
	{ "RETRIEVE DATA in blocks: first", "80CB0080018002",           "800362F1"          },
	{ "next",			   "80CB000002",               "AABB62F1"          },
	{ "again",			  "80CB00C002",               "AABB62F1"          },
	{ "last",			   "80CB000002",               "CC9000"            },
	{ "and no more",                    "80CB000002",               "6985"              },
	{ "SET DATA in blocks: first",      "80DB00800481040102",       "63F1"              },
	{ "is not there yet",               "80CB0080018100",           "6A88"              },
	{ "which ended the transfer",       "80DB0000020304",           "6985"              },
	{ "from the beginning",             "80DB00800481040102",       "63F1"              },
	{ "another command",                "80F2000C",                 "9000"              },
	{ "ends it as well",                "80DB0000020304",           "6985"              },
	{ "once more",                      "80DB00800481040102",       "63F1"              },
	{ "last",			   "80DB0000020304",           "9000"              },
	{ "now it is",                      "80CB0080018100",           "8104010203049000"  },
	{ "replaced by a longer one",       "80DB0080078105AABBCCDDEE", "9000"              },
	{ "reads back",                     "80CB0080018100",           "8105AABBCCDDEE9000"},
	{ "a three-octet tag",              "80DB0080059F81010155",     "9000"              },
	{ "the list of tags",               "80CB0080015C00",           "5C05809F8101819000"},
	{ "too large for the file",         "80DB00800482827FFF",       "6A84"              },
	{ "more than announced",            "80DB0080048301AABB",       "6A80"              },
	{ "next without first",             "80DB000001AA",             "6985"              },
	{ "deleted by its tag alone",       "80DB00800181",             "9000"              },
	{ "is gone",			"80CB0080018100",           "6A88"              },
	{ "by short id",                    "80CB0B80018000",           "8003AABBCC9000"    },
	{ "READ BINARY on it",              "00B0000001",               "6981"              },
	{ "its FCP tells what is used",     "00A40004024F4000",         "62*9000"           },
};

static const struct row activation[] = {
	{"select EF.PL",               "00A4080C022F05",             "9000"  },
	{ "DEACTIVATE needs ADM1",     "00040000",                   "6982"  },
	{ "verify ADM1",               "0020000A0861646D696E6F6E65", "9000"  },
	{ "DEACTIVATE the current EF", "00040000",                   "9000"  },
	{ "SELECT says so",            "00A4080C022F05",             "6283"  },
	{ "reading is refused",        "00B0000001",                 "6984"  },
	{ "STATUS goes on",            "80F2000C",                   "9000"  },
	{ "ACTIVATE by id",            "00440000022F05",             "9000"  },
	{ "verify PIN1",               "002000010831323334FFFFFFFF", "9000"  },
	{ "reading works again",       "00B0000001",                 "009000"},
	{ "ACTIVATE by path",          "00440800022F05",             "9000"  },
	{ "ACTIVATE of nothing",       "00440000022F77",             "6A82"  },
	{ "P2 must be 00",             "00440001022F05",             "6A86"  },
};

static const struct row pins[] = {
	{"empty VERIFY tells the tries",                "00200001",                                   "63C3"},
	{ "also with P3 = 00",                          "0020000100",                                 "63C3"},
	{ "wrong",				      "002000010830303030FFFFFFFF",                 "63C2"},
	{ "wrong",				      "002000010830303030FFFFFFFF",                 "63C1"},
	{ "right sets the counter back",                "002000010831323334FFFFFFFF",                 "9000"},
	{ "so it says",				 "00200001",                                   "63C3"},
	{ "wrong length",			       "002000010431323334",                         "6700"},
	{ "no such PIN",				"00200002",                                   "6A88"},
	{ "no reference at all",                        "00200000",                                   "6A86"},
	{ "P1 must be 00",			      "00200101",                                   "6A86"},
	{ "CHANGE",				     "002400011031323334FFFFFFFF34333231FFFFFFFF", "9000"},
	{ "the old one is wrong",                       "002000010831323334FFFFFFFF",                 "63C2"},
	{ "the new one is right",                       "002000010834333231FFFFFFFF",                 "9000"},
	{ "DISABLE",				    "002600010834333231FFFFFFFF",                 "9000"},
	{ "VERIFY while disabled",                      "002000010834333231FFFFFFFF",                 "6984"},
	{ "the FCP shows it",                           "00A40004023F0000",
         "62268202782183023F00A5068001718701018A01058B032F0601C60C900120*9000"                              },
	{ "ENABLE with a wrong value",                  "002800010830303030FFFFFFFF",                 "63C2"},
	{ "ENABLE",				     "002800010834333231FFFFFFFF",                 "9000"},
	{ "ENABLE twice",			       "002800010834333231FFFFFFFF",                 "6984"},
	{ "DISABLE, replaced by the universal PIN",     "002691010834333231FFFFFFFF",                 "9000"},
	{ "select EF.ICCID",                            "00A4080C022FE2",                             "9000"},
	{ "then the update asks for the universal PIN", "00D600000101",                               "6982"},
	{ "verify it",				  "002000110839393939FFFFFFFF",                 "9000"},
	{ "and it is allowed",                          "00D600000101",                               "9000"},
	{ "ENABLE PIN1 again",                          "002800010834333231FFFFFFFF",                 "9000"},
	{ "ADM1 cannot be disabled",                    "0026000A0861646D696E6F6E65",                 "6985"},
	{ "block it: 1",				"002000010830303030FFFFFFFF",                 "63C2"},
	{ "block it: 2",				"002000010830303030FFFFFFFF",                 "63C1"},
	{ "block it: 3",				"002000010830303030FFFFFFFF",                 "63C0"},
	{ "blocked",				    "002000010834333231FFFFFFFF",                 "6983"},
	{ "and its counter says so",                    "00200001",                                   "6983"},
	{ "what it guarded is closed",                  "00D600000101",                               "6982"},
	{ "empty UNBLOCK tells the tries of the PUK",   "002C0001",                                   "63CA"},
	{ "a wrong PUK",				"002C000110303030303030303031323334FFFFFFFF", "63C9"},
	{ "the right one",			      "002C000110313131313131313131323334FFFFFFFF", "9000"},
	{ "PIN1 counts as verified",                    "00D600000101",                               "9000"},
	{ "its counters are back",                      "002C0001",                                   "63CA"},
	{ "the new value holds",                        "002000010831323334FFFFFFFF",                 "9000"},
};

static const struct row channels[] = {
	{"open one",			     "0070000001",      "019000"          },
	{ "open another",                        "0070000001",      "029000"          },
	{ "Le 00 is told",                       "0070000000",      "6C01"            },
	{ "open number 6",                       "00700006",        "9000"            },
	{ "which has its own class",             "42A4000C022FE2",  "9000"            },
	{ "and file",			    "42B0000001",      "019000"          },
	{ "number 6 again",                      "00700006",        "6A81"            },
	{ "number 8",			    "00700008",        "6A81"            },
	{ "on channel 1 the USIM",               "01A4040C0C" USIM, "9000"            },
	{ "from there a new one starts there",   "0170000001",      "039000"          },
	{ "so it has the application",           "83F200010E",      "840C" USIM "9000"},
	{ "four",				"0070000001",      "049000"          },
	{ "five",				"0070000001",      "059000"          },
	{ "seven",			       "0070000001",      "079000"          },
	{ "and no more",			 "0070000001",      "6A81"            },
	{ "GET RESPONSE belongs to its channel", "01A40004023F00",  "6128"            },
	{ "not to another",                      "00C0000028",      "6985"            },
	{ "close 3",			     "00708003",        "9000"            },
	{ "it is closed",                        "03A40004023F00",  "6881"            },
	{ "close it twice",                      "00708003",        "6881"            },
	{ "the basic one cannot be closed",      "00708000",        "6881"            },
	{ "a channel can close itself",          "01708001",        "9000"            },
};

static const struct row toolkit[] = {
	{"TERMINAL CAPABILITY",				    "80AA000005A903810100",               "9000"},
	{ "malformed",					     "80AA000005A904810100",               "6A80"},
	{ "TERMINAL PROFILE with REFRESH",                         "8010000004FFFFFFFF",                 "9000"},
	{ "FETCH of nothing",				      "801200000B",                         "6985"},
	{ "TERMINAL RESPONSE to nothing",                          "801400000C810301010402028281030100", "6985"},
	{ "ENVELOPE of an event",				  "80C2000007D60519010A0100",           "9000"},
	{ "ENVELOPE malformed",				    "80C2000003D60501",                   "6A80"},
	{ "ENVELOPE with a secured packet: no application for it", "80C2000002D100",                     "6985"},
};

static const struct row refreshing[] = {
	{"a REFRESH waits",                       "80F2000C",                           "910B"                      },
	{ "FETCH with a wrong Le",                "8012000000",                         "6C0B"                      },
	{ "FETCH",				"801200000B",                         "D0098103010104820281829000"},
	{ "the old profile until it is answered", "00B0820003",                         "010B029000"                },
	{ "TERMINAL RESPONSE",                    "801400000C810301010482028281830100", "9000"                      },
	{ "the new profile's file",               "00B0820003",                         "0001029000"                },
};

static void start(void)
{
	mem_make(&flash, SIZE);
	struct card_ports ports = { mem_port(&flash), NULL };

	ok_err(card_format(&card, &ports), ERR_NONE, "a blank card");
	rows_run(blank, COUNT(blank));
	ok_err(mini_install(&card, 1, &mini), ERR_NONE, "a profile");
	ok_err(mini_install(&card, 2, &mini), ERR_NONE, "and a second one");
	ok_err(mini_enable(&card, 1), ERR_NONE, "the first is enabled");
}

static void atr(void)
{
	struct bytes got = card_reset(&card);
	uint8_t sum = 0;

	for (size_t i = 1; i < got.len; i++)
		sum ^= got.at[i];
	ok(got.len > 4 && got.at[0] == 0x3B && sum == 0, "the answer to reset has its check octet");
	ok((size_t)(got.at[1] & 0x0F) + 8 == got.len, "and as many historical octets as T0 says");
}

/* A cause without its own word would be 6F00, which says nothing. */
static void words(void)
{
	unsigned vague = 0;

	for (unsigned err = ERR_NONE; err < ERR_COUNT; err++)
		vague += status_of((enum err)err) == SW_TECHNICAL;
	ok(status_of(ERR_NONE) == SW_OK, "success is 9000");
	ok(vague <= ERR_COUNT / 3, "most causes have a status word of their own (%u have not)",
	   vague);
	ok(status_of(ERR_COUNT) == SW_TECHNICAL, "what is no cause is 6F00");
}

#define RUN(rows)                            \
	do {                                 \
		card_reset(&card);           \
		rows_run(rows, COUNT(rows)); \
	} while (0)

int main(void)
{
	start();
	atr();
	words();
	RUN(framing);
	RUN(selecting);
	RUN(binary);
	RUN(records);
	RUN(modes);
	RUN(objects);
	RUN(activation);
	RUN(pins);
	RUN(channels);
	RUN(toolkit);

	ok(vault_begin(&card.vault) == ERR_NONE && profile_enable(&card, 2) == ERR_NONE &&
	           vault_commit(&card.vault) == ERR_NONE,
	   "the second profile is enabled");
	ok_err(card_refresh(&card), ERR_NONE, "the terminal is told");
	ok_err(card_refresh(&card), ERR_BUSY, "not twice");
	rows_run(refreshing, COUNT(refreshing));
	RUN(blocking); /* for good: nothing may come behind it */
	ok(sizeof(struct card) <= 12 * 1024, "R11: the card takes %zu octets of RAM, the vault %zu",
	   sizeof(struct card), sizeof(struct vault));
	return done();
}
