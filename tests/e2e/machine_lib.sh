# SPDX-License-Identifier: Apache-2.0
# Machines in the private world of lib.sh: a chip (swtpm) with certificates of a factory of this world's own, or a
# software TPM under the test authority of $work/pki, and components that are started from a signed list.
#
#     manufacture a                     # the chip leaves its factory
#     soft_manufacture a                # a software TPM does; the digest of its endorsement key is in $work/a/ek
#     chip_start a; chip_stop a         # the machine has power, or not; its log begins anew
#     signer_new                        # who signs states and lists of components
#     boot a                            # the machine starts its agent, measured
#     approve a                         # its state of now is a good one
#     in_force                          # and the server wants to see it of every machine

chip_pids=() # "NAME PID"

is_soft() { [ -f "$work/$1/soft" ]; }
tcti() { if is_soft "$1"; then echo "soft:$work/$1/soft"; else echo "swtpm:path=$work/$1/tpm"; fi; }

manufacture() {
	mkdir -p "$work/factory" "$work/$1"
	printf '%s\n' "statedir = $work/factory" "signingkey = $work/factory/signkey.pem" \
		"issuercert = $work/factory/issuercert.pem" "certserial = $work/factory/certserial" >"$work/localca.conf"
	: >"$work/localca.options"
	printf '%s\n' "create_certs_tool = $(command -v swtpm_localca)" \
		"create_certs_tool_config = $work/localca.conf" \
		"create_certs_tool_options = $work/localca.options" >"$work/setup.conf"
	swtpm_setup --tpm2 --tpmstate "$work/$1" --config "$work/setup.conf" --create-ek-cert --overwrite \
		--pcr-banks sha256
}

soft_manufacture() { mkdir -p "$work/$1" && "$bin/assay" pki chip "$work/pki" "$work/$1/soft" >"$work/$1/ek"; }

chip_start() {
	mkdir -p "$work/$1"
	rm -f "$work/$1/log" "$work/$1/tpm" "$work/$1/tpm.ctrl"
	! is_soft "$1" || { "$bin/assay-agent" chip-restart "$(tcti "$1")"; return; }
	swtpm socket --tpm2 --tpmstate "dir=$work/$1" --server "type=unixio,path=$work/$1/tpm" \
		--ctrl "type=unixio,path=$work/$1/tpm.ctrl" --flags not-need-init,startup-clear \
		>>"$work/swtpm.log" 2>&1 &
	chip_pids+=("$1 $!")
	started+=("$!")
	wait_for 10 test -S "$work/$1/tpm"
}

chip_stop() {
	local row left=()
	for row in "${chip_pids[@]}"; do
		if [ "${row% *}" = "$1" ]; then
			kill "${row#* }" && wait "${row#* }"
		else
			left+=("$row")
		fi
	done
	chip_pids=("${left[@]}")
}

signer_new() {
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/signer.pem" &&
		openssl pkey -in "$work/signer.pem" -pubout -out "$work/signer.pub"
}

# ek_digest NAME: SHA-256 of the endorsement key, as a supplier takes it from the chip's certificate.
ek_digest() {
	tpm2_nvread -T "$(tcti "$1")" 0x01C00002 >"$work/$1/ek.der" &&
		openssl x509 -inform DER -in "$work/$1/ek.der" -pubkey -noout | openssl pkey -pubin -outform DER |
		sha256sum | cut -d' ' -f1
}

# boot NAME: the chip starts, and the machine's own agent from the signed list in $work/components.
boot() {
	[ ! -S "$work/$1/tpm" ] || chip_stop "$1"
	chip_start "$1" && "$work/$1/agent" start --list "$work/components" --signer "$work/signer.pub" \
		--trust "$(tcti "$1")" --log "$work/$1/log" agent -- --version
}

approve() { # approve NAME [PCRS]
	rm -f "$work/$1/approval"
	"$bin/assay" pairing approve --trust "$(tcti "$1")" --signer "$work/signer.pem" --pcrs "${2-0,7,14}" \
		--out "$work/$1/approval"
}

# in_force: what machine a has started is what all are to start, to be provisioned and to be let in; and whose chips enrol.
rules() { printf '%s\n' "purpose $1" "formats tpm" "banks sha256" "pcrs 0 7 14" "max-age 3600" "pairing enforce"; }

in_force() {
	{ printf '%s\n' "assay-policy 1" 'name "fleet/1"' && rules provisioning && rules access; } >"$work/policy"
	assay verifier learn --model Meter-5 --firmware 1.0 --pcrs 0,7,14 "$work/a/log" >"$work/reference" &&
		ask verifier add policy "$work/policy" && ask verifier add reference "$work/reference" &&
		ask verifier add root "$work/factory/swtpm-localca-rootca-cert.pem" --name maker &&
		ask verifier add root "$work/factory/issuercert.pem" --name issuer
}

# how_paired NAME, how_evident NAME: what the agent is told with --pairing (and assay-card with --chip), --evidence.
how_paired() { echo "tpm:$(tcti "$1"),approval=$work/$1/approval,signer=$work/signer.pub"; }
how_evident() { echo "tpm:$(tcti "$1"),log=$work/$1/log,imei=$2,model=Meter-5,firmware=1.0"; }
