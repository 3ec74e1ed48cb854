#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An operator orders over ES2+ with mutual TLS, a card downloads, and the operator is told, even when its
# own end was down at first. The inventory comes from the catalogue directory.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
needs unshare ip curl python3
private_world "$@"
work_folder
here=$(dirname "$0")
header='"header": {"functionRequesterIdentifier": "1.2.3", "functionCallIdentifier": "call-1"}'

made() {
	assayd_new || return 1
	cat >>"$work/server/assayd.conf" <<-CONF
		notify-url = https://localhost:9555
		notify-trust = $work/pki/CERT_ES2_CA.pem
		notify-certificate = $work/pki/CERT_ES2_SERVER.pem
		notify-key = $work/pki/SK_ES2_SERVER.pem
	CONF
	local i
	for i in 1 2 3 4 5; do
		printf 'name = Fleet\nimsi = 00101000000010%s\niccid = 8900101000000000%s0?\n' "$i" "$i" \
			>"$work/server/catalogue/$i.txt"
	done
	cat >"$work/server/catalogue/fleet.json" <<-JSON
		{"profiles": [
			{"description": "1.txt", "type": "fleet", "metadata": {"profileName": "Fleet one",
				"notifications": [{"events": ["install", "enable"], "address": "localhost"}],
				"policyRules": [], "owner": {"mccMnc": "00101"}}},
			{"description": "2.txt", "type": "fleet"},
			{"description": "3.txt", "type": "van", "order": {"matchingId": "VAN-0", "confirmationCode": "0815",
				"downloads": 2, "confirmations": 2, "expires": "2099-12-31T23:59:59Z"}},
			{"description": "4.txt", "type": "van"},
			{"description": "5.txt", "type": "old", "order": {"matchingId": "OLD-0", "expires": "2020-02-29"}}
		]}
	JSON
}

in_state() { # in_state STATE COUNT
	local got
	got=$(admin "/v1/profiles?state=$1" | json 'len(j["profiles"])')
	echo "$got profiles are $1, want $2"
	[ "$got" = "$2" ]
}

# es2 FUNCTION BODY: the answer's status, and its codes when it failed
es2() {
	curl_es2 "$1" -d "{$header, $2}" >"$work/answer.json"
	json '"%(status)s" % j["header"]["functionExecutionStatus"] + " %(subjectCode)s/%(reasonCode)s" % j["header"]["functionExecutionStatus"].get("statusCodeData", {"subjectCode": "-", "reasonCode": "-"})' \
		<"$work/answer.json"
}

es2_is() { # es2_is WANT FUNCTION BODY
	local got want=$1
	shift
	got=$(es2 "$@")
	echo "got $got, want $want"
	cat "$work/answer.json"
	[ "$got" = "$want" ]
}

done_='Executed-Success -/-'

ordered() {
	es2_is "$done_" downloadOrder '"profileType": "fleet"' || return 1
	iccid=$(json 'j["iccid"].rstrip("F")' <"$work/answer.json")
}

operator_up() {
	python3 "$here/es2_operator.py" 9555 "$work/pki/CERT_ES2_OPERATOR.pem" "$work/pki/SK_ES2_OPERATOR.pem" \
		"$work/pki/CERT_ES2_CA.pem" "$work/told" &
	started+=($!)
}

told() { # told POINT: the operator knows that this point was reached with success
	[ -f "$work/told" ] && python3 -c 'import json, sys
for line in open(sys.argv[1]):
    told = json.loads(line)
    body = told["body"]
    if told["good"] and body["notificationPointId"] == int(sys.argv[2]) and body["iccid"] == sys.argv[3] \
            and body["notificationPointStatus"]["status"] == "Executed-Success":
        sys.exit(0)
sys.exit(1)' "$work/told" "$1" "$iccid"
}

downloads() {
	timeout 60 "${ASSAY_BUILD:-build}/tests/server/es9_load" "$work/pki" https://localhost:8443 localhost "$1" 1
}

expired() { # the order of the catalogue whose time is over
	downloads OLD >"$work/expired" 2>&1
	cat "$work/expired"
	grep -q ': 8\.8\.5/4\.10$' "$work/expired"
}

used_up() { # the one van is ordered, the next is refused; then it is put back
	local van
	es2_is "$done_" downloadOrder '"profileType": "van"' || return 1
	van=$(json 'j["iccid"].rstrip("F")' <"$work/answer.json")
	es2_is 'Failed 8.2.5/3.7' downloadOrder '"profileType": "van"' || return 1
	es2_is "$done_" cancelOrder "\"iccid\": \"$van\", \"finalProfileStatusIndicator\": \"Available\""
}

not_reserved() { # not_reserved OPTION...: an order that cannot be confirmed leaves the profile where it was
	local server=(--server "$work/server/admin.sock") assay=${ASSAY_BUILD:-build}/src/cli/assay
	! "$assay" order new "${server[@]}" --type van "$@" 2>&1 || return 1
	in_state Allocated 0 && in_state Available 3
}

queued() {
	grep -q 'handleDownloadProgressInfo not taken' "$work/assayd.log"
}

events() { # the audit log tells the download's life, and its hashes chain
	admin '/v1/audit?limit=1000' >"$work/audit.json"
	python3 -c 'import json, sys
events = json.load(open(sys.argv[1]))["events"]
names = [event["event"] for event in events if event["iccid"] == sys.argv[2]]
print(names)
sys.exit(len(names) < 4 or [event["number"] for event in events] != list(range(1, len(events) + 1)))' \
		"$work/audit.json" "$iccid"
}

ok "a server with a catalogue is made" made
ok "it starts" assayd_start
ok "the catalogue is in the inventory" wait_for 10 in_state Available 3
ok "and what it orders is released" in_state Released 2
ok "an order that has expired is refused" expired
ok "its confirmation code is asked for" bash -c "$(declare -f admin json); work='$work'; [ \"\$(admin '/v1/profiles?state=Released' | json 'j[\"profiles\"][0][\"confirmationRequired\"], j[\"profiles\"][0][\"downloadsLeft\"], j[\"profiles\"][0][\"activationCode\"]')\" = \"(True, 2, 'LPA:1\\\$localhost\\\$VAN-0\\\$\\\$1')\" ]"
ok "a matching id in use: the profile stays available" not_reserved --matching-id VAN-0
ok "a time that is none: the profile stays available" not_reserved --expires tomorrow
ok "DownloadOrder of a type that is used up" used_up
ok "DownloadOrder by type" ordered
ok "ConfirmOrder" es2_is "$done_" confirmOrder "\"iccid\": \"$iccid\", \"matchingId\": \"M-0\", \"releaseFlag\": false"
ok "the matching id is taken" bash -c "grep -q M-0 '$work/answer.json'"
ok "ReleaseProfile" es2_is "$done_" releaseProfile "\"iccid\": \"$iccid\""
ok "ReleaseProfile again is refused" es2_is 'Failed 8.2.1/3.5' releaseProfile "\"iccid\": \"$iccid\""
ok "an unknown ICCID is refused" es2_is 'Failed 8.2.1/3.9' releaseProfile '"iccid": "8900101999999999999"'
ok "a type that nobody has is refused" es2_is 'Failed 8.2.5/3.9' downloadOrder '"profileType": "none"'
ok "the operator's end is down: a card downloads" downloads M
ok "the call-back waits" wait_for 10 queued
ok "the operator's end comes up" operator_up
ok "it hears of the download" wait_for 30 told 3
ok "and of the installation" wait_for 30 told 4
ok "the server knows as well" in_state Installed 1
ok "R8: the audit log tells it in order" events
ok "another order" ordered
ok "CancelOrder" es2_is "$done_" cancelOrder "\"iccid\": \"$iccid\", \"finalProfileStatusIndicator\": \"Available\""
ok "the profile is in the inventory again" in_state Available 2
ok "the catalogue read again changes nothing" admin /v1/reload -X POST
ok "still so" in_state Available 2
ok "it stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
