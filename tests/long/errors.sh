#!/bin/sh
# Every command that writes meets every error at every system call by which it
# changes a file or a directory, once and from there on; three of them at every
# system call of any kind; and every write is cut short.  "Every" is every
# fourth (and every 32nd of any kind), so that the whole ends within minutes:
# EVERY=1 tries four times as many.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"
. "${0%/*}/../crash/points.inc"

EVERY=${EVERY:-4}

points_begin
for case in $(points_cases); do
	for error in EIO ENOSPC EDQUOT ENOMEM EINTR EMFILE EACCES; do
		check "$case: $error at effects" \
			"errors_at $case $error effect $EVERY"
		# A system that interrupts every call for ever has no end.
		[ $error = EINTR ] || check "$case: $error from there on" \
			"errors_at $case $error effect $EVERY sticky"
	done
	for error in EIO ENOMEM EMFILE; do
		check "$case: $error at calls of any kind" \
			"errors_at $case $error fail $((8 * EVERY))"
		check "$case: $error from calls of any kind on" \
			"errors_at $case $error fail $((24 * EVERY)) sticky"
	done
	check "$case: every write cut short" "errors_at $case short effect $EVERY"
	check "$case: every write from there on" \
		"errors_at $case short effect $EVERY sticky"
done
points_count
finish
