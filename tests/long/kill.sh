#!/bin/sh
# As tests/crash/kill.sh, at system calls of any kind: at every fourth, so that
# the whole ends within minutes; EVERY=1 tries all.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"

EVERY=${EVERY:-4}

sweep_begin
for case in init add commit commit-a tag switch export archive; do
	check "$case: killed before calls" \
		"sweep $case kill all $EVERY"
	check "$case: killed after every effect" "sweep $case killexit effect 1"
	check "$case: SIGTERM at calls" \
		"sweep $case term all $((3 * EVERY))"
	check "$case: SIGINT at every effect" "sweep $case int effect 1"
done
sweep_count
finish
