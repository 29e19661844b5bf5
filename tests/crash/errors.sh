#!/bin/sh
# Every command that writes meets an error at every third system call by which
# it changes a file or a directory, and at some of the others: one of seven, by
# turns.  tests/long/errors.sh has all of them at all calls.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/sweep.inc"
. "${0%/*}/points.inc"

errors=EIO,ENOSPC,EDQUOT,ENOMEM,EINTR,EMFILE,EACCES

points_begin
for case in $(points_cases); do
	check "$case: an error at every third effect" \
		"errors_at $case $errors effect 3"
	check "$case: an error at some calls of any kind" \
		"errors_at $case $errors fail 41 once 7"
	check "$case: an error from every eleventh effect on" \
		"errors_at $case EIO,ENOSPC effect 11 sticky 2"
	check "$case: every fifth write cut short" \
		"errors_at $case short effect 5"
done
sweep_count
finish
