#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Subscriptions that our SM-DP+ issued to our card authenticate with programs that we did not write:
# hostapd asks our AuC, eapol_test asks the card on PC/SC (R3, R4, R6, R7).
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
. "$(dirname "$0")/eap_lib.sh"
needs pcscd opensc-tool unshare ip python3
eap_tools || skip_all "hostapd or eapol_test is not installed"
private_world "$@"
work_folder

socket="$work/server/admin.sock"
gsma="${ASSAY_SHARED:-../shared/vectors}/rsp/ts48/ts48-v7-saip2.3-nobertlv.der"

describe() { # describe FILE ICCID-WITHOUT-CHECK-DIGIT IMSI ALGORITHM
	printf '%s = %s\n' name Trial iccid "$2" imsi "$3" algorithm "$4" >"$work/$1"
}

subscribe() { # subscribe DESCRIPTION NAME: a subscription whose keys nobody has seen; its ICCID into $NAME
	local iccid
	iccid=$("$bin/assay" subscription new --server "$socket" --provider Trial --name "$2" \
		"$work/$1") || return 1
	echo "$iccid" >"$work/$2.iccid"
}

subscribe_gsma() {
	"$bin/assay" subscription import --server "$socket" "$gsma" >"$work/gsma.iccid"
}

download() { # download NAME: ordered, downloaded over ES9+ and PC/SC, enabled
	local code
	code=$("$bin/assay" order new --server "$socket" "$(cat "$work/$1.iccid")") || return 1
	timeout 120 "$bin/assay-agent" download --yes --enable --connect-to 127.0.0.1:8443 \
		--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem" "$code"
}

enable() {
	timeout 60 "$bin/assay-agent" enable --connect-to 127.0.0.1:8443 \
		--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem" "$(cat "$work/$1.iccid")"
}

card_new() {
	"$bin/assay-card" --new --pki "$work/pki" --seal "$work/seal" --state "$work/card.flash"
}

asks_every_time() { # three authentications of one supplicant: the card computes three times
	eapol_test -c "$work/eapol.conf" -a 127.0.0.1 -p "$radius_port" -s "$radius_secret" -r 2 \
		>"$work/eapol.log" 2>&1 && [ "$(grep -c 'UMTS alg response' "$work/eapol.log")" = 3 ]
}

refused() { # refused WHY METHOD
	local says
	says=$(run_eap "$2")
	echo "$says"
	[[ $says == *refused*"$1"* ]]
}

without_resynchronisation() {
	run_eap "$1" && ! eap_resynchronised
}

by_resynchronisation() {
	run_eap "$1" && eap_resynchronised
}

kill_child() { # kill_child KIND: it comes back by itself
	local old
	old=$(child_pids "$1")
	kill -9 $old && wait_for 10 comes_back "$1" "$old"
}

comes_back() {
	local new
	new=$(child_pids "$1")
	[ -n "$new" ] && [ "$new" != "$2" ]
}

kill_server() {
	kill -9 "$assayd_pid"
	wait "$assayd_pid" 2>/dev/null
	wait_for 10 gone && assayd_start
}

gone() {
	! pgrep -f "$work/server/assayd.conf"
}

backup() {
	assayd_stop && cp -r "$work/server/data" "$work/backup" && assayd_start
}

restore() {
	assayd_stop && rm -rf "$work/server/data" && cp -r "$work/backup" "$work/server/data" && assayd_start
}

second_server() { # the same IMSI, another K: an impostor's network
	mkdir -p "$work/impostor" && (
		work="$work/impostor"
		socket="$work/server/admin.sock"
		assayd_new && sed -i 's/:8443/:9443/; s/:8444/:9444/' "$work/server/assayd.conf" &&
			assayd_start && echo "$assayd_pid" >"$work/pid" &&
			cp "$work/../$1" "$work/" && subscribe "$1" other
	)
	local made=$?
	started+=("$(cat "$work/impostor/pid")")
	return "$made"
}

change_network() { # change_network AUC-SOCKET
	kill "$hostapd_pid" && wait "$hostapd_pid" 2>/dev/null
	hostapd_start "$1"
}

bar() {
	"$bin/assay" subscription "$1" --server "$socket" "$2" && sleep 1.1
}

as() { # as IMSI METHOD: it is that subscriber who is accepted
	local says
	says=$(run_eap "$2")
	echo "$says"
	[[ $says == *" of $1: accepted"* ]]
}

authenticates() { # authenticates WHO IMSI: in all three methods
	for method in "AKA'" AKA SIM; do
		ok "$1: EAP-$method" as "$2" "$method"
	done
}

describe first.txt 898820000000000001 001010000000001 milenage
describe second.txt 898820000000000002 001010000000002 tuak
ok "a server is made" assayd_new
ok "it starts" assayd_start
ok "a card is made" card_new
ok "the PC/SC daemon is up" pcsc_start
card_seal="$work/seal"
ok "the card is in the reader" card_start "$work/card.flash"
ok "hostapd is up in front of the AuC" hostapd_start "$work/server/auc.sock"

ok "a subscription is made, with keys that nobody has seen" subscribe first.txt first
ok "it goes to the card" download first
authenticates "Milenage" 001010000000001
ok "EAP-AKA' once more" without_resynchronisation "AKA'"

ok "no fast re-authentication goes past the AuC" asks_every_time
ok "the server is backed up" backup
ok "afterwards the card goes on" without_resynchronisation AKA
ok "... and on" without_resynchronisation AKA
ok "I5: the AuC process is killed and comes back" kill_child auc
ok "I5: no number is used twice, none is too old" without_resynchronisation "AKA'"
ok "I5: the store process is killed and comes back" kill_child store
ok "I5: ... and the card goes on" without_resynchronisation "AKA'"
ok "I5: all of the server is killed and started again" kill_server
ok "I5: ... and the card goes on" without_resynchronisation AKA
ok "the old backup is restored: the network's counter is behind" restore
ok "TS 33.102 6.3.5: EAP-AKA' by resynchronisation" by_resynchronisation "AKA'"
ok "... once only" without_resynchronisation "AKA'"
ok "the old backup again" restore
ok "EAP-AKA by resynchronisation" by_resynchronisation AKA

ok "the subscription is barred" bar bar 001010000000001
ok "the network does not serve it" refused "does not serve" "AKA'"
ok "it is no longer barred" bar unbar 001010000000001
ok "and served again" run_eap "AKA'"

ok "an impostor's network: the same IMSI, another K" second_server first.txt
ok "hostapd asks the impostor" change_network "$work/impostor/server/auc.sock"
ok "the card does not believe it: EAP-AKA'" refused "does not believe the network" "AKA'"
ok "... EAP-AKA" refused "does not believe the network" AKA
ok "... and the network does not believe the card: EAP-SIM" refused "does not believe the card" SIM
ok "hostapd asks the right AuC again" change_network "$work/server/auc.sock"
ok "and the card is well" without_resynchronisation "AKA'"

ok "a second subscription, on TUAK" subscribe second.txt second
ok "it goes to the same card, and is enabled" download second
authenticates "TUAK" 001010000000002
ok "back to the first" enable first
ok "it is the first again" as 001010000000001 "AKA'"

if [ -f "$gsma" ]; then
	ok "an unmodified GSMA TS.48 profile is imported" subscribe_gsma
	ok "it goes to the same card" download gsma
	authenticates "GSMA test profile, its own keys" 001010123456789
else
	ok "the GSMA test profile is not here # SKIP" true
fi
ok "the server stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP" && cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
