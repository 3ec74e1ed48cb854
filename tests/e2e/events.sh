#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R9: a card turns up in another device. The operator hears of it: in the list, on a line that follows, on the device,
# in the audit log, and as a signed call-back that comes again until it was taken.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
needs unshare ip curl python3 openssl
private_world "$@"
work_folder
here=$(dirname "$0")
first=490154203237518
second=356938035643809

made() {
	assayd_new || return 1
	cat >>"$work/server/assayd.conf" <<-CONF
		events-url = https://localhost:9556/machines
		notify-trust = $work/pki/CERT_ES2_CA.pem
	CONF
	"$assayd" --check --config "$work/server/assayd.conf"
}

assay() {
	local command=$1
	shift
	"$bin/assay" "$command" "$@" --server "$work/server/admin.sock"
}

fill() {
	timeout 60 python3 "$here/secrets_fill.py" "$work/server/admin.sock" "$1" 1 "$work/keys$1" "$2"
}

downloads() { # downloads PREFIX IMEI: the same card, in the device of that IMEI
	ES9_LOAD_IMEI=$2 timeout 60 "${ASSAY_BUILD:-build}/tests/server/es9_load" "$work/pki" https://localhost:8443 \
		localhost "$1" 1
}

no_events() {
	[ "$(assay events)" = "no events" ]
}

follow() {
	"$bin/assay" events --follow --server "$work/server/admin.sock" >"$work/followed" 2>&1 &
	started+=($!)
}

followed() {
	grep -F "new-imei" "$work/followed" | grep -F "$first -> $second"
}

listed() {
	assay events --json >"$work/events.json"
	cat "$work/events.json"
	[ "$(json '[(e["kind"], e["before"], e["after"]) for e in j]' <"$work/events.json")" = \
		"[('new-imei', '$first', '$second')]" ]
}

on_device() {
	local eid
	eid=$(json 'j[0]["eid"]' <"$work/events.json")
	assay device show "$eid" | grep -F "new-imei" && assay events "$eid" | grep -F "$second"
}

audited() {
	assay audit list | grep -F "equipment.new-imei"
}

proved() {
	assay audit export "$work/log" &&
		"$bin/assay" audit verify "$work/log" --key "$work/server/audit.pub"
}

waits() {
	grep -q 'event not taken' "$work/assayd.log"
}

operator_up() {
	mkdir -p "$work/told"
	python3 "$here/events_operator.py" 9556 "$work/pki/CERT_ES2_SERVER.pem" "$work/pki/SK_ES2_SERVER.pem" \
		"$work/told" &
	started+=($!)
}

told() {
	[ -s "$work/told/1.json" ]
}

same() { # what is posted is what is listed
	python3 -c 'import json, sys
told = json.load(open(sys.argv[1]))
print(told)
sys.exit(told != json.load(open(sys.argv[2]))[0])' "$work/told/1.json" "$work/events.json"
}

signed() {
	python3 "$here/events_operator.py" --split "$work/told/1" &&
		openssl dgst -sha256 -verify "$work/server/notice.pub" -signature "$work/told/1.der" "$work/told/1.input"
}

forged() {
	sed "s/$second/$first/" "$work/told/1.json" >"$work/told/2.json"
	cp "$work/told/1.jws" "$work/told/2.jws"
	python3 "$here/events_operator.py" --split "$work/told/2" &&
		! openssl dgst -sha256 -verify "$work/server/notice.pub" -signature "$work/told/2.der" \
			"$work/told/2.input"
}

ok "a server is made whose operator wants to hear of its machines" made
ok "it starts" assayd_start
ok "a subscription is ordered" fill A 0
ok "and another" fill B 10
ok "a card downloads the first" downloads A "$first"
ok "R9: there is nothing to tell" no_events
ok "somebody follows" follow
ok "the card comes again, in another device" downloads B "$second"
ok "R9: who follows sees before and after" wait_for 20 followed
ok "R9: it is in the list" listed
ok "R9: and on the device" on_device
ok "R8: and in the audit log" audited
ok "R8: which is proved" proved
ok "the operator's end is down: the call-back waits" wait_for 20 waits
ok "it comes up, and says 503 at first" operator_up
ok "R9: the operator is told" wait_for 60 told
ok "what is in the list" same
ok "R9: and knows that it comes from us" signed
ok "R9: a forged one does not verify" forged
ok "it stops" assayd_stop
sleep 3
ok "who follows is told that it is away, once" [ "$(grep -c "connect" "$work/followed")" = 1 ]
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
