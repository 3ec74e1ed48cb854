# SPDX-License-Identifier: Apache-2.0
# The CPU that the processes of a running assayd (tests/e2e/assayd_lib.sh) have used, for the benchmarks of this folder.

ticks=$(getconf CLK_TCK)

# cpu KIND: the ticks that all processes of that kind have used.
cpu() {
	local pid
	for pid in $(child_pids "$1"); do
		sed 's/.*) //' "/proc/$pid/stat" # the name may contain blanks
	done | awk '{ sum += $12 + $13 } END { print sum + 0 }'
}
