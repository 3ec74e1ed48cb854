#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R2, R5, R10, R12, I4, I7: no profile without an intact machine. A machine with a TPM (swtpm), a card (pcscd, vpcd),
# assayd with a policy and reference values; tpm2-tools tamper with the machine, and somebody with the server's
# own TLS key sits in between. R11: a machine that checks itself against reference values that its supplier has signed
# sends a statement.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
. "$(dirname "$0")/machine_lib.sh"
needs pcscd opensc-tool unshare ip python3 swtpm swtpm_setup tpm2_pcrextend tpm2_checkquote tpm2_eventlog
private_world "$@"
work_folder
export XDG_STATE_HOME=$work/state TSS2_LOG=all+none

here=$(dirname "$0")
socket=$work/server/admin.sock
imei=490154203237518
other_imei=356938035643809
profiles=0

# boot EVENT...: the machine starts, measures what it starts, and keeps a log of it.
boot() {
	[ ! -S "$work/a/tpm" ] || chip_stop a
	chip_start a || return 1
	"$here/evidence_log.py" "$work/log" "$@" >"$work/extends" || return 1
	local each
	while read -r each; do
		tpm2_pcrextend -T "$(tcti a)" "$each" || return 1
	done <"$work/extends"
}

good_boot() { boot "0:firmware 7" "4:boot loader" "4:kernel 6.1"; }

rules() {
	printf '%s\n' "purpose $1" "formats ${formats-tpm}" "banks sha256" "pcrs 0 4 16" "max-age 3600" "pairing enforce"
}

policy() {
	{ printf '%s\n' "assay-policy 1" 'name "fleet/1"' && rules provisioning && rules access; } >"$work/policy"
}

in_force() {
	policy
	assay verifier learn --model "Meter 5" --firmware 1.0 --bank sha256 --pcrs 0,4,16 "$work/log" >"$work/reference" &&
		ask verifier add policy "$work/policy" && ask verifier add reference "$work/reference" &&
		ask verifier add root "$work/factory/swtpm-localca-rootca-cert.pem" --name maker &&
		ask verifier add root "$work/factory/issuercert.pem" --name issuer && workers_know
}

how() { echo "tpm:$(tcti a),log=$work/log,imei=${claimed-$imei},model=Meter 5,firmware=1.0${checks-}"; }

# with COMMAND...: the agent of this machine. $port is where it connects to.
with() {
	timeout 60 "$bin/assay-agent" "$@" --evidence "$(how)" --connect-to "127.0.0.1:${port-8443}" \
		--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem"
}

bare() {
	timeout 60 "$bin/assay-agent" "$@" --connect-to "127.0.0.1:${port-8443}" \
		--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem"
}

subscribe() {
	profiles=$((profiles + 1))
	printf '%s = %s\n' name "p$profiles" iccid "8988200000000000${profiles}1?" imsi "00101000000000$profiles" \
		algorithm milenage spn Assay >"$work/p.txt"
	rm -f "$work/iccid"
	assay subscription new --server "$socket" --name "p$profiles" "$work/p.txt" >"$work/iccid" &&
		ask order new "$(cat "$work/iccid")" >"$work/code"
}

download() { with download --yes --no-notify "$(cat "$work/code")" "$@"; }
standard() { bare download --yes --no-notify "$(cat "$work/code")"; }
attest() { with attest localhost "$@"; }

attested() { # attested EXIT PYTHON-EXPRESSION over what the server decides
	local code=0
	attest --json >"$work/attest.json" 2>"$work/said" || code=$?
	cat "$work/attest.json" "$work/said"
	[ "$code" = "$1" ] && json "$2" <"$work/attest.json" | grep -q True
}

order_is() {
	ask order show "$(cat "$work/iccid")" --json 2>/dev/null | tee "$work/order.json" | json "'$1' in str(j)" | grep -q True ||
		{ cat "$work/order.json"; return 1; }
}

audited() { admin '/v1/audit?limit=1000' | grep -q -- "$1"; }

result_signed() { # with the key that --init made, as openssl sees it
	ask verifier result "$eid" --output "$work/result.cwt" | tee "$work/said" &&
		"$here/evidence_result.py" "$work/result.cwt" "$work/result.text" "$work/result.sig" |
		grep -q "$(printf 'fleet/1' | od -An -tx1 | tr -d ' \n')" &&
		openssl dgst -sha256 -verify "$work/server/result.pub" -signature "$work/result.sig" "$work/result.text" &&
		grep -q "admit under policy fleet/1" "$work/said"
}

key_name() { # as docs/protocol.md says: the first octets of SHA-256 of the point, the last 65 octets of the key's DER
	openssl pkey -pubin -in "$work/server/result.pub" -outform DER | tail -c 65 | sha256sum | cut -c1-16
}

result_names_key() {
	"$here/evidence_result.py" "$work/result.cwt" "$work/result.text" "$work/result.sig" | grep -q " $(key_name)\$"
}

result_jwt() { # the same as JWT, taken apart by Python and verified by openssl
	ask verifier result "$eid" --jwt >"$work/result.jwt" &&
		"$here/evidence_result.py" --jwt "$work/result.jwt" "$work/jwt.text" "$work/jwt.sig" >"$work/jwt.claims" &&
		openssl dgst -sha256 -verify "$work/server/result.pub" -signature "$work/jwt.sig" "$work/jwt.text" &&
		cat "$work/jwt.claims" && grep -q "\"kid\":\"$(key_name)\"" "$work/jwt.claims" &&
		grep -q '"ear_status":"affirming","ear_trustworthiness_vector":{"instance-identity":2' "$work/jwt.claims" &&
		grep -q '"ear_appraisal_policy_ids":\["fleet/1"\]' "$work/jwt.claims"
}

result_jwt_altered() {
	python3 -c 'import sys; t = bytearray(open(sys.argv[1], "rb").read()); t[-9] ^= 1; open(sys.argv[1], "wb").write(t)' "$work/jwt.text" &&
		! openssl dgst -sha256 -verify "$work/server/result.pub" -signature "$work/jwt.sig" "$work/jwt.text"
}

# quote_recorded: what tpm2-tools need to judge the recorded evidence. The key is made once more, from its template.
quote_recorded() {
	"$here/evidence_quote.py" "$work" "$eid" >"$work/binding" &&
		tpm2_createprimary -T "$(tcti a)" -C e -G ecc256:ecdsa-sha256:null -g sha256 -c "$work/ak" \
			-a "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign|noda" &&
		tpm2_readpublic -T "$(tcti a)" -c "$work/ak" -f pem -o "$work/ak.pem" && tpm2_flushcontext -T "$(tcti a)" -t &&
		tpm2_pcrread -T "$(tcti a)" -o "$work/pcrs" sha256:0,4,16
}

quote_checks() { # quote_checks QUALIFYING-DATA
	tpm2_checkquote -u "$work/ak.pem" -m "$work/attest" -s "$work/signature" -g sha256 -q "$1" -f "$work/pcrs" \
		-l sha256:0,4,16
}

other_binding() { ! quote_checks "$(tr 0-9a-f 1-9a-f0 <"$work/binding")"; }

other_pcrs() {
	cp "$work/pcrs" "$work/pcrs.good" && tr '\000-\377' '\001-\377\000' <"$work/pcrs.good" >"$work/pcrs" &&
		! quote_checks "$(cat "$work/binding")"
}

log_read() { # by tpm2_eventlog, which computes what its events make of the PCRs
	local pcr
	tpm2_eventlog "$work/log" >"$work/eventlog" && cat "$work/eventlog" || return 1
	for pcr in 0 4; do
		tpm2_pcrread -T "$(tcti a)" "sha256:$pcr" | grep -o '0x[0-9A-F]*' | grep -qixf - <(
			sed -n "s/^ *$pcr *: *\(0x[0-9a-f]*\)\$/\1/p" "$work/eventlog") || return 1
	done
}

tamper() { tpm2_pcrextend -T "$(tcti a)" "$1:sha256=$(printf '%064d' 7)"; }

between() {
	echo pass >"$work/mode"
	"$here/evidence_proxy.py" "$work" "$work/pki/CERT_S_SM_DP_TLS_NIST.pem" \
		"$work/pki/SK_S_SM_DP_TLS_NIST.pem" >"$work/proxy.log" 2>&1 &
	started+=($!)
	wait_for 10 grep -q ready "$work/proxy.log"
}

attack() { # attack MODE COMMAND...: with somebody in between
	echo "$1" >"$work/mode"
	shift
	local port=9443
	"$@"
}

# The last bundle had at most this many octets, or at least with -.
sent() { tail -n 1 "$work/sizes" | awk -v n="$1" '{ print; exit !(n > 0 ? $2 <= n : $2 >= -n) }'; }

forget_logs() {
	assayd_stop && python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1]); print(db.execute("DELETE FROM logs").rowcount); db.commit()' \
		"$(find "$work/server" -name '*.db' -o -name 'store*' -type f | grep -v -- '-\(wal\|shm\)$' | head -n 1)" && assayd_start
}

# takes FORMATS...: what the policy takes from now on, as all workers know.
takes() {
	formats=$*
	policy
	unset formats
	ask verifier add policy "$work/policy" && workers_know
}

# Each worker asks again what is wanted when it last did so a second ago.
workers_know() { sleep 1.1; }

supplier_new() {
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$1.pem" &&
		openssl pkey -in "$work/$1.pem" -pubout -out "$work/$1.pub"
}

sign() { # sign KEY FILE OUT
	rm -f "$work/$3"
	assay verifier sign --key "$work/$1.pem" --signer "$1" --out "$work/$3" "$work/$2"
}

# The supplier's values, signed, take the place of the operator's own.
values_signed() {
	supplier_new maker && supplier_new stranger && sign maker reference values &&
		ask verifier add supplier "$work/maker.pub" --name maker && ask verifier add reference "$work/values"
}

# The same values, as a later edition; and as final values of PCRs, in a CoRIM.
later_values() {
	{ cat "$work/reference" && echo "# second edition"; } >"$work/later" && sign maker later values2 &&
		ask verifier add reference "$work/values2"
}

values_as_corim() {
	local values
	values=$(assay verifier log --bank sha256 "$work/log" | sed -n 's/^pcr \([0-9]*\) \(.*\)/\1=\2/p') &&
		"$here/corim.py" "Meter 5" 1.0 $values "16=$(printf '%064d' 0)" >"$work/corim" &&
		sign maker corim corim.signed && ask verifier add corim "$work/corim.signed"
}

# checked VALUES KEY COMMAND...: by a machine that has been given these reference values, and this key.
checked() {
	local checks=",reference=$work/$1,signer=$work/$2.pub"
	shift 2
	"$@"
}

shown() { ask verifier result "$eid" | grep -q "^evidence *$1$"; }

provisioned_by() { # provisioned_by FORMAT COMMAND...
	local format=$1
	shift
	"$@" && shown "$format"
}

claims() { # claims IMEI COMMAND...
	local claimed=$1
	shift
	"$@"
}

ok "a chip leaves its factory" manufacture a
ok "the machine starts" good_boot
ok "a server" assayd_new
ok "it starts" assayd_start
ok "a card is made" "$bin/assay-card" --new --pki "$work/pki" --state "$work/card.flash"
eid=$(cat "$work/pki/eid")
ok "the PC/SC daemon is up" pcsc_start
ok "the card is in the reader" card_start "$work/card.flash"
ok "a subscription is ordered" subscribe
ok "a policy and reference values are in force" in_force
ok "R5: a chip that nobody knows is refused" refuses "chip is not enrolled" download
ok "the machine enrols" says "pending" with enrol localhost
ok "R5: ... and is refused until it is approved" refuses "chip is not enrolled" download
ok "somebody approves it" ask device approve "$eid"
ok "I4: the order is as it was" order_is Released
ok "R2: a standard LPA is refused, in words" refuses "8.2.5/4.3: format: no evidence came that the equipment is intact" standard
ok "R2, R5: the intact machine is provisioned" download
ok "R8, I4: the audit log says under which policy" audited "provisioning: admit under policy fleet/1"
ok "R5: others can rely on the result: it is signed" result_signed
ok "R8: ... by a key that it names" result_names_key
ok "R5: it can be had as JWT, too, which openssl verifies" result_jwt
ok "R5: ... and not when it was changed" result_jwt_altered
ok "R2: attest" attested 0 'j["decision"] == "admit" and j["expires"] > 0'

ok "another subscription" subscribe
ok "the machine's software is tampered with" tamper 16
ok "R2: it is refused, and the measurement is named" refuses "PCR 16, expected $(printf '%064d' 0), found" download
ok "attest says so as well" attested 4 'j["decision"] == "refuse" and "PCR 16" in j["why"]'
ok "a PCR that is in the log" tamper 4
ok "R2: the PCR is named" refuses "log is not what the chip quoted, PCR 4" download
ok "it starts with another kernel" boot "0:firmware 7" "4:boot loader" "4:evil kernel"
ok "R2: the event is named" refuses "event 2 (EV_IPL), PCR 4" download
ok "it starts as it should" good_boot
ok "... and is admitted again" attested 0 'j["decision"] == "admit"'

ok "R10: another IMEI in deviceInfo" refuses "in deviceInfo $other_imei instead of $imei" download --imei $other_imei
ok "R10: ... in the claims" refuses "IMEI" claims $other_imei download --imei $imei
ok "R10: ... in both" refuses "$other_imei instead of $imei" claims $other_imei download

ok "somebody sits in between" between
ok "R5: he strips what is wanted" refuses "no evidence came" attack strip-wish download
ok "R5: he strips the evidence" refuses "no evidence came" attack strip download
ok "R5: he changes one bit" refuses "the card signed the digest of other evidence" attack flip download
ok "he keeps what is said" attack record attest
ok "what is in it, as docs/protocol.md says" quote_recorded
ok "R5: tpm2_checkquote finds the quote to be of the chip, its PCRs, this session, card and claims" \
	quote_checks "$(cat "$work/binding")"
ok "R5: ... and of no other" other_binding
ok "R2: ... nor of other PCRs" other_pcrs
ok "R2: tpm2_eventlog reads the log behind it, and comes to the same PCRs" log_read
ok "I7: he plays it again" refuses "8.10.1/3.9" attack replay attest
ok "I7: he puts that session's evidence into another" refuses "the card signed the digest of other evidence" \
	attack evidence download
ok "I4: after all that the order is as it was" order_is Released

ok "R11: the log that the server has is named only" attack pass attest
ok "R11: ... in a few octets" sent 450
for row in 'decisions_total{purpose="provisioning",decision="admit"}' \
	'decisions_total{purpose="provisioning",decision="refuse"}' 'refusals_total{cause="no-evidence"}' \
	'refusals_total{cause="digest"}' 'refusals_total{cause="log-mismatch"}' 'appraisals_total{evidence="tpm"}' \
	'appraisals_total{evidence="none"}' 'appraised_logs_total{known="yes"}' 'appraised_logs_total{known="no"}'; do
	ok "R8: counted: $row" metric_above_zero "$row"
done
ok "R8: ... and time spent" metric_above_zero appraiser_busy_seconds_total
ok "the server forgets its logs" forget_logs
ok "R11: the agent sends it by itself" attack pass attest
ok "... whole" sent -480
ok "R2: the machine gets its second profile" download
ok "I7: each evidence was for one session" audited "download.authenticated"
ok "a third subscription" subscribe
ok "the supplier signs the reference values" values_signed
ok "R2: a quote is as good as before" provisioned_by tpm attested 0 'j["decision"] == "admit"'
ok "the policy takes statements alone" takes statement
ok "R2: a machine without signed reference values makes none" refuses "what the server takes: not supported" download
ok "R2: nor one whose values somebody else has signed" checked values stranger refuses "values: signature does not verify" download
ok "R2: bare ones are taken from nobody" checked reference maker refuses "reference: signature does not verify" download
ok "R11: the intact machine checks itself, says so and is provisioned" provisioned_by statement checked values maker download
ok "R11: its statement is short" checked values maker attack pass attest
ok "R11: ... 160 octets at most" sent 160
ok "R11: attest counts them" checked values maker attested 0 'j["evidence"] == "statement" and 0 < j["octets"] <= 160'
ok "another subscription is ordered" subscribe
ok "its firmware is changed" boot "0:firmware 8" "4:boot loader" "4:kernel 6.1"
ok "R9: it is refused, and the statement names the measurement" checked values maker refuses \
	"equipment itself reports a deviation, event 0, PCR 0, found $(printf 'firmware 8' | sha256sum | cut -c1-32)" download
ok "R11: ... in a few octets more" checked values maker attack pass attested 4 '"event 0" in j["why"]'
ok "R11: ... 180 at most" sent 180
ok "I4: the order is as it was" order_is Released
ok "it starts as it should, and software is tampered with" good_boot
ok "... in a PCR that nothing explains" tamper 16
ok "R9: the PCR is named" checked values maker refuses "reports a deviation, PCR 16, expected" download
ok "it starts as it should" good_boot
ok "a later edition of the reference values is in force" later_values
ok "R2: a machine that has old ones is refused by that name" checked values maker refuses \
	"checked itself against reference values that are not in force" download
ok "R2: one that has the new ones is not" provisioned_by statement checked values2 maker attest
ok "a signed CoRIM is in force" values_as_corim
ok "R11: the machine checks itself against it" provisioned_by statement checked corim.signed maker attest
ok "another kernel" boot "0:firmware 7" "4:boot loader" "4:evil kernel"
ok "R9: ... is a PCR with another value" checked corim.signed maker refuses "reports a deviation, PCR 4, expected" download
ok "it starts as it should" good_boot
ok "the policy takes quotes and statements" takes tpm statement
ok "R2: old reference values: the machine quotes by itself" provisioned_by tpm checked values maker attest
ok "R2: somebody else's: it says so, and quotes" says "no statement, but a quote" checked values stranger attest
ok "R11: attest counts its octets" attested 0 'j["evidence"] == "quote" and j["octets"] > 160'
ok "R11: the right ones: a statement" provisioned_by statement checked values2 maker attest
ok "the supplier's key is revoked" ask verifier remove supplier maker
ok "R2: ... and what it has signed" checked values2 maker refuses "no supplier in force has signed the reference values" download
ok "I4: the order is as it was" order_is Released
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
