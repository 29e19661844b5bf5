#!/bin/sh
# tests/corrupt/flip.sh with more points: every byte of every object, each
# changed in two ways and each the last one; and one in 8 of the index.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"
. "$ROOT/tests/corrupt/small.inc"

SEED=${SEED:-1}
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

check 'flip objects: every byte and every length' '
	small_repo "$SHARED/repo"
	flip -o objects/ -c 200
'

check 'flip index.db: one point in 8' '
	flip -o index.db -e 8 -c 100 -r 100
'

check 'flip format and config: every byte and every length' '
	flip -o format -c 1
	flip -o config -c 1
'

sed 's/^/# /' "$SHARED/said"
finish
