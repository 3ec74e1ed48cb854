#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R1b.4, R2, R5, R9: a machine with a software root of trust goes the whole way, from its test endorsement to its
# profile, where a server says that it takes test chips, and nowhere else. It protects nothing, which is shown, too.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
. "$(dirname "$0")/machine_lib.sh"
needs pcscd opensc-tool unshare ip python3 openssl
private_world "$@"
work_folder
export XDG_STATE_HOME=$work/state TSS2_LOG=all+none

socket=$work/server/admin.sock
imei=490154203237518

machine() { # its agent starts from a signed list
	soft_manufacture a && cp "$bin/assay-agent" "$work/a/agent" && cp "$work/a/agent" "$work/agent.good" && signer_new &&
		"$bin/assay-agent" components --model Meter-5 --firmware 1.0 --version 1 --signer "$work/signer.pem" \
			"agent=$work/a/agent" >"$work/components" && boot a && approve a
}

again_none() { # a chip is not made over another
	cp "$work/a/soft" "$work/before" && ! assay pki chip "$work/pki" "$work/a/soft" && cmp "$work/a/soft" "$work/before"
}

learn() { assay verifier learn --model Meter-5 --firmware 1.0 --pcrs 0,7,14 "$@" "$work/a/log"; }

in_force() {
	learn >"$work/reference" && learn --policy fleet/1 >"$work/policy" &&
		ask verifier add reference "$work/reference" && ask verifier add policy "$work/policy"
}

subscribe() {
	printf '%s = %s\n' name "$1" iccid "8988200000000000${2}1?" imsi "00101000000000$2" algorithm milenage \
		spn Assay >"$work/p.txt"
	rm -f "$work/$1.iccid"
	assay subscription new --server "$socket" --name "$1" "$work/p.txt" >"$work/$1.iccid" &&
		ask order new "$(cat "$work/$1.iccid")" >"$work/$1.code"
}

with() { # with COMMAND...: the agent of this machine, which proves itself to card and server
	timeout 60 "$bin/assay-agent" "$@" --evidence "$(how_evident "${chip-a}" $imei)" --pairing "$(how_paired "${chip-a}")" \
		--connect-to 127.0.0.1:8443 --issuer "$work/pki/CERT_CI_ECDSA_NIST.pem"
}

enrol() { with enrol localhost; }
download() { with download --yes --no-notify "$(cat "$work/$1.code")"; }
attest() { with attest localhost --json; }
admitted() { says '"admit"' attest; }

test_chips() { # test_chips yes|no
	sed -i '/^\[verifier\]$/d; /^test-chips/d' "$work/server/assayd.conf"
	printf '\n[verifier]\ntest-chips = %s\n' "$1" >>"$work/server/assayd.conf"
	assayd_stop && assayd_start
}

as_test_root() {
	ask verifier remove root soft && ask verifier add test-root "$work/pki/CERT_TPM_CA.pem" --name soft
}

# The digest that "pki chip" printed is what openssl finds in the certificate that the machine sends.
listed_key() {
	python3 - "$work/a/soft" <<-'END' >"$work/a/ek.der"
		import sys
		text = open(sys.argv[1], "rb").read()
		at = text.index(b"\x30\x82")
		sys.stdout.buffer.write(text[at : at + 4 + int.from_bytes(text[at + 2 : at + 4], "big")])
	END
	openssl verify -partial_chain -CAfile "$work/pki/CERT_TPM_CA.pem" "$work/a/ek.der" &&
		[ "$(openssl x509 -inform DER -in "$work/a/ek.der" -pubkey -noout | openssl pkey -pubin -outform DER |
			sha256sum | cut -d' ' -f1)" = "$(cat "$work/a/ek")" ]
}

supplier_lists() {
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/supplier.pem" &&
		openssl pkey -in "$work/supplier.pem" -pubout -out "$work/supplier.pub" &&
		ask verifier add supplier "$work/supplier.pub" --name Factory &&
		echo "$eid $(cat "$work/a/ek") $imei Meter-5" >"$work/list" &&
		assay manifest sign "$work/list" --key "$work/supplier.pem" --batch tests --out "$work/manifest" &&
		ask device import "$work/manifest"
}

card() { # the card of this machine, and of no other
	assay pairing key --trust "$(tcti a)" --signer "$work/signer.pub" --out "$work/a/pairing.pub" &&
		"$bin/assay-card" --new --pki "$work/pki" --state "$work/card.flash" --pairing-mode enforce \
			--pairing-key "$work/a/pairing.pub"
}

marked() { says "a test chip: it protects nothing" ask device show "$eid"; }
replaced() { printf 'implant' >>"$work/a/agent" && refuses "is not what the list says" boot a; }
card_again() { card_stop && card_start "$work/card.flash" && wait_for 10 "$bin/assay-agent" info; }
restored() { cp "$work/agent.good" "$work/a/agent" && boot a; }

behind_the_log() { # a measurement that the log does not have
	"$work/a/agent" start --list "$work/components" --signer "$work/signer.pub" --trust "$(tcti a)" \
		--log "$work/other.log" agent -- --version
}

inside_new() {
	approve a && "$bin/assay-card" --new --pki "$work/pki" --state "$work/in.flash" --seal "$work/in.sealed" --chip "$(how_paired a)"
}

inside() { # inside NAME: the integrated card in that machine
	"$bin/assay-card" --apdu 00A40004023F00 --state "$work/in.flash" --seal "$work/in.sealed" --chip "$(how_paired "$1")"
}

other_machine() { soft_manufacture b && chip_start b && approve b; }

copied() { # whoever reads the file has the chip
	mkdir -p "$work/thief" && cp "$work/a/soft" "$work/a/log" "$work/a/approval" "$work/thief/" && chip=thief admitted
}

damaged() { printf x >>"$work/thief/soft" && chip=thief refuses "stored data is damaged" attest; }

ok "a server, and with its PKI an authority for software TPMs" assayd_new
ok "it starts" assayd_start
ok "a machine with a software TPM starts its agent, measured" machine
ok "its file is not made anew" again_none
ok "openssl verifies its certificate, and finds the key that was printed" listed_key
ok "a card is made that is paired with the chip" card
eid=$(cat "$work/pki/eid")
ok "the PC/SC daemon is up" pcsc_start
ok "the card is in the reader" card_start "$work/card.flash"
ok "a subscription is ordered" subscribe first 1
ok "policy and reference values are in force" in_force
ok "R1b.4: without a root the chip is not believed" refuses "ek-untrusted-root" enrol
ok "its authority is added as if it were a maker's" ask verifier add root "$work/pki/CERT_TPM_CA.pem" --name soft
ok "R1b.4: the chip is refused by name all the same" refuses "ek-test-root" enrol
ok "it is added as what it is" as_test_root
ok "R1b.4: ... and the chip refused until the server takes test chips" refuses "ek-test-root" enrol
ok "R2: no profile for it, of course" refuses "chip is not enrolled" download first
ok "the server takes test chips" test_chips yes
ok "the supplier lists the machine" supplier_lists
ok "R5: it enrols, with its pairing key" says "approved: listed by Factory" enrol
ok "... and is marked" marked
ok "R2, R5: it is provisioned" download first
ok "R2: and admitted" admitted

ok "another subscription" subscribe second 2
ok "the agent is replaced: it does not start, which is measured" replaced
ok "R2, R9: it is refused, and the event is named" refuses "PCR 14" download second
ok "its card has lost power as well" card_again
ok "R1a: nor does its chip prove it to the card" refuses "not in an approved state" "$bin/assay-agent" pair --pairing "$(how_paired a)"
ok "restored, it starts as it should" restored
ok "R2: and is admitted" admitted
ok "something is measured behind the log's back" behind_the_log
ok "R2: the PCR is named" refuses "log is not what the chip quoted, PCR 14" download second
ok "after a reset it starts as it should" restored
ok "R2: and gets its second profile" download second

ok "R1b.2: a card is made that the chip seals" inside_new
ok "... which opens in this machine" says "6" inside a
ok "another machine, with a chip of its own" other_machine
ok "R12: ... where it does not" refuses "another chip" inside b
ok "R1b.4: a copy of the chip's file is the chip: it protects nothing" copied
ok "a damaged file is none" damaged

ok "the server takes test chips no longer" test_chips no
ok "R1b.4: who enrolled before is refused, by name" refuses "a software root of trust, for tests only" attest
ok "the server is well" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
