#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R1b, R11: docs/porting.md is true. Its commands are run as they stand there, what the linker then lacks is what the page
# says that a board brings, and the same board.c is a card: on this host, with an image of assay-card as its memory.
set -u
. "$(dirname "$0")/lib.sh"
needs arm-none-eabi-gcc cmp
work_folder

page=docs/porting.md
bin="${ASSAY_BUILD:-build}/src/cli"
board="${ASSAY_BUILD:-build}/tests/porting/board"
own='^(memory|terminal_receive|terminal_send|mem(cpy|move|set|cmp)|__aeabi_ldivmod)$'

commands() { # what stands in the page's shell block
	sed -n '/^```sh$/,/^```$/p' "$page" | sed '1d;$d' >"$work/commands" && [ -s "$work/commands" ] &&
		out=$work/out bash -eu "$work/commands" >"$work/lacks" 2>"$work/warnings"
	local code=$?
	cat "$work/warnings"
	[ "$code" = 0 ] && [ ! -s "$work/warnings" ]
}

named() { awk '{ print $2 }' "$work/lacks" | while read -r name; do
	grep -qF "\`$name\`" "$page" || { echo "$name is not on the page"; return 1; }
done; }

table() { sed -n 's/^| \(`crypto_[^|]*\)|.*/\1/p' "$page" | tr -d '`,' | tr ' ' '\n' | grep . | sort; }
lacking() { awk '{ print $2 }' "$work/lacks" | grep -vE "$own" | sort; }
the_same() { table >"$work/table" && lacking >"$work/lacking" && diff "$work/table" "$work/lacking"; }

example() { # the function on the page is the one of board.c
	sed -n '/^    static enum err memory_write/,/^    }/p' "$page" | sed 's/^    //' >"$work/shown"
	sed -n '/^static enum err memory_write/,/^}/p' tests/porting/board.c | cmp - "$work/shown"
}

made() { "$bin/assay" pki new "$work/pki" && "$bin/assay-card" --new --pki "$work/pki" --state "$work/image" --size 256; }

terminal() { # terminal WANT COMMAND...: the last command's answer matches
	local want=$1
	shift
	printf '%s\n' "$@" | "$board" "$work/image" >"$work/answers"
	cat "$work/answers"
	tail -n 1 "$work/answers" | grep -qiE "$want"
}

isdr() { # over a logical channel, with GET RESPONSE: as any terminal does over T=0
	terminal "$1" reset 0070000001 01A4040010A0000005591010FFFFFFFF8900000100 "${@:2}"
}

kept() { # what it wrote is what assay-card finds
	"$bin/assay-card" --apdu 00A40004023F0000 --state "$work/image" | grep -q '^62'
}

ok "R11: the page's commands compile and link the card for a Cortex-M, without a warning" commands
ok "what the board must bring is on the page" named
ok "... and the table has nothing else" the_same
ok "its example is board.c's" example
ok "an image is made" made
ok "R1b: board.c is a card: it answers to reset" terminal '^3B' reset
ok "R1b: ... refuses what it does not know" terminal '^6D00$' reset 00FF0000
ok "R1b: ... and tells its EID" isdr "5A10$(cat "$work/pki/eid")9000" 81E2910006BF3E035C015A 81C0000015
ok "R1b: what it is told it remembers" isdr '9000$' 81E2910013BF3F10800E736D64702E6578616D706C652E6E 81C0000006
ok "I5: ... without power" isdr '736D64702E6578616D706C652E6E.*9000$' 81E2910003BF3C00 81C0000024
ok "the image is one of assay-card's" kept
done_testing
