#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An LPA that we did not write, lpac, does everything it can against our card and our SM-DP+. By hand:
#     LPAC=DIR-OF-LPAC'S-BUILD tests/interop/lpac.sh
# where DIR has src/lpac and driver/. docs/interop.md has what came of it. lpac wants the port 443 and does not look at the
# server's certificate.
set -u
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/assayd_lib.sh"
[ -x "${LPAC-}/src/lpac" ] || skip_all "LPAC is not a built lpac"
profile="${ASSAY_SHARED:-../shared/vectors}/rsp/ts48/ts48-v7-saip2.3-nobertlv.der"
[ -f "$profile" ] || skip_all "the GSMA test profile is not here"
private_world "$@"
work_folder
export ASSAY_PRIVATE_WORLD
bin="${ASSAY_BUILD:-build}/src/cli"
iccid=89000123456789012341
export LPAC_APDU=pcsc LPAC_HTTP=curl LD_LIBRARY_PATH="$LPAC/driver:$LPAC/euicc:$LPAC/utils"

lpac() { # what it says at the end stays in $work/said
	timeout 60 "$LPAC/src/lpac" "$@" >"$work/lpac.log" 2>&1
	tail -n 1 "$work/lpac.log" | tee "$work/said"
}

does() { # does EXPRESSION LPAC-ARGUMENT...: success, and the expression on its data is true
	local expression=$1
	shift
	lpac "$@" && [ "$(json '(lambda j: j["code"] == 0 and bool('"$expression"'))(j["payload"])' <"$work/said")" = True ]
}

refuses() { # refuses WORDS LPAC-ARGUMENT...
	local words=$1
	shift
	lpac "$@"
	[ "$(json 'j["payload"]["code"] == 0' <"$work/said")" = False ] && grep -q -- "$words" "$work/lpac.log"
}

order() {
	import_package "$profile" ts48 && admin /v1/orders -d '{"type": "ts48", "matchingId": "ABC", "confirmationCode": "4711"}'
}

on_443() {
	assayd_new && sed -i 's/:8443/:443/; s/8443/443/' "$work/server/assayd.conf" && assayd_start
}

card_new() {
	"$bin/assay-card" --new --pki "$work/pki" --state "$work/card.flash" --size 2048
}

# subscribe orders a second profile; its activation code is in $work/code.
subscribe() {
	printf '%s\n' "name = second" "iccid = 898820000000000001?" "imsi = 001010000000001" "algorithm = milenage" \
		"spn = Assay" >"$work/profile.txt"
	assay subscription new --server "$work/server/admin.sock" --name second "$work/profile.txt" >"$work/second" &&
		ask order new "$(cat "$work/second")" >"$work/code"
}

order_is() {
	ask order show "$(cat "$work/second")" | grep -q "^state  *$1\$"
}

# in_force [LINE]: a policy under which a profile wants evidence of a chip; LINE may relax it.
in_force() {
	printf '%s\n' "assay-policy 1" 'name "fleet/1"' "purpose provisioning" "formats tpm" "banks sha256" "pcrs 0" "$@" \
		>"$work/policy" && ask verifier add policy "$work/policy"
}

second() { # second does|refuses WHAT: by its activation code
	"$1" "$2" profile download -a "$(cat "$work/code")"
}

answered() { # answered SUBJECT REASON: these were the server's codes; lpac shows them among its HTTP messages only
	grep -o '"subjectCode":"[^}]*' "$work/lpac.log" | tee "$work/codes" | grep "\"$1\"" | grep -q "\"$2\""
}

with_http() {
	LPAC_HTTP_DEBUG=1 "$@"
}

state_is() {
	[ "$(admin /v1/profiles | json 'j["profiles"][0]["state"]')" = "$1" ]
}

ok "a server on port 443" on_443
ok "a GSMA TS.48 v7 profile is ordered, with a confirmation code" order
ok "a card is made" card_new
ok "the PC/SC daemon is up" pcsc_start
ok "the card is in the reader" card_start "$work/card.flash"
ok "chip info" does 'j["data"]["eidValue"] and len(j["data"]["EUICCInfo2"]["euiccCiPKIdListForSigning"]) == 2' chip info
ok "an unknown matching id is refused in our words" refuses "matching id" profile download -s localhost -m NOPE
ok "download with a confirmation code" does True profile download -s localhost -m ABC -c 4711
ok "... the server knows" state_is Downloaded
ok "profile list" does 'j["data"][0]["iccid"] == "'$iccid'" and j["data"][0]["profileState"] == "disabled"' profile list
ok "enable" does True profile enable $iccid
ok "... it is" does 'j["data"][0]["profileState"] == "enabled"' profile list
ok "nickname" does True profile nickname $iccid interop
ok "... it has one" does 'j["data"][0]["profileNickname"] == "interop"' profile list
ok "an enabled profile is not deleted" refuses "" profile delete $iccid
ok "disable" does True profile disable $iccid
ok "notification list" does 'len(j["data"]) >= 1' notification list
ok "notifications are sent and removed" does True notification process -a -r
ok "... the server knows" state_is Installed
ok "delete" does True profile delete $iccid
ok "... it is gone" does 'j["data"] == []' profile list
ok "default SM-DP+" does True chip defaultsmdp x.example.com
ok "... it is" does 'j["data"]["EuiccConfiguredAddresses"]["defaultDpAddress"] == "x.example.com"' chip info
ok "memory reset" does True chip purge yes
ok "a second profile is ordered" subscribe
ok "from now on there is a policy, which demands evidence" in_force
ok "R2: an LPA that knows nothing of evidence is refused in words" with_http second refuses \
	'"data":"format: no evidence came that the equipment is intact"'
ok "R2: ... with the standard's code" answered 8.2.5 4.3
ok "I4: the order is as it was" order_is Released
ok "the policy admits who has no evidence" in_force "admit no-evidence"
ok "such an LPA is served" second does True
ok "... the server knows" order_is Downloaded
ok "... and the profile is there" does 'j["data"][0]["serviceProviderName"] == "Assay"' profile list
done_testing
