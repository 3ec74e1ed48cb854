#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a policy says of a machine decides what the network does with it: hostapd admits it, puts it into the
# quarantine VLAN, or refuses it (R2, I4). Card, agent, AuC are ours; PC/SC, hostapd and eapol_test are not.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
. "$(dirname "$0")/eap_lib.sh"
needs pcscd opensc-tool unshare ip python3
eap_tools || skip_all "hostapd or eapol_test is not installed"
private_world "$@"
work_folder

socket="$work/server/admin.sock"
liar="$(dirname "$0")/quarantine_liar.py"
imsi=001010000000001
neighbour=001010000000002
relay_port=1811

card_new() {
	"$bin/assay-card" --new --pki "$work/pki" --seal "$work/seal" --state "$work/card.flash"
}

describe() { # describe FILE ICCID-WITHOUT-CHECK-DIGIT IMSI
	printf '%s = %s\n' name Trial iccid "$2" imsi "$3" algorithm milenage >"$work/$1"
}

subscribe() { # subscribe FILE OPERATOR: prints the ICCID
	"$bin/assay" subscription new --server "$socket" --operator "$2" "$work/$1"
}

download() {
	local code
	code=$("$bin/assay" order new --server "$socket" "$(cat "$work/iccid")") || return 1
	timeout 120 "$bin/assay-agent" download --yes --enable --connect-to 127.0.0.1:8443 \
		--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem" "$code"
}

both_subscribe() {
	describe first.txt 898820000000000001 "$imsi"
	describe second.txt 898820000000000002 "$neighbour"
	subscribe first.txt operator >"$work/iccid" && subscribe second.txt neighbour
}

policy() { # policy WORD: what a machine without evidence gets from now on
	cat >"$work/policy" <<-POLICY
		assay-policy 1
		name "trial $1"
		purpose provisioning
		admit no-evidence
		purpose access
		$([ "$1" = refuse ] || echo "$1 no-evidence")
	POLICY
	"$bin/assay" verifier add policy --server "$socket" --operator operator "$work/policy"
}

# A ruling is remembered for a second: until then the old one may be met.
soon() {
	wait_for 10 "$@"
}

admitted() { # admitted METHOD: into the network, without a VLAN
	run_eap "$1" && [ -z "$(eap_vlan)" ]
}

quarantined() { # quarantined METHOD: at the second instance, into its VLAN
	run_eap "$1" "$quarantine_port" && [ "$(eap_vlan)" = "$quarantine_vlan" ]
}

shut() { # shut METHOD PORT: the network gives this subscriber no vector
	local says
	says=$(run_eap "$1" "$2")
	echo "$says"
	[[ $says == *"does not serve"* ]]
}

shut_at_network() { # shut_at_network METHOD
	shut "$1" "$radius_port"
}

both_shut() {
	shut "AKA'" "$radius_port" && shut "AKA'" "$quarantine_port"
}

lies() { # lies PORT NAMED MEANT: a station that says to be NAMED and then asks for the vector of MEANT
	python3 "$liar" "$1" "$radius_secret" "6$2@wlan" "6$3@wlan"
}

liar_is_refused() {
	[ "$(lies "$radius_port" "$neighbour" "$imsi")" = refused ]
}

liar_is_challenged() { # so that a refusal above means something
	[ "$(lies "$radius_port" "$neighbour" "$neighbour")" = challenged ]
}

# The relay leads a station to the other instance when the one has rejected it: within two attempts.
server_config() {
	printf '\n[operator neighbour]\nsubject = neighbour\n' >>"$work/server/assayd.conf"
	printf '\n[radius]\nlisten = 127.0.0.1:%s\nnetwork = 127.0.0.1:%s\nquarantine = 127.0.0.1:%s\n' \
		"$relay_port" "$radius_port" "$quarantine_port" >>"$work/server/assayd.conf"
}

led_to_quarantine() {
	run_eap "AKA'" "$relay_port" && [ "$(eap_vlan)" = "$quarantine_vlan" ]
}

led_to_network() {
	run_eap "AKA'" "$relay_port" && [ -z "$(eap_vlan)" ]
}

twice() { # twice CHECK: at the second attempt if not at the first
	"$@" || "$@"
}

# eap_cost is what the last authentication took on the wire: RADIUS messages, octets.
eap_cost() {
	sed -n 's/^RADIUS message: .*length=\([0-9]*\)$/\1/p' "$work/eapol.log" |
		awk '{ octets += $1 } END { print NR " messages, " octets " octets" }'
}

costs() { # costs FILE: an authentication, and what it took
	run_eap AKA && eap_cost >"$work/$1"
}

as_before() {
	cat "$work/cost.without" "$work/cost.with"
	cmp "$work/cost.without" "$work/cost.with"
}

told() { # told WORD TEXT: assay subscription show has that line
	"$bin/assay" subscription show --server "$socket" "$imsi" | tee "$work/told" | grep -q "^$1 *.*$2"
}

absent() { # absent WORD: there is no such line in what was told
	! grep "^$1 " "$work/told"
}

device_told() { # device_told TEXT: assay device show says that of the subscription
	local eid
	eid=$("$bin/assay" device list --server "$socket" --json | json 'j[0]["eid"]') &&
		"$bin/assay" device show --server "$socket" "$eid" | tee "$work/told" | grep "^$imsi  *[a-z]*  *20.*Z  " | grep -q -- "$1"
}

bar() { # bar bar, bar unbar
	"$bin/assay" subscription "$1" --server "$socket" "$imsi"
}

same_since() { # who bars again bars since the first time
	local since
	since=$(sed -n 's/^barred .*since //p' "$work/told")
	sleep 1.1
	bar bar && told barred "by hand, since $since"
}

recorded() { # recorded DECISION: the audit log has it, with policy and IMSI
	admin "/v1/audit?limit=1000" |
		json 'sum("access: '"$1"'" in e["detail"] and "'"$imsi"'" in e["detail"] and "trial" in e["detail"] for e in j["events"] if e["event"] == "access")' |
		grep -qx '[1-9][0-9]*'
}

counted() { # counted NAME: the AuC's counter of that name is on /metrics and not zero
	admin /metrics | grep -q "^assay_auc_$1_total [1-9]"
}

in_all_methods() { # in_all_methods SAYS CHECK
	for method in "AKA'" AKA SIM; do
		ok "$1: EAP-$method" "$2" "$method"
	done
}

# named_sockets KIND: the names of the Unix sockets that it has.
named_sockets() {
	local inode
	for inode in $(find "/proc/$(child_pids "$1")/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n'); do
		awk -v inode="$inode" '$7 == inode && $8 != "" { sub(".*/", "", $8); print $8 }' /proc/net/unix
	done
}

doors_apart() {
	[ "$(named_sockets auc)" = auc.sock ] && [ "$(named_sockets quarantine)" = quarantine.sock ]
}

kill_appraiser() { # it comes back by itself
	local old
	old=$(child_pids appraiser)
	kill -9 "$old" && wait_for 10 comes_back "$old"
}

comes_back() {
	local new
	new=$(child_pids appraiser)
	[ -n "$new" ] && [ "$new" != "$1" ]
}

ok "a server is made" assayd_new
ok "with a second operator, and a relay for access points" server_config
ok "it starts" assayd_start
ok "a card is made" card_new
ok "the PC/SC daemon is up" pcsc_start
card_seal="$work/seal"
ok "the card is in the reader" card_start "$work/card.flash"
ok "hostapd is up: one instance for the network, one for the quarantine" \
	hostapd_start "$work/server/auc.sock" "$work/server/quarantine.sock"
ok "R2: each door has a process of its own, and the socket of the other in none" doors_apart
ok "two subscriptions, of two operators" both_subscribe
ok "the first goes to the card" download

in_all_methods "no policy at all: admitted, no VLAN" admitted
ok "EAP-AKA without a policy is measured" costs cost.without
ok "the relay leads it to the network" led_to_network
ok "the quarantine does not take who is admitted" shut "AKA'" "$quarantine_port"
ok "it is told that nothing is demanded" told access admit
ok "... and that nobody has barred it" told barred no
ok "nobody knows a time at which that ends" absent until

ok "a policy that restricts machines without evidence" policy restrict
ok "R2: the network lets the machine in no longer" soon shut "AKA'" "$radius_port"
ok "R2: the quarantine does, which remembers for itself" soon quarantined "AKA'"
in_all_methods "R2: ... into VLAN $quarantine_vlan" quarantined
in_all_methods "R2: ... and the network in no method" shut_at_network
ok "R2: the relay leads it to the quarantine after one rejection" twice led_to_quarantine
ok "... and then at once" led_to_quarantine
ok "a station that names its neighbour is challenged as the neighbour" liar_is_challenged
ok "R2: ... and naming the neighbour first helps the restricted one nothing" liar_is_refused
ok "the operator is told that" told access restrict
ok "... because no evidence came" told because "no evidence"
ok "... by which policy" told "by policy" "trial restrict"
ok "... and since when" told since '20..-..-..T..:..:..Z'
ok "a subscription that is restricted is not barred" told barred no
ok "R2: the machine's page says what the AuC would say" device_told "restrict .* no evidence came"
ok "R8: it is on record" recorded restrict
ok "and counted" counted quarantined
ok "... with the decision" metric_above_zero 'decisions_total{purpose="access",decision="restrict"}'
ok "... and none is under way" [ "$(metric appraiser_rulings_under_way)" = 0 ]

ok "a policy that refuses them" policy refuse
ok "R2: nobody lets the machine in" soon both_shut
ok "the operator is told that" told access refuse
ok "... barred by the state of its machine, and since when" told barred "by the state of its machine, since 20"
ok "... on the machine's page, too" device_told "refuse .* no evidence came"
ok "R8: it is on record" recorded refuse
ok "and counted" counted refused

ok "a policy that admits them" policy admit
ok "R2: the machine is restored" soon admitted "AKA'"
ok "R2: ... the relay leads it back" twice led_to_network
ok "somebody bars the subscription" bar bar
ok "nobody lets it in" soon both_shut
ok "the operator is told who barred it, and since when" told barred "by hand, since 20"
ok "... barring it again changes nothing of that" same_since
ok "... and that the AuC refuses it" told access refuse
ok "... because of that, whatever its machine is worth" told because "barred by hand"
ok "... on the machine's page, too" device_told "refuse .* barred by hand"
ok "it is served again" bar unbar
ok "the machine is let in" soon admitted "AKA'"
ok "and nothing is barred" told barred no
ok "the quarantine gives it back" shut "AKA'" "$quarantine_port"
ok "EAP-AKA under a policy is measured" costs cost.with
ok "R12: integrity adds no message and no octet ($(cat "$work/cost.with"))" as_before
ok "the appraiser is killed and comes back" kill_appraiser
ok "... and the machine is admitted" soon admitted AKA
ok "the server stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP" && cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
