# SPDX-License-Identifier: Apache-2.0
# What the end-to-end tests and the demo share: a private world in which daemons that listen on all
# addresses harm nobody, a PC/SC daemon with a virtual reader, a card in it, and TAP output.
#
#     . "$(dirname "$0")/lib.sh"
#     needs pcscd unshare ip
#     private_world "$@"
#     work_folder
#     pcsc_start
#     card_start "$work/card.flash"
#     ok "the card is in the reader" card_present
#     done_testing

vpcd_port=35963 # 0x8C7B, the first port of vpcd's two readers

# needs TOOL...: skips the whole test where one is not installed; pcscd is nothing without vpcd's driver.
needs() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip_all "$tool is not installed"
		[ "$tool" != pcscd ] || [ -n "$(pcsc_driver)" ] || skip_all "the driver of vpcd is not installed"
	done
}

# private_world runs the script again in its own network and mount namespace, with a loopback interface
# and a /run/pcscd of its own. Without root a user namespace gives the right to. Where even root may make none,
# in many containers, the world is the container's.
private_world() {
	local map
	if [ -z "${ASSAY_PRIVATE_WORLD-}" ]; then
		[ "$(id -u)" != 0 ] || export ASSAY_ROOT=yes
		for map in ${ASSAY_ROOT+--mount} --map-root-user; do
			unshare "$map" --net --mount true 2>/dev/null || continue
			ASSAY_PRIVATE_WORLD=yes exec unshare "$map" --net --mount bash "$0" "$@"
		done
		[ -n "${ASSAY_ROOT-}" ] || skip_all "no namespace can be made here without root"
		echo "# no namespace can be made here: daemons listen in this one" >&2
		export ASSAY_PRIVATE_WORLD=none
	fi
	mkdir -p /run/pcscd 2>/dev/null || true
	[ "$ASSAY_PRIVATE_WORLD" = yes ] || return 0
	ip link set lo up
	mount -t tmpfs tmpfs /run/pcscd
}

# work_folder makes $work, and promises that it and all processes started here go away in the end.
work_folder() {
	work=$(mktemp -d)
	started=()
	trap 'stop_all; rm -rf "$work"' EXIT
	trap 'exit 143' TERM INT
}

stop_all() {
	local pid
	for pid in "${started[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	for pid in "${started[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
	started=()
}

# wait_for SECONDS COMMAND... repeats the command until it succeeds; busy machines are given three times that.
wait_for() {
	local until=$((SECONDS + 3 * $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$until" ] || return 1
		sleep 0.1
	done
}

pcsc_start() {
	mkdir -p "$work/readers"
	cat >"$work/readers/vpcd" <<-READER
		FRIENDLYNAME "Virtual PCD"
		DEVICENAME   /dev/null:0x8C7B
		LIBPATH      $(pcsc_driver)
		CHANNELID    0x8C7B
	READER
	local polkit=() # some builds ask polkit who may use a card, and can be told not to
	! pcscd --help 2>&1 | grep -q disable-polkit || polkit=(--disable-polkit)
	pcscd --foreground "${polkit[@]}" --config "$work/readers" >>"$work/pcscd.log" 2>&1 &
	pcscd_pid=$!
	started+=("$pcscd_pid")
	wait_for 10 test -S /run/pcscd/pcscd.comm
}

# pcsc_stop ends the PC/SC daemon and leaves the card looking for it.
pcsc_stop() {
	kill "$pcscd_pid"
	wait "$pcscd_pid" 2>/dev/null || true
	rm -f /run/pcscd/pcscd.comm /run/pcscd/pcscd.pid
}

pcsc_driver() {
	find /usr/lib /usr/local/lib -name 'libifdvpcd.so' 2>/dev/null | head -n 1
}

# card_start STATE puts the card of that image into the reader; $card_seal is its seal, if it has one.
card_start() {
	local seal=()
	[ -z "${card_seal-}" ] || seal=(--seal "$card_seal")
	"${ASSAY_BUILD:-build}/src/cli/assay-card" --vpcd "127.0.0.1:$vpcd_port" --state "$1" \
		"${seal[@]}" >>"$work/card.log" 2>&1 &
	card_pid=$!
	started+=("$card_pid")
	wait_for 10 card_present
}

card_stop() {
	kill "$card_pid"
	wait "$card_pid"
}

# card_present: reader 0 holds a card that answers to reset.
card_present() {
	opensc-tool --reader 0 --atr | grep -q '^3[bf]:'
}

# apdu HEX... sends commands on one connection and prints what opensc-tool shows of the answers.
apdu() {
	local each=()
	for hex in "$@"; do
		each+=(--send-apdu "$hex")
	done
	opensc-tool --reader 0 --card-driver default "${each[@]}"
}

tests_run=0
tests_failed=0

# ok SAYS COMMAND... runs the command and reports; its output is shown when it failed.
ok() {
	local says=$1
	shift
	tests_run=$((tests_run + 1))
	if "$@" >"$work/output" 2>&1; then # not in a subshell: what it starts and sets stays
		echo "ok $tests_run - $says"
	else
		tests_failed=$((tests_failed + 1))
		echo "not ok $tests_run - $says"
		sed 's/^/# /' "$work/output"
	fi
}

# refuses TEXT COMMAND...: it fails, and says TEXT. says TEXT COMMAND...: it succeeds, and says TEXT.
refuses() {
	local text=$1
	shift
	! "$@" >"$work/said" 2>&1 || return 1
	cat "$work/said"
	grep -qF -- "$text" "$work/said"
}

says() {
	local text=$1 code=0
	shift
	"$@" >"$work/said" 2>&1 || code=$?
	cat "$work/said"
	[ "$code" = 0 ] && grep -qF -- "$text" "$work/said"
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

done_testing() {
	echo "1..$tests_run"
	[ "$tests_failed" = 0 ]
}
