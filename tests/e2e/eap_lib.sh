# SPDX-License-Identifier: Apache-2.0
# EAP with programs that we did not write: hostapd as EAP and RADIUS server in front of our AuC, eapol_test
# as the supplicant with the card on PC/SC. Sourced after lib.sh, inside its private world: hostapd's
# RADIUS port listens on all addresses and cannot be told otherwise.
#
#     eap_tools || skip_all "hostapd or eapol_test is not installed"
#     hostapd_start "$work/auc.sock"
#     run_eap "AKA'"       # prints "EAP-AKA' of 00101...: accepted, keys agree", or why not; status 0 if so
#
# $eap_pin is the PIN that the supplicant knows, needed where the profile's PIN1 is enabled.

radius_port=1812
radius_secret=of-this-test-only
eap_pin=${eap_pin-}

eap_tools() {
	command -v hostapd >/dev/null && command -v eapol_test >/dev/null
}

# hostapd_start NETWORK_SOCKET [QUARANTINE_SOCKET] starts the EAP server; with the second argument it has a second
# instance, on the next port, that puts everybody whom it admits into VLAN $quarantine_vlan. eap_sim_id=0: it
# hands out neither pseudonyms nor identities for fast re-authentication, which would admit a card without asking
# the AuC again.
quarantine_port=1813
quarantine_vlan=666

hostapd_start() {
	local instances=("$work/hostapd.network.conf")
	echo "127.0.0.1/32 $radius_secret" >"$work/hostapd.clients"
	hostapd_instance network "$1" "$radius_port"
	if [ -n "${2-}" ]; then
		hostapd_instance quarantine "$2" "$quarantine_port" "64:d:13" "65:d:6" "81:s:$quarantine_vlan"
		instances+=("$work/hostapd.quarantine.conf")
	fi
	hostapd "${instances[@]}" >>"$work/hostapd.log" 2>&1 &
	hostapd_pid=$!
	started+=("$hostapd_pid")
	wait_for 10 hostapd_listens "$radius_port" && { [ -z "${2-}" ] || wait_for 10 hostapd_listens "$quarantine_port"; }
}

# hostapd_instance NAME AUC_SOCKET PORT [ATTRIBUTE...] writes one, with what its Access-Accept says to everybody
# (RFC 3580 3.31: a VLAN is tunnel type 13, medium 6 and its number).
hostapd_instance() {
	local name=$1 auc=$2 port=$3 method
	shift 3
	for method in "0 AKA" "6 AKA'" "1 SIM"; do
		printf '"%s"*\t%s\n' $method
		[ $# = 0 ] || printf 'radius_accept_attr=%s\n' "$@"
	done >"$work/hostapd.$name.users"
	cat >"$work/hostapd.$name.conf" <<-CONF
		driver=none
		interface=lo
		logger_stdout=-1
		logger_stdout_level=2
		eap_server=1
		eap_user_file=$work/hostapd.$name.users
		eap_sim_db=unix:$auc
		eap_sim_id=0
		radius_server_clients=$work/hostapd.clients
		radius_server_auth_port=$port
	CONF
}

hostapd_listens() { # hostapd_listens PORT
	kill -0 "$hostapd_pid" && grep -q "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$1")" /proc/net/udp
}

# run_eap METHOD [PORT] runs one full authentication with AKA', AKA or SIM.
run_eap() {
	local method=$1 port=${2-$radius_port}
	cat >"$work/eapol.conf" <<-CONF
		network={
			key_mgmt=IEEE8021X
			eap=$method
			pcsc=""
			${eap_pin:+pin="$eap_pin"}
		}
	CONF
	if eapol_test -c "$work/eapol.conf" -a 127.0.0.1 -p "$port" -s "$radius_secret" -t 10 \
		>"$work/eapol.log" 2>&1; then
		echo "EAP-$method of $(eap_imsi): accepted, keys agree"
		return 0
	fi
	echo "EAP-$method of $(eap_imsi): refused ($(eap_why))"
	return 1
}

# eap_imsi is whom the card said to be: after the method's digit, up to the realm.
eap_imsi() {
	local imsi
	imsi=$(sed -n '/permanent identity from IMSI/{n;s/.* [016]\([0-9]\{5,15\}\).*/\1/p;q}' "$work/eapol.log")
	echo "${imsi:-nobody}"
}

# eap_why says what the supplicant noticed.
eap_why() {
	if grep -q "MAC != XMAC" "$work/eapol.log"; then
		echo "the card does not believe the network"
	elif grep -q "General failure notification" "$work/eapol.log"; then
		echo "the network does not serve this subscriber"
	elif grep -q "Received EAP-Failure" "$work/eapol.log"; then
		echo "the network does not believe the card"
	else
		tail -n 1 "$work/eapol.log"
	fi
}

# eap_vlan is the VLAN that the last Access-Accept put the station into; nothing when none. eapol_test prints the
# number's digits in hex.
eap_vlan() {
	local hex
	hex=$(sed -n '/(Access-Accept)/,/^STA /{/Attribute 81 /{n;s/.*Value: //p}}' "$work/eapol.log")
	printf '%b' "$(sed 's/../\\x&/g' <<<"$hex")"
}

# eap_resynchronised: during the last authentication the card sent AUTS.
eap_resynchronised() {
	grep -q "UMTS Synchronization-Failure" "$work/eapol.log"
}
