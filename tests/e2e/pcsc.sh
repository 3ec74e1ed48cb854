#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The card on PC/SC, seen with programs that we did not write: opensc-tool and pcsc_scan.
set -u
. "$(dirname "$0")/lib.sh"
needs pcscd opensc-tool pcsc_scan unshare ip
private_world "$@"
work_folder

bin="${ASSAY_BUILD:-build}/src/cli"
select_isdr=00A4040010A0000005591010FFFFFFFF8900000100

new_card() {
	"$bin/assay" pki new "$work/pki" && "$bin/assay-card" --new --pki "$work/pki" --seal "$work/seal" \
		--state "$work/card.flash"
}

answers() { # answers SW... APDU...: the status words of the commands, in order
	local want=$1
	shift
	local got
	got=$(apdu "$@" | sed -n 's/.*SW1=0x\(..\), SW2=0x\(..\).*/\1\2/p' | tr -d '\n')
	echo "got $got, want $want"
	[[ "$got" =~ ^$want$ ]]
}

eid_is() { # the EID that GetEID gives is that of the PKI
	local eid
	eid=$(cat "$work/pki/eid")
	apdu "$select_isdr" 80E2910006BF3E035C015A00 | tr -d ' \n' | grep -qi "${eid:0:16}"
}

no_second_card() {
	"$bin/assay-card" --state "$work/card.flash" --seal "$work/seal" --apdu 80F20000 2>&1 |
		grep "try again later"
}

ends_clean() {
	kill -TERM "$card_pid" && wait "$card_pid"
}

fast() { # a hundred commands in less than two seconds: no delayed acknowledgements on the way
	local many=() i began
	for ((i = 0; i < 100; i++)); do many+=(--send-apdu 00C0000000); done
	began=$(date +%s%N)
	[ "$(opensc-tool --reader 0 --card-driver default "${many[@]}" | grep -c SW1=)" = 100 ] || return 1
	began=$((($(date +%s%N) - began) / 1000000))
	echo "100 APDUs in $began ms"
	[ "$began" -lt 2000 ]
}

restart_pcscd() {
	pcsc_stop
	pcsc_start && wait_for 20 card_present
}

ok "a card is made from a test PKI" new_card
ok "the PC/SC daemon is up" pcsc_start
card_seal="$work/seal"
ok "the card is in the reader" card_start "$work/card.flash"
ok "opensc-tool lists the reader" bash -c 'opensc-tool --list-readers | grep -q "Virtual PCD"'
ok "pcsc_scan knows that a card is inserted" bash -c 'timeout 3 pcsc_scan -n | grep -q "Card inserted"'
ok "the ISD-R is selected" answers '(61..|9000)' "$select_isdr"
ok "GetEID gives the EID of the certificate" eid_is
ok "an AID that is not here is not found" answers 6A82 00A404000AA0000000871002FF4942
ok "a card cannot be in two places" no_second_card
ok "nothing on the way is slow" fast
ok "the card comes back when the PC/SC daemon is started again" restart_pcscd
ok "and is the same card" eid_is
ok "SIGTERM ends the card cleanly" ends_clean
done_testing
