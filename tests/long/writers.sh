#!/bin/sh
# As tests/crash/writers.sh, with more of everything.
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/writers.inc"

: >"$SHARED/said"
check 'sixteen writers, fifty commits each: none is lost' 'writers 16 50'
check 'sixteen writers beside gc and readers: none is lost, nothing is torn' \
	'writers 16 50 busy'
cat "$SHARED/said"
finish
