#!/bin/sh
# tests/corrupt/mend.sh with more points: EVERY bytes and lengths in a hundred are
# segment, and in 16 times as many of the index; EVERY=1 tries all of them.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"
. "$ROOT/tests/corrupt/small.inc"

SEED=${SEED:-1}
EVERY=${EVERY:-400}
DSV_THREADS=1
export DSV_THREADS
: >"$SHARED/said"

check 'mend: every segment and the index, missing, changed or cut' '
	small_repo "$SHARED/repo"
	"$BUILD/tests/mend" -s "$SEED" -e "$EVERY" "$SHARED/repo" >said || {
		cat said
		exit 1
	}
	cat said >>"$SHARED/said"
'

sed 's/^/# /' "$SHARED/said"
finish
