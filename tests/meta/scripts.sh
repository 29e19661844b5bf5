#!/bin/sh
# The scripts, the tests among them.
. "${0%/*}/../lib.sh"

scripts=$(cd "$ROOT" && grep -lE '^#!/bin/sh' .ci/* tests/* tests/*/* \
	2>/dev/null; echo tests/lib.sh)
export scripts

check 'scripts: shellcheck has nothing to say' '
	cd "$ROOT"
	shellcheck -e SC1091,SC2016 $scripts
'

check 'scripts: "! command" asserts nothing under set -e; not does' '
	cd "$ROOT"
	grep -nE "^	+! [^|]*\$" tests/*/*.sh >"$T/out" || :
	cat "$T/out"
	[ ! -s "$T/out" ]
'

check 'scripts: every test sources the harness and ends with finish' '
	cd "$ROOT"
	for t in tests/*/*.sh; do
		case $t in tests/bench/* | tests/demo/*) continue ;; esac
		[ -x "$t" ] || echo "$t cannot be run"
		[ "$(tail -n 1 "$t")" = finish ] || echo "$t does not finish"
	done >"$T/out"
	cat "$T/out"
	[ ! -s "$T/out" ]
'

check 'scripts: checks have titles of their own' '
	cd "$ROOT"
	for t in tests/*/*.sh; do
		sed -n "s/^check \(.*\)/\1/p" "$t" | sort | uniq -d |
			sed "s|^|$t: |"
	done >"$T/out"
	cat "$T/out"
	[ ! -s "$T/out" ]
'

finish
