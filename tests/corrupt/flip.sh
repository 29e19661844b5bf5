#!/bin/sh
# Damage to one byte, or to the length, of each file of a repository: whatever
# is read is right or refused, and fsck sees it.  A sample of the points, by
# SEED; tests/long/flip.sh tries more.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"
. "$ROOT/tests/corrupt/small.inc"

SEED=${SEED:-$(date +%j)}
DSV_THREADS=1
export DSV_THREADS
: >"$SHARED/said"

flip() {
	"$BUILD/tests/flip" -s "$SEED" "$@" "$SHARED/repo" >said || {
		cat said
		return 1
	}
	cat said >>"$SHARED/said"
}

check 'flip: the repository has deltas, levels and a sound fsck' '
	small_repo "$SHARED/repo"
	cd "$SHARED/repo"
	dsv fsck
	sqlite3 .dsv/index.db "SELECT kind, count(*) FROM object GROUP BY kind" \
		>../kinds
	for kind in 1 2 3 4 5 6; do
		grep -q "^$kind|" ../kinds
	done
	# A delta is a frame of its own.
	sqlite3 .dsv/index.db "SELECT 1 FROM object WHERE kind = 1
		AND size > 20000 GROUP BY segment, frame HAVING count(*) = 1" \
		>../deltas
	[ "$(wc -l <../deltas)" -ge 2 ]
'

check 'flip objects: no wrong byte is read, and fsck sees all of it' '
	flip -o objects/ -e 120 -c 60
'

check 'flip index.db: seen or harmless, and --repair makes it whole' '
	flip -o index.db -e 1200 -c 30 -r 20
'

check 'flip format and config: no crash, nothing wrong is read' '
	flip -o format -e 2 -c 8
	flip -o config -e 2 -c 8
'

sed 's/^/# /' "$SHARED/said"
finish
