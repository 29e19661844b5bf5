#!/bin/sh
# A fault in what follows a fault, at more points than in the short run; with
# EVERY=1 at all.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/../crash/sweep.inc"
. "${0%/*}/../crash/points.inc"
. "${0%/*}/../crash/twice.inc"

twice $((2 * ${EVERY:-8} - 1))
finish
