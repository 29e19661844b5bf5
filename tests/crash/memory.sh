#!/bin/sh
# Every command that writes runs out of memory, in our code or in a library, at
# some of its allocations; tests/long/memory.sh does it at all of them.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/sweep.inc"
. "${0%/*}/points.inc"

points_begin
for case in $(points_cases); do
	check "$case: one allocation fails" "allocs_at $case 61 once 7"
	check "$case: all fail from one on" "allocs_at $case 97 sticky 3"
done
sweep_count
finish
