#!/bin/sh
# Every command that writes meets every error at every system call by which it
# changes a file or a directory, once and from there on; and every write is cut
# short.  "Every" is every fourth, so that the whole ends within minutes: EVERY=1
# tries all, and three of the errors at system calls of any kind too.
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
		[ "$EVERY" = 1 ] || continue
		check "$case: $error at calls of any kind" \
			"errors_at $case $error fail 1"
		check "$case: $error from calls of any kind on" \
			"errors_at $case $error fail 3 sticky"
	done
	check "$case: every write cut short" "errors_at $case short effect $EVERY"
	check "$case: every write from there on" \
		"errors_at $case short effect $EVERY sticky"
done
sweep_count
finish
