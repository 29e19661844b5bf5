#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one
	echo 2 >a; dsv commit -qam two'

check 'approved: labels, and the past of each' '
	dsv approved >out
	dsv approve -q v1 --as report -m "first
	more"
	dsv approve -q v2 --as report
	dsv approve -q v1 --as samples/7 -m second
	dsv retract -q v2
	dsv approved >>out
	echo - >>out
	dsv approved report >>out
	dsv approved approved/samples/7 --json >>out
	same out <<-\.
	report v2 8b417971 retracted 2024-01-02T03:04:05Z Ada
	samples/7 v1 dacada79 2024-01-02T03:04:05Z Ada: second
	-
	report v2 8b417971 retracted 2024-01-02T03:04:05Z Ada
	report v1 dacada79 2024-01-02T03:04:05Z Ada: first
	{"label":"samples/7","id":"dacada79bb4571664b84fbdce0d3271c70b4b43f132432add5fb739b3df2a786","version":1,"retracted":false,"actor":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z","note":"second"}
	.
	fails 3 "dsv: no label \"none\"; \"dsv approved\" lists them" \
		dsv approved none
'

finish
