#!/bin/sh
# As tests/crash/writers.sh, with more of everything.
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/writers.inc"

check 'sixteen writers, fifty commits each: none is lost' 'writers 16 50'
finish
