#!/bin/sh
# Repositories from elsewhere that were made to do harm; hostile.inc says what
# is asked of each.
. "${0%/*}/../lib.sh"

export LONG=0
. "$ROOT/tests/corrupt/hostile.inc"
. "$ROOT/tests/corrupt/hostile_list.inc"

finish
