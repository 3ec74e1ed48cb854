/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts of TCA 2.3.1 annex A (and of 3.3.1 where a template has grown), file by file: identifier,
 * type, short identifier, record of EF.ARR, records, size, filling, special information. Identifiers
 * and sizes of CSIM files are those of 3GPP2 C.S0065.
 */
#include "profile/template.h"

#define MF  FILE_MF
#define DF  FILE_DF
#define ADF FILE_ADF
#define TR  FILE_TRANSPARENT
#define LF  FILE_LINEAR
#define CY  FILE_CYCLIC
#define BT  FILE_BER_TLV

#define HIGH FILE_HIGH_UPDATE

enum {
	FILL_FF,
	FILL_00,
	FILL_0A,
	FILL_ICI,
	FILL_OCI,
	FILL_KC,
	FILL_00FF,
	FILL_07FF,
	FILL_F0FF,
	FILL_0100FF,
	FILL_UMPC,
	FILL_F0FF00,
	FILL_00000002,
	FILL_000000FF,
	FILL_START_HFN,
	FILL_PLMN,
	FILL_LOCI,
	FILL_PSLOCI,
	FILL_EPSLOCI,
	FILL_5GSLOCI,
	FILL_UFC,
};

/* clang-format off */
static const struct template_fill fills[] = {
	[FILL_FF] = { 1, 0, false,
		"\xFF" },
	[FILL_00] = { 1, 0, false,
		"\x00" },
	[FILL_0A] = { 1, 0, false,
		"\x0A" },
	[FILL_ICI] = { 1, 7, false,
		"\xFF\x00\x00\x00\x00\x01\xFF\xFF" },
	[FILL_OCI] = { 1, 6, false,
		"\xFF\x00\x00\x00\x01\xFF\xFF" },
	[FILL_KC] = { 1, 1, false,
		"\xFF\x07" },
	[FILL_00FF] = { 2, 0, false,
		"\x00\xFF" },
	[FILL_07FF] = { 2, 0, false,
		"\x07\xFF" },
	[FILL_F0FF] = { 2, 0, false,
		"\xF0\xFF" },
	[FILL_0100FF] = { 3, 0, false,
		"\x01\x00\xFF" },
	[FILL_UMPC] = { 3, 0, false,
		"\x3C\x3C\x00" },
	[FILL_F0FF00] = { 3, 0, false,
		"\xF0\xFF\x00" },
	[FILL_00000002] = { 4, 0, false,
		"\x00\x00\x00\x02" },
	[FILL_000000FF] = { 4, 0, false,
		"\x00\x00\x00\xFF" },
	[FILL_START_HFN] = { 5, 0, false,
		"\xF0\x00\x00\xF0\x00" },
	[FILL_PLMN] = { 5, 0, true,
		"\xFF\xFF\xFF\x00\x00" },
	[FILL_LOCI] = { 11, 0, false,
		"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\xFF\x01" },
	[FILL_PSLOCI] = { 14, 0, false,
		"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\xFF\x01" },
	[FILL_EPSLOCI] = { 18, 0, false,
		"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x01" },
	[FILL_5GSLOCI] = { 20, 0, false,
		"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x01" },
	[FILL_UFC] = { 30, 0, false,
		"\x80\x1E\x60\xC0\x1E\x90\x00\x80\x04\x00\x00\x00\x00\x00\x00\x00\x00\xF0\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x80" },
};
/* clang-format on */

static const struct file_template mf[] = {
	{0x3F00,  MF, 0,  14, 0, 0,  FILL_FF,   0}, /* mf */
	{ 0x2F05, TR, 5,  1,  0, 2,  FILL_FF,   0}, /* ef-pl */
	{ 0x2FE2, TR, 0,  11, 0, 10, FILL_FF,   0}, /* ef-iccid */
	{ 0x2F00, LF, 30, 10, 0, 0,  FILL_FF,   0}, /* ef-dir */
	{ 0x2F06, LF, 6,  10, 0, 0,  FILL_FF,   0}, /* ef-arr */
	{ 0x2F08, TR, 8,  10, 0, 5,  FILL_UMPC, 0}, /* ef-umpc */
};

static const struct file_template cd[] = {
	{0x7F11,  DF, 0, 14, 0, 0, FILL_FF, 0}, /* df-cd */
	{ 0x6F01, TR, 0, 2,  0, 0, FILL_FF, 0}, /* ef-launchpad */
	{ 0x6F40, TR, 0, 2,  0, 0, FILL_FF, 0}, /* ef-icon */
};

static const struct file_template telecom[] = {
	{0x7F10,  DF, 0, 14, 0,  0,  FILL_FF,   0   }, /* df-telecom */
	{ 0x6F06, LF, 0, 10, 0,  0,  FILL_FF,   0   }, /* ef-arr */
	{ 0x6F53, LF, 0, 3,  0,  0,  FILL_FF,   0   }, /* ef-rma */
	{ 0x6F54, TR, 0, 3,  0,  22, FILL_FF,   0   }, /* ef-sume */
	{ 0x6FE0, LF, 0, 9,  50, 24, FILL_FF,   0   }, /* ef-ice-dn */
	{ 0x6FE1, LF, 0, 9,  0,  0,  FILL_FF,   0   }, /* ef-ice-ff */
	{ 0x6FE5, LF, 0, 5,  0,  0,  FILL_FF,   0   }, /* ef-psismsc */
	{ 0x5F50, DF, 0, 14, 0,  0,  FILL_FF,   0   }, /* df-graphics */
	{ 0x4F20, LF, 0, 2,  0,  0,  FILL_00FF, 0   }, /* ef-img */
	{ 0x4F40, TR, 0, 2,  0,  0,  FILL_FF,   0   }, /* ef-iidf */
	{ 0x4F21, BT, 0, 9,  0,  0,  FILL_FF,   0   }, /* ef-ice-graphics */
	{ 0x4F01, TR, 0, 10, 0,  0,  FILL_FF,   0   }, /* ef-launch-scws */
	{ 0x4F80, TR, 0, 10, 0,  0,  FILL_FF,   0   }, /* ef-icon */
	{ 0x5F3A, DF, 0, 14, 0,  0,  FILL_FF,   0   }, /* df-phonebook */
	{ 0x4F30, LF, 0, 2,  0,  0,  FILL_FF,   0   }, /* ef-pbr */
	{ 0x4F38, LF, 0, 5,  0,  13, FILL_00FF, 0   }, /* ef-ext1 */
	{ 0x4F40, LF, 0, 5,  0,  0,  FILL_FF,   0   }, /* ef-aas */
	{ 0x4F48, LF, 0, 5,  0,  0,  FILL_FF,   0   }, /* ef-gas */
	{ 0x4F22, TR, 0, 5,  0,  4,  FILL_00,   0   }, /* ef-psc */
	{ 0x4F23, TR, 0, 5,  0,  2,  FILL_00,   HIGH}, /* ef-cc */
	{ 0x4F24, TR, 0, 5,  0,  2,  FILL_00,   HIGH}, /* ef-puid */
	{ 0x4F50, LF, 0, 5,  0,  0,  FILL_FF,   0   }, /* ef-iap */
	{ 0x4F58, LF, 0, 5,  0,  0,  FILL_FF,   0   }, /* ef-adn */
	{ 0x4F60, LF, 0, 5,  0,  2,  FILL_00,   0   }, /* ef-pbc */
	{ 0x4F68, LF, 0, 5,  0,  0,  FILL_FF,   0   }, /* ef-anr */
	{ 0x4F70, LF, 0, 5,  0,  0,  FILL_FF,   0   }, /* ef-puri */
	{ 0x4F78, LF, 0, 5,  0,  0,  FILL_FF,   0   }, /* ef-email */
	{ 0x4F80, LF, 0, 5,  0,  0,  FILL_FF,   0   }, /* ef-sne */
	{ 0x4F88, LF, 0, 5,  0,  2,  FILL_00,   0   }, /* ef-uid */
	{ 0x4F90, LF, 0, 5,  0,  0,  FILL_00,   0   }, /* ef-grp */
	{ 0x4F98, LF, 0, 5,  0,  0,  FILL_FF,   0   }, /* ef-ccp1 */
	{ 0x5F3B, DF, 0, 14, 0,  0,  FILL_FF,   0   }, /* df-multimedia */
	{ 0x4F47, BT, 0, 5,  0,  0,  FILL_FF,   0   }, /* ef-mml */
	{ 0x4F48, BT, 0, 5,  0,  0,  FILL_FF,   0   }, /* ef-mmdf */
	{ 0x5F3C, DF, 0, 14, 0,  0,  FILL_FF,   0   }, /* df-mmss */
	{ 0x4F20, TR, 1, 2,  0,  0,  FILL_FF,   0   }, /* ef-mlpl */
	{ 0x4F21, TR, 2, 2,  0,  0,  FILL_FF,   0   }, /* ef-mspl */
	{ 0x4F22, TR, 3, 2,  0,  1,  FILL_FF,   0   }, /* ef-mmssmode */
	{ 0x5F3D, DF, 0, 14, 0,  0,  FILL_FF,   0   }, /* df-mcs */
	{ 0x4F01, TR, 1, 2,  0,  0,  FILL_FF,   0   }, /* ef-mst */
	{ 0x4F02, BT, 2, 2,  0,  0,  FILL_FF,   0   }, /* ef-mcs-config */
	{ 0x5F3E, DF, 0, 14, 0,  0,  FILL_FF,   0   }, /* df-v2x */
	{ 0x4F01, TR, 1, 2,  0,  0,  FILL_FF,   0   }, /* ef-vst */
	{ 0x4F02, BT, 2, 2,  0,  0,  FILL_FF,   0   }, /* ef-v2x-config */
	{ 0x4F03, TR, 0, 2,  0,  0,  FILL_FF,   0   }, /* ef-v2xp-pc5 */
	{ 0x4F04, TR, 0, 2,  0,  0,  FILL_FF,   0   }, /* ef-v2xp-Uu */
};

static const struct file_template usim[] = {
	{0x0000,  ADF, 0,  14, 0,  0,   FILL_FF,        0   }, /* adf-usim */
	{ 0x6F07, TR,  7,  2,  0,  9,   FILL_FF,        0   }, /* ef-imsi */
	{ 0x6F06, LF,  23, 10, 0,  0,   FILL_FF,        0   }, /* ef-arr */
	{ 0x6F08, TR,  8,  5,  0,  33,  FILL_07FF,      HIGH}, /* ef-keys */
	{ 0x6F09, TR,  9,  5,  0,  33,  FILL_07FF,      HIGH}, /* ef-keysPS */
	{ 0x6F31, TR,  18, 2,  0,  1,   FILL_0A,        0   }, /* ef-hpplmn */
	{ 0x6F38, TR,  4,  2,  0,  14,  FILL_FF,        0   }, /* ef-ust */
	{ 0x6F3B, LF,  0,  8,  20, 26,  FILL_FF,        0   }, /* ef-fdn */
	{ 0x6F3C, LF,  0,  5,  10, 176, FILL_00FF,      0   }, /* ef-sms */
	{ 0x6F42, LF,  0,  5,  1,  38,  FILL_FF,        0   }, /* ef-smsp */
	{ 0x6F43, TR,  0,  5,  0,  2,   FILL_FF,        0   }, /* ef-smss */
	{ 0x6F46, TR,  0,  10, 0,  17,  FILL_FF,        0   }, /* ef-spn */
	{ 0x6F56, TR,  5,  8,  0,  1,   FILL_FF,        0   }, /* ef-est */
	{ 0x6F5B, TR,  15, 5,  0,  6,   FILL_START_HFN, HIGH}, /* ef-start-hfn */
	{ 0x6F5C, TR,  16, 2,  0,  3,   FILL_FF,        0   }, /* ef-threshold */
	{ 0x6F73, TR,  12, 5,  0,  14,  FILL_PSLOCI,    HIGH}, /* ef-psloci */
	{ 0x6F78, TR,  6,  2,  0,  2,   FILL_FF,        0   }, /* ef-acc */
	{ 0x6F7B, TR,  13, 5,  0,  12,  FILL_FF,        0   }, /* ef-fplmn */
	{ 0x6F7E, TR,  11, 5,  0,  11,  FILL_LOCI,      HIGH}, /* ef-loci */
	{ 0x6FAD, TR,  3,  10, 0,  4,   FILL_00000002,  0   }, /* ef-ad */
	{ 0x6FB7, LF,  1,  10, 1,  4,   FILL_FF,        0   }, /* ef-ecc */
	{ 0x6FC4, TR,  0,  5,  0,  128, FILL_FF,        HIGH}, /* ef-netpar */
	{ 0x6FE3, TR,  30, 5,  0,  18,  FILL_EPSLOCI,   HIGH}, /* ef-epsloci */
	{ 0x6FE4, LF,  24, 5,  1,  80,  FILL_FF,        HIGH}, /* ef-epsnsc */
};

static const struct file_template opt_usim[] = {
	{0x6F05,  TR, 2,  1,  0,  6,   FILL_FF,       0   }, /* ef-li */
	{ 0x6F37, TR, 0,  5,  0,  3,   FILL_00,       0   }, /* ef-acmax */
	{ 0x6F39, CY, 0,  7,  1,  3,   FILL_00,       HIGH}, /* ef-acm */
	{ 0x6F3E, TR, 0,  2,  0,  8,   FILL_FF,       0   }, /* ef-gid1 */
	{ 0x6F3F, TR, 0,  2,  0,  8,   FILL_FF,       0   }, /* ef-gid2 */
	{ 0x6F40, LF, 0,  2,  1,  24,  FILL_FF,       0   }, /* ef-msisdn */
	{ 0x6F41, TR, 0,  5,  0,  5,   FILL_PLMN,     0   }, /* ef-puct */
	{ 0x6F45, TR, 0,  5,  0,  10,  FILL_FF,       0   }, /* ef-cbmi */
	{ 0x6F48, TR, 14, 2,  0,  10,  FILL_FF,       0   }, /* ef-cbmid */
	{ 0x6F49, LF, 0,  2,  10, 24,  FILL_FF,       0   }, /* ef-sdn */
	{ 0x6F4B, LF, 0,  8,  10, 13,  FILL_00FF,     0   }, /* ef-ext2 */
	{ 0x6F4C, LF, 0,  2,  10, 13,  FILL_00FF,     0   }, /* ef-ext3 */
	{ 0x6F50, TR, 0,  5,  0,  20,  FILL_FF,       0   }, /* ef-cbmir */
	{ 0x6F60, TR, 10, 5,  0,  40,  FILL_PLMN,     0   }, /* ef-plmnwact */
	{ 0x6F61, TR, 17, 2,  0,  40,  FILL_PLMN,     0   }, /* ef-oplmnwact */
	{ 0x6F62, TR, 19, 2,  0,  5,   FILL_PLMN,     0   }, /* ef-hplmnwact */
	{ 0x6F2C, TR, 0,  5,  0,  16,  FILL_FF,       0   }, /* ef-dck */
	{ 0x6F32, TR, 0,  2,  0,  30,  FILL_FF,       0   }, /* ef-cnl */
	{ 0x6F47, LF, 0,  5,  10, 30,  FILL_00FF,     0   }, /* ef-smsr */
	{ 0x6F4D, LF, 0,  8,  10, 25,  FILL_FF,       0   }, /* ef-bdn */
	{ 0x6F4E, LF, 0,  5,  10, 13,  FILL_00FF,     0   }, /* ef-ext5 */
	{ 0x6F4F, LF, 22, 5,  5,  15,  FILL_FF,       0   }, /* ef-ccp2 */
	{ 0x6F55, LF, 0,  8,  10, 13,  FILL_00FF,     0   }, /* ef-ext4 */
	{ 0x6F57, TR, 0,  8,  0,  101, FILL_00FF,     0   }, /* ef-acl */
	{ 0x6F58, LF, 0,  2,  10, 11,  FILL_FF,       0   }, /* ef-cmi */
	{ 0x6F80, CY, 20, 5,  20, 38,  FILL_ICI,      HIGH}, /* ef-ici */
	{ 0x6F81, CY, 21, 5,  20, 37,  FILL_OCI,      HIGH}, /* ef-oci */
	{ 0x6F82, CY, 0,  7,  1,  3,   FILL_00,       HIGH}, /* ef-ict */
	{ 0x6F83, CY, 0,  7,  1,  3,   FILL_00,       HIGH}, /* ef-oct */
	{ 0x6FB1, TR, 0,  2,  0,  20,  FILL_FF,       0   }, /* ef-vgcs */
	{ 0x6FB2, TR, 0,  5,  0,  7,   FILL_FF,       0   }, /* ef-vgcss */
	{ 0x6FB3, TR, 0,  2,  0,  20,  FILL_FF,       0   }, /* ef-vbs */
	{ 0x6FB4, TR, 0,  5,  0,  7,   FILL_FF,       0   }, /* ef-vbss */
	{ 0x6FB5, TR, 0,  2,  0,  2,   FILL_FF,       0   }, /* ef-emlpp */
	{ 0x6FB6, TR, 0,  5,  0,  1,   FILL_00,       0   }, /* ef-aaem */
	{ 0x6FC3, TR, 0,  5,  0,  4,   FILL_FF,       0   }, /* ef-hiddenkey */
	{ 0x6FC5, LF, 25, 10, 10, 16,  FILL_FF,       0   }, /* ef-pnn */
	{ 0x6FC6, LF, 26, 10, 5,  8,   FILL_FF,       0   }, /* ef-opl */
	{ 0x6FC7, LF, 0,  5,  3,  24,  FILL_FF,       0   }, /* ef-mbdn */
	{ 0x6FC8, LF, 0,  5,  10, 13,  FILL_00FF,     0   }, /* ef-ext6 */
	{ 0x6FC9, LF, 0,  5,  10, 5,   FILL_FF,       0   }, /* ef-mbi */
	{ 0x6FCA, LF, 0,  5,  10, 6,   FILL_00,       HIGH}, /* ef-mwis */
	{ 0x6FCB, LF, 0,  5,  10, 16,  FILL_0100FF,   0   }, /* ef-cfis */
	{ 0x6FCC, LF, 0,  5,  10, 13,  FILL_00FF,     0   }, /* ef-ext7 */
	{ 0x6FCD, TR, 27, 2,  0,  17,  FILL_FF,       0   }, /* ef-spdi */
	{ 0x6FCE, LF, 0,  5,  10, 6,   FILL_000000FF, 0   }, /* ef-mmsn */
	{ 0x6FCF, LF, 0,  5,  10, 13,  FILL_00FF,     0   }, /* ef-ext8 */
	{ 0x6FD0, TR, 0,  2,  0,  100, FILL_FF,       0   }, /* ef-mmsicp */
	{ 0x6FD1, LF, 0,  5,  0,  0,   FILL_FF,       0   }, /* ef-mmsup */
	{ 0x6FD2, TR, 0,  5,  0,  100, FILL_FF,       0   }, /* ef-mmsucp */
	{ 0x6FD3, LF, 0,  2,  5,  11,  FILL_FF,       0   }, /* ef-nia */
	{ 0x6FD4, TR, 0,  2,  0,  0,   FILL_00,       0   }, /* ef-vgcsca */
	{ 0x6FD5, TR, 0,  2,  0,  0,   FILL_00,       0   }, /* ef-vbsca */
	{ 0x6FD6, TR, 0,  5,  0,  0,   FILL_FF,       0   }, /* ef-gbabp */
	{ 0x6FD7, LF, 0,  2,  0,  0,   FILL_FF,       HIGH}, /* ef-msk */
	{ 0x6FD8, LF, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-muk */
	{ 0x6FD9, TR, 29, 2,  0,  15,  FILL_FF,       0   }, /* ef-ehplmn */
	{ 0x6FDA, LF, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-gbanl */
	{ 0x6FDB, TR, 0,  2,  0,  1,   FILL_00,       0   }, /* ef-ehplmnpi */
	{ 0x6FDC, TR, 0,  2,  0,  1,   FILL_00,       0   }, /* ef-lrplmnsi */
	{ 0x6FDD, LF, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-nafkca */
	{ 0x6FDE, TR, 0,  10, 0,  0,   FILL_00FF,     0   }, /* ef-spni */
	{ 0x6FDF, LF, 0,  10, 0,  0,   FILL_00FF,     0   }, /* ef-pnni */
	{ 0x6FE2, LF, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-ncp-ip */
	{ 0x6FE6, TR, 0,  10, 0,  30,  FILL_UFC,      0   }, /* ef-ufc */
	{ 0x6FE8, TR, 0,  2,  0,  18,  FILL_FF,       0   }, /* ef-nasconfig */
	{ 0x6FE7, LF, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-uicciari */
	{ 0x6FEC, TR, 0,  10, 0,  0,   FILL_FF,       0   }, /* ef-pws */
	{ 0x6FED, LF, 0,  8,  0,  0,   FILL_FF,       0   }, /* ef-fdnuri */
	{ 0x6FEE, LF, 0,  8,  0,  0,   FILL_FF,       0   }, /* ef-bdnuri */
	{ 0x6FEF, LF, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-sdnuri */
	{ 0x6FF0, LF, 0,  3,  0,  0,   FILL_FF,       0   }, /* ef-ial */
	{ 0x6FF1, CY, 0,  10, 0,  4,   FILL_FF,       HIGH}, /* ef-ips */
	{ 0x6FF2, LF, 0,  3,  0,  0,   FILL_FF,       HIGH}, /* ef-ipd */
	{ 0x6FF3, TR, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-epdgid */
	{ 0x6FF4, TR, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-epdgselection */
	{ 0x6FF5, TR, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-epdgidem */
	{ 0x6FF6, TR, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-epdgselectionem */
	{ 0x6FF7, TR, 0,  2,  0,  1,   FILL_00,       0   }, /* ef-frompreferred */
	{ 0x6FF8, BT, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-imsconfigdata */
	{ 0x6FF9, TR, 0,  2,  0,  4,   FILL_FF,       0   }, /* ef-3gpppsdataoff */
	{ 0x6FFA, LF, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-3gpppsdataoffservicelist */
	{ 0x6FFC, BT, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-xcapconfigdata */
	{ 0x6FFD, TR, 0,  10, 0,  0,   FILL_FF,       0   }, /* ef-earfcnlist */
	{ 0x6FFE, BT, 0,  2,  0,  0,   FILL_FF,       0   }, /* ef-mudmidconfigdata */
	{ 0x6F01, TR, 0,  3,  0,  1,   FILL_FF,       0   }, /* ef-eaka */
};

static const struct file_template phonebook[] = {
	{0x5F3A,  DF, 0, 14, 0, 0,  FILL_FF,   0   }, /* df-phonebook */
	{ 0x4F30, LF, 0, 2,  0, 0,  FILL_FF,   0   }, /* ef-pbr */
	{ 0x4F38, LF, 0, 5,  0, 13, FILL_00FF, 0   }, /* ef-ext1 */
	{ 0x4F40, LF, 0, 5,  0, 0,  FILL_FF,   0   }, /* ef-aas */
	{ 0x4F48, LF, 0, 5,  0, 0,  FILL_FF,   0   }, /* ef-gas */
	{ 0x4F22, TR, 0, 5,  0, 4,  FILL_00,   0   }, /* ef-psc */
	{ 0x4F23, TR, 0, 5,  0, 2,  FILL_00,   HIGH}, /* ef-cc */
	{ 0x4F24, TR, 0, 5,  0, 2,  FILL_00,   HIGH}, /* ef-puid */
	{ 0x4F50, LF, 0, 5,  0, 0,  FILL_FF,   0   }, /* ef-iap */
	{ 0x4F58, LF, 0, 5,  0, 0,  FILL_FF,   0   }, /* ef-adn */
	{ 0x4F60, LF, 0, 5,  0, 2,  FILL_00,   0   }, /* ef-pbc */
	{ 0x4F68, LF, 0, 5,  0, 0,  FILL_FF,   0   }, /* ef-anr */
	{ 0x4F70, LF, 0, 5,  0, 0,  FILL_FF,   0   }, /* ef-puri */
	{ 0x4F78, LF, 0, 5,  0, 0,  FILL_FF,   0   }, /* ef-email */
	{ 0x4F80, LF, 0, 5,  0, 0,  FILL_FF,   0   }, /* ef-sne */
	{ 0x4F88, LF, 0, 5,  0, 2,  FILL_00,   0   }, /* ef-uid */
	{ 0x4F90, LF, 0, 5,  0, 0,  FILL_00,   0   }, /* ef-grp */
	{ 0x4F98, LF, 0, 5,  0, 0,  FILL_FF,   0   }, /* ef-ccp1 */
};

static const struct file_template gsm_access[] = {
	{0x5F3B,  DF, 0, 14, 0, 0,  FILL_FF, 0   }, /* df-gsm-access */
	{ 0x4F20, TR, 1, 5,  0, 9,  FILL_KC, HIGH}, /* ef-kc */
	{ 0x4F52, TR, 2, 5,  0, 9,  FILL_KC, HIGH}, /* ef-kcgprs */
	{ 0x4F63, TR, 0, 5,  0, 10, FILL_FF, HIGH}, /* ef-cpbcch */
	{ 0x4F64, TR, 0, 2,  0, 1,  FILL_00, 0   }, /* ef-invscan */
};

static const struct file_template df_5gs[] = {
	{0x5FC0,  DF, 0,  14, 0, 0,   FILL_FF,      0   }, /* df-df-5gs */
	{ 0x4F01, TR, 1,  5,  0, 20,  FILL_5GSLOCI, HIGH}, /* ef-5gs3gpploci */
	{ 0x4F02, TR, 2,  5,  0, 20,  FILL_5GSLOCI, HIGH}, /* ef-5gsn3gpploci */
	{ 0x4F03, LF, 3,  5,  1, 57,  FILL_FF,      HIGH}, /* ef-5gs3gppnsc */
	{ 0x4F04, LF, 4,  5,  1, 57,  FILL_FF,      HIGH}, /* ef-5gsn3gppnsc */
	{ 0x4F05, TR, 5,  5,  0, 110, FILL_FF,      HIGH}, /* ef-5gauthkeys */
	{ 0x4F06, TR, 6,  2,  0, 4,   FILL_FF,      0   }, /* ef-uac-aic */
	{ 0x4F07, TR, 7,  2,  0, 0,   FILL_FF,      0   }, /* ef-suci-calc-info */
	{ 0x4F08, LF, 8,  10, 0, 10,  FILL_FF,      0   }, /* ef-opl5g */
	{ 0x4F09, TR, 9,  2,  0, 0,   FILL_FF,      0   }, /* ef-supinai */
	{ 0x4F0A, TR, 10, 2,  0, 4,   FILL_F0FF,    0   }, /* ef-routing-indicator */
	{ 0x4F0B, BT, 0,  2,  0, 0,   FILL_FF,      0   }, /* ef-ursp */
	{ 0x4F0C, TR, 12, 2,  0, 1,   FILL_00,      0   }, /* ef-tn3gppsnn */
	{ 0x4F0D, TR, 13, 2,  0, 2,   FILL_FF,      0   }, /* ef-cag */
	{ 0x4F0E, TR, 14, 2,  0, 0,   FILL_FF,      0   }, /* ef-sor-cmci */
	{ 0x4F0F, TR, 15, 2,  0, 7,   FILL_FF,      0   }, /* ef-dri */
	{ 0x4F10, TR, 16, 2,  0, 2,   FILL_FF,      0   }, /* ef-5gsedrx */
	{ 0x4F11, TR, 17, 2,  0, 1,   FILL_FF,      0   }, /* ef-5gnswo-conf */
	{ 0x4F15, TR, 21, 2,  0, 1,   FILL_FF,      0   }, /* ef-mchpplmn */
	{ 0x4F16, TR, 22, 2,  0, 1,   FILL_FF,      0   }, /* ef-kausf-derivation */
};

static const struct file_template df_saip[] = {
	{0x5FD0,  DF, 0, 14, 0, 0, FILL_FF, 0}, /* df-df-saip */
	{ 0x4F01, TR, 0, 3,  0, 0, FILL_FF, 0}, /* ef-suci-calc-info-usim */
};

static const struct file_template df_snpn[] = {
	{0x5FE0,  DF, 0, 14, 0, 0, FILL_FF, 0}, /* df-df-snpn */
	{ 0x4F01, TR, 0, 10, 0, 1, FILL_FF, 0}, /* ef-pws-snpn */
};

static const struct file_template df_5gprose[] = {
	{0x5FF0,  DF, 0, 14, 0, 0,  FILL_FF, 0}, /* df-df-5g-prose */
	{ 0x4F01, TR, 1, 2,  0, 1,  FILL_FF, 0}, /* ef-5g-prose-st */
	{ 0x4F02, TR, 2, 2,  0, 26, FILL_FF, 0}, /* ef-5g-prose-dd */
	{ 0x4F03, TR, 3, 2,  0, 12, FILL_FF, 0}, /* ef-5g-prose-dc */
	{ 0x4F04, TR, 4, 2,  0, 32, FILL_FF, 0}, /* ef-5g-prose-u2nru */
	{ 0x4F05, TR, 5, 2,  0, 29, FILL_FF, 0}, /* ef-5g-prose-ru */
	{ 0x4F06, TR, 6, 2,  0, 32, FILL_FF, 0}, /* ef-5g-prose-uir */
};

static const struct file_template isim[] = {
	{0x0000,  ADF, 0, 14, 0, 0,  FILL_FF, 0}, /* adf-isim */
	{ 0x6F02, TR,  2, 2,  0, 0,  FILL_FF, 0}, /* ef-impi */
	{ 0x6F04, LF,  4, 2,  1, 0,  FILL_FF, 0}, /* ef-impu */
	{ 0x6F03, TR,  5, 2,  0, 0,  FILL_FF, 0}, /* ef-domain */
	{ 0x6F07, TR,  7, 2,  0, 14, FILL_FF, 0}, /* ef-ist */
	{ 0x6FAD, TR,  3, 10, 0, 3,  FILL_00, 0}, /* ef-ad */
	{ 0x6F06, LF,  6, 10, 0, 0,  FILL_FF, 0}, /* ef-arr */
};

static const struct file_template opt_isim[] = {
	{0x6F09,  LF, 0, 2, 1,  0,   FILL_FF,   0}, /* ef-pcscf */
	{ 0x6F3C, LF, 0, 5, 10, 176, FILL_00FF, 0}, /* ef-sms */
	{ 0x6F42, LF, 0, 5, 1,  38,  FILL_FF,   0}, /* ef-smsp */
	{ 0x6F43, TR, 0, 5, 0,  2,   FILL_FF,   0}, /* ef-smss */
	{ 0x6F47, LF, 0, 5, 10, 30,  FILL_00FF, 0}, /* ef-smsr */
	{ 0x6FD5, TR, 0, 5, 0,  0,   FILL_FF,   0}, /* ef-gbabp */
	{ 0x6FD7, LF, 0, 2, 0,  0,   FILL_FF,   0}, /* ef-gbanl */
	{ 0x6FDD, LF, 0, 2, 0,  0,   FILL_FF,   0}, /* ef-nafkca */
	{ 0x6FE7, LF, 0, 2, 0,  0,   FILL_FF,   0}, /* ef-uicciari */
	{ 0x6FF7, TR, 0, 2, 0,  1,   FILL_00,   0}, /* ef-frompreferred */
	{ 0x6FF8, BT, 0, 2, 0,  0,   FILL_FF,   0}, /* ef-imsconfigdata */
	{ 0x6FFC, BT, 0, 2, 0,  0,   FILL_FF,   0}, /* ef-xcapconfigdata */
	{ 0x6FFA, LF, 0, 2, 0,  0,   FILL_FF,   0}, /* ef-webrtcuri */
	{ 0x6FFE, BT, 0, 2, 0,  0,   FILL_FF,   0}, /* ef-mudmidconfigdata */
};

static const struct file_template eap[] = {
	{0x0000,  DF, 0, 14, 0, 0, FILL_FF, 0   }, /* df-eap */
	{ 0x4F01, TR, 0, 2,  0, 0, FILL_FF, HIGH}, /* ef-eapkeys */
	{ 0x4F02, TR, 0, 2,  0, 1, FILL_00, HIGH}, /* ef-eapstatus */
	{ 0x4F03, TR, 0, 2,  0, 0, FILL_FF, 0   }, /* ef-puid */
	{ 0x4F04, TR, 0, 5,  0, 0, FILL_FF, HIGH}, /* ef-ps */
	{ 0x4F20, TR, 0, 5,  0, 0, FILL_FF, HIGH}, /* ef-curid */
	{ 0x4F21, TR, 0, 5,  0, 0, FILL_FF, 0   }, /* ef-reid */
	{ 0x4F22, TR, 0, 5,  0, 0, FILL_FF, 0   }, /* ef-realm */
};

static const struct file_template csim[] = {
	{0x0000,  ADF, 0, 14, 0, 0,  FILL_FF, 0}, /* adf-csim */
	{ 0x6F06, LF,  0, 10, 0, 0,  FILL_FF, 0}, /* ef-arr */
	{ 0x6F21, CY,  0, 5,  1, 2,  FILL_00, 0}, /* ef-call-count */
	{ 0x6F22, TR,  0, 2,  0, 10, FILL_FF, 0}, /* ef-imsi-m */
	{ 0x6F23, TR,  0, 2,  0, 10, FILL_FF, 0}, /* ef-imsi-t */
	{ 0x6F24, TR,  0, 5,  0, 16, FILL_FF, 0}, /* ef-tmsi */
	{ 0x6F25, TR,  0, 5,  0, 2,  FILL_00, 0}, /* ef-ah */
	{ 0x6F26, TR,  0, 5,  0, 1,  FILL_00, 0}, /* ef-aop */
	{ 0x6F27, TR,  0, 5,  0, 7,  FILL_00, 0}, /* ef-aloc */
	{ 0x6F28, LF,  0, 5,  0, 5,  FILL_FF, 0}, /* ef-cdmahome */
	{ 0x6F29, LF,  0, 5,  0, 8,  FILL_00, 0}, /* ef-znregi */
	{ 0x6F2A, TR,  0, 5,  0, 7,  FILL_00, 0}, /* ef-snregi */
	{ 0x6F2B, TR,  0, 5,  0, 8,  FILL_00, 0}, /* ef-distregi */
	{ 0x6F2C, TR,  0, 2,  0, 1,  FILL_FF, 0}, /* ef-accolc */
	{ 0x6F2D, TR,  0, 5,  0, 1,  FILL_FF, 0}, /* ef-term */
	{ 0x6F2F, TR,  0, 5,  0, 7,  FILL_FF, 0}, /* ef-acp */
	{ 0x6F30, TR,  0, 2,  0, 0,  FILL_FF, 0}, /* ef-prl */
	{ 0x6F31, TR,  0, 2,  0, 8,  FILL_FF, 0}, /* ef-ruimid */
	{ 0x6F32, TR,  0, 2,  0, 0,  FILL_FF, 0}, /* ef-csim-st */
	{ 0x6F33, TR,  0, 3,  0, 3,  FILL_00, 0}, /* ef-spc */
	{ 0x6F34, TR,  0, 5,  0, 1,  FILL_00, 0}, /* ef-otapaspc */
	{ 0x6F35, TR,  0, 5,  0, 1,  FILL_00, 0}, /* ef-namlock */
	{ 0x6F36, TR,  0, 2,  0, 17, FILL_FF, 0}, /* ef-ota */
	{ 0x6F37, TR,  0, 5,  0, 1,  FILL_FF, 0}, /* ef-sp */
	{ 0x6F38, TR,  0, 5,  0, 8,  FILL_00, 0}, /* ef-esn-meid-me */
	{ 0x6F3A, TR,  0, 1,  0, 0,  FILL_FF, 0}, /* ef-li */
	{ 0x6F42, TR,  0, 2,  0, 1,  FILL_FF, 0}, /* ef-usgind */
	{ 0x6F43, TR,  0, 10, 0, 3,  FILL_00, 0}, /* ef-ad */
	{ 0x6F45, TR,  0, 2,  0, 4,  FILL_FF, 0}, /* ef-max-prl */
	{ 0x6F46, TR,  0, 2,  0, 1,  FILL_FF, 0}, /* ef-spcs */
	{ 0x6F55, TR,  0, 5,  0, 3,  FILL_00, 0}, /* ef-mecrp */
	{ 0x6F70, TR,  0, 2,  0, 0,  FILL_FF, 0}, /* ef-home-tag */
	{ 0x6F71, TR,  0, 2,  0, 0,  FILL_FF, 0}, /* ef-group-tag */
	{ 0x6F72, TR,  0, 2,  0, 0,  FILL_FF, 0}, /* ef-specific-tag */
	{ 0x6F73, TR,  0, 2,  0, 0,  FILL_FF, 0}, /* ef-call-prompt */
};

static const struct file_template opt_csim[] = {
	{0x6F2E,  TR, 0, 5,  0,  1,   FILL_FF,       0}, /* ef-ssci */
	{ 0x6F3B, LF, 0, 8,  20, 26,  FILL_FF,       0}, /* ef-fdn */
	{ 0x6F3C, LF, 0, 5,  0,  0,   FILL_00FF,     0}, /* ef-sms */
	{ 0x6F3D, LF, 0, 5,  0,  0,   FILL_FF,       0}, /* ef-smsp */
	{ 0x6F3E, TR, 0, 5,  0,  5,   FILL_FF,       0}, /* ef-smss */
	{ 0x6F3F, TR, 0, 5,  0,  0,   FILL_FF,       0}, /* ef-ssfc */
	{ 0x6F41, TR, 0, 10, 0,  35,  FILL_FF,       0}, /* ef-spn */
	{ 0x6F44, LF, 0, 5,  0,  11,  FILL_FF,       0}, /* ef-mdn */
	{ 0x6F47, TR, 0, 10, 0,  0,   FILL_FF,       0}, /* ef-ecc */
	{ 0x6F48, TR, 0, 5,  0,  1,   FILL_FF,       0}, /* ef-me3gpdopc */
	{ 0x6F49, TR, 0, 5,  0,  1,   FILL_FF,       0}, /* ef-3gpdopm */
	{ 0x6F4A, TR, 0, 2,  0,  4,   FILL_FF,       0}, /* ef-sipcap */
	{ 0x6F4B, TR, 0, 2,  0,  5,   FILL_FF,       0}, /* ef-mipcap */
	{ 0x6F4C, TR, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-sipupp */
	{ 0x6F4D, TR, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-mipupp */
	{ 0x6F4E, TR, 0, 5,  0,  1,   FILL_FF,       0}, /* ef-sipsp */
	{ 0x6F4F, TR, 0, 5,  0,  0,   FILL_FF,       0}, /* ef-mipsp */
	{ 0x6F50, TR, 0, 5,  0,  0,   FILL_FF,       0}, /* ef-sippapss */
	{ 0x6F53, TR, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-puzl */
	{ 0x6F54, TR, 0, 2,  0,  5,   FILL_FF,       0}, /* ef-maxpuzl */
	{ 0x6F56, TR, 0, 2,  0,  3,   FILL_FF,       0}, /* ef-hrpdcap */
	{ 0x6F57, TR, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-hrpdupp */
	{ 0x6F58, TR, 0, 2,  0,  1,   FILL_FF,       0}, /* ef-csspr */
	{ 0x6F59, TR, 0, 2,  0,  1,   FILL_FF,       0}, /* ef-atc */
	{ 0x6F5A, TR, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-eprl */
	{ 0x6F5B, TR, 0, 2,  0,  1,   FILL_FF,       0}, /* ef-bcsmscfg */
	{ 0x6F5C, TR, 0, 5,  0,  1,   FILL_FF,       0}, /* ef-bcsmspref */
	{ 0x6F5D, LF, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-bcsmstable */
	{ 0x6F5E, LF, 0, 5,  0,  2,   FILL_FF,       0}, /* ef-bcsmsp */
	{ 0x6F63, LF, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-bakpara */
	{ 0x6F64, LF, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-upbakpara */
	{ 0x6F65, LF, 0, 5,  10, 8,   FILL_000000FF, 0}, /* ef-mmsn */
	{ 0x6F66, LF, 0, 5,  10, 13,  FILL_00FF,     0}, /* ef-ext8 */
	{ 0x6F67, TR, 0, 2,  0,  100, FILL_FF,       0}, /* ef-mmsicp */
	{ 0x6F68, LF, 0, 5,  10, 10,  FILL_FF,       0}, /* ef-mmsup */
	{ 0x6F69, TR, 0, 5,  0,  100, FILL_FF,       0}, /* ef-mmsucp */
	{ 0x6F6A, LF, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-auth-capability */
	{ 0x6F6B, TR, 0, 2,  0,  32,  FILL_FF,       0}, /* ef-3gcik */
	{ 0x6F6C, TR, 0, 5,  0,  20,  FILL_FF,       0}, /* ef-dck */
	{ 0x6F6D, TR, 0, 2,  0,  8,   FILL_FF,       0}, /* ef-gid1 */
	{ 0x6F6E, TR, 0, 2,  0,  8,   FILL_FF,       0}, /* ef-gid2 */
	{ 0x6F6F, TR, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-cdmacnl */
	{ 0x6F74, TR, 0, 2,  0,  7,   FILL_FF,       0}, /* ef-sf-euimid */
	{ 0x6F75, TR, 0, 8,  0,  1,   FILL_FF,       0}, /* ef-est */
	{ 0x6F76, TR, 0, 5,  0,  4,   FILL_FF,       0}, /* ef-hidden-key */
	{ 0x6F77, TR, 0, 2,  0,  2,   FILL_FF,       0}, /* ef-lcsver */
	{ 0x6F78, TR, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-lcscp */
	{ 0x6F79, LF, 0, 2,  10, 24,  FILL_FF,       0}, /* ef-sdn */
	{ 0x6F7A, LF, 0, 8,  10, 13,  FILL_00FF,     0}, /* ef-ext2 */
	{ 0x6F7B, LF, 0, 2,  10, 13,  FILL_00FF,     0}, /* ef-ext3 */
	{ 0x6F7C, CY, 0, 5,  20, 38,  FILL_ICI,      0}, /* ef-ici */
	{ 0x6F7D, CY, 0, 5,  20, 37,  FILL_OCI,      0}, /* ef-oci */
	{ 0x6F7E, LF, 0, 5,  10, 13,  FILL_00FF,     0}, /* ef-ext5 */
	{ 0x6F7F, LF, 0, 5,  5,  15,  FILL_FF,       0}, /* ef-ccp2 */
	{ 0x6F80, TR, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-applabels */
	{ 0x6F81, TR, 0, 5,  0,  126, FILL_FF,       0}, /* ef-model */
	{ 0x6F82, TR, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-rc */
	{ 0x6F83, TR, 0, 2,  0,  4,   FILL_FF,       0}, /* ef-smscap */
	{ 0x6F84, TR, 0, 2,  0,  1,   FILL_FF,       0}, /* ef-mipflags */
	{ 0x6F85, TR, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-3gpduppext */
	{ 0x6F87, TR, 0, 2,  0,  21,  FILL_FF,       0}, /* ef-ipv6cap */
	{ 0x6F88, TR, 0, 2,  0,  2,   FILL_FF,       0}, /* ef-tcpconfig */
	{ 0x6F89, TR, 0, 2,  0,  3,   FILL_FF,       0}, /* ef-dgc */
	{ 0x6F8A, LF, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-wapbrowsercp */
	{ 0x6F8B, LF, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-wapbrowserbm */
	{ 0x6F8C, TR, 0, 2,  0,  8,   FILL_FF,       0}, /* ef-mmsconfig */
	{ 0x6F8D, TR, 0, 2,  0,  0,   FILL_FF,       0}, /* ef-jdl */
};

/* How many files the versions of a template have. */
enum {
	TELECOM_V1 = 38,
	OPT_USIM_V1 = 74,
	OPT_USIM_V2 = 85,
	OPT_ISIM_V1 = 9,
	DF_5GS_V1 = 11,
	DF_5GS_V2 = 13
};

#define TEMPLATE(kind, version, rows, by_default)            \
	{                                                    \
		kind, version, COUNT(rows), by_default, rows \
	}
#define UP_TO(kind, version, rows, count, by_default)  \
	{                                              \
		kind, version, count, by_default, rows \
	}

static const struct template templates[] = {
	TEMPLATE(PE_MF, 1, mf, true),
	TEMPLATE(PE_CD, 1, cd, false),
	UP_TO(PE_TELECOM, 1, telecom, TELECOM_V1, false),
	TEMPLATE(PE_TELECOM, 2, telecom, false),
	TEMPLATE(PE_USIM, 1, usim, true),
	TEMPLATE(PE_USIM, 2, usim, true),
	UP_TO(PE_OPT_USIM, 1, opt_usim, OPT_USIM_V1, false),
	UP_TO(PE_OPT_USIM, 2, opt_usim, OPT_USIM_V2, false),
	TEMPLATE(PE_OPT_USIM, 3, opt_usim, false),
	TEMPLATE(PE_PHONEBOOK, 1, phonebook, false),
	TEMPLATE(PE_GSM_ACCESS, 1, gsm_access, false),
	TEMPLATE(PE_ISIM, 1, isim, true),
	UP_TO(PE_OPT_ISIM, 1, opt_isim, OPT_ISIM_V1, false),
	TEMPLATE(PE_OPT_ISIM, 2, opt_isim, false),
	TEMPLATE(PE_CSIM, 1, csim, true),
	TEMPLATE(PE_CSIM, 2, csim, true),
	TEMPLATE(PE_OPT_CSIM, 1, opt_csim, false),
	TEMPLATE(PE_OPT_CSIM, 2, opt_csim, false),
	TEMPLATE(PE_EAP, 1, eap, false),
	UP_TO(PE_DF_5GS, 1, df_5gs, DF_5GS_V1, false),
	UP_TO(PE_DF_5GS, 2, df_5gs, DF_5GS_V2, false),
	UP_TO(PE_DF_5GS, 3, df_5gs, DF_5GS_V2, false),
	TEMPLATE(PE_DF_5GS, 4, df_5gs, false),
	TEMPLATE(PE_DF_SAIP, 1, df_saip, false),
	TEMPLATE(PE_DF_SNPN, 1, df_snpn, false),
	TEMPLATE(PE_DF_5GPROSE, 1, df_5gprose, false),
};

/* What a later version changed of a file that was there before: `from` is the first such version. */
static const struct {
	uint8_t kind, from;
	uint16_t fid;
	uint8_t records, size, fill;
} changes[] = {
	{PE_USIM,    2, 0x6F38, 0, 17, FILL_FF    }, /* EF.UST has grown */
	{ PE_DF_5GS, 3, 0x4F03, 2, 62, FILL_FF    }, /* EF.5GS3GPPNSC: two contexts */
	{ PE_DF_5GS, 3, 0x4F04, 2, 62, FILL_FF    },
	{ PE_DF_5GS, 4, 0x4F0A, 0, 4,  FILL_F0FF00}, /* EF.Routing_Indicator: two octets reserved */
};

/* The OID of each kind of element below 2.23.143.1.2 (TCA 2.3.1, 9). */
static const struct {
	uint8_t kind, arc;
} arcs[] = {
	{PE_MF,          1 },
        { PE_CD,         2 },
        { PE_TELECOM,    3 },
        { PE_USIM,       4 },
	{ PE_OPT_USIM,   5 },
        { PE_PHONEBOOK,  6 },
        { PE_GSM_ACCESS, 7 },
        { PE_ISIM,       8 },
	{ PE_OPT_ISIM,   9 },
        { PE_CSIM,       10},
        { PE_OPT_CSIM,   11},
        { PE_EAP,        12},
	{ PE_DF_5GS,     13},
        { PE_DF_SAIP,    14},
        { PE_DF_SNPN,    15},
        { PE_DF_5GPROSE, 16},
};

static const uint8_t oid_prefix[] = { 0x67, 0x81, 0x0F, 0x01, 0x02 }; /* 2.23.143.1.2 */

static uint8_t arc_of(enum pe_kind kind)
{
	for (size_t i = 0; i < COUNT(arcs); i++)
		if (arcs[i].kind == kind)
			return arcs[i].arc;
	return 0;
}

static bool oid_is(struct bytes oid, const struct template *template)
{
	uint8_t octets[8];
	struct room room = ROOM(octets);

	template_oid(&room, template);
	return bytes_same(oid, room_used(&room));
}

void template_oid(struct room *out, const struct template *template)
{
	room_put(out, BYTES(oid_prefix));
	room_put_u8(out, arc_of(template->kind));
	if (template->version > 1)
		room_put_u8(out, template->version);
}

const struct template *template_at(size_t n)
{
	return n < COUNT(templates) ? &templates[n] : NULL;
}

const struct template *template_find(enum pe_kind kind, struct bytes oid)
{
	for (size_t i = 0; i < COUNT(templates); i++)
		if (templates[i].kind == kind && oid_is(oid, &templates[i]))
			return &templates[i];
	return NULL;
}

bool template_known(struct bytes oid)
{
	for (size_t i = 0; i < COUNT(templates); i++)
		if (oid_is(oid, &templates[i]))
			return true;
	return false;
}

void template_file(const struct template *template, unsigned n, struct file_template *out)
{
	*out = template->files[n];
	for (size_t i = 0; i < COUNT(changes); i++) {
		if (changes[i].kind != template->kind || changes[i].fid != out->fid ||
		    template->version < changes[i].from)
			continue;
		out->records = changes[i].records;
		out->size = changes[i].size;
		out->fill = changes[i].fill;
	}
}

const struct template_fill *template_fill_of(const struct file_template *file)
{
	return &fills[file->fill];
}

enum err pe_template(struct pe *pe, const struct template **out)
{
	uint8_t oid[16];
	uint32_t at = pe->body.at;
	size_t len;

	TRY(cursor_bytes(&pe->body, 0x81, oid, 1, sizeof oid, &len));
	const struct template *found = template_find(pe->kind, (struct bytes){ oid, len });
	if (found == NULL)
		return cursor_fault(&pe->body, at, 0, ERR_UNSUPPORTED);
	*out = found;
	return ERR_NONE;
}

enum err pe_file(struct pe *pe, const struct template *template, unsigned *next, unsigned *index,
                 struct element *file)
{
	struct cursor rest = pe->body;
	struct element element;

	TRY(cursor_next(&rest, &element));
	for (unsigned i = *next; i < template->count; i++) {
		if (tag_number(i + TEMPLATE_FIRST_TAG, true) != element.tag)
			continue;
		pe->body = rest;
		*index = i;
		*next = i + 1;
		*file = element;
		return ERR_NONE;
	}
	return cursor_fault(&pe->body, element.at, tag_number(*next + TEMPLATE_FIRST_TAG, true),
	                    ERR_TAG);
}
