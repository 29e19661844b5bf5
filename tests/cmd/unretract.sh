#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one
	dsv approve -q; dsv retract -q'

check 'unretract --message: in use again, in the state that it had' '
	dsv unretract --dry-run >out
	dsv log --oneline >>out
	dsv unretract --message "it was right" >>out
	dsv cat main@approved:a >>out
	same out <<-\.
	v1 dacada79 would be approved
	v1 dacada79 (HEAD -> main) [approved, retracted] one
	v1 dacada79 is approved
	1
	.
'

check 'unretract --dry-run: of what is in use' '
	dsv unretract -q
	fails 5 "dsv: v1 (dacada79) is not retracted" dsv unretract -n
'

finish
