#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R1b.3: a machine's components start from a signed list, measured into a chip (swtpm). What was replaced, is not
# listed, or stands in a list that somebody else signed is not started; the log replays to what the chip has.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machine_lib.sh"
for tool in swtpm tpm2_pcrread openssl; do
	command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
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

list() { # list KEY FILE
	"$bin/assay-agent" components --model M1 --firmware 1.0 --signer "$work/$1.pem" "card=$work/card" \
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

logged() { "$bin/assay" verifier log "$work/a/log" | grep -c '^event' | grep -qx "$1"; }
replace() { printf 'x' >>"$work/card"; }
learned() { "$bin/assay" verifier learn --model M1 --firmware 1.0 --pcrs 14 "$work/a/log" >"$work/reference"; }

ok "two signers" keys
ok "a machine with a chip" chip_start a
ok "its components" programs
ok "their list is signed" list signer "$work/list"
ok "R1b.3: the card starts, measured" says "A SIM card with an eUICC" start -- card --help
ok "the agent starts, measured" says "Downloads and manages" start agent -- --help
ok "both are in the log" logged 2
ok "... which replays to what the chip has" replays
ok "R2: and is learned from as a good machine's" learned
ok "the card is replaced" replace
ok "R1b.3: it is not started" refuses "is not what the list says" start card
ok "R9: ... and that it was tried is measured" replays
ok "R1b.3: what is not listed is not started" refuses "is not in the list" start modem
ok "R9: ... and that is measured, too" replays
ok "a list by somebody else" list other "$work/forged"
list=$work/forged
ok "R1b.3: nothing starts from a list that somebody else signed" refuses "not signed by" start agent
list=$work/list
ok "four events" logged 4
ok "after a restart log and chip begin anew" restart
ok "the agent starts" says "Downloads and manages" start agent -- --help
ok "with a log of one event" logged 1
ok "that replays" replays
done_testing
