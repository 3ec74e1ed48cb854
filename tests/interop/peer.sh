#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A machine that we did not write: tests/interop/machine.py knows docs/protocol.md, the standards and Debian's tools, and
# nothing of src/. It enrols, proves itself to its card, is provisioned on evidence, and verifies what a server signs
# (R2, R3, R5, R8, R12).
set -u
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/assayd_lib.sh"
. "$(dirname "$0")/../e2e/machine_lib.sh"
for tool in pcscd opensc-tool unshare ip swtpm swtpm_setup tpm2_quote openssl curl; do
	command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
[ -n "$(pcsc_driver)" ] || skip_all "the driver of vpcd is not installed"
python=/usr/bin/python3 # Debian's, which has Debian's modules
$python -c 'import cbor2, cryptography, smartcard' 2>/dev/null || skip_all "a Python module is not installed"
private_world "$@"
work_folder
export TSS2_LOG=all+none PYTHONDONTWRITEBYTECODE=1

bin="${ASSAY_BUILD:-build}/src/cli"
here=$(dirname "$0")
socket=$work/server/admin.sock
imei=490154203237518

assay() { "$bin/assay" "$@"; }
ask() { local group=$1 verb=$2; shift 2; assay "$group" "$verb" --server "$socket" "$@"; }
machine() { timeout 120 $python "$here/machine.py" "$work/${name-a}.json" "$@"; }

# gives PYTHON-EXPRESSION COMMAND...: it succeeds, and the expression is true of the JSON that it prints.
gives() {
	local expression=$1 code=0
	shift
	"$@" >"$work/given" 2>&1 || code=$?
	cat "$work/given"
	[ "$code" = 0 ] && json "bool($expression)" <"$work/given" | grep -qx True
}

key_pair() {
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$1.pem" &&
		openssl pkey -in "$work/$1.pem" -pubout -out "$work/$1.pub"
}

machine_made() { # machine_made NAME: it leaves its factory
	manufacture "$1" && cat >"$work/$1.json" <<-MACHINE
		{"tcti": "$(tcti "$1")", "log": "$work/$1/log", "imei": "$imei", "model": "Meter 5", "firmware": "1.0",
		 "host": "localhost", "port": 8443, "address": "localhost", "issuer": "$work/pki/CERT_CI_ECDSA_NIST.pem",
		 "signer": "$work/signer.pub", "approval": "$work/$1/approval"}
	MACHINE
}

machine_starts() { # machine_starts NAME PCR:TEXT...
	local name=$1
	shift
	[ ! -S "$work/$name/tpm" ] || chip_stop "$name"
	chip_start "$name" && machine start "$@"
}

good_start() { machine_starts "$1" "0:firmware 7" "4:boot loader" "4:kernel 6.1"; }
tamper() { tpm2_pcrextend -T "$(tcti a)" "$1:sha256=$(printf '%064d' 7)"; }

card_new() {
	"$bin/assay-card" --new --pki "$work/pki" --state "$work/card.flash" --pairing-mode enforce \
		--pairing-key "$work/a/pairing.pub" --pairing-authority "$work/authority.pub"
}

same_key() {
	assay pairing key --trust "$(tcti a)" --signer "$work/signer.pub" --out "$work/a/assay.pub" &&
		diff "$work/a/pairing.pub" "$work/a/assay.pub"
}

roots() {
	ask verifier add root "$work/factory/swtpm-localca-rootca-cert.pem" --name maker &&
		ask verifier add root "$work/factory/issuercert.pem" --name issuer
}

certified() { # the server knows the pairing key of the chip
	local key
	key=$(openssl pkey -pubin -in "$work/a/pairing.pub" -outform DER | tail -c 64 | od -An -tx1 | tr -d ' \n')
	gives "j['chips'][0]['pairingKey'] == '$key'" ask device show "$eid" --json
}

ok "keys of who approves states and of who orders" eval "key_pair signer && key_pair authority"
ok "a machine is made" machine_made a
ok "it starts" good_start a
ok "a server" assayd_new
ok "it starts" assayd_start
ok "R12: the machine's pairing key, under a policy of the signer" machine pairing-key "$work/a/pairing.pub"
ok "R12: ... which is the one that assay finds in that chip" same_key
ok "its state is approved" machine approve "$work/signer.pem" 0 4
ok "a card is made that belongs to it, and enforces it" card_new
eid=$(cat "$work/pki/eid")
ok "the PC/SC daemon is up" pcsc_start
ok "the card is in the reader" card_start "$work/card.flash"

# --- the pairing
ok "R12: the card says whose it is" gives "j['mode'] == 2 and j['eid'] == '$eid' and not j['proven']" machine challenge
ok "R12: without a proof it refuses" refuses "6985" machine default-address smdp.example.com unproven
ok "R12: which it counts" gives "j['refused'] == 1 and j['last'] == 2" machine challenge
ok "R12: with a proof it obeys" gives "j['result'] == 0" machine default-address smdp.example.com
ok "R12: the proof holds in the session" gives "j['result'] == 0" machine default-address localhost unproven
ok "the card is reset" machine reset
ok "R12: ... and ends with it" refuses "6985" machine default-address smdp.example.com unproven
ok "the machine is tampered with" tamper 4
ok "R12: its chip does not sign" refuses "tpm2_policyauthorize" machine prove
ok "it starts as it should" good_start a
ok "R12: and proves itself again" gives "j['proven'] and j['last'] == 1" machine prove
ok "R1c: an order of the authority is obeyed" gives "j['mode'] == 1 and j['order'] == 7 and not j['proven']" \
	machine order "$work/authority.pem" observe 7
ok "R12: one that is not newer is refused" refuses "6985" machine order "$work/authority.pem" off 7
ok "R12: ... and one of somebody else" refuses "6982" machine order "$work/signer.pem" off 8
ok "R9: the card tells of it in EUICCInfo2" gives "j['mode'] == 1 and j['order'] == 7 and j['refused'] == 2" machine info

# --- enrolment
ok "R7: without roots its chip is not believed" refuses "ek-untrusted-root" machine enrol paired
ok "the maker's roots are trusted" roots
ok "R5, R7: it enrols, with its pairing key" gives "j['state'] == 'pending'" machine enrol paired
ok "R12: the server knows the pairing key" certified
ok "it is approved" ask device approve "$eid"
ok "... and learns of it" gives "j['state'] == 'approved'" machine enrol paired
done_testing
