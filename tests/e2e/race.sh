#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# I1, I2, I7: two machines race for one order, each with its own chip (swtpm), card, reader (pcscd, vpcd) and agent,
# over HTTPS. Somebody in between lets their requests go on at the same moment. One gets the profile, the other is told.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
. "$(dirname "$0")/machine_lib.sh"
needs pcscd opensc-tool unshare ip python3 swtpm swtpm_setup openssl
private_world "$@"
work_folder
export TSS2_LOG=all+none

here=$(dirname "$0")
eid_a=89049032000000000000000000000163
eid_b=89049032000000000000000000000260
imei_a=490154203237518
imei_b=356938035643809
reader_a="00 00"
reader_b="00 01"
orders=0

factory() {
	signer_new && manufacture a && manufacture b && cp "$bin/assay-agent" "$work/agent" &&
		"$bin/assay-agent" components --model Meter-5 --firmware 1.0 --version 1 --signer "$work/signer.pem" \
			"agent=$work/agent" >"$work/components" && starts a && starts b
}

starts() {
	chip_start "$1" && "$work/agent" start --list "$work/components" --signer "$work/signer.pub" \
		--trust "$(tcti "$1")" --log "$work/$1/log" agent -- --version
}

card() { # card NAME PORT: its card, in its reader
	local eid=eid_$1
	assay pki card "$work/pki" "${!eid}" &&
		"$bin/assay-card" --new --pki "$work/pki" --eid "${!eid}" --state "$work/$1.flash" || return 1
	"$bin/assay-card" --vpcd "127.0.0.1:$2" --state "$work/$1.flash" >>"$work/card.log" 2>&1 &
	started+=($!)
	wait_for 10 usable "$1"
}

usable() { by "$1" info; }

by() { # by NAME COMMAND...: that machine's agent with its card
	local name=$1 reader=reader_$1
	shift
	XDG_STATE_HOME="$work/state.$name" timeout 120 "$work/agent" "$@" --reader "Virtual PCD ${!reader}"
}

online() { # online NAME COMMAND...: and with the server
	local imei=imei_$1
	by "$@" --evidence "$(how_evident "$1" "${!imei}")" --connect-to "127.0.0.1:${port-8443}" \
		--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem"
}

enrolled() {
	local eid=eid_$1
	online "$1" enrol localhost && ask device approve "${!eid}"
}

between() {
	"$here/evidence_proxy.py" "$work" "$work/pki/CERT_S_SM_DP_TLS_NIST.pem" "$work/pki/SK_S_SM_DP_TLS_NIST.pem" \
		>"$work/proxy.log" 2>&1 &
	started+=($!)
	wait_for 10 grep -q ready "$work/proxy.log"
}

subscribe() {
	orders=$((orders + 1))
	printf '%s = %s\n' name "p$orders" iccid "8988200000000000${orders}1?" imsi "00101000000000$orders" \
		algorithm milenage spn Assay >"$work/p.txt"
	ask subscription new --name "p$orders" "$work/p.txt" >"$work/iccid" &&
		ask order new "$(cat "$work/iccid")" >"$work/code"
}

race() { # race FUNCTION: both ask for it at once
	local port=9443 name pids=()
	rm -f "$work/met"
	echo "race $1" >"$work/mode"
	for name in a b; do
		online $name download --yes "$(cat "$work/code")" >"$work/said.$name" 2>&1 &
		pids+=($!)
	done
	wait "${pids[0]}"
	exit_a=$?
	wait "${pids[1]}"
	exit_b=$?
	tail -n 2 "$work/said.a" "$work/said.b"
	grep -c . "$work/met" && [ "$(grep -c . "$work/met")" -ge 2 ]
}

one_has_it() { # I1: one card, the one of which the agent said so; and the server knows no other
	local iccid winner loser
	iccid=$(cat "$work/iccid")
	if [ "$exit_a" = 0 ]; then winner=a loser=b; else winner=b loser=a; fi
	[ $((exit_a == 0)) != $((exit_b == 0)) ] && has $winner "$iccid" && ! has $loser "$iccid" || return 1
	local eid=eid_$winner
	wait_for 10 installed_on "${!eid}"
}

has() { by "$1" list --json | tee "$work/list" | grep -qF "$2"; }

installed_on() {
	ask order show "$(cat "$work/iccid")" --json | json "j['state'] == 'Installed' and j['eid'] == '$1'" | grep -qx True
}

other_is_told() { # I7, I2: who came too late hears why, and is as able as before
	local loser=b
	[ "$exit_a" = 0 ] || loser=a
	tail -n 1 "$work/said.$loser"
	grep -qE "$1" "$work/said.$loser"
}

both_serve() { # after all that each gets one of its own
	local port=8443
	subscribe && online a download --yes "$(cat "$work/code")" && subscribe && online b download --yes "$(cat "$work/code")"
}

ok "two machines start" factory
ok "a server" assayd_new
ok "it starts" assayd_start
ok "a policy and reference values are in force" in_force
ok "the PC/SC daemon is up" pcsc_start
ok "each has a card in a reader" eval 'card a 35963 && card b 35964'
ok "both are enrolled" eval 'enrolled a && enrolled b'
ok "somebody sits in between" between
for function in authenticateClient getBoundProfilePackage authenticateClient getBoundProfilePackage; do
	ok "one order" subscribe
	ok "both machines ask at once: $function" race $function
	ok "I1: one has it, and the server knows which" one_has_it
	ok "I7: the other is told" other_is_told "handed out meanwhile|belongs to another|8.1.1/3.8|8.2.6/3.8"
done
ok "I2: each gets a profile of its own" both_serve
ok "the server stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
