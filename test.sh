#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./test.sh          sets up, builds with gcc and clang, and runs every test
# ./test.sh --quick  unit tests and gates only, one compiler
# Ends with a line `N passed, N failed, N skipped`; exits 0 when none failed.
set -euo pipefail
cd "$(dirname "$0")"

quick=false
case "${1-}" in
"") ;;
--quick) quick=true ;;
*)
	sed -n '3,5s/^# //p' "$0" >&2
	exit 2
	;;
esac

fuzz_seconds=5 # for each law; test.sh must stay far below half an hour on two cores
export ASSAY_SHARED="${ASSAY_SHARED:-$PWD/../shared/vectors}"
[ -d "$ASSAY_SHARED" ] || echo "note: $ASSAY_SHARED is not there; tests on published vectors skip"

step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }
results=build/results
broken=0
warnings=()

# build DIR: brings a build folder up to date; what went wrong is shown.
build() {
	ninja -C "$1" >"$1/build.log" 2>&1 && return
	grep -E 'error|warning|FAILED' "$1/build.log" | head -n 20 || tail -n 20 "$1/build.log"
	return 1
}

# configure DIR COMPILER OPTIONS...: makes a build folder once, and keeps it up to date after. Warnings are
# errors; a compiler that has more of them than ours fails one row, and not all that could be tested.
configure() {
	local dir=$1 compiler=$2 said
	shift 2
	if [ ! -f "$dir/build.ninja" ] && ! said=$(CC=$compiler meson setup "$dir" "$@" 2>&1); then
		tail -n 20 <<<"$said"
		exit 1
	fi
	if build "$dir"; then
		warnings+=("ok - $dir: no warnings")
	elif meson configure "$dir" -Dwerror=false && build "$dir"; then
		warnings+=("not ok - $dir: no warnings")
	else
		echo "build of $dir failed: $dir/build.log" >&2
		exit 1
	fi
}

# run NAME DIR MESON-TEST-OPTIONS...: runs tests and keeps their results for the sum.
run() {
	local name=$1 dir=$2
	shift 2
	rm -f "$dir/meson-logs/testlog.junit.xml"
	meson test -C "$dir" --no-rebuild --print-errorlogs --timeout-multiplier 4 "$@" || broken=1
	cp "$dir/meson-logs/testlog.junit.xml" "$results/$name.xml" || broken=1
}

# fuzz_laws DIR: a short coverage-guided run of each law from its corpus.
fuzz_laws() {
	local target name found
	for target in "$1"/fuzz/fuzz_*; do
		[ -f "$target" ] && [ -x "$target" ] || continue
		name=$(basename "$target")
		found=$(mktemp -d)
		if "$target" -max_total_time=$fuzz_seconds -max_len=8192 -verbosity=0 -print_final_stats=1 \
			-artifact_prefix="$PWD/build/$name-" "$found" "fuzz/corpus/${name#fuzz_}" \
			>"build/$name.log" 2>&1; then
			echo "ok - $name: $(awk '/number_of_executed_units/ { print $2 }' "build/$name.log") inputs"
		else
			echo "not ok - $name: see build/$name.log"
			tail -n 15 "build/$name.log"
		fi
		rm -rf "$found"
	done | tee "$results/fuzz.tap"
}

step "set-up"
tools/setup
step "build: gcc"
configure build gcc
if ! $quick; then
	step "build: clang"
	configure build-clang clang
	step "build: clang with address and undefined-behaviour sanitizers and libFuzzer"
	configure build-fuzz clang -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
fi

rm -rf "$results"
mkdir -p "$results"
printf '%s\n' "${warnings[@]}" | tee "$results/build.tap"

step "unit tests and gates: gcc"
run gcc build --suite unit --suite gate
if ! $quick; then
	step "unit tests: clang"
	run clang build-clang --suite unit
	step "unit tests: sanitizers"
	run sanitizer build-fuzz --suite unit
	step "fuzz laws, $fuzz_seconds s each"
	fuzz_laws build-fuzz
	step "end to end"
	run e2e build --suite e2e --num-processes 1
fi

step "summary"
python3 tools/summary.py "$results" "$broken"
