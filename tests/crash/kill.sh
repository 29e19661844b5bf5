#!/bin/sh
# Every command that writes is killed at every system call by which it changes
# a file or a directory, and asked to stop at some of them; gc and repair, which
# make many, at some.  tests/long/kill.sh does it at system calls of every kind.
# On a file system in memory, if there is one: what a disk remembers is another
# matter than what a process did.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/sweep.inc"
. "${0%/*}/upkeep.inc"

sweep_begin
for case in init add commit commit-a tag approve decide switch export archive; do
	check "$case: killed before every effect" "sweep $case kill effect 1"
	check "$case: SIGTERM at every fourth effect" \
		"sweep $case term effect 4"
	check "$case: SIGINT at every sixth effect" "sweep $case int effect 6"
done

upkeep_begin
for case in gc gc-now; do
	check "$case: killed before effects" "sweep $case kill effect 4 2"
	check "$case: SIGTERM at effects" "sweep $case term effect 11 5"
done
for case in gc-auto repair repair-damage; do
	check "$case: killed before effects" "sweep $case kill effect 23 2"
	check "$case: SIGTERM at effects" "sweep $case term effect 67 5"
done
sweep_count
finish
