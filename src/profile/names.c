/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/names.h"

static const char *const kinds[] = {
	"header",
	"genericFileManagement",
	"pinCodes",
	"pukCodes",
	"akaParameter",
	"cdmaParameter",
	"securityDomain",
	"rfm",
	"application",
	"nonStandard",
	"end",
	"rfu1",
	"rfu2",
	"rfu3",
	"rfu4",
	"rfu5",
	"mf",
	"cd",
	"telecom",
	"usim",
	"opt-usim",
	"isim",
	"opt-isim",
	"phonebook",
	"gsm-access",
	"csim",
	"opt-csim",
	"eap",
	"df-5gs",
	"df-saip",
	"df-snpn",
	"df-5gprose",
	"iot",
	"opt-iot",
};

_Static_assert(COUNT(kinds) == PE_KINDS, "an element lacks its name");

static const char *const services[] = {
	"contactless",
	"usim",
	"isim",
	"csim",
	"milenage",
	"tuak128",
	"cave",
	"gba-usim",
	"gba-isim",
	"mbms",
	"eap",
	"javacard",
	"multos",
	"multiple-usim",
	"multiple-isim",
	"multiple-csim",
	"tuak256",
	"usim-test-algorithm",
	"ber-tlv",
	"dfLink",
	"cat-tp",
	"get-identity",
	"profile-a-x25519",
	"profile-b-p256",
	"suciCalculatorApi",
	"dns-resolution",
	"scp11ac",
	"scp11c-authorization-mechanism",
	"s16mode",
	"eaka",
};

_Static_assert(COUNT(services) == SERVICES, "a service lacks its name");

static const char *const mf_names[] = {
	"mf", "ef-pl", "ef-iccid", "ef-dir", "ef-arr", "ef-umpc",
};

static const char *const cd_names[] = {
	"df-cd",
	"ef-launchpad",
	"ef-icon",
};

static const char *const telecom_names[] = {
	"df-telecom",      "ef-arr",         "ef-rma",      "ef-sume",       "ef-ice-dn",
	"ef-ice-ff",       "ef-psismsc",     "df-graphics", "ef-img",        "ef-iidf",
	"ef-ice-graphics", "ef-launch-scws", "ef-icon",     "df-phonebook",  "ef-pbr",
	"ef-ext1",         "ef-aas",         "ef-gas",      "ef-psc",        "ef-cc",
	"ef-puid",         "ef-iap",         "ef-adn",      "ef-pbc",        "ef-anr",
	"ef-puri",         "ef-email",       "ef-sne",      "ef-uid",        "ef-grp",
	"ef-ccp1",         "df-multimedia",  "ef-mml",      "ef-mmdf",       "df-mmss",
	"ef-mlpl",         "ef-mspl",        "ef-mmssmode", "df-mcs",        "ef-mst",
	"ef-mcs-config",   "df-v2x",         "ef-vst",      "ef-v2x-config", "ef-v2xp-pc5",
	"ef-v2xp-Uu",
};

static const char *const usim_names[] = {
	"adf-usim", "ef-imsi",      "ef-arr",       "ef-keys",   "ef-keysPS",  "ef-hpplmn",
	"ef-ust",   "ef-fdn",       "ef-sms",       "ef-smsp",   "ef-smss",    "ef-spn",
	"ef-est",   "ef-start-hfn", "ef-threshold", "ef-psloci", "ef-acc",     "ef-fplmn",
	"ef-loci",  "ef-ad",        "ef-ecc",       "ef-netpar", "ef-epsloci", "ef-epsnsc",
};

static const char *const opt_usim_names[] = {
	"ef-li",
	"ef-acmax",
	"ef-acm",
	"ef-gid1",
	"ef-gid2",
	"ef-msisdn",
	"ef-puct",
	"ef-cbmi",
	"ef-cbmid",
	"ef-sdn",
	"ef-ext2",
	"ef-ext3",
	"ef-cbmir",
	"ef-plmnwact",
	"ef-oplmnwact",
	"ef-hplmnwact",
	"ef-dck",
	"ef-cnl",
	"ef-smsr",
	"ef-bdn",
	"ef-ext5",
	"ef-ccp2",
	"ef-ext4",
	"ef-acl",
	"ef-cmi",
	"ef-ici",
	"ef-oci",
	"ef-ict",
	"ef-oct",
	"ef-vgcs",
	"ef-vgcss",
	"ef-vbs",
	"ef-vbss",
	"ef-emlpp",
	"ef-aaem",
	"ef-hiddenkey",
	"ef-pnn",
	"ef-opl",
	"ef-mbdn",
	"ef-ext6",
	"ef-mbi",
	"ef-mwis",
	"ef-cfis",
	"ef-ext7",
	"ef-spdi",
	"ef-mmsn",
	"ef-ext8",
	"ef-mmsicp",
	"ef-mmsup",
	"ef-mmsucp",
	"ef-nia",
	"ef-vgcsca",
	"ef-vbsca",
	"ef-gbabp",
	"ef-msk",
	"ef-muk",
	"ef-ehplmn",
	"ef-gbanl",
	"ef-ehplmnpi",
	"ef-lrplmnsi",
	"ef-nafkca",
	"ef-spni",
	"ef-pnni",
	"ef-ncp-ip",
	"ef-ufc",
	"ef-nasconfig",
	"ef-uicciari",
	"ef-pws",
	"ef-fdnuri",
	"ef-bdnuri",
	"ef-sdnuri",
	"ef-ial",
	"ef-ips",
	"ef-ipd",
	"ef-epdgid",
	"ef-epdgselection",
	"ef-epdgidem",
	"ef-epdgselectionem",
	"ef-frompreferred",
	"ef-imsconfigdata",
	"ef-3gpppsdataoff",
	"ef-3gpppsdataoffservicelist",
	"ef-xcapconfigdata",
	"ef-earfcnlist",
	"ef-mudmidconfigdata",
	"ef-eaka",
};

static const char *const phonebook_names[] = {
	"df-phonebook", "ef-pbr",   "ef-ext1", "ef-aas", "ef-gas", "ef-psc",
	"ef-cc",        "ef-puid",  "ef-iap",  "ef-adn", "ef-pbc", "ef-anr",
	"ef-puri",      "ef-email", "ef-sne",  "ef-uid", "ef-grp", "ef-ccp1",
};

static const char *const gsm_access_names[] = {
	"df-gsm-access", "ef-kc", "ef-kcgprs", "ef-cpbcch", "ef-invscan",
};

static const char *const df_5gs_names[] = {
	"df-df-5gs",      "ef-5gs3gpploci", "ef-5gsn3gpploci",      "ef-5gs3gppnsc",
	"ef-5gsn3gppnsc", "ef-5gauthkeys",  "ef-uac-aic",           "ef-suci-calc-info",
	"ef-opl5g",       "ef-supinai",     "ef-routing-indicator", "ef-ursp",
	"ef-tn3gppsnn",   "ef-cag",         "ef-sor-cmci",          "ef-dri",
	"ef-5gsedrx",     "ef-5gnswo-conf", "ef-mchpplmn",          "ef-kausf-derivation",
};

static const char *const df_saip_names[] = {
	"df-df-saip",
	"ef-suci-calc-info-usim",
};

static const char *const df_snpn_names[] = {
	"df-df-snpn",
	"ef-pws-snpn",
};

static const char *const df_5gprose_names[] = {
	"df-df-5g-prose",    "ef-5g-prose-st", "ef-5g-prose-dd",  "ef-5g-prose-dc",
	"ef-5g-prose-u2nru", "ef-5g-prose-ru", "ef-5g-prose-uir",
};

static const char *const isim_names[] = {
	"adf-isim", "ef-impi", "ef-impu", "ef-domain", "ef-ist", "ef-ad", "ef-arr",
};

static const char *const opt_isim_names[] = {
	"ef-pcscf",         "ef-sms",
	"ef-smsp",          "ef-smss",
	"ef-smsr",          "ef-gbabp",
	"ef-gbanl",         "ef-nafkca",
	"ef-uicciari",      "ef-frompreferred",
	"ef-imsconfigdata", "ef-xcapconfigdata",
	"ef-webrtcuri",     "ef-mudmidconfigdata",
};

static const char *const eap_names[] = {
	"df-eap", "ef-eapkeys", "ef-eapstatus", "ef-puid",
	"ef-ps",  "ef-curid",   "ef-reid",      "ef-realm",
};

static const char *const csim_names[] = {
	"adf-csim",    "ef-arr",      "ef-call-count", "ef-imsi-m",       "ef-imsi-t",
	"ef-tmsi",     "ef-ah",       "ef-aop",        "ef-aloc",         "ef-cdmahome",
	"ef-znregi",   "ef-snregi",   "ef-distregi",   "ef-accolc",       "ef-term",
	"ef-acp",      "ef-prl",      "ef-ruimid",     "ef-csim-st",      "ef-spc",
	"ef-otapaspc", "ef-namlock",  "ef-ota",        "ef-sp",           "ef-esn-meid-me",
	"ef-li",       "ef-usgind",   "ef-ad",         "ef-max-prl",      "ef-spcs",
	"ef-mecrp",    "ef-home-tag", "ef-group-tag",  "ef-specific-tag", "ef-call-prompt",
};

static const char *const opt_csim_names[] = {
	"ef-ssci",
	"ef-fdn",
	"ef-sms",
	"ef-smsp",
	"ef-smss",
	"ef-ssfc",
	"ef-spn",
	"ef-mdn",
	"ef-ecc",
	"ef-me3gpdopc",
	"ef-3gpdopm",
	"ef-sipcap",
	"ef-mipcap",
	"ef-sipupp",
	"ef-mipupp",
	"ef-sipsp",
	"ef-mipsp",
	"ef-sippapss",
	"ef-puzl",
	"ef-maxpuzl",
	"ef-hrpdcap",
	"ef-hrpdupp",
	"ef-csspr",
	"ef-atc",
	"ef-eprl",
	"ef-bcsmscfg",
	"ef-bcsmspref",
	"ef-bcsmstable",
	"ef-bcsmsp",
	"ef-bakpara",
	"ef-upbakpara",
	"ef-mmsn",
	"ef-ext8",
	"ef-mmsicp",
	"ef-mmsup",
	"ef-mmsucp",
	"ef-auth-capability",
	"ef-3gcik",
	"ef-dck",
	"ef-gid1",
	"ef-gid2",
	"ef-cdmacnl",
	"ef-sf-euimid",
	"ef-est",
	"ef-hidden-key",
	"ef-lcsver",
	"ef-lcscp",
	"ef-sdn",
	"ef-ext2",
	"ef-ext3",
	"ef-ici",
	"ef-oci",
	"ef-ext5",
	"ef-ccp2",
	"ef-applabels",
	"ef-model",
	"ef-rc",
	"ef-smscap",
	"ef-mipflags",
	"ef-3gpduppext",
	"ef-ipv6cap",
	"ef-tcpconfig",
	"ef-dgc",
	"ef-wapbrowsercp",
	"ef-wapbrowserbm",
	"ef-mmsconfig",
	"ef-jdl",
};

#define NAMES(kind, names)                \
	{                                 \
		kind, COUNT(names), names \
	}

static const struct {
	uint8_t kind, count;
	const char *const *names;
} files[] = {
	NAMES(PE_MF, mf_names),
	NAMES(PE_CD, cd_names),
	NAMES(PE_TELECOM, telecom_names),
	NAMES(PE_USIM, usim_names),
	NAMES(PE_OPT_USIM, opt_usim_names),
	NAMES(PE_PHONEBOOK, phonebook_names),
	NAMES(PE_GSM_ACCESS, gsm_access_names),
	NAMES(PE_DF_5GS, df_5gs_names),
	NAMES(PE_DF_SAIP, df_saip_names),
	NAMES(PE_DF_SNPN, df_snpn_names),
	NAMES(PE_DF_5GPROSE, df_5gprose_names),
	NAMES(PE_ISIM, isim_names),
	NAMES(PE_OPT_ISIM, opt_isim_names),
	NAMES(PE_EAP, eap_names),
	NAMES(PE_CSIM, csim_names),
	NAMES(PE_OPT_CSIM, opt_csim_names),
};

const char *pe_kind_name(enum pe_kind kind)
{
	return (size_t)kind < COUNT(kinds) ? kinds[kind] : "unknown";
}

const char *service_name(unsigned service)
{
	return service < COUNT(services) ? services[service] : "unknown";
}

const char *template_file_name(const struct template *template, unsigned n)
{
	for (size_t i = 0; i < COUNT(files); i++)
		if (files[i].kind == template->kind && n < files[i].count)
			return files[i].names[n];
	return "unknown";
}
