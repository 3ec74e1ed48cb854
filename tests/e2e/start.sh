#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R1b.3: a machine's components start from a signed list, measured into a chip (swtpm). What was replaced, is not
# listed, or stands in a list that somebody else signed, or in an older one, is not started; the log replays to what
# the chip has.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine_lib.sh"
needs swtpm tpm2_pcrread tpm2_eventlog openssl
work_folder
export TSS2_LOG=all+none
bin="${ASSAY_BUILD:-build}/src/cli"

restart() { chip_stop a && chip_start a; }

keys() {
	for name in signer other; do
		openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$name.pem" &&
			openssl pkey -in "$work/$name.pem" -pubout -out "$work/$name.pub" || return 1
	done
}

programs() { # what stands for card and agent: it matters who starts, not what it does
	printf '#!/bin/sh\necho "card: $*"\n' >"$work/card.sh"
	cp "$bin/assay-card" "$work/card"
	cp "$bin/assay-agent" "$work/agent"
}

list() { # list KEY FILE VERSION
	"$bin/assay-agent" components --model M1 --firmware 1.0 --version "$3" --signer "$work/$1.pem" "card=$work/card" \
		"agent=$work/agent" >"$2"
}

start() {
	"$bin/assay-agent" start --list "${list:-$work/list}" --signer "$work/signer.pub" --trust "$(tcti a)" \
		--log "$work/a/log" "$@"
}

replays() { # the log explains what the chip has
	local log chip
	log=$("$bin/assay" verifier log "$work/a/log" | sed -n 's/^pcr 14 //p')
	chip=$(tpm2_pcrread -T "$(tcti a)" sha256:14 | sed -n 's/.*0x\([0-9A-F]*\)/\1/p' | tr A-F a-f)
	echo "log $log, chip $chip"
	[ -n "$log" ] && [ "$log" = "$chip" ]
}

read_by_tpm2() { # tpm2_eventlog reads the log, too, and comes to what the chip has
	tpm2_eventlog "$work/a/log" >"$work/eventlog" && cat "$work/eventlog" && grep -q 'EventNum: 2' "$work/eventlog" &&
		tpm2_pcrread -T "$(tcti a)" sha256:14 | grep -o '0x[0-9A-F]*' | grep -qixf - <(
			sed -n 's/^ *14 *: *\(0x[0-9a-f]*\)$/\1/p' "$work/eventlog")
}

logged() { "$bin/assay" verifier log "$work/a/log" | grep -c '^event' | grep -qx "$1"; }
replace() { printf 'x' >>"$work/card"; }
learned() { "$bin/assay" verifier learn --model M1 --firmware 1.0 --pcrs 14 "$work/a/log" >"$work/reference"; }

ok "two signers" keys
ok "a machine with a chip" chip_start a
ok "its components" programs
ok "their list is signed" list signer "$work/list" 3
ok "R1b.3: the card starts, measured" says "A SIM card with an eUICC" start -- card --help
ok "the agent starts, measured" says "Downloads and manages" start agent -- --help
ok "both are in the log" logged 2
ok "... which replays to what the chip has" replays
ok "... as tpm2_eventlog finds, which we did not write" read_by_tpm2
ok "R2: and is learned from as a good machine's" learned
ok "the card is replaced" replace
ok "R1b.3: it is not started" refuses "is not what the list says" start card
ok "R9: ... and that it was tried is measured" replays
ok "R1b.3: what is not listed is not started" refuses "is not in the list" start modem
ok "R9: ... and that is measured, too" replays
ok "a list by somebody else" list other "$work/forged" 4
list=$work/forged
ok "R1b.3: nothing starts from a list that somebody else signed" refuses "not signed by" start agent
list=$work/list
ok "four events" logged 4
ok "after a restart log and chip begin anew" restart
ok "the agent starts" says "Downloads and manages" start agent -- --help
ok "with a log of one event" logged 1
ok "that replays" replays

# The first list named a card that was then replaced; a new one names that, and the first must not come back.
nothing_started() { ! grep -q "Downloads and manages" "$work/said"; }
last_event() { "$bin/assay" verifier log "$work/a/log" | grep '^event' | tail -1 | tee "$work/last" && grep -q "$1" "$work/last"; }
of_list() { grep -qi "$(sha256sum "$work/list" | cut -d' ' -f1)" "$work/last"; }
unnumbered() { # as lists were before they had versions
	sed '/^version\|^signature/d' "$work/list" >"$work/unnumbered" && list=$work/unnumbered &&
		openssl dgst -sha256 -sign "$work/signer.pem" "$work/unnumbered" | openssl asn1parse -inform DER |
		sed -n 's/.*INTEGER *:\(.*\)/\1/p' | while read -r n; do printf '%064s' "$n"; done | tr ' A-F' '0a-f' >"$work/rs" &&
		printf 'signature %s\n' "$(cat "$work/rs")" >>"$work/unnumbered"
}
lists_made() { list signer "$work/list5" 5 && list signer "$work/list9" 9 && printf x >>"$work/card"; }
ok "two newer lists; of the last the card is replaced since" lists_made
list=$work/list9
ok "R1b.3: what is not what the newest list says is not started" refuses "is not what the list says" start card
list=$work/list
ok "... nor does that list count then: the first still starts" says "Downloads and manages" start agent -- --help
list=$work/list5
ok "the agent starts from a newer list" says "Downloads and manages" start agent -- --help
list=$work/list
ok "R1b.3: an older signed list is refused" \
	refuses "is an older list: its version is 3, and this machine has started from version 5" \
	start agent -- --help
ok "R1b.3: ... and nothing is started from it" nothing_started
ok "R9: ... that it was tried is measured as that" last_event "older list: agent"
ok "... with the digest of the list" of_list
ok "... and replays" replays
list=$work/list5
ok "the newer list starts as before" says "Downloads and manages" start agent -- --help
ok "the chip is started again" restart
list=$work/list
ok "R1b.3: the chip remembers over restarts" refuses "is an older list" start agent -- --help
ok "a list without a version" unnumbered
ok "R1b.3: ... starts nothing" refuses "no model, firmware, version or component" start agent -- --help
done_testing
