#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What an operator does about integrity on a running server: policies and reference values are put in force,
# listed, tried, revoked; slips of the pen are told; each change is in the audit log (R8).
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
needs unshare ip curl python3
private_world "$@"
work_folder
socket=$work/server/admin.sock
here=$(dirname "$0")

verifier() {
	local command=$1
	shift
	"$bin/assay" verifier "$command" --server "$socket" "$@"
}

texts() {
	printf '%s\n' 'assay-policy 1' 'name "fleet/1"' 'purpose provisioning' 'formats tpm' 'banks sha256' \
		'pcrs 0 7' 'max-age 3600' 'restrict no-evidence' >"$work/policy"
	printf '%s\n' 'assay-policy 1' 'name "fleet/2"' 'purpose provisioning' 'formats tpm' 'admit signature' \
		>"$work/wrong"
	printf '%s\n' 'assay-reference 1' 'model "M1"' 'firmware "1.0"' 'bank sha256' \
		"pcr 7 $(printf '%064d' 0)" >"$work/reference"
	sed /^pcr/d "$work/reference" >"$work/valueless"
	openssl req -x509 -quiet -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca.key" \
		-subj /CN=maker -out "$work/ca.pem" -days 10 2>/dev/null ||
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca.key" \
			-subj /CN=maker -out "$work/ca.pem" -days 10 2>/dev/null
}

authority() { # authority NAME DAYS EXTENSION...: a certificate of openssl's, signed by itself
	local name=$1 days=$2
	shift 2
	printf '%s\n' "$@" >"$work/$name.ext"
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$name.key" \
		-subj "/CN=$name" -out "$work/$name.csr" 2>/dev/null &&
		openssl x509 -req -in "$work/$name.csr" -signkey "$work/$name.key" -days "$days" \
			-extfile "$work/$name.ext" -out "$work/$name.pem" 2>/dev/null
}

keys() {
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/p256.key" 2>/dev/null &&
		openssl pkey -in "$work/p256.key" -pubout -out "$work/p256.pub" &&
		openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$work/p384.key" 2>/dev/null &&
		openssl pkey -in "$work/p384.key" -pubout -out "$work/p384.pub" &&
		openssl pkey -pubin -in "$work/p256.pub" -outform DER -out "$work/off.der" &&
		printf '\1\2\3' | dd of="$work/off.der" bs=1 seek=88 conv=notrunc 2>/dev/null
}

certificates() {
	authority ended -1 basicConstraints=critical,CA:TRUE &&
		authority leaf 10 basicConstraints=critical,CA:FALSE &&
		authority odd 10 basicConstraints=critical,CA:TRUE 1.2.3.4=critical,DER:0500
}

long_model() { printf '%065d' 0; }

files() { # files N COUNT: reference values of so many files
	{
		printf '%s\n' 'assay-reference 1' "model \"Big $1\"" 'firmware "1.0"' 'bank sha256' "pcr 7 $(printf '%064d' 0)"
		awk -v n="$1" -v count="$2" 'BEGIN { for (i = 0; i < count; i++) printf "ima %056d%08d /usr/lib/%d\n", n, i, i }'
	} >"$work/big"
	verifier add reference "$work/big"
}

listed() { # listed COUNT
	verifier list --json | json 'len(j)' | grep -qx "$1"
}

audited() { admin '/v1/audit?limit=1000' | json "sum(e['event'].startswith('verifier.') for e in j['events'])" | grep -qx "$1"; }

supplier_new() {
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$1.pem" &&
		openssl pkey -in "$work/$1.pem" -pubout -out "$work/$1.pub"
}

# sign KEY FILE OUT: as a supplier does, without a server.
sign() { "$bin/assay" verifier sign --key "$work/$1.pem" --signer "$1" --out "$work/$3" "$work/$2"; }

corims() {
	"$here/corim.py" "M2" 2.0 "7=$(printf '%064d' 0)" >"$work/corim" && sign acme corim corim.signed &&
		sign stranger corim corim.strange && sed 's/M2/M3/g' "$work/corim.signed" >"$work/corim.altered" &&
		sign acme reference reference.signed
}

# The signed CoRIM as others read it: ES256 over its Sig_structure, and its payload the unsigned one.
corim_is_one() {
	[ "$("$here/evidence_result.py" "$work/corim.signed" "$work/text" "$work/sig")" = \
		"$(od -An -v -tx1 "$work/corim" | tr -d ' \n')" ] && grep -q "application/rim+cbor" "$work/corim.signed" &&
		openssl dgst -sha256 -verify "$work/acme.pub" -signature "$work/sig" "$work/text"
}

signers() {
	supplier_new acme && supplier_new stranger && corims
}

ok "texts" texts
ok "a server" assayd_new
ok "it starts" assayd_start
ok "I4: without a policy that is said" says "every card is admitted" verifier list
ok "in the log, too" wait_for 5 admin /v1/health
ok "a policy is put in force" verifier add policy "$work/policy"
ok "I4: one that would let a forged signature pass is refused, by its line" refuses "line 5" \
	verifier add policy "$work/wrong"
ok "... and so is one for an operator that is not known" refuses "operator" \
	verifier add policy "$work/policy" --operator nobody
ok "reference values are put in force" says "M1 1.0" verifier add reference "$work/reference"
ok "some without a single value are not" refuses "or a single PCR" verifier add reference "$work/valueless"
ok "a root, as PEM" verifier add root "$work/ca.pem" --name maker
ok "a text is no root" refuses "it is no certificate" verifier add root "$work/policy" --name text
ok "certificates that could never lead to trust" certificates
ok "... one that has expired is no root" refuses "it has expired" verifier add root "$work/ended.pem" --name ended
ok "... nor is one that is none of a CA" refuses "it is not one of a CA" verifier add root "$work/leaf.pem" --name leaf
ok "... nor one with an extension that nobody knows" refuses "critical extension" verifier add root "$work/odd.pem" --name odd
ok "a root is not a test root as well" refuses "it is in force already, as root maker" \
	verifier add test-root "$work/ca.pem" --name maker
ok "it may be put again under its own name" verifier add root "$work/ca.pem" --name maker
ok "keys" keys
ok "a key on P-384 is no supplier's" refuses "no public key on P-256" verifier add supplier "$work/p384.pub" --name S
ok "... nor is a point that is not on the curve" refuses "no public key on P-256" verifier add supplier "$work/off.der" --name S
ok "... nor a certificate" refuses "no public key on P-256" verifier add supplier "$work/ca.pem" --name S
ok "a name has no line feed" refuses "control characters" verifier add supplier "$work/p256.pub" --name "$(printf 'a\nb')"
ok "nor more than 128 octets" refuses "at most 128" verifier add supplier "$work/p256.pub" --name "$(printf '%0129d' 0)"
ok "three things are in force" listed 3
ok "a model that no machine could claim cannot be revoked" refuses "at most 64" verifier revoke "$(long_model)" 1.0
ok "I4: nothing of that changed what is in force" listed 3
ok "a policy is not tried for an operator that is not known" refuses "operator" verifier try "$work/policy" --operator nobody
ok "R8: a policy is tried on what is on record" says "0 would be admitted" verifier try "$work/policy"
ok "a firmware is revoked" verifier revoke M1 1.0
ok "it is listed" listed 4
ok "and accepted again" verifier revoke M1 1.0 --undo
ok "reference values of a megabyte" files 1 12000 # together they are more than one answer of the store
ok "and another" files 2 12000
ok "... half a one" files 3 6000
ok "... and another" files 4 12000
ok "I4: all of it is read all the same" says "0 would be admitted" verifier try "$work/policy"
ok "... and listed" listed 7
ok "the policy is taken out" verifier remove policy
ok "what is not there cannot be" refuses "no such thing" verifier remove policy
ok "R8: each change is in the audit log" audited 11
ok "suppliers sign reference values" signers
ok "R2: a signed CoRIM is a COSE_Sign1, as others read it" corim_is_one
ok "R2: one by nobody who is known here is refused by name" refuses "no supplier in force has signed it" \
	verifier add corim "$work/corim.signed"
ok "the supplier's key is made known" verifier add supplier "$work/acme.pub" --name acme
ok "R2: now it is taken" says "M2 2.0" verifier add corim "$work/corim.signed"
ok "R2: signed by somebody else it is not" refuses "no supplier in force has signed it" \
	verifier add corim "$work/corim.strange"
ok "R2: nor when altered" refuses "no supplier in force has signed it" verifier add corim "$work/corim.altered"
ok "R2: the native form, signed" says "M1 1.0" verifier add reference "$work/reference.signed"
ok "R2: the supplier's key is revoked" verifier remove supplier acme
ok "R2: ... and it is refused" refuses "no supplier in force has signed it" verifier add corim "$work/corim.signed"
ok "unsigned, on the operator's own word" says "M2 2.0" verifier add corim "$work/corim"
ok "it stops" assayd_stop
done_testing
