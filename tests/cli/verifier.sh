#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `assay verifier` as a person uses it: what is learned from a log, what is found wrong in a text.
set -u
assay=$1/assay
vectors=${ASSAY_SHARED:-../shared/vectors}/attestation
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0 failed=0

ok() { # ok CONDITION-STATUS SENTENCE
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi
}

# One event of the old form: PCR 4, EV_IPL, a digest, four octets of data.
printf '\004\000\000\000\015\000\000\000abcdefghijklmnopqrst\004\000\000\000boot' >"$dir/log"
"$assay" verifier learn --model M --firmware 1 --bank sha1 --pcrs 0,4 "$dir/log" >"$dir/ref" 2>"$dir/err"
ok $? "reference values are learned from a log"
grep -q 'not checked against a quote' "$dir/err"
ok $? "... with a warning that no quote vouched for it"
grep -q '^event 4 6162636465666768696a6b6c6d6e6f7071727374 "boot"$' "$dir/ref" &&
	grep -q '^pcr 0 0000000000000000000000000000000000000000$' "$dir/ref"
ok $? "... its event by its own words, and the value of the PCR that has none"
"$assay" verifier check "$dir/ref" | grep -q 'reference values, good'
ok $? "... and are good"
"$assay" verifier learn --model M --firmware 1 --bank sha1 --pcrs 0,4 --policy "fleet/1" "$dir/log" >"$dir/policy" 2>/dev/null
grep -q '^purpose access$' "$dir/policy" && grep -q '^pcrs 0 4$' "$dir/policy" &&
	"$assay" verifier check "$dir/policy" | grep -q 'policy, good'
ok $? "R2: and a policy that demands as much of every machine"
echo 'evnt 4 00' >>"$dir/ref"
"$assay" verifier check "$dir/ref" 2>"$dir/err"
[ $? -eq 4 ] && grep -q "ref:8:.*: evnt 4 00$" "$dir/err"
ok $? "a slip of the pen is refused and told by its line"
printf 'assay-policy 1\nname p\npurpose access\nformats psa\nadmit signature\n' >"$dir/policy"
"$assay" verifier check "$dir/policy" 2>"$dir/err"
[ $? -eq 4 ]
ok $? "I4: a policy that would admit a forged signature is refused"
printf 'cut' >>"$dir/log"
"$assay" verifier log --bank sha1 "$dir/log" >"$dir/out" 2>"$dir/err"
[ $? -eq 1 ]
ok $? "a log that ends inside an event is not shown as whole"
"$assay" verifier learn --model M --firmware 1 --quote x "$dir/log" >/dev/null 2>&1
[ $? -eq 2 ]
ok $? "a quote needs its signature and key"

openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/key" &&
	openssl pkey -in "$dir/key" -pubout -out "$dir/pub" &&
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/other"
"$assay" verifier sign --key "$dir/key" --out "$dir/signed" "$dir/ref" 2>"$dir/err"
[ $? -ne 0 ] && [ ! -e "$dir/signed" ]
ok $? "what nobody can read is not signed"
sed -i '$d' "$dir/ref"
"$assay" verifier sign --key "$dir/key" --out "$dir/signed" "$dir/ref" &&
	"$assay" verifier check --key "$dir/pub" "$dir/signed" | grep -q 'signed reference values, good'
ok $? "R2: reference values are signed"
"$assay" verifier check --key "$dir/other" "$dir/signed" 2>"$dir/err"
[ $? -eq 4 ] && grep -q 'not signed with that key' "$dir/err"
ok $? "... not by another"
sed 's/assay-reference/assay-referense/' "$dir/signed" >"$dir/altered"
"$assay" verifier check --key "$dir/pub" "$dir/altered" 2>"$dir/err"
[ $? -eq 4 ] && grep -q 'not signed with that key' "$dir/err"
ok $? "... nor when altered"
"$assay" verifier check "$dir/signed" 2>"$dir/err"
[ $? -eq 2 ]
ok $? "... and nobody calls it good without a key"
"$assay" verifier sign --key "$dir/key" --out "$dir/signed" "$dir/ref" 2>/dev/null
[ $? -ne 0 ]
ok $? "a file that is there is not overwritten"

r=$vectors/recorded/r105
if [ -r "$r/attest.bin" ]; then
	set -- --model M --firmware 1 --pcrs 0-9,14 --quote "$r/attest.bin" --signature "$r/sig.bin" --key "$r/ak.tpm2b"
	"$assay" verifier learn "$@" "$r/eventlog.bin" >"$dir/ref" 2>"$dir/err" && [ ! -s "$dir/err" ]
	ok $? "R2: a log that a chip has quoted is learned from"
	"$assay" verifier check "$dir/ref" >/dev/null
	ok $? "... and what was learned is good"
	"$assay" verifier learn "$@" "$vectors/eventlogs/gotpm-debian-10.bin" >"$dir/ref" 2>"$dir/err"
	[ $? -ne 0 ] && [ ! -s "$dir/ref" ]
	ok $? "R2: ... and another log is not"
else
	n=$((n + 1)); echo "ok $n # SKIP no recorded quote"
fi
echo "1..$n"
exit $failed
