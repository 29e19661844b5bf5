#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one
	echo 2 >a; dsv commit -qam two'

check 'tag NAME REV --message: names it for good' '
	dsv tag q1 v1 --message "sent to the customer

	by mail" >out
	dsv tag q2 >>out
	dsv tag >>out
	dsv tag -v >>out
	same out <<-\.
	tagged q1 dacada79
	tagged q2 8b417971
	q1
	q2
	q1 v1 dacada79 sent to the customer
	q2 v2 8b417971
	.
	fails 3 "dsv: there is a tag \"q1\" already" dsv tag q1
	fails 3 "dsv: there is a branch \"main\" already" dsv tag main
	fails 2 "dsv: -m needs the name of a new tag" dsv tag -m x
	fails 2 "dsv: the form is \"dsv tag NAME [REV]\"" dsv tag x v1 v2
'

check 'tag --list: as JSON, a tag a line' '
	dsv tag -q q1 v1 -m note
	DSV_USER=Bob dsv tag -q q2
	dsv tag --list --json >out
	same out <<-\.
	{"name":"q1","id":"dacada79bb4571664b84fbdce0d3271c70b4b43f132432add5fb739b3df2a786","version":1,"tagger":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z","message":"note"}
	{"name":"q2","id":"8b41797181d191d7bd4e364a7114a40fe4df9070c1f8400313a8b62a6c1b1de4","version":2,"tagger":{"name":"Bob","email":""},"date":"2024-01-02T03:04:05Z","message":null}
	.
	fails 2 "dsv: --list takes no names" dsv tag --list x
	fails 2 "dsv: --delete and --list exclude each other" dsv tag -dl
'

check 'tag: names that cannot be' '
	for name in v1 V12 abcd 00ff HEAD "a b" a^b a~1 .x -x; do
		expect_status 2 dsv tag -- "$name" 2>err
	done
	same err <<-\.
	dsv: "-x" cannot name a tag: no blanks, none of ~^:?*[\,@, nothing that reads as an id or a version number; see dsv-revisions(7)
	.
	dsv tag -q v1.0
	dsv tag -q abc
	dsv tag -q 2024-q1
	dsv tag -q rel/2024
	dsv tag >out
	same out <<-\.
	2024-q1
	abc
	rel/2024
	v1.0
	.
'

check 'tag --delete: and it is free again' '
	dsv tag -q q1
	dsv tag --delete q1 >out
	dsv tag q1 v1 >>out
	same out <<-\.
	deleted q1 8b417971
	tagged q1 dacada79
	.
	fails 3 "dsv: no tag \"q2\"; \"dsv tag\" lists them" dsv tag -d q2
	fails 2 "dsv: the form is \"dsv tag --delete NAME ...\"" dsv tag -d
'

check 'tag --dry-run: changes nothing' '
	dsv tag -q q1
	dsv tag -n q2 >out
	dsv tag -nd q1 >>out
	dsv tag >>out
	same out <<-\.
	would have tagged q2 8b417971
	would have deleted q1 8b417971
	q1
	.
	fails 3 "dsv: there is a tag \"q1\" already" dsv tag -n q1
'

check 'tag: before the first version' '
	mkdir fresh
	cd fresh
	dsv init -q
	dsv tag
	fails 3 "dsv: no versions yet on branch \"main\"; make one with \"dsv add\" and \"dsv commit\"" \
		dsv tag x
'

finish
