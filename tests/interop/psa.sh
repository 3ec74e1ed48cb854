#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A machine with a PSA root of trust that we did not write (tests/interop/psa.py): an operator makes it known, its tokens
# are evidence, and what is not as it should be is refused by name (R1b.4, R2, R3, R5).
set -u
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/assayd_lib.sh"
needs pcscd opensc-tool unshare ip openssl curl
python=/usr/bin/python3 # Debian's, which has Debian's modules
$python -c 'import cbor2, cryptography, smartcard' 2>/dev/null || skip_all "a Python module is not installed"
private_world "$@"
work_folder
export XDG_STATE_HOME=$work/state PYTHONDONTWRITEBYTECODE=1

here=$(dirname "$0")
imei=490154203237518
instance=01$(printf 'instance 1' | sha256sum | cut -d' ' -f1)
other=01$(printf 'instance 2' | sha256sum | cut -d' ' -f1)

machine() { timeout 120 $python "$here/psa.py" "$work/machine.json" "$@"; }
sha() { printf '%s' "$1" | sha256sum | cut -d' ' -f1; }

# gives PYTHON-EXPRESSION COMMAND...: it succeeds, and the expression is true of the JSON that it prints.
gives() {
	local expression=$1 code=0
	shift
	"$@" >"$work/given" 2>&1 || code=$?
	cat "$work/given"
	[ "$code" = 0 ] && json "bool($expression)" <"$work/given" | grep -qx True
}

decides() { # decides DECISION WHY [CHANGE...]: the server finds that of the machine
	local decision=$1 why=$2
	shift 2
	gives "j['result']['decision'] == '$decision' and '$why' in j['result'].get('why', '')" machine attest "" "$@"
}

key_pair() { # key_pair NAME CURVE
	openssl genpkey -quiet -algorithm EC -pkeyopt "ec_paramgen_curve:$2" -out "$work/$1.pem" &&
		openssl pkey -in "$work/$1.pem" -pubout -out "$work/$1.pub"
}

machine_made() {
	key_pair iak P-256 && key_pair thief P-256 && key_pair wide P-384 && key_pair large P-521 &&
		cat >"$work/machine.json" <<-MACHINE
			{"key": "$work/iak.pem", "instance": "$instance", "last": "$work/last",
			 "components": [["BL", "boot loader 7", "maker"], ["PRoT", "firmware 7", "maker"]],
			 "imei": "$imei", "model": "Meter P", "firmware": "7", "host": "localhost", "port": 8443,
			 "address": "localhost", "issuer": "$work/pki/CERT_CI_ECDSA_NIST.pem"}
		MACHINE
}

in_force() { # in_force [LINE]: a policy, with reference values of the machine's software
	local rules=("formats psa" "max-age 3600" "pairing enforce" "$@")
	printf '%s\n' "assay-policy 1" 'name "psa/1"' "purpose provisioning" "${rules[@]}" "purpose access" "${rules[@]}" \
		>"$work/policy"
	printf '%s\n' "assay-reference 1" 'model "Meter P"' "firmware 7" \
		"component BL $(sha 'boot loader 7') $(sha maker) 1.0" \
		"component PRoT $(sha 'firmware 7') $(sha maker) 1.0" >"$work/reference"
	ask verifier add policy "$work/policy" && ask verifier add reference "$work/reference"
}

enrol() { # enrol KEY INSTANCE [ARGUMENT...]
	local key=$1 instance=$2
	shift 2
	ask device add "$eid" --psa "$work/$key" --instance "$instance" --model "Meter P" "$@"
}

corims() { # the maker's, unsigned and signed
	key_pair maker P-256 && machine corim "" >"$work/corim" && machine corim "$work/maker.pem" >"$work/signed"
}

chips_are() { gives "[(c['format'], c['state']) for c in j] == $1" ask device chips --json; }

audited() { # audited EVENT TEXT
	gives "any(e['event'] == '$1' and '$2' in e['detail'] for e in j)" ask audit list --json
}

new_chips() { # new_chips COUNT: so many were told that somebody has approved
	gives "[e['detail'][:8] for e in j if e['kind'] == 'new-chip'].count('approved') == $1" ask events --json
}

subscribe() {
	printf '%s = %s\n' name p1 iccid "8988200000000000991?" imsi 001010000000099 algorithm milenage spn Assay >"$work/p.txt"
	assay subscription new --server "$work/server/admin.sock" --name p1 "$work/p.txt" >"$work/iccid" &&
		ask order new "$(cat "$work/iccid")" --matching-id PSA-1
}

ok "a PKI, and the server" assayd_new
ok "the machine leaves its factory" machine_made
ok "the server starts" assayd_start
ok "PC/SC is up" pcsc_start
ok "a card" "$bin/assay-card" --new --pki "$work/pki" --state "$work/card.flash"
ok "it is in the reader" card_start "$work/card.flash"
eid=$("$bin/assay-agent" info --json | json "j['eid']")
ok "a policy takes PSA tokens, with reference values of the machine's software" in_force

# --- enrolment
ok "R5: a root of trust that nobody knows is refused by that name" decides refuse "not enrolled"
ok "R1b: a key on another curve is refused" refuses "no public key on P-256 or P-384" enrol large.pub "$instance"
ok "... a private key" refuses "no public key on P-256 or P-384" enrol iak.pem "$instance"
ok "... what is no key" refuses "no public key on P-256 or P-384" enrol machine.json "$instance"
ok "R1b: an instance ID that is too short is refused" refuses "33 octets" enrol iak.pub "${instance:2}"
ok "... of another type" refuses "33 octets" enrol iak.pub "03${instance:2}"
ok "... that is no hexadecimal" refuses "33 octets" enrol iak.pub "xy${instance:2}"
ok "R10: an IMEI with a wrong check digit is refused" refuses "check digit" enrol iak.pub "$instance" --imei 490154203237519
ok "... and a model that is too long" refuses "1 to 64" enrol iak.pub "$instance" --model "$(printf 'M%.0s' {1..65})"
ok "none of that has left anything" chips_are "[]"
ok "R1b: the operator makes the root of trust known for the card" says approved enrol iak.pub "$instance" --imei "$imei"
ok "it is listed with its format" chips_are "[('psa', 'approved')]"
ok "... and shown with its instance" gives "j['chips'][0]['instance'].lower() == '$instance'" ask device show "$eid" --json
ok "R8: the log says so, and on whose word" audited chip.enrolled "psa instance $instance, by hand"
ok "another for the same card is refused while that is approved" refuses "another chip is approved" enrol thief.pub "$other"
ok "... and has left nothing" chips_are "[('psa', 'approved')]"

ok "its maker hands over a CoRIM, and a signed one" corims
ok "R1b.4: an instance of which that has no key is refused" refuses "no attestation key of this instance" enrol corim "$other"
ok "R1b.4: one that no supplier has signed is refused" refuses "no supplier in force" enrol signed "$instance"
ok "R1b.4: the key is taken from an unsigned one on the operator's word" says approved enrol corim "$instance"
ok "the maker is a supplier" ask verifier add supplier "$work/maker.pub" --name maker
ok "R1b.4: ... and from the maker's" says approved enrol signed "$instance" --imei "$imei"
ok "it is the same root of trust" chips_are "[('psa', 'approved')]"

# --- evidence
ok "R2, R5: the machine is admitted" decides admit ""
ok "what it claimed is remembered" gives "j['chips'][0]['firmware'] == '7'" ask device show "$eid" --json
ok "I7: its token of that session is refused in the next" decides refuse "another session" replayed
ok "R5: signed by another key it is refused" decides refuse "not signed by the enrolled chip" "key=$work/thief.pem"
ok "R5: of another instance" decides refuse "not signed by the enrolled chip" "instance=$other"
ok "R2: a component that deviates is named" decides refuse PRoT "PRoT=firmware 8"
ok "R10: another IMEI than the one enrolled is told" decides refuse IMEI imei=356938035643809
ok "R1b.4: a root of trust in debug is refused" decides refuse "secured state" lifecycle=0x4000
ok "another policy restricts that" in_force "restrict lifecycle"
ok "R1b.4: ... as that says" decides restrict "secured state" lifecycle=0x4000
ok "the first policy again" in_force
ok "a subscription is ordered" subscribe
ok "R2: in debug the machine is not provisioned" refuses "secured state" machine provision PSA-1 lifecycle=0x4000
ok "R2, R3, R5: the intact machine is" gives "j['iccid']" machine provision PSA-1
ok "R8: the attestation result is of a token" gives "j['format'] == 'psa' and j['decision'] == 'admit'" admin "/v1/verifier/results/$eid"

# --- corrections and revocation
ok "the same key is put down with another instance" says approved enrol iak.pub "$other"
ok "... in the place of the first" chips_are "[('psa', 'approved')]"
ok "R5: the old one is refused" decides refuse "not signed by the enrolled chip"
ok "it is put right" says approved enrol iak.pub "$instance"
ok "... and the machine admitted" decides admit ""
ok "R9: the operator has been told of no new chip" new_chips 0
ok "the root of trust is revoked" says revoked ask device revoke "$eid"
ok "R5: it is refused by that name" decides refuse revoked
ok "R8: the log says so" audited chip.revoked "psa instance $instance, by hand"
ok "a key that was revoked comes back under no instance" refuses "has been revoked" enrol iak.pub "$other"
ok "R1b: another takes its place, on P-384" says approved enrol wide.pub "$other" --because "replaced at the depot"
ok "R9: of which the operator is told" new_chips 1
ok "R5: the old one is refused still" decides refuse "not signed by the enrolled chip"
ok "R2, R5: the new one is admitted" decides admit "" "key=$work/wide.pem" "instance=$other"
ok "R8: the log has the reason" audited chip.enrolled "replaced at the depot"
done_testing
