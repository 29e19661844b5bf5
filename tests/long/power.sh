#!/bin/sh
# As tests/crash/power.sh: all states, with writes torn at 4096 bytes; many of
# those with writes torn at 512; and a process killed before the power goes.
# This takes long: only with EVERY=1.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"
. "${0%/*}/../crash/power.inc"

if [ "${EVERY:-4}" != 1 ]; then
	check 'power cuts: every state' 'skip "only with EVERY=1"'
	finish
fi

power_begin
for story in $(power_stories); do
	check "$story: power cuts" "power_try $story"
	check "$story: power cuts, torn at 512 bytes" \
		"power_try $story -t 512 -k 8"
	for n in 7 19 31 43 55 67 79 91; do
		check "$story: killed at call $n, then power cuts" \
			"power_killed $story $n -k 29"
	done
done
power_count
finish
