#!/bin/sh
. "${0%/*}/../lib.sh"

check 'version, --version: one line' '
	dsv version >out
	grep -qx "dsv [0-9][0-9]*\.[0-9][0-9]*\.[0-9][0-9]*" out
	[ "$(wc -l <out)" = 1 ]
	dsv --version >out2
	same out2 <out
	dsv --version status >out2
	same out2 <out
	dsv version --version >out2
	same out2 <out
'

check 'version -v: the libraries too' '
	dsv version -v >out
	[ "$(sed -n 1p out)" = "$(dsv version)" ]
	sed 1d out | grep -vxE "[a-z0-9]+ [0-9]+\.[0-9.a-z-]+" >odd || :
	[ ! -s odd ]
	for name in libarchive libcrypto sqlite utf8proc zstd; do
		grep -q "^$name " out
	done
'

check 'version --json' '
	dsv version --json >out
	[ "$(wc -l <out)" = 1 ]
	version=$(dsv version | cut -d" " -f2)
	grep -qF "{\"version\":\"$version\",\"libraries\":{\"" out
'

check 'version: takes no argument' '
	fails 2 "dsv: \"x\" is one argument too many; see \"dsv version --help\"" \
		dsv version x
'

finish
