#!/bin/sh
# Repositories from elsewhere that were made to do harm; hostile.inc says what
# is asked of each.  Here, of more commands.
. "${0%/*}/../lib.sh"

export LONG=1
. "$ROOT/tests/corrupt/hostile.inc"
. "$ROOT/tests/corrupt/hostile_list.inc"

finish
