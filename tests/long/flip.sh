#!/bin/sh
# tests/corrupt/flip.sh with more points: bytes of every object, each changed in
# two ways and each the last one, and of the index.  One in four of the former
# and one in 32 of the latter, so that the whole ends within minutes; EVERY=1
# tries all of the former.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"
. "$ROOT/tests/corrupt/small.inc"

SEED=${SEED:-1}
EVERY=${EVERY:-4}
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

check 'flip objects: bytes and lengths' '
	small_repo "$SHARED/repo"
	flip -o objects/ -e "$EVERY" -c 200
'

check 'flip index.db: bytes and lengths' '
	flip -o index.db -e $((8 * EVERY)) -c 100 -r 100
'

check 'flip format and config: every byte and every length' '
	flip -o format -c 1
	flip -o config -c 1
'

sed 's/^/# /' "$SHARED/said"
finish
