#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./demo.sh --once, as it is: every step of its story is as expected (issue 2, section 5).
set -u
. "$(dirname "$0")/lib.sh"
private_world "$@"
work_folder
cd "$(dirname "$0")/../.." || exit 1

# What went wrong stands in the table; what was right need not be repeated.
story() {
	ASSAY_DEMO=$work/demo ./demo.sh --once </dev/null >"$work/story" 2>&1 && return
	grep -A20 -E '^(  NO|FAILED)' "$work/story" || tail -n 20 "$work/story"
	return 1
}

# Somebody looks at a demo that goes on: a second one must not take its files away.
second_is_refused() {
	mkdir -p "$work/other"
	exec 7>"$work/other/demo.lock"
	flock 7
	! ASSAY_DEMO=$work/other/demo ./demo.sh --once </dev/null && [ ! -e "$work/other/demo" ]
	local said=$?
	exec 7>&-
	return $said
}

ok "R1, R3, R4, R6: the whole story of ./demo.sh --once" story
ok "... once more in the same place" story
ok "a demo that runs is left alone" second_is_refused
done_testing
