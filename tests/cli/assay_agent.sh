#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The command line of assay-agent before there is a card: what it refuses, in words and with which exit code.
set -u
bin=$1
export PCSCLITE_CSOCK_NAME=/nonexistent/pcscd.comm # whether a PC/SC daemon runs here is no matter
run=0 failed=0

# row CODE SAYS PATTERN ARGUMENTS...: exit code and a pattern in what is said
row() {
	local want=$1 says=$2 pattern=$3 code output
	shift 3
	run=$((run + 1))
	output=$("$bin/assay-agent" "$@" 2>&1 </dev/null)
	code=$?
	if [ "$code" = "$want" ] && grep -q -- "$pattern" <<<"$output"; then
		echo "ok $run - $says"
	else
		failed=$((failed + 1))
		echo "not ok $run - $says"
		echo "# exit $code: $output" | head -n 3
	fi
}

row 2 "no command" "needs a command"
row 2 "a command that there is not" "unknown command" frob
row 2 "an option that there is not" "--frob" list --frob
row 2 "no profile" "needs PROFILE" enable
row 2 "an activation code that is none" "no activation code" download hello --yes
row 2 "one of another version" "no activation code" download 'LPA:2$smdp.example.com$X' --yes
row 2 "nobody to ask" "say --yes" download 'LPA:1$smdp.example.com$X'
row 2 "a code and --resume" "not both" download 'LPA:1$smdp.example.com$X' --resume --yes
row 2 "tries that are no number" "--tries" download 'LPA:1$smdp.example.com$X' --yes --tries many
row 3 "no PC/SC daemon" "is pcscd running" list
row 3 "nor for a list of readers" "is pcscd running" readers
row 2 "a chip that starts with its machine" "other chips start with the machine" chip-restart device:/dev/tpmrm0
row 2 "a software TPM without a file" "is not soft:FILE" chip-restart soft:
row 1 "one that is not there" "no such thing" chip-restart soft:/nonexistent/chip
echo "1..$run"
[ "$failed" = 0 ]
