#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./demo.sh --once   sets up, builds, and tells the whole story once: a machine gets its subscription, a
#                    network that we did not write authenticates it, the subscription is changed remotely
# ./demo.sh          the same, and then leaves server, card and EAP server running until Ctrl-C
# Everything lives in run/demo, in a network namespace of its own; nothing listens outside of it.
set -euo pipefail
cd "$(dirname "$0")"
BASH_ARGV0=$PWD/demo.sh # it runs itself again, and may have been started from elsewhere

once=false
case "${1-}" in
"") ;;
--once) once=true ;;
*)
	sed -n '3,6s/^# //p' "$0" >&2
	exit 2
	;;
esac

if [ -z "${ASSAY_PRIVATE_WORLD-}" ]; then
	echo "Assay demo: set-up and build come first, the story takes about half a minute."
	tools/setup
	[ -f build/build.ninja ] || CC=gcc meson setup build >/dev/null
	mkdir -p run
	ninja -C build >run/build.log 2>&1 || { tail -n 20 run/build.log; exit 1; }
	echo "build: done"
fi

. tests/e2e/lib.sh
. tests/e2e/assayd_lib.sh
. tests/e2e/eap_lib.sh
skip_all() { echo "demo: $1" >&2; exit 1; }
private_world "$@"

bin=${ASSAY_BUILD:-build}/src/cli
work=${ASSAY_DEMO:-$PWD/run/demo}
socket=$work/server/admin.sock
gsma=${ASSAY_SHARED:-../shared/vectors}/rsp/ts48/ts48-v7-saip2.3-nobertlv.der
mkdir -p "$(dirname "$work")"
exec 8>"$work.lock"
flock --nonblock 8 || { echo "a demo is running in $work already" >&2; exit 1; }
rm -rf "$work"
mkdir -p "$work"
started=()
trap 'stop_all' EXIT
trap 'exit 143' TERM INT

# --- telling the story -----------------------------------------------------------------------------

rows=()
failures=0

chapter() { printf '\n%s\n' "$1"; }

# step EXPECTED COMMAND...: runs it, shows its last line as what was seen, and keeps both for the table.
step() {
	local expected=$1 seen good=yes
	shift
	if "$@" >"$work/step.log" 2>&1; then
		seen=$(tail -n 1 "$work/step.log")
	else
		good=NO
		seen=$(tail -n 1 "$work/step.log")
		failures=$((failures + 1))
	fi
	[ -n "$seen" ] || seen=done
	rows+=("$good|$expected|$seen")
	printf '  %-3s  %-58s %s\n' "$([ $good = yes ] && echo ok || echo NO)" "$expected" "$seen"
	if [ $good = NO ]; then
		sed 's/^/       | /' "$work/step.log"
		echo "       the logs are in $work"
	fi
}


summary() {
	printf '\n%-6s %-58s %s\n' "" "step: what is expected" "what was seen"
	local row
	for row in "${rows[@]}"; do
		IFS='|' read -r good expected seen <<<"$row"
		printf '%-6s %-58s %.60s\n' "$([ "$good" = yes ] && echo ok || echo FAILED)" "$expected" "$seen"
	done
	printf '\n%d steps, %d as expected, %d not\n' "${#rows[@]}" "$((${#rows[@]} - failures))" "$failures"
}

# --- the words of the story ------------------------------------------------------------------------

assay() { "$bin/assay" "$@"; }

agent() { # agent COMMAND ARGUMENT...: one that speaks to the server, too
	timeout 120 "$bin/assay-agent" "$@" --connect-to 127.0.0.1:8443 \
		--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem"
}

server_up() { assayd_new >/dev/null && assayd_start && echo "SM-DP+ and AuC, process $assayd_pid"; }

card_made() {
	"$bin/assay-card" --new --pki "$work/pki" --seal "$work/card.key" --state "$work/card.flash"
}

card_up() { card_seal=$work/card.key card_start "$work/card.flash" && opensc-tool --list-readers | tail -n 1; }

# subscribe NAME IMSI ALGORITHM: keys are drawn in the keeper and never leave it.
subscribe() {
	printf '%s = %s\n' name "$1" iccid "89882000000${2: -6}?" imsi "$2" algorithm "$3" spn "Assay $1" \
		>"$work/$1.txt"
	assay subscription new --server "$socket" --provider Assay --name "$1" "$work/$1.txt" >"$work/$1.iccid" &&
		echo "ICCID $(cat "$work/$1.iccid"), IMSI $2, $3, K in the keeper"
}

import() { # import NAME FILE: a package that somebody else made
	assay subscription import --server "$socket" --provider GSMA --name "$1" "$2" >"$work/$1.iccid" &&
		echo "ICCID $(cat "$work/$1.iccid")"
}

order() {
	assay order new --server "$socket" "$(cat "$work/$1.iccid")" >"$work/$1.code" && cat "$work/$1.code"
}

download() { agent download --yes "$(cat "$work/$1.code")"; }
enable() { agent enable "$(cat "$work/$1.iccid")"; }
disable() { agent disable "$(cat "$work/$1.iccid")"; }
delete() { agent delete --yes "$(cat "$work/$1.iccid")"; }

state() { # state NAME WANT: what the server knows of the profile
	local state
	state=$(assay subscription show --server "$socket" --json "$(cat "$work/$1.iccid")" | json 'j["state"]')
	echo "$state"
	[ "$state" = "$2" ]
}

listed() { # listed NAME STATE: what the card says of it
	"$bin/assay-agent" list --json | json "['enabled' if p['enabled'] else 'disabled' for p in j if p['iccid'] == '$(cat "$work/$1.iccid")'][0]" |
		tee "$work/listed"
	grep -qix "$2" "$work/listed"
}

refused() { # refused WHY METHOD: the authentication fails, and for that reason
	local says
	says=$(run_eap "$2") && return 1
	echo "$says"
	[[ $says == *"refused ($1)"* ]]
}

resynchronises() {
	run_eap "$1" && eap_resynchronised && echo "EAP-$1: AUTS sent, verified, then accepted"
}

# The operator loses the last hour: the store of before is put back, so its sequence numbers are behind the card's.
store_saved() { assayd_stop && cp -r "$work/server/data" "$work/backup" && assayd_start && echo "copied"; }
store_restored() {
	assayd_stop && rm -rf "$work/server/data" && cp -r "$work/backup" "$work/server/data" && assayd_start &&
		echo "an older store is back"
}

# A second network that claims the same IMSI, with another K.
impostor_up() {
	mkdir -p "$work/impostor"
	ln -sfn "$work/pki" "$work/impostor/pki"
	"$assayd" --init "$work/impostor/server" --pki "$work/pki" >/dev/null &&
		sed -i 's/:8443/:9443/; s/:8444/:9444/' "$work/impostor/server/assayd.conf" &&
		{ "$assayd" --config "$work/impostor/server/assayd.conf" 2>>"$work/impostor/assayd.log" & } &&
		started+=($!) && wait_for 10 test -S "$work/impostor/server/admin.sock" &&
		assay subscription new --server "$work/impostor/server/admin.sock" --name impostor \
			"$work/first.txt" >/dev/null && echo "same IMSI, other K"
}

network() { # network AUC-SOCKET: hostapd asks another AuC
	[ -z "${hostapd_pid-}" ] || { kill "$hostapd_pid" && wait "$hostapd_pid" 2>/dev/null || true; }
	hostapd_start "$1" && echo "hostapd in front of ${1#"$work"/}"
}

# --- the story -------------------------------------------------------------------------------------

chapter "A server and a machine with an eUICC"
step "a test PKI, assayd with SM-DP+, keeper, store, AuC" server_up
step "a fresh eUICC is personalised" card_made
step "a PC/SC daemon with a virtual reader" pcsc_start
step "the card is in the reader" card_up

chapter "The machine gets its first subscription"
step "the operator makes one; nobody sees its keys" subscribe first 001010000000001 milenage
step "and orders it: an activation code" order first
step "the machine downloads and installs it" download first
step "the server knows that it is installed" state first Installed
step "the machine enables it" enable first

chapter "A network that we did not write authenticates it (hostapd and eapol_test of Debian)"
step "hostapd asks our AuC for vectors" network "$work/server/auc.sock"
step "EAP-AKA' through the card on PC/SC" run_eap "AKA'"
step "EAP-AKA" run_eap AKA
step "the operator's store is saved" store_saved
step "EAP-AKA' again, the card's sequence number grows" run_eap "AKA'"
step "the older store is put back" store_restored
step "card and AuC resynchronise" resynchronises "AKA'"

chapter "An impostor network with a wrong K"
step "it has the IMSI, but not the key" impostor_up
step "hostapd asks the impostor" network "$work/impostor/server/auc.sock"
step "the card refuses to speak to it" refused "the card does not believe the network" "AKA'"
step "back to the real one" network "$work/server/auc.sock"
step "which the card still believes" run_eap "AKA'"

chapter "The subscription is changed remotely"
step "a second subscription, this one with TUAK" subscribe second 001010000000002 tuak
step "ordered" order second
step "downloaded" download second
step "the machine switches" enable second
step "and authenticates as the second subscriber" run_eap "AKA'"
step "the first is disabled now" listed first disabled
step "and deleted for good" delete first

if [ -f "$gsma" ]; then
	chapter "A GSMA TS.48 test profile, unmodified, takes the same way"
	step "it is taken in" import gsma "$gsma"
	step "ordered" order gsma
	step "downloaded and installed" download gsma
	step "enabled" enable gsma
	step "authenticates with its own keys" run_eap "AKA'"
	step "disabled" disable gsma
	step "deleted" delete gsma
	step "and the second is enabled again" enable second
fi

summary
if $once || [ "$failures" -gt 0 ]; then
	exit $((failures > 0))
fi

cat <<WHERE

It goes on running. In another terminal:
  build/src/cli/assay status --server run/demo/server/admin.sock
  build/src/cli/assay subscription list --server run/demo/server/admin.sock
  build/src/cli/assay device list --server run/demo/server/admin.sock
  build/src/cli/assay audit list --server run/demo/server/admin.sock
  tail -f run/demo/assayd.log
The card and hostapd are in a namespace of their own; to be there too, as root:
  nsenter --target $$ --net --mount --wd=$PWD build/src/cli/assay-agent list
Ctrl-C ends it.
WHERE
wait "$assayd_pid"
