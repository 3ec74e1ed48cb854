#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The command line of assay-card: what it makes, what it refuses, with which exit code.
set -u
bin=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=0 failed=0

# row CODE SAYS PATTERN ARGUMENTS...: exit code and a pattern in the output
row() {
	local want=$1 says=$2 pattern=$3 code output
	shift 3
	run=$((run + 1))
	output=$("$bin/assay-card" "$@" 2>&1)
	code=$?
	if [ "$code" = "$want" ] && grep -q -- "$pattern" <<<"$output"; then
		echo "ok $run - $says"
	else
		failed=$((failed + 1))
		echo "not ok $run - $says"
		echo "# exit $code: $output" | head -n 3
	fi
}

"$bin/assay" pki new "$work/pki" >/dev/null
"$bin/assay" pki new "$work/other" >/dev/null
pki=$work/pki card=$work/card seal=$work/seal
get_eid=(--apdu 00A4040010A0000005591010FFFFFFFF8900000100 --apdu 80E2910006BF3E035C015A --apdu 00C0000015)
read_eid=$(cat "$pki/eid")

row 2 "no image, nothing to do" "--state"
row 2 "no image" "--state" --new
row 2 "no certificates" "--pki" --new --state "$card"
row 1 "a directory without a PKI" "" --new --state "$card" --pki "$work" --ci "$work/none"
row 1 "an image that is not there" "no such thing" --state "$card" --apdu 00A4
row 0 "a sealed card" "$read_eid" --new --state "$card" --pki "$pki" --seal "$seal"
row 1 "is not made over" "exists" --new --state "$card" --pki "$pki" --seal "$seal"
row 0 "answers under its seal" "BF3E125A10${read_eid^^}9000" --state "$card" --seal "$seal" "${get_eid[@]}"
row 1 "not without" "" --state "$card" "${get_eid[@]}"
head -c 32 /dev/zero >"$work/wrong"
row 1 "nor under another" "" --state "$card" --seal "$work/wrong" "${get_eid[@]}"
head -c 31 /dev/zero >"$work/short"
row 1 "a seal has 32 octets" "length" --state "$card" --seal "$work/short" "${get_eid[@]}"
row 2 "what is not hexadecimal is no command" "hexadecimal" --state "$card" --seal "$seal" --apdu 00X4
row 2 "an image has a size that fits" "size" --new --state "$work/small" --pki "$pki" --size 1
row 0 "the smallest one" "$read_eid" --new --state "$work/small" --pki "$pki" --size 128
row 1 "another maker's key is not taken" "" --new --state "$work/mixed" --ci "$pki/CERT_CI_ECDSA_NIST.der" \
	--euicc "$pki/CERT_EUICC_ECDSA_NIST.der" --euicc-key "$work/other/SK_EUICC_ECDSA_NIST.pem" \
	--eum "$pki/CERT_EUM_ECDSA_NIST.der"
row 1 "nor another CI" "" --new --state "$work/mixed" --ci "$work/other/CERT_CI_ECDSA_NIST.der" \
	--euicc "$pki/CERT_EUICC_ECDSA_NIST.der" --euicc-key "$pki/SK_EUICC_ECDSA_NIST.pem" \
	--eum "$pki/CERT_EUM_ECDSA_NIST.der"
row 1 "and nothing is left of the attempt" "no such thing" --state "$work/mixed" --apdu 00A4
row 0 "single files, PEM or DER" "$read_eid" --new --state "$work/single" --ci "$pki/CERT_CI_ECDSA_BRP.pem" \
	--euicc "$pki/CERT_EUICC_ECDSA_BRP.der" --euicc-key "$pki/SK_EUICC_ECDSA_BRP.pem" \
	--eum "$pki/CERT_EUM_ECDSA_BRP.pem"
row 2 "HOST:PORT without a port" "HOST:PORT" --state "$card" --seal "$seal" --vpcd localhost:

run=$((run + 1))
if grep -q "$(head -c 8 "$pki/CERT_EUICC_ECDSA_NIST.der" | od -An -tx1 | tr -d ' \n')" \
	<(od -An -v -tx1 "$card" | tr -d ' \n'); then
	failed=$((failed + 1))
	echo "not ok $run - R7: nothing of the sealed image can be read"
else
	echo "ok $run - R7: nothing of the sealed image can be read"
fi

row 2 "--tamper without a chip" "--chip" --state "$card" --seal "$seal" --vpcd localhost:1 --tamper "file:$work/opened"
row 4 "R1b.5: the machine was opened" "the card is erased" --state "$card" --seal "$seal" --tampered
row 4 "R1b.6: the card says so ever after" "tampered with" --state "$card" --seal "$seal" "${get_eid[@]}"
run=$((run + 1))
if [ ! -s "$seal" ] && [ "$(tr -d '\0' <"$card" | wc -c)" = 10 ]; then
	echo "ok $run - R1b.5: nothing but the mark is left of key and image"
else
	failed=$((failed + 1))
	echo "not ok $run - R1b.5: nothing but the mark is left of key and image"
fi
echo "1..$run"
[ "$failed" = 0 ]
