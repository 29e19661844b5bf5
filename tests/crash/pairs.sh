#!/bin/sh
# Two commands at once, one of which stands still in the middle of what it
# does: some pairs, at some of the places; tests/long/pairs.sh has all.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/sweep.inc"
. "${0%/*}/pairs.inc"

pairs_begin
while read -r a b; do
	check "pairs: $a stands still, and $b comes" "pair $a $b 13"
done <<'END'
add gc
add commit
add repair
commit add
commit commit
commit gc-now
gc add
gc gc
gc-now commit
tag branch-d
restore gc-now
repair commit
END
check 'pairs: an export stands still at calls of any kind, and gc comes' \
	'pair export gc-now 23 1 all'
pairs_count
finish
