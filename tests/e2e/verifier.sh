#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What an operator does about integrity on a running server: policies and reference values are put in force,
# listed, tried, revoked; slips of the pen are told; each change is in the audit log (R8).
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
for tool in unshare ip curl python3; do
	command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
private_world "$@"
work_folder
socket=$work/server/admin.sock

verifier() {
	local command=$1
	shift
	"${ASSAY_BUILD:-build}/src/cli/assay" verifier "$command" --server "$socket" "$@"
}

texts() {
	printf '%s\n' 'assay-policy 1' 'name "fleet/1"' 'purpose provisioning' 'formats tpm' 'banks sha256' \
		'pcrs 0 7' 'max-age 3600' 'restrict no-evidence' >"$work/policy"
	printf '%s\n' 'assay-policy 1' 'name "fleet/2"' 'purpose provisioning' 'formats tpm' 'admit signature' \
		>"$work/wrong"
	printf '%s\n' 'assay-reference 1' 'model "M1"' 'firmware "1.0"' 'bank sha256' \
		"pcr 7 $(printf '%064d' 0)" >"$work/reference"
	openssl req -x509 -quiet -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca.key" \
		-subj /CN=maker -out "$work/ca.pem" -days 10 2>/dev/null ||
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca.key" \
			-subj /CN=maker -out "$work/ca.pem" -days 10 2>/dev/null
}

listed() { # listed COUNT
	verifier list --json | json 'len(j)' | grep -qx "$1"
}

audited() { admin '/v1/audit?limit=1000' | json "sum(e['event'].startswith('verifier.') for e in j['events'])" | grep -qx "$1"; }

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
ok "a root, as PEM" verifier add root "$work/ca.pem" --name maker
ok "a text is no root" refuses "body" verifier add root "$work/policy" --name text
ok "three things are in force" listed 3
ok "R8: a policy is tried on what is on record" says "0 would be admitted" verifier try "$work/policy"
ok "a firmware is revoked" verifier revoke M1 1.0
ok "it is listed" listed 4
ok "and accepted again" verifier revoke M1 1.0 --undo
ok "the policy is taken out" verifier remove policy
ok "what is not there cannot be" refuses "no such thing" verifier remove policy
ok "R8: each change is in the audit log" audited 6
ok "it stops" assayd_stop
done_testing
