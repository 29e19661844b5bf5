#!/bin/sh
# As tests/crash/kill.sh, at system calls of any kind: at every fourth, of gc
# and repair at every sixteenth, so that the whole ends within minutes; EVERY=1
# tries four times as many, which is all of the former.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"
. "${0%/*}/../crash/upkeep.inc"

EVERY=${EVERY:-4}

sweep_begin
for case in init add commit commit-a tag approve decide switch export archive; do
	check "$case: killed before calls" \
		"sweep $case kill all $EVERY"
	check "$case: killed after every effect" "sweep $case killexit effect 1"
	check "$case: SIGTERM at calls" \
		"sweep $case term all $((3 * EVERY))"
	check "$case: SIGINT at every effect" "sweep $case int effect 1"
done

upkeep_begin
for case in $(upkeep_cases); do
	check "$case: killed before calls" \
		"sweep $case kill all $((4 * EVERY))"
	check "$case: killed before effects" "sweep $case kill effect $EVERY"
	check "$case: killed after effects" \
		"sweep $case killexit effect $EVERY"
	check "$case: SIGTERM at calls" \
		"sweep $case term all $((13 * EVERY))"
	check "$case: SIGTERM at effects" "sweep $case term effect $EVERY"
done
sweep_count
finish
