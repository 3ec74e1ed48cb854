# SPDX-License-Identifier: Apache-2.0
# assayd in the private world of lib.sh: made, started, asked and stopped.
#
#     assayd_new           # PKI in $work/pki, directory $work/server, ready to start
#     assayd_start         # waits until it says that it is ready
#     admin /v1/health     # curl on the admin socket, further arguments are curl's
#     es9 initiateAuthentication '{...}'    # prints the answer's body, then its status
#     child_pids worker    # process ids of that kind
#     ask device list      # the command line with that server
#     assayd_stop

bin="${ASSAY_BUILD:-build}/src/cli"
assayd="${ASSAY_BUILD:-build}/src/server/assayd"
es9_url=https://localhost:8443/gsma/rsp2/es9plus
es2_url=https://localhost:8444/gsma/rsp2/es2plus

assay() { "$bin/assay" "$@"; }

ask() {
	local group=$1 verb=$2
	shift 2
	assay "$group" "$verb" --server "$work/server/admin.sock" "$@"
}

assayd_new() {
	[ -d "$work/pki" ] || "$bin/assay" pki new "$work/pki" || return 1
	"$assayd" --init "$work/server" --pki "$work/pki" || return 1
	# Sanitizers look at files and start programs when they have something to say.
	[ "${ASSAY_SANDBOX-yes}" = yes ] || sed -i 's/^address/sandbox = no\naddress/' "$work/server/assayd.conf"
}

assayd_start() {
	[ ! -f "$work/assayd.log" ] || cat "$work/assayd.log" >>"$work/assayd.before.log"
	: >"$work/assayd.log"
	"$assayd" --verbose --config "$work/server/assayd.conf" 2>>"$work/assayd.log" &
	assayd_pid=$!
	started+=("$assayd_pid")
	wait_for 15 assayd_ready
}

assayd_ready() {
	grep -q ' ready: ' "$work/assayd.log"
}

assayd_stop() {
	kill -TERM "$assayd_pid" && wait "$assayd_pid"
}

# child_pids KIND: a child is known by what it writes to the log as its name.
child_pids() {
	local pid
	for pid in $(cat "/proc/$assayd_pid/task/$assayd_pid/children"); do
		[ "$(cat "/proc/$pid/comm")" = "$1" ] && echo "$pid"
	done
}

admin() {
	local path=$1
	shift
	curl -sS --fail-with-body --max-time 30 --unix-socket "$work/server/admin.sock" "http://admin$path" "$@"
}

# curl_es9 PATH CURL-ARGUMENT...: a well-formed request but for its body; curl_bare: without its headers too.
curl_es9() {
	curl_bare "$@" -H 'X-Admin-Protocol: gsma/rsp/v2.5.0' -H 'Content-Type: application/json'
}

curl_bare() {
	local path=$1
	shift
	curl -sS --max-time 30 --cacert "$work/pki/CERT_CI_ECDSA_NIST.pem" "$es9_url/$path" "$@"
}

es9() {
	curl_es9 "$1" -d "$2" -w '\n%{http_code}\n'
}

curl_es2() {
	local path=$1
	shift
	curl -sS --max-time 30 --cacert "$work/pki/CERT_ES2_CA.pem" --cert "$work/pki/CERT_ES2_OPERATOR.pem" \
		--key "$work/pki/SK_ES2_OPERATOR.pem" -H 'X-Admin-Protocol: gsma/rsp/v2.5.0' \
		-H 'Content-Type: application/json' "$es2_url/$path" "$@"
}

# metric NAME prints the value of assay_NAME, with its labels, on /metrics; nothing when it is not there.
metric() {
	admin /metrics | awk -v name="assay_$1" '$1 == name { print $2 }'
}

metric_above_zero() {
	awk -v value="$(metric "$1")" 'BEGIN { exit !(value > 0) }'
}

# json EXPRESSION: python's view of the JSON on standard input, as `j`.
json() {
	python3 -c 'import json, sys; j = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}

# import_package FILE TYPE puts a package into the inventory.
import_package() {
	python3 -c 'import base64, json, sys
print(json.dumps({"package": base64.b64encode(open(sys.argv[1], "rb").read()).decode(), "type": sys.argv[2]}))' \
		"$1" "$2" >"$work/import.json"
	admin /v1/profiles -d "@$work/import.json"
}
