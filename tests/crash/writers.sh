#!/bin/sh
# Eight processes commit to one branch; tests/long/writers.sh has sixteen.
. "${0%/*}/../lib.sh"
. "${0%/*}/writers.inc"

check 'eight writers, ten commits each: none is lost' 'writers 8 10'
finish
