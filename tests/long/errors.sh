#!/bin/sh
# Every command that writes meets every error at every system call by which it
# changes a file or a directory, once and from there on; the errors by turns at
# every system call of any kind; and every write is cut short.  "Every" is every
# fourth, so that the whole ends within minutes: EVERY=1 tries all, and each
# error at each call.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"
. "${0%/*}/../crash/points.inc"

EVERY=${EVERY:-4}

# A system that interrupts every call for ever has no end.
any=EIO,ENOSPC,EDQUOT,ENOMEM,EINTR,EMFILE,EACCES
any_on=EIO,ENOSPC,EDQUOT,ENOMEM,EMFILE,EACCES,EROFS
if [ "$EVERY" = 1 ]; then
	any=$(echo $any | tr , " ")
	any_on=$(echo $any_on | tr , " ")
fi

points_begin
for case in $(points_cases); do
	for error in EIO ENOSPC EDQUOT ENOMEM EINTR EMFILE EACCES; do
		check "$case: $error at effects" \
			"errors_at $case $error effect $EVERY"
		[ $error = EINTR ] || check "$case: $error from there on" \
			"errors_at $case $error effect $EVERY sticky"
	done
	for error in $any; do
		check "$case: $error at calls of any kind" \
			"errors_at $case $error fail $EVERY"
	done
	for error in $any_on; do
		check "$case: $error from calls of any kind on" \
			"errors_at $case $error fail $((3 * EVERY)) sticky"
	done
	check "$case: every write cut short" "errors_at $case short effect $EVERY"
	check "$case: every write from there on" \
		"errors_at $case short effect $EVERY sticky"
done
sweep_count
finish
