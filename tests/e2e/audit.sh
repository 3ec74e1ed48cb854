#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# R8, I6: the audit log of a running server, exported, proved with nothing but a public key, and every way of
# tampering with file and database found. Services are killed in between.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/assayd_lib.sh"
needs unshare ip curl python3
private_world "$@"
work_folder
here=$(dirname "$0")

audit() {
	local sub=$1
	shift
	"$bin/assay" audit "$sub" "$@"
}

served() {
	audit "$@" --server "$work/server/admin.sock"
}

verify() {
	audit verify "$@" --key "$work/server/audit.pub"
}

fill() { # fill PREFIX COUNT FIRST: each is two entries
	timeout 60 python3 "$here/secrets_fill.py" "$work/server/admin.sock" "$1" "$2" "$work/keys$1" "$3"
}

# fails TEXT COMMAND...: it fails, and says why.
fails() {
	local want=$1
	shift
	"$@" >"$work/said" 2>&1 && return 1
	cat "$work/said"
	grep -qF "$want" "$work/said"
}

lines() { # lines PYTHON: the export's lines as l, written to $work/bad
	python3 - "$work/log" "$work/bad" "$1" <<'EOS'
import sys
l = open(sys.argv[1]).read().splitlines()
where = {int(x.split()[1][2:18], 16): i for i, x in enumerate(l) if x.startswith("entry")}
exec(sys.argv[3])
open(sys.argv[2], "w").write("\n".join(l) + "\n")
EOS
}

unsigned() { # entries that no head covers yet
	local entries heads
	entries=$(admin "/v1/audit?limit=1000" | json 'len(j["events"])')
	heads=$(admin "/v1/audit/heads?limit=1000" | json 'max(h["size"] for h in j["heads"])')
	echo "$entries entries, $heads under a head"
	[ "$entries" -gt "$heads" ]
}

all_signed() {
	! unsigned
}

storm() { # heads are asked for while store, keeper and admin are killed
	local kind i
	fill B 60 200 >"$work/filled" 2>&1 &
	for kind in store keeper admin store keeper; do
		for i in 1 2 3; do
			served head >/dev/null 2>&1
		done
		kill -9 "$(child_pids "$kind" | head -n 1)"
		sleep 0.1
	done
	wait $!
	true
}

well() {
	served head
}

again() { # the export continues all heads that were given out before
	served export "$work/log2" && verify "$work/log2" --since "$work/old" && verify "$work/log2" --since "$work/log"
}

other_data() { # the same server, started with an older copy of its database
	assayd_stop
	cp "$work/server/data/assay.db" "$work/newer.db"
	cp "$work/older.db" "$work/server/data/assay.db"
	rm -f "$work/server/data/assay.db-wal" "$work/server/data/assay.db-shm"
	assayd_start
}

copy_data() {
	assayd_stop
	cp "$work/server/data/assay.db" "$work/older.db"
	assayd_start
}

forget_head() { # somebody who may write the keeper's file, too
	assayd_stop
	rm -f "$work/server/audit.head"
	assayd_start
}

rewrite() { # an operator changes an entry in the database itself
	assayd_stop
	python3 - "$work/server/data/assay.db" <<'EOS'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
entry = bytearray(db.execute("SELECT entry FROM audit WHERE number=3").fetchone()[0])
entry[20] ^= 1
db.execute("UPDATE audit SET entry=? WHERE number=3", (bytes(entry),))
db.commit()
EOS
	assayd_start
}

ok "a server is made" assayd_new
ok "with a key for its log, for its owner only" [ "$(stat -c %a "$work/server/audit.key" 2>&1)" = 600 ]
ok "it starts" assayd_start
ok "an empty log has no head" fails "no such thing" served head
ok "things happen" fill A 20 0
ok "R8: a head is signed" served head --out "$work/old"
ok "more happens" fill D 20 100
ok "the log is exported" served export "$work/log"
ok "R8: the log is verified with the public key alone" verify "$work/log"
ok "I6: it continues the older head" verify "$work/log" --since "$work/old"
ok "an entry is proved" served prove 7 --out "$work/one"
ok "R8: the proof is verified" verify "$work/one"
lines 'l[where[5]] = l[where[5]][:46] + ("1" if l[where[5]][46] != "1" else "2") + l[where[5]][47:]'
ok "I6: an altered entry is named" fails "entry 5 is altered" verify "$work/bad"
lines 'del l[where[9]]'
ok "I6: a removed entry is named" fails "entry 9 is missing" verify "$work/bad"
lines 'l[where[9]], l[where[8]] = l[where[8]], l[where[9]]'
ok "I6: reordered entries are named" fails "entry 8 is out of order" verify "$work/bad"
lines 'l[-1] = l[-1][:-1] + ("1" if l[-1][-1] != "1" else "2")'
ok "I6: a forged head is refused" fails "forged" verify "$work/bad"
lines 'del l[-2:]'
ok "I6: a log cut short is refused" fails "under no head" verify "$work/bad"
lines 'del l[next(i for i, x in enumerate(l) if x.startswith("head")) + 1:]'
ok "a log cut at a head is whole by itself" verify "$work/bad"
ok "I6: but not to who has a later head" fails "cut or rolled back" verify "$work/bad" --since "$work/log"
openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl ec -pubout -out "$work/other.pub" 2>/dev/null
ok "I6: under another key it is another log" fails "another log" audit verify "$work/log" --key "$work/other.pub"
ok "store, keeper and admin are killed while the log grows and is signed" storm
ok "they are back" wait_for 20 well
ok "I5, I6: the log goes on from every head that was given out" again
ok "it grows" fill G 3 500
ok "without a new head" unsigned
ok "its data is copied, and it starts again" copy_data
ok "R8: a head is made without being asked for" wait_for 15 all_signed
ok "and grows" fill E 5 300
ok "a head is signed" wait_for 10 served head --out "$work/later"
ok "the server is started on the older copy" other_data
ok "and made to grow differently" fill F 9 400
ok "I6: the keeper remembers, and signs no head of that" fails "access condition not met" served head
ok "its file is taken away, too" forget_head
ok "it exports" wait_for 10 served export "$work/forked"
ok "I6: by itself the file is in order" verify "$work/forked"
ok "I6: a head from before shows that the log forked" fails "another one" verify "$work/forked" --since "$work/later"
ok "an entry is changed in the database" rewrite
ok "the log is exported" wait_for 10 served export "$work/rewritten"
ok "I6: it is found, heads and all" fails "altered" verify "$work/rewritten"
ok "it stops" assayd_stop
[ -z "${ASSAY_KEEP-}" ] || { mkdir -p "$ASSAY_KEEP"; cp -r "$work/." "$ASSAY_KEEP"; }
done_testing
