#!/bin/sh
# Eight processes commit to one branch and move one each, alone and beside gc
# and readers; tests/long/writers.sh has sixteen.
. "${0%/*}/../lib.sh"
. "${0%/*}/writers.inc"

: >"$SHARED/said"
check 'eight writers, ten commits each: none is lost' 'writers 8 10'
check 'eight writers beside gc and readers: none is lost, nothing is torn' \
	'writers 8 10 busy'
cat "$SHARED/said"
finish
