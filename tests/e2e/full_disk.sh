#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# I4, I5: the disk of the store is full. Nothing leaves that could not be recorded, everybody is told to try again,
# and once there is room everything goes on as if nothing had been.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
needs unshare ip curl python3 mount
private_world "$@"
work_folder
trap 'stop_all; umount -l "$work/server/data" 2>/dev/null; rm -rf "$work"' EXIT
here=$(dirname "$0")
count=40

# The store is on a disk of its own, of 12 MB.
disk_made() {
	local data=$work/server/data
	assayd_new && mv "$data" "$data.was" && mkdir "$data" &&
		mount -t tmpfs -o "size=12m,mode=$(stat -c %a "$data.was"),uid=$(stat -c %u "$data.was")" tmpfs "$data" &&
		cp -a "$data.was/." "$data"
}

fill_disk() {
	! dd if=/dev/zero of="$work/server/data/ballast" bs=4k 2>/dev/null
	[ "$(df --output=avail "$work/server/data" | tail -n 1)" -lt 8 ]
}

orders() { timeout 120 python3 "$here/secrets_fill.py" "$work/server/admin.sock" C "$count" "$work/keys"; }

load() {
	timeout 120 "${ASSAY_BUILD:-build}/tests/server/es9_load" "$work/pki" https://localhost:8443 localhost C "$count" 4 \
		>"$work/load" 2>"$work/load.err"
	cat "$work/load" "$work/load.err"
}

# While the write-ahead log has room, some still come through; then everybody is refused, and only for now.
all_refused() {
	load
	load
	grep -q "^downloads 0 failed $count" "$work/load" || grep -q "^downloads $count failed $count" "$work/load" || return 1
	! grep -vE ': (1\.6/4\.2|8\.10\.1/3\.9|no answer)$' "$work/load.err"
}

# vectors FILE: what the AuC answers for each subscription
vectors() {
	python3 - "$work/server/auc.sock" "$work/client" "$count" >"$1" <<-'PYTHON'
		import os, socket, sys
		at, here, count = sys.argv[1:]
		if os.path.exists(here):
		    os.unlink(here)
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind(here)
		s.settimeout(30)
		for i in range(int(count)):
		    s.sendto(f"AKA-REQ-AUTH 00101{i:010d}".encode(), at)
		    print(s.recv(1000).decode())
	PYTHON
	tail -n 1 "$1"
}

none_given() { vectors "$work/refused" && [ "$(grep -c FAILURE "$work/refused")" = "$count" ]; }

# What was ruled is remembered for a second.
all_given() { vectors "$work/given" && [ "$(grep -c "AKA-RESP-AUTH 00101" "$work/given")" = "$count" ] && ! grep FAILURE "$work/given"; }

new_refused() { # an operator is told why
	! admin /v1/profiles/generate -d "{\"description\": \"name = X\nimsi = 001019999999999\niccid = 8900101999999999999?\nk = $(printf '%032d' 1)\nopc = $(printf '%032d' 2)\", \"type\": \"x\"}" \
		>"$work/said" 2>&1
	cat "$work/said"
	grep -qi "full" "$work/said"
}

in_log() { [ "$(grep -c "store: .* full" "$work/assayd.log")" = 1 ]; } # not a thousand times

all_installed() {
	load
	[ "$(admin /metrics | sed -n 's/^assay_profiles{state="Installed"} //p')" = "$count" ]
}

proved() {
	ask audit head >/dev/null && ask audit export "$work/audit" >/dev/null &&
		assay audit verify "$work/audit" --key "$work/server/audit.pub"
}

ok "a server is made on a small disk" disk_made
ok "it starts" assayd_start
ok "$count subscriptions are ordered" orders
ok "the disk is filled" fill_disk
ok "I5: downloads are refused, for now" all_refused
ok "I4: no vector leaves that could not be recorded" none_given
ok "an operator is told why" new_refused
ok "it stands in the log, once" in_log
ok "the server is alive" admin /v1/health
ok "there is room again" rm "$work/server/data/ballast"
ok "I2: everybody gets the subscription" all_installed
ok "vectors are given again" wait_for 5 all_given
ok "the log says so" grep "room on the disk again" "$work/assayd.log"
ok "I6: and the record is whole" proved
ok "it stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
