#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# I5: children are killed while hundreds of cards download. What was acknowledged is in the store, what was
# not can be tried again, nothing else is lost.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
needs unshare ip curl python3
private_world "$@"
work_folder
here=$(dirname "$0")
count=600

fill() {
	timeout 120 python3 "$here/secrets_fill.py" "$work/server/admin.sock" C "$count" "$work/keys"
}

load() {
	timeout 120 "${ASSAY_BUILD:-build}/tests/server/es9_load" "$work/pki" https://localhost:8443 localhost C \
		"$count" 4
}

installed() {
	admin /metrics | sed -n 's/^assay_profiles{state="Installed"} //p'
}

storm() { # services are killed while cards download; at least one kill must hit the work
	local loader kind
	load >"$work/first" 2>"$work/first.err" &
	loader=$!
	for kind in store keeper appraiser worker store; do
		sleep 0.15
		kill -9 "$(child_pids "$kind" | head -n 1)"
	done
	wait "$loader"
	cat "$work/first" "$work/first.err"
	grep -q '^downloads' "$work/first"
}

kept() { # every download that the card saw through is known as installed
	local done_ known
	done_=$(awk '{print $2 - $4}' "$work/first")
	known=$(installed)
	echo "$done_ acknowledged, $known installed"
	[ "$done_" -gt 0 ] && [ "$known" -ge "$done_" ]
}

# Nobody was told anything but "try again", or lost the connection. Who lost it and sent the same request
# again, as libcurl does by itself, may find that it had been carried out: that session is then over.
only_temporary() {
	! grep -vE ': (1\.6/4\.2|8\.10\.1/3\.9|no answer)$' "$work/first.err"
}

all_back() {
	local kind
	for kind in keeper store appraiser admin worker; do
		[ -n "$(child_pids "$kind")" ] || return 1
	done
	admin /v1/health
}

rest() { # those that failed try again, and then all are installed
	load >"$work/second" 2>"$work/second.err"
	cat "$work/second" && installed
	[ "$(installed)" = "$count" ]
}

ok "a server is made" assayd_new
ok "it starts" assayd_start
ok "$count subscriptions are ordered" fill
ok "store, keeper and a worker are killed while cards download" storm
ok "I5: what was acknowledged is known" kept
ok "what was not was told to try again" only_temporary
ok "all are back" wait_for 10 all_back
ok "I2: who failed gets its profile" rest
ok "it stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
