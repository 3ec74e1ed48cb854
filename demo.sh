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
	echo "Assay demo: set-up and build come first, the story takes a minute or two."
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
. tests/e2e/machine_lib.sh
private_world "$@"

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

# What is seen, without the program's name and the server's, the reason first, digests shortened.
short='s/^ *(assay-[a-z]+( [a-z]+)?: )?(localhost[^ ]*: )?//
s|^no profile for this card in this machine \(8.2.5/4.3: (.*)\)$|8.2.5/4.3: \1|
s/([0-9a-f]{8})[0-9a-f]{40,}/\1../g; s/  +/ /g'

chapter() { printf '\n%s\n' "$1"; }

# step EXPECTED COMMAND...: runs it, shows its last line as what was seen, and keeps both for the table.
step() {
	local expected=$1 seen good=yes
	shift
	"$@" >"$work/step.log" 2>&1 || good=NO
	[ $good = yes ] || failures=$((failures + 1))
	seen=$(tail -n 1 "$work/step.log" | sed -E "$short")
	[ -n "$seen" ] || seen=done
	rows+=("$good|$expected|$seen")
	printf '  %-3s  %-58s %.140s\n' "$([ $good = yes ] && echo ok || echo NO)" "$expected" "$seen"
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
		printf '%-6s %-58s %.90s\n' "$([ "$good" = yes ] && echo ok || echo FAILED)" "$expected" "$seen"
	done
	printf '\n%d steps, %d as expected, %d not\n' "${#rows[@]}" "$((${#rows[@]} - failures))" "$failures"
}

# --- the words of the story ------------------------------------------------------------------------

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
# The keeper signs no log that does not go on from the head that it signed last, unless it is told to forget it.
store_restored() {
	assayd_stop && rm -rf "$work/server/data" "$work/server/audit.head" && cp -r "$work/backup" "$work/server/data" &&
		assayd_start && echo "an older store is back, and the keeper was told"
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
	hostapd_start "$@" && echo "hostapd in front of ${1#"$work"/}"
}

# --- the words of machines that prove themselves -----------------------------------------------------

imei_a=490154203237518
imei_c=356938035643809

# machine_made NAME: the chip leaves its factory, the machine gets its own copy of the agent.
machine_made() {
	manufacture "$1" >/dev/null 2>&1 && cp "$bin/assay-agent" "$work/$1/agent" &&
		echo "a chip with certificates for RSA-2048 and P-384"
}

components_signed() { # machines of one model have the agent in one place; here each has its own
	signer_new && "$bin/assay-agent" components --model Meter-5 --firmware 1.0 --version 1 --signer "$work/signer.pem" \
		"agent=$work/a/agent" >"$work/components" && sed -n 's/^component/signed:/p' "$work/components" | cut -c1-60
}

# as NAME IMEI COMMAND...: the agent of that machine, which proves itself to card and server
as() {
	local name=$1 imei=$2
	shift 2
	timeout 120 "$work/$name/agent" "$@" --evidence "$(how_evident "$name" "$imei")" --connect-to 127.0.0.1:8443 \
		--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem"
}

# held NAME COMMAND...: what that machine's agent does with the card alone, after proving itself to it
held() {
	local name=$1
	shift
	timeout 60 "$work/$name/agent" "$@" --pairing "$(how_paired "$name")"
}

learn() { "$bin/assay" verifier learn --model Meter-5 --firmware 1.0 --pcrs 0,7,14 "$@" "$work/a/log" 2>/dev/null; }

references_set() {
	learn >"$work/reference" && ask verifier add reference "$work/reference" >/dev/null &&
		ask verifier add root "$work/factory/swtpm-localca-rootca-cert.pem" --name maker >/dev/null &&
		ask verifier add root "$work/factory/issuercert.pem" --name issuer >/dev/null &&
		echo "learned from machine A; the chip maker's roots"
}

# As much as machine A has shown. A machine that deviates is restricted, not shut out: somebody can look at it.
policy_set() {
	learn --policy fleet/1 >"$work/policy" &&
		echo "restrict event-changed event-unexpected event-missing pcr-value" >>"$work/policy" &&
		ask verifier add policy "$work/policy" | sed -n 's/^SHA256 */fleet\/1, sha256 /p'
}

supplier_lists() { # the supplier knows which card, chip and IMEI left the factory together
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/supplier.pem" &&
		openssl pkey -in "$work/supplier.pem" -pubout -out "$work/supplier.pub" &&
		ask verifier add supplier "$work/supplier.pub" --name Factory >/dev/null &&
		echo "$(cat "$work/eid_a") $(ek_digest a) $imei_a Meter-5" >"$work/list" && rm -f "$work/manifest" &&
		assay manifest sign "$work/list" --key "$work/supplier.pem" --batch "week 48" --out "$work/manifest" &&
		ask device import "$work/manifest" | tail -n 1
}

# card_of NAME OPTION...: a new card with an EID of its own
card_of() {
	local name=$1
	shift
	"$bin/assay-card" --new --pki "$work/pki" --eid "$(cat "$work/eid_$name")" --state "$work/$name.flash" "$@"
}

eids() {
	echo 89049032000000000000000000000163 >"$work/eid_a"
	echo 89049032000000000000000000000260 >"$work/eid_c"
	assay pki card "$work/pki" "$(cat "$work/eid_a")" >/dev/null && assay pki card "$work/pki" "$(cat "$work/eid_c")" >/dev/null
}

removable_made() { # it knows machine A; the operator may order otherwise
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/authority.pem" &&
		openssl pkey -in "$work/authority.pem" -pubout -out "$work/authority.pub" &&
		assay pairing key --trust "$(tcti a)" --signer "$work/signer.pub" --out "$work/a/pairing.pub" &&
		approve a && card_of a --pairing-mode observe --pairing-key "$work/a/pairing.pub" \
		--pairing-authority "$work/authority.pub"
}

swap_card() { # swap_card NAME: another card into the reader
	card_stop || true
	card_seal=
	card_start "$work/$1.flash" && { wait_for 10 card_usable || { cat "$work/info.says"; return 1; }; } && echo "card $(cat "$work/eid_$1" 2>/dev/null) is in the reader"
}

integrated_made() {
	approve c && card_of c --seal "$work/c.sealed" --chip "$(how_paired c)"
}

integrated_on() {
	card_stop || true
	"$bin/assay-card" --vpcd "127.0.0.1:$vpcd_port" --state "$work/c.flash" --seal "$work/c.sealed" \
		--chip "$(how_paired c)" >>"$work/card.log" 2>&1 &
	card_pid=$!
	started+=("$card_pid")
	wait_for 10 card_usable && echo "in a process of its own, its key out of machine C's chip"
}

says() { # says TEXT COMMAND...: it fails, or not, but says this
	local text=$1
	shift
	"$@" >"$work/said" 2>&1 || true
	grep -F -- "$text" "$work/said" || { cat "$work/said" && return 1; }
}

fails() { # fails TEXT COMMAND...: refused, with these words
	local text=$1
	shift
	if "$@" >"$work/said" 2>&1 || ! grep -F -- "$text" "$work/said"; then
		cat "$work/said"
		return 1
	fi
}

# eap_in PORT VLAN: admitted there, into that VLAN or none. What was decided a second ago may still be met, and
# pcscd needs a moment after the last program.
eap_in() {
	local try
	for try in 1 2 3 4 5 6 7 8; do
		if run_eap "AKA'" "$1" >"$work/eap.says" && [ "$(eap_vlan)" = "$2" ]; then
			echo "$(cat "$work/eap.says")${2:+, VLAN $2}"
			return 0
		fi
		sleep 0.5
	done
	cat "$work/eap.says"
	return 1
}

eap_not() { # eap_not PORT: the network gives this subscriber no vector there
	local try
	for try in 1 2 3 4 5 6 7 8; do
		! run_eap "AKA'" "$1" >"$work/eap.says" && grep "does not serve" "$work/eap.says" && return 0
		sleep 0.5
	done
	cat "$work/eap.says"
	return 1
}

# Shut out twice: the network has heard of the move and gives no vector; if it did, the card would answer 6985.
shut_out() {
	local try
	for try in 1 2 3 4 5 6 7 8; do
		! run_eap "AKA'" >"$work/eap.says" || return 1
		grep "does not serve" "$work/eap.says" && return 0
		grep -q "hexdump(len=2): 69 85" "$work/eapol.log" && echo "the card answers 6985" && return 0
		sleep 0.5
	done
	cat "$work/eap.says"
	return 1
}

# card_usable: pcscd needs a moment after a change of cards.
card_usable() { "$bin/assay-agent" info >"$work/info.says" 2>&1; }

firmware_replaced() { cp "$work/a/agent" "$work/a/agent.good" && printf 'implant' >>"$work/a/agent" && echo "7 octets more"; }
firmware_restored() { cp "$work/a/agent.good" "$work/a/agent" && boot a; }

order_mode() { # order_mode MODE NUMBER
	rm -f "$work/order"
	assay pairing order "$(cat "$work/eid_a")" --authority "$work/authority.pem" --mode "$1" --number "$2" --out "$work/order" &&
		held a pair --order "$work/order" | tail -n 1
}

further() { subscribe fifth 001010000000005 milenage && order fifth; }
a_downloads() { as a $imei_a download --yes --enable "$(cat "$work/third.code")" | tail -n 1; }
c_downloads() { as c $imei_c download --yes --enable "$(cat "$work/fourth.code")" | tail -n 1; }

event_told() { assay events --server "$socket" | grep -F -- "$1" | sed -E 's/.*(decision-changed) +[0-9]{32} +/\1: /'; }

moved_tells() { # nobody proves machine A here; the card counts, serves, and says so under its signature
	opensc-tool --reader 0 --reset >/dev/null 2>&1
	says "refuse" as c $imei_c attest localhost
}

# A card that is moved has no power on the way.
moved_manages() { opensc-tool --reader 0 --reset >/dev/null 2>&1; held c disable "$(cat "$work/third.iccid")"; }

at_home() { held a disable "$(cat "$work/third.iccid")" && held a enable "$(cat "$work/third.iccid")" && echo "proved, switched off and on"; }

integrated_dead() {
	card_stop || true
	tpm2_pcrextend -T "$(tcti c)" "14:sha256=$(printf '%064d' 7)" &&
		fails "not in an approved state" "$bin/assay-card" --apdu 00A40004023F00 --state "$work/c.flash" \
			--seal "$work/c.sealed" --chip "$(how_paired c)"
}

log_proved() {
	ask audit head >/dev/null && ask audit export "$work/audit.log" >/dev/null &&
		assay audit verify "$work/audit.log" --key "$work/server/audit.pub" | tail -n 1
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

chapter "From now on a machine has to prove that it is intact"
step "two machines are made, each with a TPM of its own" machine_made a
step "... of one model" machine_made c
step "what such a machine starts is signed for" components_signed
step "machine A starts its agent, measured into its TPM" boot a
step "the operator learns what an intact one looks like" references_set
step "and demands it: to be provisioned, to be let in" policy_set
step "two cards are issued" eids
step "one of them knows machine A, and can be taken out" removable_made
step "it is put into machine A" swap_card a
step "the supplier lists machine A: card, chip, IMEI" supplier_lists
step "machine A enrols, and nobody has to do anything" says "approved" as a $imei_a enrol localhost

chapter "An intact machine with a card of its own"
step "the operator makes a subscription" subscribe third 001010000000003 milenage
step "and orders it" order third
step "an agent without evidence is refused" fails "no evidence" agent download --yes "$(cat "$work/third.code" 2>/dev/null || true)"
step "R10: the IMEI alone convinces nobody" fails "no evidence" agent download --yes --imei $imei_a "$(cat "$work/third.code" 2>/dev/null || true)"
step "card and TPM sign together: provisioned" a_downloads
step "the network is up, with a quarantine beside it" network "$work/server/auc.sock" "$work/server/quarantine.sock"
step "it is let in" eap_in $radius_port ""

chapter "Firmware is tampered with"
step "the agent's file is replaced" firmware_replaced
step "the start refuses it, and measures that" fails "is not what the list says" boot a
step "a further subscription is ordered for it" further
step "R2: it is refused, and the measurement is named" fails "event" as a $imei_a download --yes "$(cat "$work/fifth.code" 2>/dev/null || true)"
step "the network does not let it in" eap_not $radius_port
step "the quarantine does" eap_in $quarantine_port $quarantine_vlan
step "the operator is told why" says "PCR" ask device show "$(cat "$work/eid_a" 2>/dev/null || true)"
step "R9: and by an event, with the measurement" event_told "event differs"
step "the firmware is restored" firmware_restored
step "machine A proves itself: admitted" says "admit" as a $imei_a attest localhost
step "and is let in again" eap_in $radius_port ""

chapter "A removable card is moved into another machine"
step "machine C starts" boot c
step "in C the card works, and tells (it observes)" moved_tells
step "the server has heard it" says "pairing" assay events --server "$socket"
step "the operator orders the card to enforce" order_mode enforce 1
step "R12: in C it is dead" fails "serves its own machine only" moved_manages
step "and gets into no network" shut_out
step "R1a: at home in A it works" at_home

chapter "An intact machine with an integrated card"
step "its card is made, sealed by the TPM of machine C" integrated_made
step "it is switched on" integrated_on
step "machine C enrols, and waits" says "pending" as c $imei_c enrol localhost
step "an operator's clerk approves it" says "approved" ask device approve "$(cat "$work/eid_c" 2>/dev/null || true)"
step "a subscription for it" subscribe fourth 001010000000004 milenage
step "ordered" order fourth
step "card and TPM sign together: provisioned" c_downloads
step "it is let in" eap_in $radius_port ""
step "its software is changed: the TPM keeps the card's key" integrated_dead

chapter "The record"
step "R8: every decision is in a log that can be proved" log_proved

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
