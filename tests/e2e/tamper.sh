#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R1b.5, R1b.6, I1, I2, I3: somebody opens the machine, before, during and after its card is provisioned. No key is
# anywhere afterwards; the order can be had again, or ends; the operator is told by the next evidence.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
. "$(dirname "$0")/eap_lib.sh"
. "$(dirname "$0")/machine_lib.sh"
needs pcscd opensc-tool unshare ip python3 swtpm swtpm_setup tpm2_nvread openssl
[ "$(id -u)" = 0 ] || skip_all "only root reads the memory of processes that gave up being read"
eap_tools || skip_all "hostapd or eapol_test is not installed"
private_world "$@"
work_folder
export XDG_STATE_HOME=$work/state TSS2_LOG=all+none

here=$(dirname "$0")
socket=$work/server/admin.sock
imei=490154203237518
other_eid=89049032000000000000000000000260
subscriptions=0

# --- the machine -------------------------------------------------------------------------------------

factory() {
	manufacture a && cp "$bin/assay-agent" "$work/a/agent" && signer_new &&
		"$bin/assay-agent" components --model Meter-5 --firmware 1.0 --version 1 --signer "$work/signer.pem" \
			"agent=$work/a/agent" >"$work/components"
}

show() { # show: what makes the machine's agent show evidence, into `shown`
	shown=(--evidence "$(how_evident a $imei)" --connect-to 127.0.0.1:8443 --issuer "$work/pki/CERT_CI_ECDSA_NIST.pem")
}

agent() { # agent COMMAND ARGUMENT...
	local shown
	show && timeout 120 "$work/a/agent" "$@" "${shown[@]}"
}

relay() {
	echo never >"$work/when"
	python3 "$here/tamper_relay.py" "$work" >"$work/relay.log" 2>&1 &
	started+=($!)
	wait_for 10 grep -q ready "$work/relay.log"
}

# put_right: the machine starts anew, with a new card behind its wires.
put_right() {
	[ -z "${card_pid-}" ] || over "$card_pid" || off || return 1
	rm -f "$work/card.flash" "$work/card.sealed" "$work/held" "$work/go"
	echo never >"$work/when"
	boot a && "$bin/assay-card" --new --pki "$work/pki" --state "$work/card.flash" --seal "$work/card.sealed" \
		--chip "$(how_paired a)" && switched_on &&
		"${ASSAY_BUILD:-build}/tests/e2e/unseal" "$(how_paired a)" "$work/card.sealed" >"$work/seal.key" &&
		cp "$work/card.flash" "$work/copy.flash" && cp "$work/card.sealed" "$work/copy.sealed"
}

switched_on() {
	[ -p "$work/lid" ] || mkfifo "$work/lid"
	"$bin/assay-card" --vpcd 127.0.0.1:35970 --state "$work/card.flash" --seal "$work/card.sealed" \
		--chip "$(how_paired a)" --tamper "fifo:$work/lid" --log "$work/a/log" >"$work/card.log" 2>&1 &
	card_pid=$!
	started+=("$card_pid")
	# The process first: pcscd may still see the card of before.
	wait_for 15 child card-guard && wait_for 15 card_present || { cat "$work/card.log"; return 1; }
}

child() { pgrep -P "$card_pid" -x "$1"; } # card, card-guard
over() { ! kill -0 "$1" 2>/dev/null; }

off() { kill "$card_pid" && wait_for 5 over "$card_pid"; }

open_lid() { # the card's process ends, and who guarded it says why
	local inner guard
	inner=$(child card) && guard=$(child card-guard) || return 1
	echo >"$work/lid"
	wait_for 10 over "$inner" && wait_for 20 over "$card_pid" && over "$guard"
	wait "$card_pid"
	[ $? = 4 ] && grep -F "the machine was tampered with: the card is erased" "$work/card.log"
}

# --- keys --------------------------------------------------------------------------------------------

scan() { timeout 60 "${ASSAY_BUILD:-build}/tests/server/secrets_scan" "$@"; }

everything() { cat "$work/subscriber.keys" "$work/seal.key" >"$work/all.keys"; }

card_has_them() { # the search finds keys where they are
	scan "$work/subscriber.keys" "+$work/s.txt" && scan "$work/seal.key" "+pid:$(child card)"
}

nobody_else_has() { # while the card runs: who started it, who guards it, PC/SC
	everything && scan "$work/all.keys" "pid:$card_pid" "pid:$(child card-guard)" "pid:$pcscd_pid"
}

nowhere() { # nowhere [PID...]: after the event; those processes are there still
	local pid survivors=()
	for pid in "$pcscd_pid" "$@"; do
		survivors+=("pid:$pid")
	done
	everything
	scan "$work/all.keys" "${survivors[@]}" "$work/card.flash" \
		"$work/card.log" "$work/state" && [ ! -s "$work/card.sealed" ] &&
		[ "$(tr -d '\0' <"$work/card.flash" | wc -c)" = 10 ]
}

copies_refused() { # files that somebody had copied before
	cp "$work/copy.flash" "$work/card.flash" && cp "$work/copy.sealed" "$work/card.sealed" && boot a &&
		refuses "earlier state" "$bin/assay-card" --apdu 00A40004023F00 --state "$work/card.flash" \
			--seal "$work/card.sealed" --chip "$(how_paired a)"
}

# --- the server --------------------------------------------------------------------------------------

subscribe() {
	subscriptions=$((subscriptions + 1))
	local k opc
	k=$(openssl rand -hex 16)
	opc=$(openssl rand -hex 16)
	printf '%s\n' "$k" "$opc" >"$work/subscriber.keys"
	printf '%s = %s\n' name "s$subscriptions" iccid "8988200000000001${subscriptions}1?" \
		imsi "00101000000010$subscriptions" algorithm milenage k "$k" opc "$opc" >"$work/s.txt"
	ask subscription new --name "s$subscriptions" "$work/s.txt" >"$work/iccid" &&
		ask order new "$(cat "$work/iccid")" >"$work/code"
}

order_is() { # order_is STATE TRIES-LEFT
	ask order show "$(cat "$work/iccid")" --json >"$work/order.json"
	cat "$work/order.json"
	[ "$(json 'j["state"], j["downloadsLeft"]' <"$work/order.json")" = "('$1', $2)" ]
}

order_ends() { # the profile may be on a card, so it is for no other; it is given up, and the IMSI is free again
	refuses "not available for this" ask order cancel "$(cat "$work/iccid")" &&
		ask order cancel --retire "$(cat "$work/iccid")" && order_is Unavailable 0 &&
		ask subscription delete --yes "$(cat "$work/iccid")"
}

subscribe_again() { # the same subscriber, with a new ICCID and new keys
	sed -i "s/^iccid = .*/iccid = 8988200000000002${subscriptions}1?/" "$work/s.txt"
	ask subscription new --name again "$work/s.txt" >"$work/iccid" && ask order new "$(cat "$work/iccid")" >"$work/code"
}

other_card() { # other_card TEXT COMMAND...: another card in the reader, of another EID
	rm -f "$work/other.flash"
	[ -d "$work/pki/cards/$other_eid" ] || assay pki card "$work/pki" $other_eid || return 1
	"$bin/assay-card" --new --pki "$work/pki" --eid $other_eid --state "$work/other.flash" &&
		card_start "$work/other.flash" && refuses "$1" agent "${@:2}" && card_stop
}

download() { agent download --yes --enable "$(cat "$work/code")"; }

held() { test -e "$work/held" || over "$agent_pid"; }

nothing_there() { # pcscd needs a moment to notice
	wait_for 5 eval '! card_present' && refuses "none of the 2 readers has a card" download
}

# tampered_at MOMENT: the lid is opened at that moment of a download, which then fails and says why.
tampered_at() {
	local code=0 shown
	echo "$1" >"$work/when"
	show
	"$work/a/agent" download --yes --enable "$(cat "$work/code")" "${shown[@]}" >"$work/said" 2>&1 &
	agent_pid=$!
	started+=("$agent_pid")
	wait_for 20 held && [ -e "$work/held" ] && agent_has_none && open_lid && nowhere "$agent_pid" || code=1
	touch "$work/go"
	! wait "$agent_pid" || code=1
	cat "$work/said"
	[ $code = 0 ] && grep -qE "No smart card inserted|Card was removed|has a card" "$work/said"
}

agent_has_none() { everything && scan "$work/all.keys" "pid:$agent_pid"; }

events() { # events COUNT: of tampering, as the operator sees them
	assay events --server "$socket" --json >"$work/events.json"
	cat "$work/events.json"
	[ "$(json '[(e["before"], e["after"]) for e in j if e["kind"] == "tamper"].count(("intact", "reports tampering"))' \
		<"$work/events.json")" = "$1" ]
}

# opened_machine_speaks TEXT COMMAND...: it was given another card, but not put right: its chip tells what it measured.
opened_machine_speaks() {
	rm -f "$work/other.flash"
	"$bin/assay-card" --new --pki "$work/pki" --state "$work/other.flash" && card_start "$work/other.flash" &&
		refuses "$1" agent "${@:2}" && card_stop
}

proved() {
	ask audit export "$work/log" && assay audit verify "$work/log" --key "$work/server/audit.pub" &&
		ask audit list | grep -F equipment.tamper
}

ok "a machine leaves its factory" factory
ok "it starts" boot a
ok "its state is approved" approve a
ok "a server" assayd_new
ok "it starts" assayd_start
ok "a policy and reference values are in force" in_force
ok "the PC/SC daemon is up" pcsc_start
ok "there are wires between reader and card" relay
ok "the machine has a card of its own" put_right
ok "the machine enrols" agent enrol localhost
ok "it is approved" ask device approve "$(cat "$work/pki/eid")"
ok "hostapd asks our AuC" hostapd_start "$work/server/auc.sock"

ok "a subscription is ordered" subscribe
ok "it is provisioned" download
segments=$(cat "$work/segments")
ok "in $segments pieces" [ "$segments" -gt 5 ]
ok "EAP-AKA' with it" run_eap "AKA'"
ok "the search finds K in the card's process, and what its image is sealed with" card_has_them
ok "R1b.5: nobody else has them: who started the card, who guards it, PC/SC" nobody_else_has
ok "after: the lid is opened: the card ends, and says why" open_lid
ok "R1b.5, I3: after: no key is anywhere" nowhere
ok "after: it authenticates to no network" eval '! run_eap "AKA'\''"'
ok "I1: after: the profile is on that card, and stays so" order_is Installed 4
ok "another card, in the machine that was opened" opened_machine_speaks "event" attest localhost
ok "R1b.6, R9: the operator is told" events 1
ok "R1b.5: after: copies of image and key, made before, are refused" copies_refused

ok "a machine that was put right, with a new card" put_right
ok "a subscription is ordered" subscribe
ok "before: the lid is opened" open_lid
ok "R1b.5, I3: before: no key is anywhere" nowhere
ok "R2: before: there is nothing to provision, and the agent says so" nothing_there
ok "I2: before: the order is as it was" order_is Released 5
ok "the machine is put right, with a new card" put_right
ok "I2: ... and gets it" eval 'download && order_is Installed 4'

ok "a machine with a new card" put_right
ok "a subscription is ordered" subscribe
ok "R1b.5, I3: during, before the card prepares: it ends, no key is anywhere" tampered_at "prepare before"
ok "I2: ... the order is as it was, with one try less" order_is Released 4
ok "the machine is put right, with a new card" put_right
ok "I2: ... and gets it" eval 'download && order_is Installed 3'

for moment in "1 before" "$((segments / 2)) after" "$segments before" "$segments after"; do
	ok "a machine with a new card" put_right
	ok "a subscription is ordered" subscribe
	ok "R1b.5, I3: during, piece $moment the card has it: it ends, no key is anywhere" tampered_at "segment $moment"
	ok "I2: ... the package was handed out: the order says so" order_is Downloaded 4
	ok "I1: ... and no other card gets it" other_card "8.1.1/3.8" download --yes "$(cat "$work/code")"
	ok "I2: ... the operator ends it" order_ends
done
ok "I2: the subscriber gets a new subscription" subscribe_again
ok "the machine is put right, with a new card" put_right
ok "I2: ... and is provisioned with it" eval 'download && order_is Installed 4'
ok "R8: the record is proved" proved
ok "the card is switched off, and ends" off
ok "the server stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
