#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# assayd as its environment sees it: bad requests, slow peers, children that die, reload, stop.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
needs unshare ip curl python3
private_world "$@"
work_folder
here=$(dirname "$0")

made() { # short deadlines, so that the test is short
	assayd_new && cat >>"$work/server/assayd.conf" <<-CONF
		[limits]
		handshake-ms = 1500
		header-ms = 1500
		body-ms = 1500
		connections-per-address = 200
	CONF
}

status() { # status WANT PATH CURL-ARGUMENT...
	local want=$1 got
	shift
	got=$(curl_es9 "$@" -o "$work/body" -w '%{http_code}')
	echo "got $got, want $want"
	[ "$got" = "$want" ]
}

bare() { # bare WANT CURL-ARGUMENT...: nothing but what the arguments say
	local want=$1 got
	shift
	got=$(curl_bare initiateAuthentication -d '{}' "$@" -o "$work/body" -w '%{http_code}')
	echo "got $got, want $want"
	[ "$got" = "$want" ]
}

codes() { # codes SUBJECT REASON PATH BODY: the function was refused with these codes
	local got
	got=$(curl_es9 "$3" -d "$4" | json '"%(subjectCode)s %(reasonCode)s" % j["header"]["functionExecutionStatus"]["statusCodeData"]')
	echo "got $got, want $1 $2"
	[ "$got" = "$1 $2" ]
}

cut() { # cut CASE SECONDS-MIN SECONDS-MAX [STATUS-LINE [CA PORT]]
	local got
	got=$(timeout 30 python3 "$here/assayd_drip.py" "$1" "$work/pki/${5-CERT_CI_ECDSA_NIST.pem}" "${6-8443}")
	echo "lived and said: $got"
	python3 -c 'import sys
lived, line = sys.argv[1].split(" ", 1)
low, high, want = float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
sys.exit(not (low <= float(lived) <= high and want in line))' "$got" "$2" "$3" "${4-}"
}

es2_status() { # es2_status WANT CURL-ARGUMENT...
	local want=$1 got
	shift
	got=$(curl -sS --cacert "$work/pki/CERT_ES2_CA.pem" -H 'X-Admin-Protocol: gsma/rsp/v2.5.0' \
		-H 'Content-Type: application/json' -d '{}' -o "$work/body" -w '%{http_code}' "$@" \
		"$es2_url/downloadOrder" 2>"$work/curl.log")
	echo "got $got, want $want"
	[ "$got" = "$want" ]
}

operator() {
	echo --cert "$work/pki/CERT_ES2_OPERATOR.pem" --key "$work/pki/SK_ES2_OPERATOR.pem"
}

answers() {
	status 200 initiateAuthentication -d '{}' && admin /v1/health
}

kill_one() { # kill_one KIND: one child of that kind is killed, another takes its place, the server answers
	local old new
	old=$(child_pids "$1" | head -n 1)
	kill -9 "$old" || return 1
	wait_for 10 replaced "$1" "$old" || return 1
	wait_for 10 answers
}

replaced() {
	! child_pids "$1" | grep -qx "$2" && [ -n "$(child_pids "$1")" ]
}

reloads() { # an address is added to the configuration and served, without a new main process
	sed -i 's/^listen = 127.0.0.1:8443/listen = 127.0.0.1:8443 127.0.0.1:9443/' "$work/server/assayd.conf"
	kill -HUP "$assayd_pid"
	wait_for 10 curl -sS --cacert "$work/pki/CERT_CI_ECDSA_NIST.pem" https://localhost:9443/ && answers
}

keeps_old() { # a configuration with a mistake changes nothing
	cp "$work/server/assayd.conf" "$work/good.conf"
	echo 'nonsense = 1' >>"$work/server/assayd.conf"
	kill -HUP "$assayd_pid"
	wait_for 10 grep -q 'old configuration stays' "$work/assayd.log" || return 1
	cp "$work/good.conf" "$work/server/assayd.conf"
	answers
}

no_files() { # a worker has no file open but sockets, and may open none (seccomp, Landlock)
	local pid
	for pid in $(child_pids worker); do
		grep -q '^Seccomp:[[:space:]]*2' "/proc/$pid/status" || return 1
		grep -q '^NoNewPrivs:[[:space:]]*1' "/proc/$pid/status" || return 1
		! ls -l "/proc/$pid/fd" | grep -E 'key|\.db' || return 1
	done
}

memory_locked() {
	local locked
	locked=$(sed -n 's/^VmLck:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$(child_pids keeper)/status")
	echo "$locked kB"
	[ "$locked" -gt 1000 ]
}

locked_or_told() {
	memory_locked || grep 'memory could not be locked' "$work/assayd.log"
}

no_network() { # the keeper's sockets are socket pairs to other children, nothing else
	local inodes
	inodes=$(find "/proc/$(child_pids keeper)/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n')
	for inode in $inodes; do
		! awk '{print $10}' /proc/net/tcp /proc/net/tcp6 /proc/net/udp | grep -qx "$inode" || return 1
	done
}

stays_up_under_many() { # a thousand connections that say nothing do not keep others out for long
	python3 -c 'import socket, time
many = []
for i in range(1000):
    try:
        many.append(socket.create_connection(("127.0.0.1", 8443), 5))
    except OSError:
        pass
time.sleep(3)
print(len(many))' || return 1
	answers
}

becomes_nobody() { # keys stay readable by root only: the keeper reads them before
	chown -R nobody "$work/server/data" && chmod 755 "$work" &&
		sed -i 's/^address/user = nobody\naddress/' "$work/server/assayd.conf" && assayd_start
}

nobody_is_root() {
	local pid
	for pid in $(cat "/proc/$assayd_pid/task/$assayd_pid/children"); do
		grep -q "^Uid:[[:space:]]*$(id -u nobody)[[:space:]]*$(id -u nobody)" "/proc/$pid/status" || return 1
	done
}

# The main process is killed: no child stays behind, and all starts again on the same store and addresses.
orphans_go() {
	local children pid
	children=$(cat "/proc/$assayd_pid/task/$assayd_pid/children")
	[ -n "$children" ] && kill -9 "$assayd_pid" || return 1
	wait "$assayd_pid" 2>/dev/null
	for pid in $children; do
		wait_for 10 gone "$pid" || { cat "/proc/$pid/status"; return 1; }
	done
}

gone() {
	[ ! -e "/proc/$1" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"
}

stops() {
	assayd_stop && [ ! -e "$work/server/admin.sock" ] && [ ! -e "$work/server/auc.sock" ]
}

ok "a server is made" made
head_beside_store() {
	sed 's|^audit-head = .*|audit-head = data/audit.head|' "$work/server/assayd.conf" >"$work/server/beside.conf"
	! "$assayd" --check --config "$work/server/beside.conf" 2>"$work/said" && grep -q "in the store's directory" "$work/said"
}

says_wrong() { # says_wrong TEXT SED-EXPRESSION: --check finds it in a configuration that is changed so
	sed "$2" "$work/server/assayd.conf" >"$work/server/wrong.conf"
	refuses "$1" "$assayd" --check --config "$work/server/wrong.conf"
}

open_key() { # a key that everybody may read
	chmod 604 "$work/server/audit.key" && refuses "audit.key is open to everybody" "$assayd" --check --config "$work/server/assayd.conf" &&
		chmod 600 "$work/server/audit.key"
}

ok "its configuration is good" "$assayd" --check --config "$work/server/assayd.conf"
ok "I6: the keeper's memory of the log's head is not to lie where the store writes" head_beside_store
ok "--check names a port that there is not" says_wrong "[es9] listen 127.0.0.1:84430" 's/127.0.0.1:8443/127.0.0.1:84430/'
ok "... an address without a port" says_wrong "[es9] listen 127.0.0.1:" 's/127.0.0.1:8443/127.0.0.1/'
ok "... a socket in no directory" says_wrong "no such directory" 's|./admin.sock|/no/such/admin.sock|'
ok "... a user that there is not" says_wrong "user nobody-at-all" '/^address/a user = nobody-at-all'
ok "... a master key that is none" says_wrong "no file of 32 octets" 's/= master.key/= audit.key/'
ok "... a key on no curve of ours" says_wrong "no private key on P-256" 's/= audit.key/= master.key/'
ok "... a certificate without its key" says_wrong "[ci nist] dpauth-certificate needs dpauth-key" '/^dpauth-key.*NIST/d'
ok "... an address that nobody can be called at" says_wrong "events-url ftp://x" '/^subject/a events-url = ftp://x'
ok "... a relay that leads nowhere" says_wrong "[radius] network" '$a [radius]\nlisten = 127.0.0.1:1'
ok "R7: ... a key that everybody may read" open_key
ok "it starts" assayd_start
if [ "${ASSAY_SANDBOX-yes}" = yes ]; then
	ok "R7: a worker has no key file and no database, and is under seccomp" no_files
	ok "R7: the keeper's memory is locked, or the log tells that it may not be" locked_or_told
fi
ok "R7: the keeper has no network" no_network
ok "ES9+ answers" answers
ok "another method than POST is refused" status 405 initiateAuthentication -X PUT -d '{}'
protocol='X-Admin-Protocol: gsma/rsp/v2.2.0'
json='Content-Type: application/json'
ok "a request without X-Admin-Protocol is refused" bare 400 -H "$json"
ok "a foreign X-Admin-Protocol is refused" bare 400 -H "$json" -H 'X-Admin-Protocol: gsma/rps/v2'
ok "another content type is refused" bare 415 -H "$protocol" -H 'Content-Type: text/plain'
ok "no content type is refused" bare 415 -H "$protocol" -H 'Content-Type:'
ok "a charset is taken" bare 200 -H "$protocol" -H "$json; charset=utf-8"
ok "a charset that is not UTF-8 is refused" bare 415 -H "$protocol" -H "$json; charset=latin1"
ok "a path that is none" status 404 noSuchFunction -d '{}'
ok "a body that is no JSON" codes 1.3.1 2.1 initiateAuthentication '{'
ok "a member given twice" codes 1.3.1 2.1 initiateAuthentication '{"a":1,"a":1}'
ok "an unknown transaction" codes 8.10.1 3.9 getBoundProfilePackage '{"transactionId":"00112233445566778899AABBCCDDEEFF","prepareDownloadResponse":"vyEA"}'
ok "two Content-Length are refused" cut lengths 0 10 'HTTP/1.1 400'
ok "Content-Length beside chunks is refused" cut both 0 10 'HTTP/1.1 400'
ok "a body too large is refused by its header" cut large 0 10 'HTTP/1.1 413'
ok "a body too large in chunks is cut" cut chunks 0 15
ok "who speaks no TLS is cut" cut plain 0 15
ok "who says nothing is cut" cut silent 1 15
ok "a dripping handshake is cut" cut handshake 1 15
ok "a dripping header is cut" cut header 1 15
ok "a dripping body is cut" cut body 1 15
ok "an idle connection is cut" cut idle 1 15 'HTTP/1.1 200'
ok "a crowd that says nothing goes away" stays_up_under_many
ok "ES2+ serves nobody without a certificate" es2_status 403
ok "nor with one of another CA" es2_status 403 --cert "$work/pki/CERT_S_SM_DP_TLS_NIST.pem" --key "$work/pki/SK_S_SM_DP_TLS_NIST.pem"
ok "a dripping handshake is cut there, too" cut handshake 1 15 '' CERT_ES2_CA.pem 8444
ok "a dripping header is cut there, too" cut header 1 15 '' CERT_ES2_CA.pem 8444
ok "a body too large is refused there by its header" cut large 0 10 'HTTP/1.1 413' CERT_ES2_CA.pem 8444
ok "ES2+ serves the operator" es2_status 200 $(operator)
for kind in worker keeper store appraiser admin auc quarantine caller; do
	ok "I5: $kind dies and is replaced" kill_one "$kind"
done
ok "SIGHUP reads a new configuration" reloads
ok "a configuration with a mistake is not taken" keeps_old
ok "it stops in order" stops
ok "it starts again on the same store" assayd_start
ok "and answers" answers
ok "I5: the main process dies, and its children with it" orphans_go
ok "it starts over what it left" assayd_start
ok "and answers" answers
ok "it stops again" assayd_stop
if [ -n "${ASSAY_ROOT-}" ] && id nobody >/dev/null 2>&1; then
	ok "with user = nobody it starts" becomes_nobody
	ok "R7: no child is root" nobody_is_root
	# Without CAP_SYS_RESOURCE the limit cannot be raised; the log says so then.
	! (ulimit -l unlimited) 2>/dev/null || ok "the keeper has locked its memory before" memory_locked
	ok "and it answers" answers
	ok "the main process dies, and its children, who are not root, with it" orphans_go
fi
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
