#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Programs of pysim that we did not write: an SM-DP+ (osmo-smdpp) serves our agent and card, with evidence configured and
# without; an ES9+ client (es9p_client) is served by our SM-DP+, and reads what it was given; pySim-shell reads our card. By hand,
# where python3 finds what pysim imports:
#     PYSIM=DIR-OF-PYSIM [PYSIM_SHELL=pySim-shell.py OF ANOTHER COMMIT] tests/interop/pysim.sh
# docs/interop.md has what came of it. osmo-smdpp knows its name, and that is not localhost.
set -u
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/assayd_lib.sh"
. "$(dirname "$0")/../e2e/machine_lib.sh"
[ -f "${PYSIM-}/osmo-smdpp.py" ] || skip_all "PYSIM is not a directory of pysim"
needs pcscd opensc-tool unshare ip python3 openssl
private_world "$@"
[ "$ASSAY_PRIVATE_WORLD" = yes ] || skip_all "no namespace can be made here"
work_folder
export TSS2_LOG=all+none XDG_STATE_HOME=$work/state
name=testsmdpplus1.example.com
PYSIM=$(realpath "$PYSIM")
PYSIM_SHELL=$(realpath "${PYSIM_SHELL-$PYSIM/pySim-shell.py}")

pki() {
	"$bin/assay" pki new "$work/pki" --host "$name" && printf '127.0.0.1 localhost %s\n' "$name" >"$work/hosts" &&
		mount --bind "$work/hosts" /etc/hosts
}

card_new() {
	"$bin/assay-card" --new --pki "$work/pki" --state "$work/card.flash" --size 8192
}

machine() { # with a software TPM, and an agent that was started measured: it has evidence to show
	soft_manufacture a && cp "$bin/assay-agent" "$work/a/agent" && signer_new &&
		"$bin/assay-agent" components --model Meter-5 --firmware 1.0 --version 1 --signer "$work/signer.pem" \
			"agent=$work/a/agent" >"$work/components" && boot a
}

# osmo_start CURVE [OPTION]: in a folder of its own, with certificates of ours; TLS is on P-256 always.
osmo_start() {
	local data="$work/osmo/smdpp-data" each
	mkdir -p "$data/certs/CertificateIssuer" "$data/certs/DPauth" "$data/certs/DPpb" "$data/certs/DPtls"
	ln -sfn "$PYSIM/smdpp-data/upp" "$data/upp"
	cp "$work"/pki/CERT_CI_ECDSA_* "$data/certs/CertificateIssuer/"
	cp "$work"/pki/*DPauth* "$data/certs/DPauth/" && cp "$work"/pki/*DPpb* "$data/certs/DPpb/"
	for each in CERT_S_SM_DP_TLS_@.der CERT_S_SM_DP_TLS_@.pem SK_S_SM_DP_TLS_@.pem; do
		cp "$work/pki/${each/@/NIST}" "$data/certs/DPtls/${each/@/$1}"
	done
	[ -f "$data/certs/dhparam2048.pem" ] || openssl dhparam -dsaparam -out "$data/certs/dhparam2048.pem" 2048 || return 1
	shift
	(cd "$work/osmo" && exec python3 "$PYSIM/osmo-smdpp.py" --port 8443 --verbose "$@" >>"$work/osmo.log" 2>&1) &
	osmo_pid=$!
	started+=("$osmo_pid")
	wait_for 30 curl -sk --max-time 5 "https://$name:8443/"
}

osmo_stop() { kill "$osmo_pid" && { wait "$osmo_pid" || true; }; }

agent() {
	timeout 120 "$bin/assay-agent" "$@" --connect-to 127.0.0.1:8443 --issuer "$work/pki/CERT_CI_ECDSA_NIST.pem"
}

download() { # download PROFILE [OPTION...]
	local code="LPA:1\$$name\$$1"
	shift
	agent download --yes "$@" "$code"
}

installed() { "$bin/assay-agent" list --json | json "len(j) == $1" | grep -q True; }

all_install() {
	installed 0 || return 1
	local each count=0
	for each in "$PYSIM"/smdpp-data/upp/TS48V[2-9]*-UNIQUE.der; do
		count=$((count + 1))
		download "$(basename "$each" .der)" ${evident+--evidence "$(how_evident a 490154203237518)"} || return 1
		installed $count || return 1
	done
	echo "$count profiles" && [ $count -gt 0 ]
}

iccid_of() { "$bin/assay-agent" list --json | json "j[$1]['iccid']"; }
enabled() { "$bin/assay-agent" list --json | json '[p["iccid"] for p in j if p["enabled"]]' | grep -q "'$1'"; }
none_waits() { "$bin/assay-agent" notifications list --json | json 'len(j)' | grep -qx 0; }

# nothing_extra: what came in has no member and no element of our own, in any request.
nothing_extra() {
	grep -o 'Rx JSON: .*' "$work/osmo.log" | python3 -c '
import base64, json, sys
seen = 0
for line in sys.stdin:
    request = json.loads(line.split(": ", 1)[1])
    extra = [member for member in request if member.startswith("equipment")]
    response = base64.b64decode(request.get("authenticateServerResponse", ""))
    seen += bool(response)
    if extra or bytes.fromhex("df23") in response:
        sys.exit(f"sent beyond the standard: {extra or response.hex()}")
print(seen, "times authenticated")
sys.exit(seen == 0)'
}

es9p() { # es9p COMMAND...: signs as the card of the PKI does. Requests puts the variable above the option.
	local ca="$work/pki/CERT_CI_ECDSA_NIST.pem"
	REQUESTS_CA_BUNDLE=$ca timeout 60 python3 "$PYSIM/contrib/es9p_client.py" --url "https://$name" \
		--server-ca-cert "$ca" --certificate-path "$work/pki" "$@"
}

on_443() {
	assayd_new && sed -i "s/:8443/:443/; s/localhost/$name/" "$work/server/assayd.conf" && assayd_start
}

order() {
	import_package "$package" ts48 && admin /v1/orders -d '{"type": "ts48", "matchingId": "PYSIM", "confirmationCode": "4711"}'
}

reads_package() {
	mkdir -p "$work/es9p" && es9p download --matchingId PYSIM --confirmation-code 4711 --output-path "$work/es9p" &&
		cmp "$work"/es9p/*.upp.der "$package"
}

state_is() { [ "$(admin /v1/profiles | json 'j["profiles"][0]["state"]')" = "$1" ]; }

demands_evidence() {
	printf '%s\n' "assay-policy 1" 'name "fleet/1"' "purpose provisioning" "formats tpm" "banks sha256" "pcrs 0" \
		>"$work/policy" && ask verifier add policy "$work/policy"
}

shell() { # shell COMMAND...: one after the other
	printf '%s\n' "$@" quit >"$work/script"
	timeout 120 python3 "$PYSIM_SHELL" --pcsc-device 0 --script "$work/script" </dev/null
}

reads() { # reads WORDS COMMAND...
	local words=$1
	shift
	"$@" >"$work/said" 2>&1
	cat "$work/said"
	grep -q -- "$words" "$work/said"
}

ok "certificates" pki
eid=$(cat "$work/pki/eid")
ok "a card is made" card_new
ok "a machine with evidence to show" machine
ok "the PC/SC daemon is up" pcsc_start
ok "the card is in the reader" card_start "$work/card.flash"

ok "osmo-smdpp is up" osmo_start NIST
ok "a profile with an applet is refused by the card, in words" refuses "environment" download TS48V1-A-UNIQUE
ok "all those without are downloaded" all_install
first=$(iccid_of 0) second=$(iccid_of 1)
ok "one is enabled" agent enable "$first"
ok "... it is" enabled "$first"
ok "an enabled profile is not deleted" refuses "disable it first" agent delete --yes "$first"
ok "another one is enabled instead" agent enable "$second"
ok "... it is" enabled "$second"
ok "osmo-smdpp was told of all that" none_waits
ok "pySim-shell knows the card" reads "EF.ICCID" shell "select EF.ICCID" "read_binary_decoded" "dir"
ok "... reads its USIM" reads '"imsi": "[0-9]' shell "select ADF.USIM" "select EF.IMSI" "read_binary_decoded"
ok "... and its ISD-R" reads "$eid" shell "select ADF.ISD-R" "get_eid"
ok "it is disabled" agent disable "$second"
ok "the profiles are deleted" agent memory-reset --profiles --yes
ok "... they are gone" installed 0

evident=yes
ok "a machine that could show evidence downloads all of them as well" all_install
ok "... and has sent nothing that osmo-smdpp does not know" nothing_extra
ok "these are deleted" agent memory-reset --profiles --yes
ok "osmo-smdpp ends" osmo_stop
ok "osmo-smdpp is up on brainpoolP256r1" osmo_start BRP --brainpool
ok "... a profile is downloaded" download TS48V5-SAIP2-3-NOBERTLV-UNIQUE
ok "... and is there" installed 1
ok "osmo-smdpp ends" osmo_stop

package="$PYSIM/smdpp-data/upp/TS48v5_SAIP2.3_NoBERTLV.der"
ok "assayd is up" on_443
ok "a profile is ordered" order
ok "a wrong confirmation code is refused" refuses "8.2.7" es9p download --matchingId PYSIM --confirmation-code 1
ok "es9p_client is given what was imported, octet for octet" reads_package
ok "... the server knows" state_is Downloaded
ok "a policy that demands evidence" demands_evidence
ok "R2: es9p_client is refused in words" refuses "no evidence came that the equipment is intact" \
	es9p download --matchingId PYSIM --confirmation-code 4711 --output-path "$work/es9p"
done_testing
