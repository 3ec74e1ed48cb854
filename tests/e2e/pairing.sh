#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R1a, R1c, R12: a card and the machine that it belongs to, with programs that we did not write: two machines
# with a TPM each (swtpm), pcscd, hostapd, eapol_test. What works with a proof, what does not without; a card
# that is moved, a machine that was tampered with, and an update that is signed.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
. "$(dirname "$0")/machine_lib.sh"
. "$(dirname "$0")/eap_lib.sh"
needs pcscd opensc-tool unshare ip python3 swtpm tpm2_pcrextend openssl
eap_tools || skip_all "hostapd or eapol_test is not installed"
private_world "$@"
work_folder
export XDG_STATE_HOME=$work/state TSS2_LOG=all+none

socket=$work/server/admin.sock
pcrs=0,7,16

# approve NAME FILE: the supplier says that the machine's state of now is a good one.
approve() {
	rm -f "$2"
	assay pairing approve --trust "$(tcti "$1")" --signer "$work/signer.pem" --pcrs "$pcrs" --out "$2"
}

keys() {
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/signer.pem" &&
		openssl pkey -in "$work/signer.pem" -pubout -out "$work/signer.pub" &&
		openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/authority.pem" &&
		openssl pkey -in "$work/authority.pem" -pubout -out "$work/authority.pub"
}

paired() { # paired NAME: the chip's key, and the approval of its state
	assay pairing key --trust "$(tcti "$1")" --signer "$work/signer.pub" --out "$work/$1.pub" &&
		approve "$1" "$work/$1.approval"
}

card_new() {
	"$bin/assay-card" --new --pki "$work/pki" --state "$work/card.flash" --pairing-mode enforce \
		--pairing-key "$work/a.pub" --pairing-authority "$work/authority.pub"
}

# as NAME COMMAND...: the agent of that machine
as() {
	local name=$1
	shift
	timeout 60 "$bin/assay-agent" "$@" \
		--pairing "tpm:$(tcti "$name"),approval=$work/$name.approval,signer=$work/signer.pub"
}

online() {
	as "$@" --connect-to 127.0.0.1:8443 --issuer "$work/pki/CERT_CI_ECDSA_NIST.pem"
}

subscribe() {
	printf '%s = %s\n' name first iccid '89882000000000001?' imsi 001010000000001 algorithm milenage \
		spn Assay >"$work/first.txt"
	assay subscription new --server "$socket" --name first "$work/first.txt" >"$work/first.iccid" &&
		assay order new --server "$socket" "$(cat "$work/first.iccid")" >"$work/first.code"
}

download() { online "$1" download --yes --enable "$(cat "$work/first.code")"; }

state() { # state NAME PYTHON-EXPRESSION over what the card says of the pairing
	as "$1" pair --json 2>>"$work/said" | tail -n 1 | tee "$work/pair.json" | json "$2" | grep -q True
	local result=$?
	cat "$work/pair.json"
	return $result
}

keep() { # keep NAME: the machine keeps proving itself, for programs that cannot
	as_keep "$1" &
	keeper_pid=$!
	started+=("$keeper_pid")
	wait_for 10 grep -q proved "$work/keep.log"
}

as_keep() {
	exec "$bin/assay-agent" pair --keep \
		--pairing "tpm:$(tcti "$1"),approval=$work/$1.approval,signer=$work/signer.pub" >"$work/keep.log" 2>&1
}

keep_stop() { kill -TERM "$keeper_pid" && wait "$keeper_pid"; }

eap_refused() {
	! run_eap "AKA'" || return 1
	grep "hexdump(len=2): 69 85" "$work/eapol.log"
}

power_cycle() { opensc-tool --reader 0 --reset; }

tamper() { tpm2_pcrextend -T "$(tcti "$1")" 16:sha256=$(printf '%064d' 7); }

# eap_soon: the keeper needs a moment to notice the reset.
eap_soon() { sleep 0.5 && run_eap "AKA'"; }

eap_after_reset() { power_cycle && run_eap "AKA'"; }

again_refused() { order off 1 && refuses "not newer" as b pair --order "$work/order"; }

order() { # order MODE NUMBER [NAME]
	rm -f "$work/order"
	assay pairing order "$(cat "$work/pki/eid")" --authority "$work/authority.pem" --mode "$1" --number "$2" \
		${3:+--key "$work/$3.pub"} --out "$work/order"
}

ok "keys of who approves states and of who orders" keys
ok "machine A has a chip" chip_start a
ok "machine B has another" chip_start b
ok "A's pairing key and approved state" paired a
ok "B's, too" paired b
ok "a server" assayd_new
ok "it starts" assayd_start
ok "a subscription is made and ordered" subscribe
ok "a card is made that belongs to A, and enforces it" card_new
ok "the PC/SC daemon is up" pcsc_start
ok "the card is in the reader" card_start "$work/card.flash"
ok "hostapd asks our AuC" hostapd_start "$work/server/auc.sock"

ok "R12: B downloads nothing with A's card" refuses "belongs to another machine" download b
ok "... and neither does an agent that proves nothing" refuses "its own machine only" \
	"$bin/assay-agent" download --yes --connect-to 127.0.0.1:8443 \
	--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem" "$(cat "$work/first.code")"
ok "which the card has counted" state b 'j["refusedSessions"] >= 1 and not j["proven"]'
ok "R1a: A downloads and enables, resets of the card included" download a
ok "the card is reset" power_cycle
ok "R12: no EAP-AKA' without a proof" eap_refused
ok "A keeps proving itself" keep a
ok "EAP-AKA' is accepted" run_eap "AKA'"
ok "... and again, though eapol_test switches the card off" eap_soon
ok "A stops" keep_stop
ok "to keep a card without a way to prove makes no sense" refuses "way to prove" \
	"$bin/assay-agent" pair --keep
ok "the card is moved to B, without power on the way" power_cycle
ok "R12: there it authenticates to no network" eap_refused

ok "A's software is tampered with" tamper a
ok "A's chip no longer signs" refuses "not in an approved state" as a pair
ok "R1a: A cannot use its own card" eap_refused
ok "an update is signed: A's new state is approved" approve a "$work/a.approval"
ok "... and works with the same card and key" state a 'j["proven"]'
ok "and with EAP" run_eap "AKA'"

ok "R1c: the operator orders: observe" order observe 1
ok "the card obeys" as a pair --order "$work/order"
ok "R12: in B the card works" eap_after_reset
ok "... and tells of it" state b 'j["unprovenSessions"] == 1 and j["last"] == "missed" and not j["proven"]'
ok "an order moves the card to B, and enforces" order enforce 2 b
ok "the card obeys" as b pair --order "$work/order"
ok "B proves itself" state b 'j["proven"] and j["lastOrder"] == 2'
ok "EAP-AKA' in B" run_eap "AKA'"
ok "A is a stranger now" refuses "belongs to another machine" as a pair
ok "the first order a second time is refused" again_refused
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
