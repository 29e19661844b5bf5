#!/bin/sh
# As tests/crash/cut.sh, with more commands, before every fourth effect, of the
# packing after a command before every sixteenth; EVERY=1 tries four times as
# many, which is all of the former.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"
. "${0%/*}/../crash/upkeep.inc"
. "${0%/*}/../crash/cut.inc"

EVERY=${EVERY:-4}
CASES="init add commit commit-a tag gc gc-now repair repair-damage"

sweep_begin
upkeep_begin
# shellcheck disable=SC2086 # a list of words
cut_begin $CASES gc-auto
for case in $CASES; do
	check "$case: the power fails before effects" "cut $case $EVERY"
done
check 'gc-auto: the power fails before effects' "cut gc-auto $((4 * EVERY))"
sweep_count
finish
