#!/bin/sh
# Every command that writes runs out of memory at every allocation, in our code
# or in a library: for that one, and from there on.  "Every" is every twentieth,
# so that the whole ends within minutes: EVERY=1 tries four times as many.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"
. "${0%/*}/../crash/points.inc"

EVERY=${EVERY:-4}

points_begin
for case in $(points_cases); do
	check "$case: allocations fail" "allocs_at $case $((5 * EVERY)) once 1"
	check "$case: all fail from each one on" "allocs_at $case $((5 * EVERY)) sticky 1"
done
sweep_count
finish
