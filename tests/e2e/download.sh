#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A subscription goes from our SM-DP+ to our card: ordered on the admin socket, downloaded by our agent over
# ES9+ and PC/SC, and what the card said afterwards is known at the server.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
needs pcscd opensc-tool unshare ip curl python3
profile="${ASSAY_SHARED:-../shared/vectors}/rsp/ts48/ts48-v7-saip2.3-nobertlv.der"
[ -f "$profile" ] || skip_all "the GSMA test profile is not here"
private_world "$@"
work_folder
export ASSAY_PRIVATE_WORLD

card_new() {
	"$bin/assay-card" --new --pki "$work/pki" --seal "$work/seal" --state "$work/card.flash" --size 2048
}

agent() {
	timeout 120 "$bin/assay-agent" "$@"
}

download() {
	agent download --yes --issuer "$work/pki/CERT_CI_ECDSA_NIST.pem" --connect-to 127.0.0.1:8443 \
		'LPA:1$localhost$DEMO-1'
}

second() { # a subscription made by the server, with protection keys of its own
	admin /v1/profiles/generate -d '{"description": "name = Second\nimsi = 001010000000042\niccid = 890010100000000042?\n",
		"type": "second", "protectionKeys": "random"}' &&
		admin /v1/orders -d '{"type": "second", "matchingId": "DEMO-2", "confirmationCode": "0815"}' &&
		agent download --yes --confirmation-code 0815 --issuer "$work/pki/CERT_CI_ECDSA_NIST.pem" \
			--connect-to 127.0.0.1:8443 'LPA:1$localhost$DEMO-2$$1' &&
		"$bin/assay-agent" list | grep 890010100000000042
}

both_installed() {
	[ "$(admin '/v1/profiles?state=Installed' | json 'len(j["profiles"])')" = 2 ]
}

state_is() {
	local state
	state=$(admin /v1/profiles | json 'j["profiles"][0]["state"]')
	echo "state: $state"
	[ "$state" = "$1" ]
}

ok "a server is made" assayd_new
ok "it starts" assayd_start
ok "a card is made" card_new
ok "the PC/SC daemon is up" pcsc_start
card_seal="$work/seal"
ok "the card is in the reader" card_start "$work/card.flash"
ok "a GSMA TS.48 profile goes into the inventory" import_package "$profile" ts48
ok "it is ordered" admin /v1/orders -d '{"type": "ts48", "matchingId": "DEMO-1"}'
ok "it is released" state_is Released
ok "it is downloaded" download
ok "the card lists it" bash -c "'$bin/assay-agent' list | grep -q 89000123456789012341"
ok "the server knows that it is installed" state_is Installed
ok "the server knows the card" bash -c "$(declare -f admin json); work='$work'; [ \"\$(admin /v1/devices | json 'j[\"devices\"][0][\"eid\"]')\" = \"\$(cat '$work/pki/eid')\" ]"
ok "a second one, under protection keys and a confirmation code" second
ok "the server knows of both" both_installed
ok "the server stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
