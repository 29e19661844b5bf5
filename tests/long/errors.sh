#!/bin/sh
# Every command that writes meets every error at every system call by which it
# changes a file or a directory, once and from there on; three of them at every
# system call of any kind; and every write is cut short.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"
. "${0%/*}/../crash/points.inc"

points_begin
for case in $(points_cases); do
	for error in EIO ENOSPC EDQUOT ENOMEM EINTR EMFILE EACCES; do
		check "$case: $error at every effect" \
			"errors_at $case $error effect 1"
		# A system that interrupts every call for ever has no end.
		[ $error = EINTR ] || check "$case: $error from there on" \
			"errors_at $case $error effect 1 sticky"
	done
	for error in EIO ENOMEM EMFILE; do
		check "$case: $error at every call" \
			"errors_at $case $error fail 1"
		check "$case: $error from every third call on" \
			"errors_at $case $error fail 3 sticky"
	done
	check "$case: every write cut short" "errors_at $case short effect 1"
	check "$case: every write from there on" \
		"errors_at $case short effect 1 sticky"
done
points_count
finish
