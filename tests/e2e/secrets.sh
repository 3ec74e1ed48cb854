#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R7, I3: after a hundred downloads, no key is in a worker's memory, in the store, in the log or on the wire.
# Looked for: K and OPc of every subscription, the private keys of DPauth, DPpb and TLS, those that sign the audit log,
# attestation results and notices, the master key.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
needs unshare ip curl python3 openssl
[ "$(id -u)" = 0 ] || skip_all "only root reads the memory of processes that gave up being read"
private_world "$@"
work_folder
here=$(dirname "$0")
count=${ASSAY_DOWNLOADS:-100}

capture() {
	python3 "$here/secrets_capture.py" "$work/wire" &
	started+=($!)
	wait_for 5 test -s "$work/wire"
}

server_keys() { # scalars of all private keys that the server uses, and the master key
	local key
	for key in "$work"/pki/SK_S_SM_DP*_NIST.pem "$work"/pki/SK_S_SM_DPauth*_BRP.pem \
		"$work"/pki/SK_S_SM_DPpb*_BRP.pem "$work/pki/SK_ES2_SERVER.pem" \
		"$work"/server/{audit,result,notice}.key; do
		openssl pkey -in "$key" -outform DER -traditional 2>/dev/null |
			python3 -c 'import sys; print(sys.stdin.buffer.read()[7:39].hex())'
	done >"$work/server.keys"
	python3 -c 'import sys; print(open(sys.argv[1], "rb").read().hex())' "$work/server/master.key" \
		>>"$work/server.keys"
	cat "$work/server.keys" "$work/subscriber.keys" >"$work/all.keys"
	[ "$(wc -l <"$work/all.keys")" = $((2 * count + 10)) ]
}

fill() {
	timeout 300 python3 "$here/secrets_fill.py" "$work/server/admin.sock" S "$count" "$work/subscriber.keys"
}

download_all() {
	timeout 300 "${ASSAY_BUILD:-build}/tests/server/es9_load" "$work/pki" https://localhost:8443 localhost S \
		"$count" 4
}

vectors() { # the AuC makes a vector of the first subscription: its K was in use, too
	python3 -c 'import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[2])
s.settimeout(5)
s.sendto(b"AKA-REQ-AUTH 001010000000000", sys.argv[1])
answer = s.recv(1000)
sys.exit(not answer.startswith(b"AKA-RESP-AUTH 001010000000000 ") or b"FAILURE" in answer)' \
		"$work/server/auc.sock" "$work/asker.sock"
}

scan() { # scan KEYS WHERE...
	timeout 60 "${ASSAY_BUILD:-build}/tests/server/secrets_scan" "$@"
}

memory_of() { # memory_of KIND...
	local kind pid
	for kind in "$@"; do
		for pid in $(child_pids "$kind"); do
			echo "pid:$pid"
		done
	done
}

ok "a server is made" assayd_new
ok "the wire is listened to" capture
ok "it starts" assayd_start
ok "$count subscriptions with known keys" fill
ok "the keys to look for are known" server_keys
ok "$count downloads" download_all
ok "a vector" vectors
ok "a head of the audit log" admin /v1/audit/head -X POST
ok "the search finds keys where they are" scan "$work/all.keys" "+$work/pki"
ok "R7: the server's keys are in the keeper" scan "$work/server.keys" "+$(memory_of keeper)"
ok "R7: no worker's memory holds a key" scan "$work/all.keys" $(memory_of worker)
ok "R7: nor the supervisor's" scan "$work/all.keys" "pid:$assayd_pid"
ok "R7: nor the store's, the appraiser's, the AuC's, the caller's" scan "$work/all.keys" \
	$(memory_of store appraiser auc caller)
ok "R7: nor the admin process's a server key" scan "$work/server.keys" $(memory_of admin)
ok "I3: the store's files hold no key" scan "$work/all.keys" "$work/server/data"
ok "I3: nor does the log" scan "$work/all.keys" "$work/assayd.log"
ok "I3: nor does the wire" scan "$work/all.keys" "$work/wire"
ok "I3: the keeper keeps no subscriber's key when it has answered" scan "$work/subscriber.keys" $(memory_of keeper)
ok "R7: nor does the admin process" scan "$work/subscriber.keys" $(memory_of admin)
ok "it stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
