#!/bin/sh
# Power cuts of a real file system before some of the system calls by which
# commands change it; tests/long/cut.sh has all of them.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/sweep.inc"
. "${0%/*}/upkeep.inc"
. "${0%/*}/cut.inc"

sweep_begin
upkeep_begin gc
cut_begin init add commit tag gc
for case in init add commit tag gc; do
	check "$case: the power fails before effects" "cut $case 11 4"
done
sweep_count
finish
