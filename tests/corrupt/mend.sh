#!/bin/sh
# What "fsck --repair" makes of each kind of damage: it brings back what can be
# found, tells exactly what cannot, deletes nothing, and has nothing more to do
# the second time.  A sample of the points, by SEED; tests/long/mend.sh tries
# more.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"
. "$ROOT/tests/corrupt/small.inc"

SEED=${SEED:-$(date +%j)}
DSV_THREADS=1
export DSV_THREADS
: >"$SHARED/said"

# All that the index holds but the stage, without the numbers that are its own.
dump() {
	sqlite3 "$1/.dsv/index.db" "
		SELECT hex(id), size FROM segment ORDER BY id;
		SELECT hex(o.id), kind, hex(s.id), frame, at, o.size, refs
			FROM object o JOIN segment s ON s.n = segment
			ORDER BY o.id, kind;
		SELECT hex(id), hex(recipe) FROM file ORDER BY id;
		SELECT hex(id), hex(tree), version, time, hex(parents)
			FROM version ORDER BY id;
		SELECT n, hex(id), hex(writer), seq FROM event ORDER BY n;
		SELECT name, fold, hex(target), hex(event) FROM ref
			ORDER BY name;
		SELECT name, hex(e.id) FROM reflog l
			JOIN event e ON e.n = l.event ORDER BY name, e.n;
		SELECT name, hex(e.id) FROM subject b
			JOIN event e ON e.n = b.event ORDER BY name, e.n;"
}
# What people see of it.
see() {
	dsv -C "$1" branch --json
	dsv -C "$1" tag --json
	for branch in main exp; do
		dsv -C "$1" log --json --stat $branch
		dsv -C "$1" export -q -o - --format tar $branch | sha256sum
	done
}

check 'mend: a lost index is whole again after one command' '
	small_repo "$SHARED/repo"
	cp -a "$SHARED/repo" repo
	dump repo >before
	see repo >seen
	[ "$(grep -c . before)" -gt 150 ]
	rm -f repo/.dsv/index.db repo/.dsv/index.db-journal
	expect_status 8 dsv -C repo log 2>err
	grep -q "dsv fsck --repair" err
	dsv -C repo fsck --repair >out 2>err
	grep -q "^sound: 3 versions" out
	dump repo | same before
	see repo | same seen
	[ "$(dsv -C repo status --short)" = "?? staged.txt" ]
'

check 'mend: what nothing refers to any more is missed nevertheless' '
	broken_on_purpose
	cp -a "$SHARED/repo" repo
	main=$(dsv -C repo show --json main | cut -c8-71)
	before=$(dsv -C repo show --json main~1 | cut -c8-71)
	dsv -C repo why --json main | sed "s/.*\"segment\":\"\(..\)\([0-9a-f]*\).*/\1\/\2/" >segment
	rm -f repo/.dsv/objects/$(cat segment)
	expect_status 1 dsv -C repo fsck --repair >out 2>err
	grep -q "^commit $main: it is lost; it was v2\$" out
	grep -q "^event [0-9a-f]*: it is lost, and with it an act that was recorded\$" out
	grep -q "^ref branch/main: it led to $main; now to $before\$" out
	tail -n 1 out | grep -q "^damaged: "
'

check 'mend: every segment and the index, missing, changed or cut' '
	"$BUILD/tests/mend" -s "$SEED" -e 6000 "$SHARED/repo" >said || {
		cat said
		exit 1
	}
	cat said >>"$SHARED/said"
'

sed 's/^/# /' "$SHARED/said"
finish
