#!/bin/sh
# As tests/crash/pairs.sh, all pairs: the first command stands still before every
# twelfth of its effects; EVERY=1 tries four times as many.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"
. "${0%/*}/../crash/pairs.inc"

EVERY=${EVERY:-4}

pairs_begin
for a in $(pairs_commands); do
	for b in $(pairs_commands); do
		check "pairs: $a stands still, and $b comes" \
			"pair $a $b $((3 * EVERY))"
	done
done
for b in gc gc-now repair commit; do
	check "pairs: an export stands still at any call, and $b comes" \
		"pair export $b $((3 * EVERY)) 1 all"
done
pairs_count
finish
