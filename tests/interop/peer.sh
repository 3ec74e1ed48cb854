#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A machine that we did not write: tests/interop/machine.py knows docs/protocol.md, the standards and Debian's tools, and
# nothing of src/. It enrols, proves itself to its card, is provisioned on evidence, and verifies what a server signs
# (R2, R3, R5, R8, R12).
set -u
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/assayd_lib.sh"
. "$(dirname "$0")/../e2e/machine_lib.sh"
needs pcscd opensc-tool unshare ip swtpm swtpm_setup tpm2_quote openssl curl
python=/usr/bin/python3 # Debian's, which has Debian's modules
$python -c 'import cbor2, cryptography, smartcard' 2>/dev/null || skip_all "a Python module is not installed"
private_world "$@"
work_folder
export XDG_STATE_HOME=$work/state TSS2_LOG=all+none PYTHONDONTWRITEBYTECODE=1

bin=$(realpath "${ASSAY_BUILD:-build}/src/cli")
here=$(dirname "$0")
socket=$work/server/admin.sock
imei=490154203237518
formats=tpm
pcrs="0 4 14 16"

records() { timeout 60 $python "$here/records.py" "$@"; }
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
		{"tcti": "$(tcti "$1")", "logs": ["$work/$1/log", "$work/$1/log2"], "ima": "$work/$1/ima",
		 "imei": "$imei", "model": "Meter 5", "firmware": "1.0", "host": "localhost", "port": 8443, "address": "localhost", "issuer": "$work/pki/CERT_CI_ECDSA_NIST.pem",
		 "signer": "$work/signer.pub", "approval": "$work/$1/approval", "reference": "$work/signed",
		 "supplier": "$work/supplier.pub"}
	MACHINE
}

machine_starts() { # machine_starts NAME PCR:TEXT...
	local name=$1
	shift
	[ ! -S "$work/$name/tpm" ] || chip_stop "$name"
	rm -f "$work/$name/log2" "$work/$name/ima"
	chip_start "$name" && machine start "$@" && component
}

# component: a program of the list that Python has signed is started by ours, measured.
component() {
	"$bin/assay-agent" start --list "$work/list" --signer "$work/signer.pub" --trust "$(tcti a)" --log "$work/a/log2" \
		--continues agent -- --version
}

list() { records components "$work/signer.pem" "$work/list" M1 1.0 "$1" "agent=$bin/assay-agent"; }

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

key_digest() { openssl pkey -pubin -in "$work/a/pairing.pub" -outform DER | tail -c 65 | sha256sum | cut -c1-16; }

roots() {
	ask verifier add root "$work/factory/swtpm-localca-rootca-cert.pem" --name maker &&
		ask verifier add root "$work/factory/issuercert.pem" --name issuer
}

rules() {
	printf '%s\n' "purpose $1" "formats $formats" "banks sha256" "pcrs $pcrs" "max-age 3600" "pairing enforce"
}

in_force() {
	cat "$work/a/log" "$work/a/log2" >"$work/a/all"
	{ printf '%s\n' "assay-policy 1" 'name "fleet/1"' && rules provisioning && rules access; } >"$work/policy" &&
		assay verifier learn --model "Meter 5" --firmware 1.0 --bank sha256 --pcrs 0,4,14,16 "$work/a/all" \
			>"$work/reference" && ask verifier add policy "$work/policy" &&
		ask verifier add reference "$work/reference" && assay verifier sign "$work/reference" --key "$work/supplier.pem" \
		--out "$work/signed"
}

wanted() { gives "j['wish']['pcrs'] == [0, 4, 14, 16] and j['wish']['formats'] == ['tpm']" machine attest; }

subscribe() { # subscribe NUMBER
	printf '%s = %s\n' name "p$1" iccid "8988200000000000${1}1?" imsi "00101000000000$1" algorithm milenage \
		spn Assay >"$work/p.txt"
	assay subscription new --server "$socket" --name "p$1" "$work/p.txt" >"$work/iccid" &&
		ask order new "$(cat "$work/iccid")" --matching-id "PEER-$1"
}

state_is() { gives "j['state'] == '$1'" ask subscription show "$(cat "$work/iccid")" --json; }

# refused PYTHON-EXPRESSION COMMAND...: refused by the server, and the expression is true of its answer, in words and result.
refused() {
	local expression=$1 code=0
	shift
	"$@" >"$work/given" 2>&1 || code=$?
	cat "$work/given"
	[ "$code" = 4 ] && json "(lambda code, r: bool($expression))(
		j['answer']['header']['functionExecutionStatus']['statusCodeData'], j['answer']['equipmentResult'])" \
		<"$work/given" | grep -qx True
}

listed() {
	key_pair supplier && ask verifier add supplier "$work/supplier.pub" --name "Factory 1" &&
		machine endorsement-certificate "$work/a/ek.der" &&
		records manifest "$work/supplier.pem" "$work/manifest" "week 48" "$eid" "$work/a/ek.der" "$imei" "Meter 5"
}

server_made() { # its operator wants to be told
	assayd_new && printf '%s\n' "events-url = https://localhost:9556/machines" \
		"notify-trust = $work/pki/CERT_ES2_CA.pem" >>"$work/server/assayd.conf"
}

operator_up() {
	mkdir -p "$work/told"
	$python "$here/../e2e/events_operator.py" 9556 "$work/pki/CERT_ES2_SERVER.pem" "$work/pki/SK_ES2_SERVER.pem" \
		"$work/told" >"$work/operator.log" 2>&1 &
	started+=($!)
}

assay_manifest() {
	echo "$eid $(printf '%064d' 7) $imei Meter 5" >"$work/machines"
	assay manifest sign "$work/machines" --key "$work/supplier.pem" --batch "week 49" --out "$work/theirs"
}

agent_list() {
	"$bin/assay-agent" components --model M1 --firmware 1.0 --version 9 --signer "$work/signer.pem" \
		"agent=$bin/assay-agent" >"$work/theirs"
}

files_wanted() {
	ask verifier remove reference "Meter 5 1.0"
	machine measure "/usr/bin/a tool=tool" || return 1
	assay verifier learn --model "Meter 5" --firmware 1.0 --bank sha256 --pcrs 0,4,10,14 --ima "$work/a/ima" "$work/a/all" \
		>"$work/reference3" && cat "$work/reference3" &&
		{ printf '%s\n' "assay-policy 1" 'name "fleet/3"' && rules provisioning && rules access; } >"$work/policy3" &&
		ask verifier add policy "$work/policy3" && ask verifier add reference "$work/reference3"
}

files_shown() { gives "j['result']['decision'] == 'admit' and 10 in j['wish']['pcrs']" machine attest ima:0; }

statements_taken() {
	ask verifier remove reference "Meter 5 1.0"
	{ printf '%s\n' "assay-policy 1" 'name "fleet/2"' && rules provisioning && rules access; } >"$work/policy2" &&
		ask verifier add policy "$work/policy2" && ask verifier list && ask verifier add reference "$work/signed"
}

stated() {
	gives "j['result']['decision'] == 'admit' and j['octets'] < 200 and 'statement' in j['wish']['formats']" \
		machine attest stated
}

provisioned_stated() { subscribe 3 && gives "j['iccid']" machine provision PEER-3 stated; }

result_jwt() {
	ask verifier result "$eid" --jwt --output "$work/result.jwt" >"$work/said" &&
		records result-jwt "$work/server/result.pub" "$work/result.jwt"
}

result_now() {
	ask verifier result "$eid" --output "$work/now.cwt" >"$work/said" &&
		records result "$work/server/result.pub" "$work/now.cwt"
}

ours() { # one file for each piece of the log
	timeout 60 "$bin/assay-agent" attest localhost --connect-to 127.0.0.1:8443 --issuer "$work/pki/CERT_CI_ECDSA_NIST.pem" \
		--evidence "tpm:$(tcti a),log=$work/a/log,log=$work/a/log2,imei=$imei,model=Meter 5,firmware=1.0" \
		--pairing "$(how_paired a)"
}

last() { json "j['$1']" <"$work/last"; } # of the last provisioning
digest() { sha256sum "$1" | cut -d' ' -f1; }
appraisal_in_words='{"ear_status": "affirming", "ear_appraisal_policy_ids": ["fleet/1"], "ear_trustworthiness_vector":
	{"instance-identity": 2, "configuration": 2, "executables": 3, "hardware": 2}}'
appraisal='{"1000": 2, "1001": {"0": 2, "1": 2, "2": 3, "4": 2}, "1003": ["fleet/1"]}' # affirming, each value good

told() { [ -s "$work/told/1.json" ]; }

certified() { # the server knows the pairing key of the chip
	local key
	key=$(openssl pkey -pubin -in "$work/a/pairing.pub" -outform DER | tail -c 64 | od -An -tx1 | tr -d ' \n')
	gives "j['chips'][0]['pairingKey'] == '$key'" ask device show "$eid" --json
}

ok "keys of who approves states and of who orders" eval "key_pair signer && key_pair authority"
ok "a list of what the machine starts is made and signed by Python" list 7
ok "a machine is made" machine_made a
ok "R1b.3: it starts; our agent takes the list" good_start a
ok "R2: its logs, the agent's included, lead to what the chip has" gives \
	"j['same'] and [14, 'start agent'] in j['events']" machine replays 0 4 14
ok "R1b.3: the chip remembers the version of the list" gives "j['version'] == 7" machine highest-version
ok "a server" server_made
ok "it starts" assayd_start
ok "R12: the machine's pairing key, under a policy of the signer" machine pairing-key "$work/a/pairing.pub"
ok "R12: ... which is the one that assay finds in that chip" same_key
ok "its state is approved" machine approve "$work/signer.pem" 0 4
ok "a card is made that belongs to it, and enforces it" card_new
eid=$(cat "$work/pki/eid")
ok "its operator listens" operator_up
ok "the PC/SC daemon is up" pcsc_start
ok "the card is in the reader" card_start "$work/card.flash"

# --- the pairing
ok "R12: the card says whose it is" gives \
	"j['mode'] == 2 and j['eid'] == '$eid' and not j['proven'] and j['key'] == '$(key_digest)'" machine challenge
ok "R12: without a proof it refuses" refuses "6985" machine default-address unproven smdp.example.com
ok "R12: which it counts" gives "j['refused'] == 1 and j['last'] == 2" machine challenge
ok "R12: with a proof it obeys, and the proof holds in the session" gives "j['results'] == [0, 0]" \
	machine default-address proven smdp.example.com localhost
ok "the card is reset" machine reset
ok "R12: ... and ends with it" refuses "6985" machine default-address unproven smdp.example.com
ok "the machine is tampered with" tamper 4
ok "R12: its chip does not sign" refuses "tpm2_policyauthorize" machine prove
ok "it starts as it should" good_start a
ok "R12: and proves itself again" gives "j['proven'] and j['last'] == 1" machine prove
ok "R1c: an order of the authority is obeyed" gives "j['mode'] == 1 and j['order'] == 7 and not j['proven']" \
	machine order "$work/authority.pem" observe 7
ok "R12: one that is not newer is refused" refuses "6985" machine order "$work/authority.pem" off 7
ok "R12: ... and one of somebody else" refuses "6982" machine order "$work/signer.pem" off 8
ok "R9: the card tells of it in EUICCInfo2" gives "j['mode'] == 1 and j['order'] == 7 and j['refused'] == 2" machine info
ok "R12: status words are as documented, 15 wrong commands" gives "j['tried'] == 15 and not j['otherwise']" \
	machine wrong commands "$work/authority.pem" 7

# --- enrolment
ok "R7: without roots its chip is not believed" refuses "ek-untrusted-root" machine enrol paired
ok "the maker's roots are trusted" roots
ok "R5, R7: it enrols, with its pairing key" gives "j['state'] == 'pending'" machine enrol paired
ok "R12: the server knows the pairing key" certified
ok "R7: refusals have the documented reasons, 16 wrong requests" gives "j['tried'] == 16 and not j['otherwise']" \
	machine wrong enrolment
ok "a supplier lists it, in a manifest made by Python" listed
ok "R7: the list is taken" says "1 machines" ask device import "$work/manifest"
ok "R7: the machine is approved" gives "j['state'] == 'approved' and 'listed by Factory 1 in week 48' in j['how']" \
	machine enrol paired

# --- evidence
ok "a policy and reference values are in force" in_force
ok "R5: the server says what it wants" wait_for 10 wanted
ok "R5: the machine is admitted, and no profile is named" gives \
	"j['result']['decision'] == 'admit' and j['result']['expires'] > 1e9 and j['members'] == ['equipmentResult', 'header']" \
	machine attest
ok "R9, R12: under the card's signature is its pairing" gives \
	"j['card']['mode'] == 1 and j['card']['order'] == 7 and j['card']['proven'] == 1" machine attest
ok "R11: the log that the server has is named by its digest" gives "j['result']['decision'] == 'admit'" \
	machine attest named
ok "R5: attacks are found as documented, 22 of them" gives "j['tried'] == 23 and not j['otherwise']" \
	machine wrong evidence "$here/../../docs/verifier.md"
ok "a subscription is ordered" subscribe 1
ok "R2, R3, R5: the machine is provisioned" gives "j['iccid']" machine provision PEER-1 named
ok "R3: the server knows that it was installed" state_is Installed
ok "another subscription" subscribe 2
ok "the machine is tampered with" tamper 16
ok "R2: it is refused, and the measurement is named" refused \
	"code['subjectCode'] == '8.2.5' and r['decision'] == 'refuse' and 'PCR 16' in r['why'] and r['why'] in code['message']" \
	machine provision PEER-2
ok "R2: with equipmentOnly, too" gives "j['result']['decision'] == 'refuse' and 'PCR 16' in j['result']['why']" \
	machine attest
ok "it starts with other software" machine_starts a "0:firmware 7" "4:boot loader" "4:evil kernel"
ok "its state is approved for the card, by mistake" machine approve "$work/signer.pem" 0 4
ok "R11: a log that the server never had is asked for" refused "r['wantsLog']" machine provision PEER-2 named
ok "R2: ... and the event is named" refused "'event 2' in r['why'] and 'wantsLog' not in r" machine provision PEER-2
ok "I4: the order is as it was" state_is Released
ok "it starts as it should" good_start a
ok "... as approved" machine approve "$work/signer.pem" 0 4
ok "R2, R3, R5: and is provisioned" gives "j['iccid'] and 'equipmentResult' not in j['members']" \
	machine provision PEER-2
cp "$work/given" "$work/last"

# --- what a server signs
pub=$work/server
ok "R9: the operator is told, by a notice of the server's" wait_for 20 told
ok "R8: its signature is verified by Python" gives "j['kind'] and j['eid'] == '$eid' and j['number']" \
	records notice "$pub/notice.pub" "$work/told/1"
ok "R8: ... and is that of no other key" refuses "by that key" records notice "$pub/result.pub" "$work/told/1"
ok "a head of the log is kept" ask audit head --out "$work/head"
ok "the log is exported" ask audit export "$work/log"
ok "R8: Python verifies all entries, roots and signatures" gives \
	"j['entries'] > 10 and 'chip.enrolled' in j['events']" records log "$pub/audit.pub" "$work/log"
ok "I6: ... and that it goes on where the head ends" gives "j['size'] <= j['entries']" \
	records head "$pub/audit.pub" "$work/head" "$work/log"
ok "one entry is altered, hash and all" records alter "$work/log" "$work/altered"
ok "I6: it does not pass" refuses "another root" records log "$pub/audit.pub" "$work/altered"
ok "one entry is exported with its proof" ask audit prove 5 --out "$work/one"
ok "R8: Python verifies it" gives "j['entry']['number'] == 5 and j['size'] > 5" records proof "$pub/audit.pub" "$work/one"
ok "the last attestation result" ask verifier result "$eid" --output "$work/result.cwt"
ok "R5, R8: Python verifies it: this session, this policy, affirming" gives \
	"j['10'] == '$(last binding)' and j['266']['equipment'] == $appraisal and
	j['3'] == 'operator' and j['4'] - j['6'] == 3600" \
	records result "$pub/result.pub" "$work/result.cwt"
ok "R8: the same as a JWT" gives \
	"len(j['eat_nonce']) == 43 and j['submods']['equipment'] == $appraisal_in_words and j['aud'] == 'operator'" result_jwt
ok "R8: the log names evidence, policy and result by their digests" gives \
	"j['evidence'] == '$(last evidence)' and j['policy'] == '$(digest "$work/policy")' and
	j['result'] == '$(digest "$work/result.cwt")' and j['eid'] == '$eid'" records decided "$pub/audit.pub" "$work/log"
# --- the machine checks itself
ok "R11: where no statement is taken, a quote is asked for" gives \
	"j['result']['decision'] == 'refuse' and j['result']['wantsLog'] is True" machine attest stated
formats="tpm statement"
ok "a policy takes statements, and the supplier has signed the values" statements_taken
ok "R11: an intact machine states so, in few octets" wait_for 10 stated
ok "R11: and is provisioned" provisioned_stated
ok "R8: which the attestation result does not call a look at its software" gives \
	"j['266']['equipment']['1000'] == 2 and '2' not in j['266']['equipment']['1001']" \
	result_now
ok "it is tampered with" tamper 16
ok "R2: it says so itself" gives "j['result']['decision'] == 'refuse' and 'PCR 16' in j['result']['why']" \
	machine attest stated
ok "it starts with other software" machine_starts a "0:firmware 7" "4:boot loader" "4:evil kernel"
ok "its state is approved for the card, by mistake" machine approve "$work/signer.pem" 0 4
ok "R2: it names the event" gives \
	"j['result']['decision'] == 'refuse' and 'event 2' in j['result']['why'] and
	'$(printf 'evil kernel' | sha256sum | cut -c1-32)' in j['result']['why']" \
	machine attest stated
ok "it starts as it should" good_start a
ok "... as approved" machine approve "$work/signer.pem" 0 4

ok "R5: our agent in its place is admitted, with the same keys" ours

# --- the kernel's measurements
pcrs="0 4 10 14"
formats=tpm
ok "the kernel measures files" machine measure boot_aggregate=any /sbin/init=init /usr/bin/meter=meter
ok "a policy wants them" files_wanted
ok "R11: the list is shown whole" wait_for 10 files_shown
ok "the kernel goes on" machine measure "/usr/bin/a tool=tool"
ok "R11: ... and the list from where the last one ended" gives "j['result']['decision'] == 'admit'" machine attest ima:4
ok "R11: a list that begins elsewhere is asked for whole" gives "j['result']['wantsLog']" machine attest ima:3
ok "R11: ... and then taken" gives "j['result']['decision'] == 'admit'" machine attest ima:0
ok "something that is not expected runs" machine measure /tmp/miner=miner
ok "R2: it is named" gives "j['result']['decision'] == 'refuse' and '/tmp/miner' in j['result']['why']" machine attest ima:5

# --- what our programs sign and read
ok "a manifest of assay's" assay_manifest
ok "R7: Python verifies it" gives "j['entries'] == [['$eid', '$(printf '%064d' 7)', '$imei', 'Meter 5']]" \
	records manifested "$work/supplier.pub" "$work/theirs"
ok "a list of the agent's" agent_list
ok "R1b.3: Python verifies it" gives "['version', '9'] in j and j[-1][0:2] == ['component', 'agent']" \
	records listed "$work/signer.pub" "$work/theirs"
ok "R1b.3: Python signs an older list" list 6
ok "... which the chip remembers to be older" refuses "older" component
done_testing
