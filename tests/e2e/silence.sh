#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A process of assayd that is stopped and does not die: who asks it waits for one deadline, then takes it for dead until it
# is heard again (R7, I4: nothing is released meanwhile). SIGSTOP makes it so.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
needs unshare ip curl python3 openssl
private_world "$@"
work_folder
here=$(dirname "$0")
build=${ASSAY_BUILD:-build}
probe=$here/silence_probe.py

made() { # one worker, so that what it has noticed holds for the next request
	assayd_new && sed -i 's/^address/workers = 1\naddress/' "$work/server/assayd.conf" &&
		printf '\n[limits]\nservice-ms = 3000\n' >>"$work/server/assayd.conf"
}

filled() {
	local i
	for i in 0 1 2 3; do
		python3 "$here/secrets_fill.py" "$work/server/admin.sock" "S-$i" 1 "$work/keys" "$((i + 1))" || return 1
	done
}

load() { # load ORDER: it is downloaded, or the code says why not
	"$build/tests/server/es9_load" "$work/pki" https://localhost:8443 localhost "$1" 1 1 2>&1
}

downloads() {
	local says
	says=$(load "$1")
	echo "$says"
	grep -q 'failed 0' <<<"$says"
}

refused() { # refused ORDER WHERE CODE
	local says
	says=$(load "$1")
	echo "$says"
	grep -qF "$2: $3" <<<"$says"
}

vector() { # vector WANT IMSI
	local got
	got=$(python3 "$probe" auc "$work/server/auc.sock" "$2")
	echo "got $got, want $1"
	[ "$got" = "$1" ]
}

quick() { # quick SECONDS COMMAND...: it succeeds within that time
	local before=$SECONDS within=$1
	shift
	"$@" && [ $((SECONDS - before)) -le "$within" ]
}

said_once() { # said_once SERVICE: no process has said it twice, and one has said it
	local lines
	lines=$(grep -o "\[[0-9]*\] error: the $1 has answered nothing" "$work/assayd.log" | sort)
	echo "$lines"
	[ -n "$lines" ] && [ -z "$(uniq -d <<<"$lines")" ]
}

signal() { # signal NAME KIND
	kill -"$1" "$(child_pids "$2")"
}

none_silent() { # none_silent SERVICE
	[ "$(metric "service_silent_clients{service=\"$1\"}")" = 0 ]
}

stopped_between() { # ES9+ on one connection, and the keeper stopped within it: a handshake would want the keeper
	local says
	says=$(python3 "$probe" es9 "$work/pki" "$(child_pids keeper)" | tr '\n' ' ')
	echo "$says"
	[ "$says" = "ok $busy " ]
}

initiates() {
	[ "$(python3 "$probe" es9 "$work/pki")" = ok ]
}

busy=1.6/4.2

ok "a server is made" made
ok "it starts" assayd_start
ok "with subscribers" filled
ok "a download" downloads S-0
ok "a vector" vector vector 001010000000001

ok "the appraiser is stopped" signal STOP appraiser
ok "I4: ES9+ says that it is busy" refused S-1 authenticateClient "$busy"
ok "... at once from then on" quick 4 refused S-1 authenticateClient "$busy"
ok "I4: a subscriber about whom nothing was ruled gets no vector" vector FAILURE 001010000000002
ok "a ruling that is good still is used" vector vector 001010000000001
ok "the log says so, once for each process that asked" said_once appraiser
ok "it is counted" metric_above_zero 'service_silent_total{service="appraiser"}'
ok "... who takes it for dead" metric_above_zero 'service_silent_clients{service="appraiser"}'
ok "it goes on" signal CONT appraiser
ok "nobody takes it for dead any more" wait_for 10 none_silent appraiser
ok "the log says that" grep -q "the appraiser answers again" "$work/assayd.log"
ok "the download succeeds" wait_for 10 downloads S-1
ok "the subscriber gets its vector" wait_for 10 vector vector 001010000000002

ok "the keeper is stopped: ES9+ says that it is busy" stopped_between
ok "no vector leaves" vector FAILURE 001010000000001
ok "... nor waits for a deadline again" quick 2 vector FAILURE 001010000000001
ok "the log says so, once for each process that asked" said_once keeper
ok "it is counted" metric_above_zero 'service_silent_total{service="keeper"}'
ok "it goes on" signal CONT keeper
ok "the next handshake succeeds" wait_for 10 initiates
ok "... and a download" downloads S-2
ok "... and a vector" wait_for 10 vector vector 001010000000001
ok "nobody takes it for dead any more" wait_for 10 none_silent keeper

ok "the keeper is stopped again" signal STOP keeper
ok "no vector leaves" vector FAILURE 001010000000001
ok "... and is killed" signal KILL keeper
ok "its successor serves" wait_for 10 vector vector 001010000000001
ok "... ES9+, too" wait_for 10 downloads S-3
ok "nobody takes it for dead" wait_for 10 none_silent keeper
ok "the server stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
