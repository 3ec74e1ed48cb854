#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench/crowd.sh [COUNT [RUNS]]: the crowd after an outage (R11). COUNT subscribers, under a policy that rules about each
# of them, ask a freshly started AuC for one vector each, 256 requests under way; then the CPU that each process of
# assayd has used for it. The store is on the disk under TMPDIR. Needs what the end-to-end tests do.
set -euo pipefail
cd "$(dirname "$0")/.."
BASH_ARGV0=$PWD/bench/crowd.sh
. tests/e2e/lib.sh
. tests/e2e/assayd_lib.sh
. bench/cpu.sh
private_world "$@"
work_folder

count=${1-8000} runs=${2-3}
build=${ASSAY_BUILD:-build}

policy() {
	printf '%s\n' 'assay-policy 1' 'name "crowd"' 'purpose provisioning' 'admit no-evidence' \
		'purpose access' 'admit no-evidence' >"$work/policy"
	"$build/src/cli/assay" verifier add policy --server "$work/server/admin.sock" "$work/policy"
}

assayd_new >/dev/null
assayd_start
python3 tests/e2e/secrets_fill.py "$work/server/admin.sock" C "$count" "$work/keys"
policy >/dev/null
printf '%s CPUs, load %s\n' "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)"
for _ in $(seq "$runs"); do
	assayd_stop
	assayd_start
	"$build/bench/bench_auc" "$work/server/auc.sock" 001010000000000 "$count" 0 | head -n 1
	for kind in auc appraiser store keeper; do
		awk -v t="$(cpu "$kind")" -v n="$count" -v hz="$ticks" -v kind="$kind" \
			'BEGIN { printf "  %-10s %6.0f us each\n", kind, t / hz / n * 1e6 }'
	done
done
assayd_stop
