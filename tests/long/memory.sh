#!/bin/sh
# Every command that writes runs out of memory at every allocation, in our code
# or in a library: for that one, and from there on.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"
. "${0%/*}/../crash/points.inc"

points_begin
for case in $(points_cases); do
	check "$case: each allocation fails" "allocs_at $case 1 once 1"
	check "$case: all fail from each one on" "allocs_at $case 1 sticky 1"
done
points_count
finish
