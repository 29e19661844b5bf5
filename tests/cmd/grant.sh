#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one'

check 'grant: checks bite from the first role for somebody else' '
	DSV_USER=Bob dsv log --oneline >out
	dsv grant "Eve <eve@example.org>" read >>out
	DSV_USER=Bob fails 4 "dsv: \"log\" needs the role read, and Bob has none; an admin can grant it (Ada <ada@example.org>)" \
		dsv log
	DSV_USER="E <EVE@example.org>" dsv log --oneline >>out
	DSV_USER=eve fails 4 "dsv: \"add\" needs the role write, and eve has read; an admin can grant it (Ada <ada@example.org>)" \
		dsv add a
	same out <<-\.
	v1 dacada79 (HEAD -> main) one
	Eve <eve@example.org> has read
	v1 dacada79 (HEAD -> main) one
	.
'

check 'grant --dataset: only these files' '
	printf "*.csv dataset=labels\n" >.dsvattributes
	echo 1 >l.csv
	dsv add -q .
	dsv commit -qm attributes
	dsv approve -q
	dsv grant Bob review --dataset labels >out
	DSV_USER=Bob
	export DSV_USER
	echo 2 >l.csv
	dsv commit -qam labels
	dsv approve >>out
	echo 2 >a
	fails 4 "dsv: \"commit\" needs the role write on \"main\", and Bob has none; an admin can grant it (Ada <ada@example.org>)" \
		dsv commit -qam more
	dsv restore a
	printf "* dataset=labels\n" >.dsvattributes
	expect_status 4 dsv commit -qam more 2>err
	dsv restore .
	DSV_USER=Ada dsv commit -q --allow-empty -m x
	echo 5 >a
	DSV_USER=Ada dsv commit -qam ada
	expect_status 4 dsv approve 2>err
	expect_status 4 dsv tag x 2>>err
	expect_status 4 dsv branch x 2>>err
	cat err >>out
	same out <<-\.
	Bob has review for dataset labels
	v3 ffe6a1ac is approved
	dsv: "approve" needs the role review on "main", and Bob has none; an admin can grant it (Ada <ada@example.org>)
	dsv: "tag" needs the role write, and Bob has none; an admin can grant it (Ada <ada@example.org>)
	dsv: "branch" needs the role write on "x", and Bob has none; an admin can grant it (Ada <ada@example.org>)
	.
'

check 'grant --branch: only there' '
	dsv grant Bob write --branch exp >out
	DSV_USER=Bob
	export DSV_USER
	fails 4 "dsv: \"commit\" needs the role write on \"main\", and Bob has none; an admin can grant it (Ada <ada@example.org>)" \
		dsv commit --allow-empty -m x
	dsv switch -q -c exp
	dsv commit -q --allow-empty -m x
	dsv submit >>out
	expect_status 4 dsv approve 2>>out
	expect_status 4 dsv merge exp --into main 2>>out
	same out <<-\.
	Bob has write on branch exp
	v2 1efe1520 is submitted for exp
	dsv: "approve" needs the role review, and Bob has write; an admin can grant it (Ada <ada@example.org>)
	dsv: "merge" needs the role write on "main", and Bob has none; an admin can grant it (Ada <ada@example.org>)
	.
'

check 'grant --dry-run: changes nothing; as JSON' '
	dsv grant Bob write --dry-run >out
	dsv grant Bob write -n --dataset x --json >>out
	dsv access >>out 2>&1
	same out <<-\.
	Bob would have write
	{"user":"Bob","role":"write","dataset":"x","branch":null,"dry_run":true}
	Ada <ada@example.org> admin repository 2024-01-02T03:04:05Z Ada
	roles are not checked: nobody else has one yet, or that was turned off; see "dsv access --enforce"
	.
'

check 'grant: wrong words' '
	fails 2 "dsv: \"owner\" is no role; they are read, write, review and admin" \
		dsv grant Bob owner
	fails 2 "dsv: --dataset and --branch exclude each other" \
		dsv grant Bob read --dataset x --branch y
	fails 2 "dsv: \"<\" does not name a person; write \"Name <email>\" or a bare name" \
		dsv grant "<" read
	DSV_USER=Bob fails 4 "dsv: \"grant\" needs the role admin, and Bob has none; an admin can grant it (Ada <ada@example.org>)" \
		dsv grant Bob admin
'

finish
