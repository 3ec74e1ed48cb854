#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/downloads.sh [COUNT [CARDS]]: complete downloads (five posts: with the installation's result) from a
# running assayd, by CARDS cards at a time over HTTPS, and the CPU that each costs, process by process. Once
# with a TLS connection for each card, once with one for each download. Builds and needs what the end-to-end
# tests do; runs in a network of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
BASH_ARGV0=$PWD/bench/downloads.sh
. tests/e2e/lib.sh
. tests/e2e/assayd_lib.sh
private_world "$@"
work_folder

count=${1-500} cards=${2-4}
build=${ASSAY_BUILD:-build}
ticks=$(getconf CLK_TCK)

# cpu KIND: the ticks that all processes of that kind have used.
cpu() {
	local pid
	for pid in $(child_pids "$1"); do
		sed 's/.*) //' "/proc/$pid/stat" # the name may contain blanks
	done | awk '{ sum += $12 + $13 } END { print sum + 0 }'
}

# load PREFIX [fresh]
load() {
	local kind before=() after all=0 line i=0
	python3 tests/e2e/secrets_fill.py "$work/server/admin.sock" "$1" "$count" "$work/keys"
	for kind in "${kinds[@]}"; do before+=("$(cpu "$kind")"); done
	line=$("$build/tests/server/es9_load" "$work/pki" https://localhost:8443 localhost "$1" "$count" "$cards" ${2-})
	awk '{ printf "%d downloads, %d failed, %.0f/s\n", $2, $4, ($2 - $4) / $6 }' <<<"$line"
	for kind in "${kinds[@]}"; do
		after=$(($(cpu "$kind") - before[i++]))
		all=$((all + after))
		awk -v t="$after" -v n="$count" -v hz="$ticks" -v kind="$kind" \
			'BEGIN { printf "  %-8s %6.0f us each\n", kind, t / hz / n * 1e6 }'
	done
	awk -v t="$all" -v n="$count" -v hz="$ticks" 'BEGIN { printf "  %-8s %6.0f us each\n", "all", t / hz / n * 1e6 }'
}

kinds=(worker appraiser keeper store caller)
assayd_new >/dev/null
assayd_start
grep -c '^processor' /proc/cpuinfo | sed 's/$/ CPUs/'
echo "a connection for each card:"
load A
assayd_stop
rm -rf "$work/server"
assayd_new >/dev/null
assayd_start
echo "a connection for each download:"
load B fresh
assayd_stop
