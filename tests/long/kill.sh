#!/bin/sh
# As tests/crash/kill.sh, at every system call.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"

sweep_begin
for case in init add commit commit-a tag switch export archive; do
	check "$case: killed before every call" "sweep $case kill all 1"
	check "$case: killed after every effect" "sweep $case killexit effect 1"
	check "$case: SIGTERM at every third call" "sweep $case term all 3"
	check "$case: SIGINT at every effect" "sweep $case int effect 1"
done
sweep_count
finish
