#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R1a, R1b, R5, R12: a card is copied while it runs, and both run at once, in two machines (swtpm) and two readers; and
# another program sits where the machine's card was. What stops that, and what does not.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
. "$(dirname "$0")/machine_lib.sh"
needs pcscd opensc-tool unshare ip python3 swtpm swtpm_setup tpm2_nvread openssl
private_world "$@"
work_folder
export TSS2_LOG=all+none

imei_a=490154203237518
imei_b=356938035643809
eid_b=89049032000000000000000000000260
reader_a="00 00"
reader_b="00 01"

factory() {
	signer_new && manufacture a && manufacture b && cp "$bin/assay-agent" "$work/agent" &&
		"$bin/assay-agent" components --model Meter-5 --firmware 1.0 --version 1 --signer "$work/signer.pem" \
			"agent=$work/agent" >"$work/components" && starts a && starts b && approve a && approve b &&
		assay pairing key --trust "$(tcti a)" --signer "$work/signer.pub" --out "$work/a/pairing.pub"
}

starts() {
	chip_start "$1" && "$work/agent" start --list "$work/components" --signer "$work/signer.pub" \
		--trust "$(tcti "$1")" --log "$work/$1/log" agent -- --version
}

card_in() { # card_in READER IMAGE [OPTION...]: in the reader of machine a or b, in the place of what is there
	local port=35963 reader=$1 image=$2
	[ "$reader" = a ] || port=35964
	shift 2
	card_out "$reader" || return 1
	: >"$work/card.$reader"
	"$bin/assay-card" --vpcd "127.0.0.1:$port" --state "$image" "$@" >"$work/card.$reader" 2>&1 &
	cards[$reader]=$!
	started+=($!)
	wait_for 15 started_or_not "$reader"
	grep -q "in the reader" "$work/card.$reader" && wait_for 15 by "$reader" info || { cat "$work/card.$reader"; return 1; }
}

started_or_not() { grep -q "in the reader" "$work/card.$1" || ! kill -0 "${cards[$1]}"; }

declare -A cards
card_out() { # pcscd needs a moment to notice
	[ -n "${cards[$1]-}" ] || return 0
	kill "${cards[$1]}" && wait "${cards[$1]}"
	unset "cards[$1]"
	wait_for 10 eval "! by $1 info"
}

by() { # by NAME COMMAND...: that machine's agent with the card in its reader
	local name=$1 reader=reader_$1
	shift
	XDG_STATE_HOME="$work/state.$name" timeout 120 "$work/agent" "$@" --reader "Virtual PCD ${!reader}"
}

proving() { by "$@" --pairing "$(how_paired "$1")"; }

online() { # online NAME COMMAND...: with evidence, and with the server
	local imei=imei_$1
	by "$@" --evidence "$(how_evident "$1" "${!imei}")" --connect-to 127.0.0.1:8443 \
		--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem"
}

subscribe() { # subscribe NUMBER
	printf '%s = %s\n' name "p$1" iccid "8988200000000000${1}1?" imsi "00101000000000$1" algorithm milenage spn Assay \
		>"$work/p.txt"
	ask subscription new --name "p$1" "$work/p.txt" >"$work/iccid" && ask order new "$(cat "$work/iccid")" >"$work/code"
}

card_new() { # card_new IMAGE OPTION...
	rm -f "$work/$1" "$work/$1.sealed"
	"$bin/assay-card" --new --pki "$work/pki" --state "$work/$1" "${@:2}"
}

inside() { card_new "$1" --seal "$work/$1.sealed" --chip "$(how_paired a)"; }
inside_in() { card_in "$1" "$work/$2" --seal "$work/$2.sealed" --chip "$(how_paired "$3")"; }
copied() { cp "$work/$1" "$work/$2" && { [ ! -f "$work/$1.sealed" ] || cp "$work/$1.sealed" "$work/$2.sealed"; }; }

# impostor: a card of another maker, with the EID of ours, that trusts whom ours trusts.
impostor() {
	[ -d "$work/evil" ] || assay pki new "$work/evil" || return 1
	rm -f "$work/impostor"
	"$bin/assay-card" --new --state "$work/impostor" --ci "$work/pki/CERT_CI_ECDSA_NIST.pem" --ci "$work/evil/CERT_CI_ECDSA_NIST.pem" \
		--euicc "$work/evil/CERT_EUICC_ECDSA_NIST.der" --euicc-key "$work/evil/SK_EUICC_ECDSA_NIST.pem" \
		--eum "$work/evil/CERT_EUM_ECDSA_NIST.der" | grep -qx "$(cat "$work/pki/eid")"
}

other_of_ours() { # a genuine card, but another one
	assay pki card "$work/pki" $eid_b && card_new other --eid $eid_b
}

ok "two machines start" factory
ok "a server" assayd_new
ok "it starts" assayd_start
ok "a policy and reference values are in force" in_force
ok "the PC/SC daemon is up" pcsc_start
ok "machine A has an attached card, not sealed, that enforces its pairing" card_new attached --pairing-mode enforce \
	--pairing-key "$work/a/pairing.pub"
ok "it is in A's reader" card_in a "$work/attached"
ok "A enrols" proving a enrol localhost --evidence "$(how_evident a $imei_a)" --connect-to 127.0.0.1:8443 \
	--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem"
ok "and is approved" ask device approve "$(cat "$work/pki/eid")"
ok "A is provisioned" eval 'subscribe 1 && online a download --yes --enable "$(cat "$work/code")" --pairing "$(how_paired a)"'
ok "somebody copies the running card's memory" copied attached twin
ok "the twin runs in machine B, at the same time" card_in b "$work/twin"
ok "R12: B cannot prove itself to it" refuses "belongs to another machine" proving b pair
ok "R12: ... so it does nothing for B" refuses "its own machine only" by b disable "$(cat "$work/iccid")"
ok "R5: ... and no server serves it with B's evidence" refuses "serves its own machine only" eval 'subscribe 2 && online b download --yes "$(cat "$work/code")"'
ok "A's own serves A" proving a pair
ok "the twin in A's own reader, with A's chip" eval 'card_out b && card_in a "$work/twin"'
ok "NOT STOPPED: it is the same card (docs/threat-model.md)" proving a pair
ok "a card without pairing" card_new free
ok "in A's reader, and its twin in B's" eval 'card_in a "$work/free" && copied free twin && card_in b "$work/twin"'
ok "R5: no server serves the twin with B's evidence" refuses "not signed by the enrolled chip" online b attest localhost
ok "... and A's own is served" online a attest localhost
ok "NOT STOPPED: who asks no server can use the twin (docs/threat-model.md)" by b list

ok "A's card is integrated, and sealed by its chip" inside inner
ok "it runs" inside_in a inner a
ok "its memory and key file are copied" copied inner twin
ok "R12, R1b: in machine B the twin does not run" eval '! inside_in b twin b && grep -F "another chip" "$work/card.b"'
cards=([a]="${cards[a]}")
ok "NOT STOPPED: on A's own chip it does, until the next start (docs/threat-model.md)" inside_in b twin a
ok "A's card is switched off" card_out a
ok "R1b.6: it does not start again beside a twin: one of them is refused, and says so" \
	eval '! inside_in a inner a && grep -F "earlier state" "$work/card.a"'
unset 'cards[a]'

ok "somebody ends A's card, and a program of his own takes its place, with the same EID" \
	eval 'impostor && card_in a "$work/impostor"'
ok "R5: the server does not believe it" refuses "8.8.2/3.1" online a attest localhost
ok "a genuine card, but another one" eval 'other_of_ours && card_in a "$work/other"'
ok "R5, R12: A's chip is not enrolled for it" refuses "not enrolled" online a attest localhost
ok "the server stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
