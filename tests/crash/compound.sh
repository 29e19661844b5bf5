#!/bin/sh
# A fault in what follows a fault, at some points; tests/long/compound.sh tries
# more.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/sweep.inc"
. "${0%/*}/points.inc"
. "${0%/*}/twice.inc"

twice 97
finish
