#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R1b, R7, R9: a machine's chip becomes known to a server, with chips and a certificate authority that we did not
# write (swtpm, swtpm_localca), and with tools that did not come from us (tpm2-tools, openssl): by a supplier's
# list, by hand, and each way of not being believed.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
. "$(dirname "$0")/machine_lib.sh"
needs pcscd opensc-tool unshare ip python3 swtpm swtpm_setup tpm2_createek tpm2_nvdefine openssl curl
private_world "$@"
work_folder
export XDG_STATE_HOME=$work/state TSS2_LOG=all+none

socket=$work/server/admin.sock
imei=490154203237518

# certify NAME FILE DAYS PUBLIC: an EK certificate of another authority, made with openssl.
certify() {
	printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,keyAgreement extendedKeyUsage=2.23.133.8.1 \
		>"$work/ek.ext"
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/any.key" \
		-subj "/CN=chip" -out "$work/any.csr" 2>/dev/null &&
		openssl x509 -req -in "$work/any.csr" -CA "$work/own.pem" -CAkey "$work/own.key" -CAcreateserial \
			-force_pubkey "$4" -extfile "$work/ek.ext" -days "$3" -outform DER -out "$2"
}

own_authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout "$work/own.key" \
		-subj "/CN=another maker" -days 3650 -out "$work/own.pem"
}

# nv_certificate NAME FILE puts a P-256 certificate where chips have it, in an index that is larger.
nv_certificate() {
	local index=0x01C0000A
	tpm2_nvundefine -T "$(tcti "$1")" -C o $index 2>/dev/null
	python3 -c 'import sys; d = open(sys.argv[1], "rb").read(); open(sys.argv[1] + ".nv", "wb").write(d.ljust(900, b"\xff"))' "$2"
	tpm2_nvdefine -T "$(tcti "$1")" -C o -s 900 -a "ownerwrite|authread|ownerread|authwrite" $index &&
		tpm2_nvwrite -T "$(tcti "$1")" -C o -i "$2.nv" $index
}

p256_chip() {
	tpm2_createek -T "$(tcti c)" -G ecc -c "$work/c.ctx" -u "$work/c.pem" -f pem
}

p256_certificate() { # p256_certificate DAYS [PUBLIC]
	certify c "$work/c.der" "$1" "${2-$work/c.pem}" && nv_certificate c "$work/c.der"
}

other_key() {
	openssl ecparam -name prime256v1 -genkey -noout -out "$work/x.key" &&
		openssl pkey -in "$work/x.key" -pubout -out "$work/x.pem" && p256_certificate 30 "$work/x.pem"
}

enrol() { # enrol NAME ARGUMENT...
	local name=$1
	shift
	timeout 60 "$bin/assay-agent" enrol localhost --connect-to 127.0.0.1:8443 --model "Meter 5" --imei "$imei" \
		--issuer "$work/pki/CERT_CI_ECDSA_NIST.pem" --evidence "tpm:$(tcti "$name")" "$@"
}

enrol_with_pairing() {
	enrol a --pairing "tpm:$(tcti a),approval=$work/a.approval,signer=$work/signer.pub"
}

signer() {
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/signer.pem" &&
		openssl pkey -in "$work/signer.pem" -pubout -out "$work/signer.pub" &&
		assay pairing key --trust "$(tcti a)" --signer "$work/signer.pub" --out "$work/a.pub" &&
		assay pairing approve --trust "$(tcti a)" --signer "$work/signer.pem" --pcrs 0,7 --out "$work/a.approval"
}

supplier() {
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$1.pem" &&
		openssl pkey -in "$work/$1.pem" -pubout -out "$work/$1.pub"
}

# ek_digest NAME: as a supplier would take it, from the certificate.
ek_digest() {
	tpm2_nvread -T "$(tcti "$1")" 0x01C00002 >"$work/$1.cert" &&
		openssl x509 -inform DER -in "$work/$1.cert" -pubkey -noout | openssl pkey -pubin -outform DER |
		sha256sum | cut -d' ' -f1
}

manifest() { # manifest SUPPLIER IMEI
	rm -f "$work/manifest"
	echo "$eid $(ek_digest a) $2 Meter 5" >"$work/list"
	assay manifest sign "$work/list" --key "$work/$1.pem" --batch "week 48" --out "$work/manifest" &&
		assay manifest check "$work/manifest" --key "$work/$1.pub"
}

field() { # field PYTHON-EXPRESSION over what the server says of the card
	ask device show "$eid" --json >"$work/show.json" 2>"$work/said" || { cat "$work/said"; return 1; }
	json "$1" <"$work/show.json" | grep -q True || { cat "$work/show.json"; return 1; }
}

pairing_key_known() {
	local key
	key=$(openssl pkey -pubin -in "$work/a.pub" -outform DER | tail -c 64 | od -An -tx1 | tr -d ' \n')
	field "j['chips'][0]['pairingKey'] == '$key'"
}

audited() { ask audit list --json 2>/dev/null | grep -q "$1" || assay audit --server "$socket" --json | grep -q "$1"; }

test_chips() {
	printf '\n[verifier]\ntest-chips = yes\n' >>"$work/server/assayd.conf" && assayd_stop && assayd_start
}

p384_only() { tpm2_nvundefine -T "$(tcti b)" -C p 0x01C00002; }

# --- the wire, by tools that are not ours -----------------------------------------------------------

wire() { # wire PATH BODY-FILE: prints the status, leaves the answer in $work/answer
	curl -sS --max-time 30 --cacert "$work/pki/CERT_CI_ECDSA_NIST.pem" -H 'Content-Type: application/json' \
		-d "@$2" -o "$work/answer" -w '%{http_code}' "https://localhost:8443/assay/v1/$1"
}

# foreign_keys: EK and AK of machine C, and an ordinary signing key, made with tpm2-tools.
flush() { tpm2_flushcontext -T "$(tcti "$1")" -t; } # a chip holds three objects

own_keys() {
	tpm2_createek -T "$(tcti "$1")" -G ecc -c "$work/$1.ctx" -u "$work/$1.ekpub" && flush "$1" &&
		tpm2_createak -T "$(tcti "$1")" -C "$work/$1.ctx" -c "$work/$1.ak" -G ecc -g sha256 -s ecdsa \
			-u "$work/$1.akpub" -n "$work/$1.akname" && flush "$1"
}

foreign_keys() {
	flush c && flush b && own_keys c && own_keys b &&
		tpm2_createprimary -T "$(tcti c)" -C e -G ecc256:ecdsa-sha256:null -c "$work/c.plain" \
			-a "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign" && flush c &&
		tpm2_readpublic -T "$(tcti c)" -c "$work/c.plain" -o "$work/c.plainpub" && flush c
}

# body AKPUB: what machine C would send, with that attestation key.
body() {
	python3 -c '
import base64, json, sys
b = lambda path, skip: base64.b64encode(open(path, "rb").read()[skip:]).decode()
print(json.dumps({"eid": sys.argv[1], "model": "Meter 5", "ekPublic": b(sys.argv[2], 2),
    "ekCertificate": b(sys.argv[3], 0), "akPublic": b(sys.argv[4], 2)}))' \
		"$eid" "$work/c.ekpub" "$work/c.der" "$1" >"$work/body"
}

begin() { body "$1" && [ "$(wire enrol "$work/body")" = 200 ]; }

# activate NAME EK-CONTEXT AK-CONTEXT opens the challenge with tpm2-tools.
activate() {
	python3 -c '
import base64, json, sys
j = json.load(open(sys.argv[1])); s = lambda x: len(x).to_bytes(2, "big") + x
d = lambda name: base64.b64decode(j[name])
open(sys.argv[2], "wb").write(b"\xba\xdc\xc0\xde\0\0\0\1" + s(d("credential")) + s(d("secret")))' \
		"$work/answer" "$work/blob"
	tpm2_startauthsession -T "$(tcti "$1")" --policy-session -S "$work/session" >/dev/null &&
		tpm2_policysecret -T "$(tcti "$1")" -S "$work/session" -c e >/dev/null &&
		tpm2_activatecredential -T "$(tcti "$1")" -c "$3" -C "$2" -i "$work/blob" -o "$work/secret" \
			-P "session:$work/session"
	local code=$?
	tpm2_flushcontext -T "$(tcti "$1")" "$work/session" 2>/dev/null
	tpm2_flushcontext -T "$(tcti "$1")" -t 2>/dev/null
	return $code
}

# prove SECRET-FILE: docs/protocol.md in a few lines of another language.
prove() {
	python3 -c '
import base64, hashlib, hmac, json, sys
ak = open(sys.argv[3], "rb").read()[2:]
text = b"assay enrolment v1\0" + bytes.fromhex(sys.argv[1]) + hashlib.sha256(ak).digest() + b"" + b"\0" + b"Meter 5"
proof = hmac.new(open(sys.argv[2], "rb").read(), text, hashlib.sha256).digest()
print(json.dumps({"id": json.load(open(sys.argv[4]))["id"], "proof": base64.b64encode(proof).decode()}))' \
		"$eid" "$1" "$2" "$work/answer" >"$work/proof"
	wire enrol/prove "$work/proof"
}

foreign_enrols() {
	begin "$work/c.akpub" && activate c "$work/c.ctx" "$work/c.ak" &&
		[ "$(prove "$work/secret" "$work/c.akpub")" = 200 ]
	local code=$?
	cat "$work/answer"
	return $code
}

again_nothing() {
	[ "$(wire enrol/prove "$work/proof")" = 403 ] && grep no-challenge "$work/answer"
}

ak_elsewhere() { # C's endorsement key, B's attestation key: nobody can open that
	begin "$work/b.akpub" && cp "$work/answer" "$work/challenge" || return 1
	! activate c "$work/c.ctx" "$work/c.ak" || return 1
	! activate b "$work/b.ctx" "$work/b.ak" || return 1
	head -c 32 /dev/urandom >"$work/guess"
	[ "$(prove "$work/guess" "$work/b.akpub")" = 403 ] && grep '"proof"' "$work/answer"
}

plain_refused() {
	body "$work/c.plainpub" && [ "$(wire enrol "$work/body")" = 403 ] && grep ak-attributes "$work/answer"
}

events_are() { # events_are PYTHON-LIST: kinds and details of the card's events
	assay events --server "$socket" "$eid" --json | tee "$work/events.json" |
		json "[(e['kind'], e['detail']) for e in j] == $1" | grep -q True || { cat "$work/events.json"; return 1; }
}

enrolled() { # how many enrolments the audit log has
	ask audit list --json | json "sum(e['event'] == 'chip.enrolled' for e in j)"
}

refusals() { # refusals REASON [TEXT]: how many lines of the audit log are about that
	ask audit list --json | json "sum(e['event'] == 'enrolment.refused' and e['eid'] == '$eid' and \
		e['detail'].startswith('$1: ') and '${2-}' in e['detail'] for e in j)"
}

refused_once() { [ "$(refusals "$@")" = 1 ]; }

malformed() {
	echo '{"eid": "1"}' >"$work/body"
	[ "$(wire enrol "$work/body")" = 400 ] && grep "malformed: eid" "$work/answer" || return 1
	echo 'nothing' >"$work/body"
	[ "$(wire enrol/prove "$work/body")" = 400 ] && grep "no JSON" "$work/answer"
}

ok "machine A's chip is made: RSA-2048 and P-384, certified by swtpm_localca" manufacture a
ok "machine B's, too" manufacture b
ok "the chips are there" eval "chip_start a && chip_start b && chip_start c"
ok "B shows its P-384 key only" p384_only
ok "a signer of states, and A's pairing key" signer
ok "a server" assayd_new
ok "it starts" assayd_start
ok "a card is made" "$bin/assay-card" --new --pki "$work/pki" --state "$work/card.flash"
eid=$(cat "$work/pki/eid")
ok "the PC/SC daemon is up" pcsc_start
ok "the card is in the reader" card_start "$work/card.flash"

ok "R7: without roots no chip is believed" refuses "ek-untrusted-root" enrol a
ok "the maker's root is trusted" ask verifier add root "$work/factory/swtpm-localca-rootca-cert.pem" --name maker
ok "its issuing authority is still missing" refuses "ek-untrusted-root" enrol a
ok "R8: that it was refused is in the audit log, once" refused_once ek-untrusted-root
ok "which is added" ask verifier add root "$work/factory/issuercert.pem" --name issuer
ok "A (RSA-2048) enrols, and waits: nobody has listed it" says "no supplier has listed" enrol_with_pairing
ok "the server shows it" field "j['chips'][0]['state'] == 'pending' and j['chips'][0]['imei'] == '$imei'"
ok "R12: and knows the pairing key that the chip has certified" pairing_key_known
ok "a supplier, and somebody else" eval "supplier factory1 && supplier nobody"
ok "the supplier's key is made known" ask verifier add supplier "$work/factory1.pub" --name "Factory 1"
ok "somebody else lists the machine" manifest nobody "$imei"
ok "... which the server does not take" refuses "signature" ask device import "$work/manifest"
ok "the supplier lists another IMEI" manifest factory1 356938035643809
ok "... which is taken" says "1 machines" ask device import "$work/manifest"
ok "R1c: but then A is not the one that is listed" says "another IMEI" enrol a
ok "the supplier corrects the list" manifest factory1 "$imei"
ok "... which takes the place of the other" ask device import "$work/manifest"
ok "A is approved at once" says "approved: listed by Factory 1 in week 48" enrol a
ok "enrolling again changes nothing" eval 'count=$(enrolled) && says "approved: listed by Factory 1" enrol a'
ok "... and adds nothing to the audit log" eval '[ "$(enrolled)" = "$count" ]'
ok "R9: a first chip is no change" events_are "[]"
ok "the server shows how" field "j['chips'][0]['state'] == 'approved' and j['chips'][0]['model'] == 'Meter 5'"
ok "the pairing key is still known" pairing_key_known
ok "in the list, too" says "approved" ask device chips --state approved
ok "R8: it is in the audit log" audited chip.enrolled

ok "R9: B (P-384) claims the same card, and waits" says "another chip is approved for this card" enrol b
ok "R9: the operator is told, before anybody decides" \
	events_are "[('new-chip', 'it claims the card, and waits: another chip is approved for this card')]"
ok "B asks again" says "another chip is approved for this card" enrol b
ok "it is not approved beside A" refuses "exists already" ask device approve "$eid"
ok "A is revoked" says "revoked" ask device revoke "$eid" --because "stolen"
ok "... and enrols no more" refuses "revoked" enrol a
ok "R8: which is in the audit log, with whose chip it was" refused_once revoked "endorsement key $(ek_digest a)"
ok "B still waits" says "was revoked" enrol b
ok "... until it is approved by hand" says "approved" ask device approve "$eid" --because "A was replaced"
ok "B is approved, and stays so" says "A was replaced" enrol b
ok "R9: of the new chip the operator was told, once" events_are "[(e['kind'], e['detail']) for e in j[:1]]"
ok "R8: which the audit log has" audited chip.revoked
ok "the server shows both" field "sorted(c['state'] for c in j['chips']) == ['approved', 'revoked']"

ok "another maker" own_authority
ok "a chip with a P-256 key" p256_chip
ok "... and a certificate of that maker" p256_certificate 30
ok "whom nobody trusts" refuses "ek-untrusted-root" enrol c
ok "until somebody does" ask verifier add root "$work/own.pem" --name other
ok "C (P-256) enrols" says "pending" enrol c
ok "a certificate for another key" other_key
ok "... is refused" refuses "ek-other-key" enrol c
ok "a certificate that has expired" p256_certificate -1
ok "... is refused" refuses "ek-expired" enrol c
ok "a root that is taken back" ask verifier remove root other
ok "... makes no chip believed any more" eval 'p256_certificate 30 && refuses "ek-untrusted-root" enrol c'
ok "a test root" ask verifier add test-root "$work/own.pem" --name other
ok "... is for servers that say so" refuses "ek-test-root" enrol c
ok "... as this one now does" test_chips
ok "where the same chip enrols, and is marked" eval 'says "pending" enrol c && field "any(c[\"test\"] for c in j[\"chips\"])"'
ok "it is exchanged" eval 'ask verifier remove test-root other && ask verifier add root "$work/own.pem" --name other'

ok "keys made by tpm2-tools" foreign_keys
ok "the protocol as documented, with tpm2-tools and Python: enrolled" foreign_enrols
ok "I7: the proof is good once" again_nothing
ok "R8: ... in the audit log" eval 'ask audit list --json | grep -q "no-challenge: there is no such challenge"'
ok "R5: an attestation key of another chip opens nothing, and a guess is refused" ak_elsewhere
ok "R8: ... in the audit log" refused_once proof "endorsement key"
ok "an ordinary key in place of a restricted one is refused" plain_refused
ok "R8: ... in the audit log" refused_once ak-attributes "endorsement key"
ok "malformed requests are told what is malformed" malformed
ok "the server is well" assayd_stop
done_testing
