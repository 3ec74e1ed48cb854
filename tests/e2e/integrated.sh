#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R1b: a card without a chip of its own, in a machine with a TPM (swtpm). Its image opens in an approved state
# alone; it runs in a process that can do nothing else; an image of an earlier state is refused; and to
# PC/SC programs, server and network it is a card like any other.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
. "$(dirname "$0")/eap_lib.sh"
. "$(dirname "$0")/machine_lib.sh"
needs pcscd opensc-tool unshare ip python3 swtpm tpm2_pcrextend openssl
eap_tools || skip_all "hostapd or eapol_test is not installed"
private_world "$@"
work_folder
export XDG_STATE_HOME=$work/state TSS2_LOG=all+none

socket=$work/server/admin.sock

card_new() {
	"$bin/assay-card" --new --pki "$work/pki" --state "$work/card.flash" --seal "$work/card.sealed" \
		--chip "$(how_paired a)"
}

inside_extra=()
inside_start() { # inside_start NAME: the card of that machine is switched on
	"$bin/assay-card" --vpcd "127.0.0.1:$vpcd_port" --state "$work/card.flash" --seal "$work/card.sealed" \
		--chip "$(how_paired "$1")" "${inside_extra[@]}" >"$work/card.log" 2>&1 &
	card_pid=$!
	started+=("$card_pid")
	wait_for 15 card_present || { cat "$work/card.log"; return 1; }
}

inside_refused() { # inside_refused NAME TEXT
	! timeout 20 "$bin/assay-card" --apdu 00A40004023F00 --state "$work/card.flash" --seal "$work/card.sealed" \
		--chip "$(how_paired "$1")" "${inside_extra[@]}" >"$work/said" 2>&1 || return 1
	cat "$work/said"
	grep -qF -- "$2" "$work/said"
}

inner() { pgrep -P "$card_pid" | head -n 1; }

confined() { # two descriptors beside standard ones, a seccomp filter, no core dump
	local pid
	pid=$(inner)
	grep '^Seccomp:' "/proc/$pid/status"
	find "/proc/$pid/fd" -mindepth 1 | sort
	grep -q '^Seccomp:[[:space:]]*2' "/proc/$pid/status" &&
		[ "$(find "/proc/$pid/fd" -mindepth 1 | wc -l)" = 5 ] &&
		[ "$(grep '^Max core file size' "/proc/$pid/limits" | awk '{ print $5 }')" = 0 ]
}

secret_seal() { # what is on the disk is not what the image is sealed with
	[ "$(stat -c %s "$work/card.sealed")" -gt 64 ] &&
		! "$bin/assay-card" --apdu 00A40004023F00 --state "$work/card.flash" --seal "$work/card.sealed"
}

subscribe() {
	printf '%s = %s\n' name first iccid '89882000000000001?' imsi 001010000000001 algorithm milenage \
		spn Assay >"$work/first.txt"
	assay subscription new --server "$socket" --name first "$work/first.txt" >"$work/first.iccid" &&
		assay order new --server "$socket" "$(cat "$work/first.iccid")" >"$work/first.code"
}

download() {
	timeout 60 "$bin/assay-agent" download --yes --enable --connect-to 127.0.0.1:8443 \
		--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem" "$(cat "$work/first.code")"
}

# eap_soon: who has just left the reader has it switched off, and pcscd needs a moment for the next.
eap_soon() {
	local try
	for try in 1 2 3 4 5; do
		run_eap "AKA'" && return 0
		sleep 0.3
	done
	return 1
}

tamper() { tpm2_pcrextend -T "$(tcti a)" "16:sha256=$(printf '%064d' 7)"; }
died_with_its_parent() { kill -9 "$card_pid" && wait_for 5 gone; }
gone() { ! pgrep -x card; }
older_image() { cp "$work/card.older" "$work/card.flash"; }

tampered_start() { # as inside_start, with somebody who watches the lid
	inside_extra=(--tamper "fifo:$work/lid" --log "$work/start.log")
	[ -p "$work/lid" ] || mkfifo "$work/lid"
	inside_start a
}

open_lid() {
	local inner_pid
	inner_pid=$(inner)
	echo >"$work/lid"
	wait_for 10 over "$card_pid" && wait_for 10 over "$inner_pid" && wait "$card_pid"
	[ $? = 4 ] && grep -qF "the card is erased" "$work/card.log"
}
over() { ! kill -0 "$1" 2>/dev/null; }

nothing_left() { [ ! -s "$work/card.sealed" ] && [ "$(tr -d '\0' <"$work/card.flash" | wc -c)" = 10 ]; }

pcr_is_logged() { # the log replays to what the chip has: the tampering is under the chip's signature
	tpm2_pcrread -T "$(tcti a)" sha256:14 | grep -o '0x[0-9A-F]*' | tr A-F a-f >"$work/pcr14"
	python3 - "$work/start.log" "$1" <<-'END' >"$work/replayed"
		import hashlib, sys
		log, times = open(sys.argv[1], "rb").read(), int(sys.argv[2])
		digest = hashlib.sha256(b"tamper").digest()
		assert log.startswith(bytes(4) + b"\3") and log.count(digest) == times and log.endswith(b"\6\0\0\0tamper")
		pcr = bytes(32)
		for _ in range(times):
		    pcr = hashlib.sha256(pcr + digest).digest()
		print("0x" + pcr.hex())
	END
	diff "$work/pcr14" "$work/replayed"
}

copies_back() { cp "$work/card.copy" "$work/card.flash" && cp "$work/sealed.copy" "$work/card.sealed"; }

ok "a signer of approved states" signer_new
ok "machine A has a chip" chip_start a
ok "its state is approved" approve a 0,7,16
ok "machine B has another chip" chip_start b
ok "and is approved, too" approve b 0,7,16
ok "a server" assayd_new
ok "it starts" assayd_start
ok "a subscription is made and ordered" subscribe
ok "R1b.2: a card is made whose image is sealed by A's chip" card_new
ok "R1b.2: the key lies nowhere in clear" secret_seal
ok "the PC/SC daemon is up" pcsc_start
ok "the card is in the reader" inside_start a
ok "R1b.1: its process has the image and one socket, and may open nothing" confined
ok "R3: it downloads and enables" download
ok "hostapd asks our AuC" hostapd_start "$work/server/auc.sock"
ok "R1b: EAP-AKA' with it" eap_soon
cp "$work/card.flash" "$work/card.older"
ok "it is switched off" card_stop
ok "R12: in machine B it is dead" inside_refused b "another chip"
ok "it is switched on again" inside_start a
ok "EAP-AKA'" eap_soon
ok "... and off" card_stop
ok "A's software is tampered with" tamper
ok "R1a, R1b.3: A cannot use its own card" inside_refused a "not in an approved state"
ok "an update is signed" approve a 0,7,16
ok "and the card is back" inside_start a
ok "EAP-AKA' as before" eap_soon
ok "R1b.5: the card's process does not outlive the one that guards it" died_with_its_parent
cp "$work/card.flash" "$work/card.newer"
ok "an image of an earlier state is put back" older_image
ok "I5, R1b.6: it is refused" inside_refused a "earlier state"
cp "$work/card.newer" "$work/card.flash"
ok "the right one is not" inside_start a
ok "EAP-AKA' at the end" eap_soon
ok "it is switched off once more" card_stop
ok "... and on, with a switch under the lid" tampered_start
cp "$work/card.flash" "$work/card.copy"
cp "$work/card.sealed" "$work/sealed.copy"
ok "R1b.5: the lid is opened: the card's process ends at once, and says why" open_lid
ok "R1b.5: of key and image nothing is left" nothing_left
ok "R1b.6: it is measured, and the log leads to the PCR" pcr_is_logged 1
ok "R1b.5: the card is gone for good" inside_refused a "the card is erased"
ok "R1b.6: ... which each start measures anew" pcr_is_logged 2
ok "copies of key and image are put back" copies_back
ok "R1b.5: the chip's counter refuses them" inside_refused a "earlier state"
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
