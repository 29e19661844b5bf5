#!/bin/sh
# Every command that writes meets an error at every system call by which it
# changes a file or a directory: once, and from there on; and every write is
# cut short once.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"

sweep_begin
for case in init add commit commit-a tag switch export archive; do
	for error in EIO ENOSPC; do
		check "$case: $error at every effect" \
			"sweep $case errno:$error effect 1"
		check "$case: $error from every second effect on" \
			"STICKY=-s; sweep $case errno:$error effect 2"
	done
	check "$case: every write cut short" "sweep $case short effect 1"
done
sweep_count
finish
