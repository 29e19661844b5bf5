#!/bin/sh
# What "make demo" shows is true.
. "${0%/*}/../lib.sh"

check 'demo: runs, says nothing on standard error, leaves nothing behind' '
	mkdir tmp
	TMPDIR=$PWD/tmp DSV=$BUILD/dsv "$ROOT/tests/demo/run.sh" >out 2>err
	cat err
	[ ! -s err ]
	[ -z "$(ls tmp)" ]
	[ "$(grep -c "dsv commit -q" out)" = 12 ]
	[ "$(grep -c "^188659fc8b5d8bed325ee906dab17e53df3577" out)" = 2 ]
	awk "length > 80 && /^\\\$/ { print; bad = 1 } END { exit bad }" out
'

finish
