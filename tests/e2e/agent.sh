#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A subscription from the server's shelf into a card, with the programs that people use: assayd, assay,
# assay-agent over PC/SC, assay-card. A server that is away, a wrong code, a second profile, deletion.
set -u
. "$(dirname "$0")/lib.sh"

bin=${ASSAY_BUILD:-build}/src/cli
assayd=${ASSAY_BUILD:-build}/src/server/assayd
shared=${ASSAY_SHARED:-../shared/vectors}/rsp/ts48

for need in pcscd opensc-tool unshare python3; do
	command -v "$need" >/dev/null || skip_all "$need is not installed"
done
[ -r "$shared/ts48-v7-saip2.3-nobertlv.der" ] || skip_all "no GSMA TS.48 packages in $shared"

private_world "$@"
work_folder
export XDG_STATE_HOME=$work/state ASSAY_SOCKET=$work/dp/admin.sock

agent() {
	"$bin/assay-agent" "$@"
}

# online COMMAND...: commands that talk to the server
online() {
	agent "$@" --issuer "$work/pki/CERT_CI_ECDSA_NIST.der" --connect-to 127.0.0.1:8443
}

assay() {
	"$bin/assay" "$@"
}

# json EXPRESSION: evaluates it over the JSON on standard input, as x
json() {
	python3 -c 'import json, sys; x = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}

# says CODE TEXT COMMAND...: the command ends in that exit code and says that on standard error
says() {
	local code=$1 text=$2 got
	shift 2
	"$@" 2>"$work/said"
	got=$?
	cat "$work/said"
	[ "$got" = "$code" ] && grep -qF -- "$text" "$work/said"
}

# says_at_terminal CODE TEXT [EXPECT ANSWER]...: a download, with somebody who answers
says_at_terminal() {
	local code=$1 text=$2 got
	shift 2
	"$(dirname "$0")/at_terminal.py" "$@" -- "$bin/assay-agent" download --enable "$code_given" \
		--issuer "$work/pki/CERT_CI_ECDSA_NIST.der" --connect-to 127.0.0.1:8443 >"$work/said"
	got=$?
	cat "$work/said"
	[ "$got" = "$code" ] && grep -qF -- "$text" "$work/said"
}

same() {
	echo "\"$1\" \"$2\""
	[ "$1" = "$2" ]
}

server_start() {
	"$assayd" --config "$work/dp/assayd.conf" >>"$work/assayd.log" 2>&1 &
	server_pid=$!
	started+=("$server_pid")
	wait_for 10 assay status
}

server_stop() {
	kill "$server_pid"
	wait "$server_pid" || true
}

make_world() {
	assay pki new "$work/pki" && "$assayd" --init "$work/dp" --pki "$work/pki" &&
		"$bin/assay-card" --new --pki "$work/pki" --state "$work/card.flash"
}

state_of() {
	assay order show "$1" --json | json 'x["state"]'
}

enabled() {
	agent list --json | json '",".join(p["iccid"] for p in x if p["enabled"])'
}

waiting() {
	agent notifications list --json | json 'len(x)'
}

ok "a PKI, a server's directory and a card are made" make_world
ok "the server starts" server_start
pcsc_start
card_start "$work/card.flash"
eid=$(cat "$work/pki/eid")
ok "the agent sees the card" same "$(agent info --json | json 'x["eid"]')" "$eid"
ok "... without profiles" same "$(agent list)" "no profiles"

first=$(assay subscription import --name First --provider Assay --notify localhost \
	"$shared/ts48-v7-saip2.3-nobertlv.der")
ok "R3: an unmodified TS.48 v7 package is imported" same "${first:0:2}" 89
code_given=$(assay order new --confirmation-code 4711 --eid "$eid" "$first")
ok "an order gives an activation code that asks for a code" same "${code_given##*\$}" 1

server_stop
ok "a server that is away: exit 3, to be resumed" says 3 "--resume" \
	online download --yes --tries 1 --confirmation-code 4711 "$code_given"
ok "the server starts again" server_start
ok "resumed; a wrong confirmation code is refused, in words" says 4 \
	"the confirmation code is wrong (8.2.7/3.8" \
	online download --resume --yes --confirmation-code 1147
ok "... which leaves nothing to resume" says 1 "no download" online download --resume --yes
ok "an unknown matching ID is refused, in words" says 4 "the matching ID is not known" \
	online download --yes 'LPA:1$localhost$NOPE'
ok "a server under another issuer is refused" says 4 "certificate" \
	agent download --yes --issuer "$work/pki/CERT_ES2_CA.der" --connect-to 127.0.0.1:8443 "$code_given"
ok "a person who says later leaves the order as it is" says_at_terminal 4 postponed "Install it?" l
ok "... in the server's eyes too" same "$(state_of "$first")" Released
ok "R3: a person says yes, types the code unseen, and the profile is installed and enabled" \
	says_at_terminal 0 "installed and enabled" "Install it?" y "!Confirmation code" 4711
ok "... the card says so" same "$(enabled)" "$first"
ok "... the server says so" same "$(state_of "$first")" Installed
ok "... and no notification is left" same "$(waiting)" 0
ok "I1: the same order again is refused" says 4 "8.2.6/3.8" \
	online download --yes --confirmation-code 4711 "$code_given"
ok "the server knows the card" same "$(assay device list --json | json 'x[0]["eid"]')" "$eid"
ok "an enabled profile is not deleted" says 4 "disable it first" online delete --yes "$first"
ok "a default SM-DP+" agent default-server smdp.example.com
ok "... is shown" same "$(agent default-server)" smdp.example.com
ok "... and cleared" agent default-server --clear
ok "memory reset wants to know what" says 2 "say what to reset" agent memory-reset
ok "... and wants a yes" says 1 "nobody said yes" agent memory-reset --profiles
ok "a nickname" agent nickname "$first" "the first"

server_stop
ok "R4: disabled while the server is away" says 0 "stays on the card" online disable "the first"
ok "... the notification waits" same "$(waiting)" 1
ok "the server starts again" server_start
ok "R4: deleted, which sends both notifications" online delete --yes "the first"
ok "... none is left" same "$(waiting)" 0
ok "... and no profile" same "$(agent list)" "no profiles"

printf 'name = Second\niccid = 898821100000000002?\nimsi = 001010000000002\n' >"$work/second.txt"
assay profile new --out "$work/second.der" "$work/second.txt" >"$work/output"
second=$(assay subscription import --name Second --provider Assay "$work/second.der")
code_given=$(assay order new --downloads 30 "$second")
killed=0
kill_after() {
	{
		timeout --signal=KILL "$1" "$bin/assay-agent" download --yes --no-notify "$code_given" \
			--issuer "$work/pki/CERT_CI_ECDSA_NIST.der" --connect-to 127.0.0.1:8443
	} >/dev/null 2>&1
}
for after in 0.004 0.008 0.012 0.016 0.02 0.025 0.03 0.035 0.04 0.05 0.1 0.2 0.3 0.4; do
	kill_after "$after"
	[ "$?" != 137 ] || killed=$((killed + 1))
done
resume() {
	[ "$killed" -gt 0 ] || return 1
	[ "$(agent list --json | json 'len(x)')" = 1 ] || online download --yes --resume
}
ok "I5: killed $killed times on the way, a download is taken up again" resume
ok "... the card has the profile once" same "$(agent list --json | json '[p["iccid"] for p in x]')" "['$second']"
ok "... and the server hears of it" agent notifications send \
	--issuer "$work/pki/CERT_CI_ECDSA_NIST.der" --connect-to 127.0.0.1:8443
ok "... and believes it" same "$(state_of "$second")" Installed
printf 'name = Third\niccid = 898821100000000003?\nimsi = 001010000000003\n' >"$work/third.txt"
third=$(assay subscription new "$work/third.txt" --name Third --provider Assay)
ok "a subscription whose keys nobody has seen" same "${third:0:18}" 898821100000000003
ok "... ordered for this card, without a matching ID" \
	assay order new --matching-id "" --eid "$eid" "$third"
ok "the card's default server is this one" agent default-server localhost
ok "... which has something for the card that has no code" online download --yes --enable
ok "... and it is that" same "$(enabled)" "$third"
agent disable "$third" --no-notify >"$work/output"
ok "memory reset deletes it" online memory-reset --profiles --yes
ok "... and tells the server" same "$(waiting) $(agent list)" "0 no profiles"

done_testing
