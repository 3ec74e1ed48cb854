#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Attacks with real chips (swtpm), a real card (pcscd, vpcd) and assayd over HTTPS: a machine that is not ours
# (liar.py) shows what no honest one would, and somebody resets chips, or puts their memory back. Each
# row names the requirement and the words in which the server refuses (R2, R5, R12, I4, I7).
set -u
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/assayd_lib.sh"
. "$(dirname "$0")/../e2e/machine_lib.sh"
needs pcscd opensc-tool unshare ip swtpm swtpm_setup swtpm_ioctl tpm2_quote tpm2_gettime openssl curl
python=/usr/bin/python3 # Debian's, which has Debian's modules
$python -c 'import cbor2, cryptography, smartcard' 2>/dev/null || skip_all "a Python module is not installed"
private_world "$@"
work_folder
export TSS2_LOG=all+none PYTHONDONTWRITEBYTECODE=1

here=$(dirname "$0")
eid_a=89049032000000000000000000000163
eid_b=89049032000000000000000000000260
imei_a=490154203237518
imei_b=356938035643809

machine() { timeout 120 $python "$here/machine.py" "$work/$name.json" "$@"; }

made() { # made NAME IMEI: a machine whose chip has a SHA-1 bank, too
	manufacture "$1" && chip_start "$1" && tpm2_pcrallocate -T "$(tcti "$1")" sha1:all+sha256:all && chip_stop "$1"
	cat >"$work/$1.json" <<-MACHINE
		{"tcti": "$(tcti "$1")", "logs": ["$work/$1/log"], "imei": "$2", "model": "Meter 5", "firmware": "1.0",
		 "host": "localhost", "port": 8443, "address": "localhost", "issuer": "$work/pki/CERT_CI_ECDSA_NIST.pem"}
	MACHINE
}

boot() { # boot NAME PCR:TEXT...
	local name=$1
	shift
	[ ! -S "$work/$name/tpm" ] || chip_stop "$name"
	chip_start "$name" && machine start "$@"
}

good=("0:firmware 7" "4:boot loader" "4:kernel 6.1")
evil=("0:firmware 7" "4:boot loader" "4:evil kernel")

cards() {
	local each
	for each in a b; do
		local eid=eid_$each
		assay pki card "$work/pki" "${!eid}" &&
			"$bin/assay-card" --new --pki "$work/pki" --eid "${!eid}" --state "$work/$each.flash" || return 1
	done
}

card_in() { # card_in NAME: that card in the reader, and no other
	[ -z "${card_pid-}" ] || card_stop
	wait_for 10 eval '! card_present' && card_start "$work/$1.flash"
}

rules() { printf '%s\n' "purpose $1" "formats tpm" "banks sha256" "pcrs 0 4 7" "max-age 3600" "pairing enforce"; }

in_force() {
	{ printf '%s\n' "assay-policy 1" 'name "fleet/1"' && rules provisioning && rules access; } >"$work/policy"
	assay verifier learn --model "Meter 5" --firmware 1.0 --bank sha256 --pcrs 0,4,7 "$work/a/log" >"$work/reference" &&
		ask verifier add policy "$work/policy" && ask verifier add reference "$work/reference" &&
		ask verifier add root "$work/factory/swtpm-localca-rootca-cert.pem" --name maker &&
		ask verifier add root "$work/factory/issuercert.pem" --name issuer
}

enrolled() { # enrolled NAME: with its own card
	local name=$1 eid=eid_$1
	card_in "$1" && machine enrol && ask device approve "${!eid}"
}

subscribe() {
	printf '%s = %s\n' name p1 iccid '89882000000000001?' imsi 001010000000001 algorithm milenage spn Assay \
		>"$work/p.txt"
	ask subscription new --name p1 "$work/p.txt" >"$work/iccid" &&
		ask order new "$(cat "$work/iccid")" --downloads 50 --matching-id LIAR
}

untouched() { # I4: nothing was counted, nothing bound
	ask order show "$(cat "$work/iccid")" --json | tee "$work/order.json" |
		json 'j["state"] == "Released" and j["downloadsLeft"] == 50 and not j["eid"]' | grep -qx True ||
		{ cat "$work/order.json"; return 1; }
}

# lies CODE LIE [OTHER]: how the machine's attempt ends.
lies() {
	local code=0
	timeout 120 $python "$here/liar.py" "$work/${name-a}.json" "$2" "${order-LIAR}" ${3+"$work/$3.json"} >"$work/given" 2>&1 || code=$?
	cat "$work/given"
	[ "$code" = "$1" ]
}

refused() { # refused TEXT LIE [OTHER]: 8.2.5/4.3, with a result that says so, and the order is as it was
	local text=$1
	shift
	lies 4 "$@" && json 'j["answer"]["equipmentResult"]["decision"] + ": " + j["answer"]["equipmentResult"]["why"]' \
		<"$work/given" | tee "$work/why" && grep -q "^refuse" "$work/why" && grep -qF -- "$text" "$work/why" &&
		grep -qF '8.2.5/4.3' "$work/given" && untouched
}

believed() { lies 0 none; }
judged() { order=- lies 0 none && json 'j["result"]["decision"]' <"$work/given" | grep -qx admit; }

chip_refuses() { lies 1 "$2" && grep -qF -- "$1" "$work/given"; }

# The chip's memory, as somebody takes it out and puts it back.
memory_saved() { rm -rf "$work/saved" && cp -r "$work/a" "$work/saved"; }
memory_back() { chip_stop a && cp "$work/saved/tpm2-00.permall" "$work/a/tpm2-00.permall" && boot a "${good[@]}"; }

# Somebody pulls the chip's reset line, and not the processor's: what runs goes on, and may extend what it likes.
chip_reset_alone() {
	swtpm_ioctl --unix "$work/a/tpm.ctrl" -i && tpm2_startup -T "$(tcti a)" -c
}

none_reset() { # none_reset PCR...
	local pcr
	for pcr in "$@"; do
		! tpm2_pcrreset -T "$(tcti a)" "$pcr" || return 1
	done
}

extends() { name=a machine start "$@"; }

ok "two machines of one model" eval "made a $imei_a && made b $imei_b"
ok "they start" eval 'boot a "${good[@]}" && boot b "${good[@]}"'
ok "a server" assayd_new
ok "it starts" assayd_start
ok "each has a card" cards
ok "a policy and reference values are in force" in_force
ok "the PC/SC daemon is up" pcsc_start
ok "both are enrolled, each with its card" eval "enrolled b && enrolled a"
ok "a subscription is ordered" subscribe

ok "R2: the chip's own quote, over the SHA-1 bank" refused "quoted over a PCR bank that the policy does not take" sha1-bank
ok "R2: ... over both banks" refused "quoted over a PCR bank that the policy does not take" both-banks
ok "R2: ... over fewer PCRs" refused "quote lacks a PCR that the policy requires" fewer-pcrs
ok "R2: ... over other PCRs" refused "quote lacks a PCR that the policy requires" other-pcrs
ok "R2: an event removed from the log" refused "log is not what the chip quoted, PCR 4" event-removed
ok "R2: ... added" refused "log is not what the chip quoted, PCR 4" event-added
ok "R2: ... two in another order" refused "log is not what the chip quoted, PCR 4" reordered
ok "R2: ... altered" refused "log is not what the chip quoted, PCR 4" event-altered
ok "R5: an ordinary key of the same chip in place of the restricted one" refused "not signed by the enrolled chip" ordinary-key
ok "R5: the restricted key signs nothing that begins as a quote does: the chip refuses" \
	chip_refuses "tpm2_sign" restricted-key-signs
ok "R5: what it signs otherwise is no quote" refused "the chip did not make this structure itself" wrong-magic
ok "R5: nor is another structure of the chip" refused "what the chip signed is no quote" not-a-quote
ok "I7: evidence of another session" refused "made for another session, card or claims" other-session
ok "R5: good evidence swapped for better after the card signed" refused "the card signed the digest of other evidence" swapped
ok "R5: good evidence of another good machine (cuckoo)" refused "not signed by the enrolled chip" cuckoo b
ok "R12: A's card in machine B, which is good and enrolled" eval 'name=b refused "not signed by the enrolled chip" none'

ok "the chip's memory is copied" memory_saved
ok "A starts twice more" eval 'boot a "${good[@]}" && boot a "${good[@]}"'
ok "its clock is set to the day after, which it allows" tpm2_setclock -T "$(tcti a)" 86400000
ok "and it is judged" judged
ok "the memory is put back, which starts once" memory_back
ok "I7: the reset count went back" refused "the chip's reset count went back" none
ok "it starts until the count is that of before" boot a "${good[@]}"
ok "I7: the clock went back" refused "not newer than the last by the chip's clock" none
ok "after one more start the chip is ahead again" eval 'boot a "${good[@]}" && judged'

ok "A starts with another kernel" boot a "${evil[@]}"
ok "R2: which its log says" refused "event 2 (EV_IPL), PCR 4" none
ok "it shows the good machine's log instead" cp "$work/b/log" "$work/a/log"
ok "R2: which the chip does not confirm" refused "log is not what the chip quoted, PCR 4" none
ok "its chip alone is reset" chip_reset_alone
ok "R2: PCRs that are empty are not a good machine's" refused "log is not what the chip quoted, PCR 0" none
ok "software extends a part of what a good machine would" extends "0:firmware 7" "4:kernel 6.1"
ok "R2: which differs" refused "expected event did not happen" none
ok "the chip alone is reset again" chip_reset_alone
ok "software extends all that a good machine would" extends "${good[@]}"
ok "NOT STOPPED: the chip cannot tell, and the machine is believed (docs/threat-model.md)" believed
ok "R2: no software resets a PCR that firmware or agent measure into: the chip refuses" \
	none_reset 0 4 7 14
ok "NOT STOPPED: any software resets PCRs 16 and 23: no policy may rest on them" tpm2_pcrreset -T "$(tcti a)" 16 23
ok "the server stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
