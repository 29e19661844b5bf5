#!/bin/sh
# Every command that writes is killed, and asked to stop, at every system call
# by which it changes a file or a directory.  tests/long/kill.sh does it at
# every system call there is.  On a file system in memory, if there is one:
# what the disk remembers is another matter than what the process did.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/sweep.inc"

sweep_begin
for case in init add commit commit-a tag switch export archive; do
	check "$case: killed before every effect" "sweep $case kill effect 1"
	check "$case: killed after every effect" "sweep $case killexit effect 2"
	check "$case: SIGTERM at every effect" "sweep $case term effect 2"
	check "$case: SIGINT at every effect" "sweep $case int effect 3"
done
sweep_count
finish
