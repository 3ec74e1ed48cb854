#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/downloads.sh [COUNT [CARDS]]: complete downloads (five posts: with the installation's result) from a
# running assayd, by CARDS cards at a time over HTTPS, and the CPU that each costs, process by process: with a TLS
# connection for each card; with one for each download; and, again with one for each card, by machines that show
# evidence of a software TPM, which the server demands. Needs what the end-to-end tests do; runs in a network of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
BASH_ARGV0=$PWD/bench/downloads.sh
. tests/e2e/lib.sh
. tests/e2e/assayd_lib.sh
. bench/cpu.sh
. tests/e2e/machine_lib.sh
private_world "$@"
work_folder

count=${1-500} cards=${2-4}
build=${ASSAY_BUILD:-build}
bin=$(realpath "$build/src/cli")

es9_load() { "$build/tests/server/es9_load" "$work/pki" https://localhost:8443 localhost "$@"; }

# load PREFIX [fresh | attested [FIRST]]
load() {
	local kind before=() after all=0 line i=0
	python3 tests/e2e/secrets_fill.py "$work/server/admin.sock" "$1" "$count" "$work/keys" "${3-0}"
	for kind in "${kinds[@]}"; do before+=("$(cpu "$kind")"); done
	line=$(es9_load "$1" "$count" "$cards" ${2-})
	awk '{ printf "%d downloads, %d failed, %.0f/s\n", $2, $4, ($2 - $4) / $6 }' <<<"$line"
	for kind in "${kinds[@]}"; do
		after=$(($(cpu "$kind") - before[i++]))
		all=$((all + after))
		awk -v t="$after" -v n="$count" -v hz="$ticks" -v kind="$kind" \
			'BEGIN { printf "  %-8s %6.0f us each\n", kind, t / hz / n * 1e6 }'
	done
	awk -v t="$all" -v n="$count" -v hz="$ticks" 'BEGIN { printf "  %-8s %6.0f us each\n", "all", t / hz / n * 1e6 }'
}

# server_new: a fresh one, so that each row begins alike.
server_new() {
	rm -rf "$work/server"
	assayd_new >/dev/null
	printf '\n[verifier]\ntest-chips = yes\n' >>"$work/server/assayd.conf"
	assayd_start
}

# machines_new: one for each card, all with the same software, enrolled and known to be good.
machines_new() {
	local i eid
	signer_new
	"$bin/assay-agent" components --model Meter-5 --firmware 1.0 --version 1 --signer "$work/signer.pem" \
		"agent=$bin/assay-agent" >"$work/components"
	for ((i = 0; i < cards; i++)); do
		soft_manufacture "pki/machine-$i"
		cp "$bin/assay-agent" "$work/pki/machine-$i/agent"
		boot "pki/machine-$i" >/dev/null
	done
	learn() { "$bin/assay" verifier learn --model Meter-5 --firmware 1.0 --pcrs 0,7,14 "$@" "$work/pki/machine-0/log" 2>/dev/null; }
	ask verifier add test-root "$work/pki/CERT_TPM_CA.pem" --name soft >/dev/null
	learn >"$work/reference"
	learn --policy fleet >"$work/policy"
	ask verifier add reference "$work/reference" >/dev/null
	es9_load - "$cards" "$cards" enrol >"$work/eids"
	while read -r eid; do ask device approve "$eid" >/dev/null; done <"$work/eids"
	ask verifier add policy "$work/policy" >/dev/null
}

kinds=(worker appraiser keeper store caller)
grep -c '^processor' /proc/cpuinfo | sed 's/$/ CPUs/'
server_new
echo "a connection for each card:"
load A
assayd_stop
server_new
echo "a connection for each download:"
load B fresh
assayd_stop
server_new
machines_new
load W attested >/dev/null # each machine's log is known from here on
echo "a connection for each card, machines that prove themselves:"
load C attested "$count"
assayd_stop
