#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `assay profile` as a person uses it: one package, many, what is shown and what never is.
set -u
assay=$1/assay
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
n=0 failed=0

ok() { # ok CONDITION-STATUS SENTENCE
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi
}
says() { # says WORD FILE
	grep -q -e "$1" "$2"
}

cat >d.txt <<'END'
# a private network
name = "Example Machines"
iccid = 894920000000000000?
imsi = 999700000000001
spn = Example
apn = iot.example, internet
k = 465B5CE8B199B49FAA5F0A2EE238A6BC
op = CDC202D5123E20F62B6D676AC72CB318
pin1 = 7391
ota = yes
END

"$assay" profile new d.txt --out a.der --keys keys.csv >out 2>err
ok $? "a package is made from a description"
[ "$(stat -c %a a.der)" = 600 ] && [ "$(stat -c %a keys.csv)" = 600 ]
ok $? "R7: nobody else can read it, nor the list of keys"
cat out err | grep -qi -e 465B5CE8 -e 7391
[ $? -ne 0 ]
ok $? "R7: no key and no code was printed"
says CD63CB71954A9F4E48A5994E37A02BAF keys.csv
ok $? "OPc was derived from OP (TS 35.208, set 3)"
"$assay" profile check a.der >out
ok $? "nothing is wrong with it"
"$assay" profile show a.der >out
says "imsi: 999700000000001" out && says "spn: Example" out && says "iccid: 8949200000000000008" out
ok $? "show tells IMSI, SPN and ICCID with its check digit"
grep -qi -e 465B5CE8 -e CD63CB71 -e 37333931 out
[ $? -ne 0 ]
ok $? "R7: show hides keys and codes"
"$assay" profile show --json a.der | grep -qi -e 465B5CE8 -e CD63CB71 -e 37333931
[ $? -ne 0 ]
ok $? "R7: so does JSON"
"$assay" profile show --show-secrets a.der | grep -q 465B5CE8B199B49FAA5F0A2EE238A6BC
ok $? "unless asked"
"$assay" profile new d.txt --out a.der >out 2>err
[ $? -eq 1 ] && says "there already" err
ok $? "what is there is not written over"

"$assay" profile new d.txt -n 1000 -o many --list list.csv >out
ok $? "a thousand are made"
[ "$(ls many | wc -l)" -eq 1000 ] && [ "$(tail -n +2 list.csv | cut -d, -f1 | sort -u | wc -l)" -eq 1000 ]
ok $? "each with an ICCID of its own"
says "^8949200000000009991,999700000001000,,many/8949200000000009991.der" list.csv
ok $? "IMSI and ICCID count up, the check digit is right"
"$assay" profile check many/*.der >out
[ $? -eq 0 ] && [ "$(grep -c 'nothing is wrong' out)" -eq 1000 ]
ok $? "and nothing is wrong with any"
[ "$(md5sum many/*.der | cut -d' ' -f1 | sort -u | wc -l)" -eq 1000 ]
ok $? "no two are alike"

"$assay" profile new d.txt -n 2 --set imsi=999709999999999 -o over >out 2>err
[ $? -eq 1 ] && says "runs out" err && [ ! -e over ]
ok $? "an IMSI never counts up into another operator's range"
"$assay" profile new d.txt -n 2 --set imsi=999709999999998 -o within >out && ls within | grep -q 0016
ok $? "but to the end of its own"

"$assay" profile new d.txt --set 'spn=Zürich_€ [1]' -o spn.der >out && "$assay" profile show spn.der >out
says 'spn: Zürich_€ \[1\]' out && says '005A7E72696368111B65201B3C311B3E' out
ok $? "a name is written in the GSM alphabet (TS 23.038) and read from it"
"$assay" profile new d.txt --set 'spn=Жарптица' -o long.der >out 2>err
[ $? -eq 1 ] && says "spn" err
ok $? "a name that EF.SPN has no place for is refused"

"$assay" profile new d.txt --set imsi=12x --out b.der >out 2>err
[ $? -eq 1 ] && says "imsi" err && [ ! -e b.der ]
ok $? "a wrong IMSI is named"
printf 'iccid = 8949\ncolour = blue\n' | "$assay" profile new - >out 2>err
[ $? -eq 1 ] && says "line 2: there is no such key" err
ok $? "an unknown key is told with its line"
head -c 300 a.der >cut.der
"$assay" profile check cut.der >out 2>err
[ $? -eq 1 ] && says "cut.der: offset 104, element 2" err
ok $? "a package that is cut is told with offset and element"
"$assay" profile check --json cut.der | grep -q '"valid": false'
ok $? "in JSON too"
"$assay" profile check /nonexistent 2>err
[ $? -eq 1 ] && says "No such file" err
ok $? "a file that is not there is told"
echo "1..$n"
exit $failed
