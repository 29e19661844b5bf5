#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup 'dsv init -q; printf "id,price\n1,10\n" >prices.csv; dsv add -q .'

check 'commit: says branch, version, id and message' '
	dsv commit -m "First quotes" >out
	same out <<-\.
	main v1 d329157e First quotes
	files: 1 added
	prices.csv: rows: 1 inserted, 0 updated, 0 deleted
	.
	dsv diff --exit-code HEAD
	dsv diff --staged --exit-code
'

check 'commit --message: what is stored, blanks at the end cut' '
	dsv commit -q --message "
One line

 and more 

"
	{ dsv show --raw; echo; } >out
	same out <<-\.
	tree b0ed6f9924e6fcfebefbd8821c65a76276b96b80a187038e004c89163e441ad7
	author Ada <ada@example.org> 2024-01-02T03:04:05Z
	committer Ada <ada@example.org> 2024-01-02T03:04:05Z

	One line

	 and more
	.
	[ "$(dsv show --raw | sha256sum | cut -c1-64)" = \
		"$(dsv log --json | sed "s/{\"id\":\"//; s/\".*//")" ]
'

check 'commit --all: changed and deleted files, no new ones' '
	dsv commit -q -m one
	echo gone >gone; dsv add -q gone; dsv commit -q -m two
	rm gone; echo 2,20 >>prices.csv; echo new >new
	dsv commit --all -m three >out
	same out <<-\.
	main v3 cb255dda three
	files: 1 modified, 1 deleted
	prices.csv: rows: 1 inserted, 0 updated, 0 deleted
	.
	dsv ls >out
	same out <<-\.
	prices.csv
	.
'

check 'commit --author --date: who and when, instead of now' '
	dsv commit -q -m one --author "Bob B <bob@example.org>" \
		--date 2023-05-06T07:08+02:00
	{ dsv show --raw; echo; } >out
	same out <<-\.
	tree b0ed6f9924e6fcfebefbd8821c65a76276b96b80a187038e004c89163e441ad7
	author Bob B <bob@example.org> 2023-05-06T05:08:00Z
	committer Ada <ada@example.org> 2023-05-06T05:08:00Z

	one
	.
	dsv log >out
	same out <<-\.
	v1 bfcf4121 (HEAD -> main)
	Author:  Bob B <bob@example.org>
	Commit:  Ada <ada@example.org>
	Date:    2023-05-06T05:08:00Z

	    one
	.
'

check 'commit --job --meta: kept with the version, by key' '
	dsv commit -q -m one --job etl-4711 --meta rows=2 --meta a.b-c_d="x = y"
	{ dsv show --raw; echo; } >out
	same out <<-\.
	tree b0ed6f9924e6fcfebefbd8821c65a76276b96b80a187038e004c89163e441ad7
	author Ada <ada@example.org> 2024-01-02T03:04:05Z
	committer Ada <ada@example.org> 2024-01-02T03:04:05Z
	job etl-4711
	meta a.b-c_d=x = y
	meta rows=2

	one
	.
'

check 'commit --tag: in the same act, and not twice' '
	dsv commit -q -m one --tag first
	dsv tag >out
	same out <<-\.
	first
	.
	echo 2,20 >>prices.csv
	fails 3 "dsv: there is a tag \"first\" already" \
		dsv commit -qam two --tag first
	[ "$(dsv log --oneline | wc -l)" = 1 ]
	dsv diff --exit-code --name-only >out || [ $? = 1 ]
	same out <<-\.
	prices.csv
	.
'

check 'commit --allow-empty: a version where nothing changed' '
	fails 3 "dsv: no versions yet on branch \"main\"; make one with \"dsv add\" and \"dsv commit\"" \
		dsv log
	dsv rm -q --cached prices.csv
	fails 1 "nothing to commit: the stage is empty; put files there with \"dsv add\"" \
		dsv commit -m none
	dsv commit --allow-empty -m nothing >out
	dsv add -q .
	dsv commit -q -m one
	fails 1 "nothing to commit: nothing is staged since the last version; \"dsv status\" shows what could be" \
		dsv commit -m none
	dsv commit --allow-empty -m again >>out
	same out <<-\.
	main v1 6e3cac2d nothing
	main v3 f91c5d00 again
	.
'

check 'commit --allow-schema-change: what schema= would refuse' '
	printf "id,n\n1,a\n" >t.csv; printf "id,n\n1,a\n" >u.csv
	dsv track -q t.csv --schema frozen; dsv track -q u.csv --schema compatible
	dsv add -q .; dsv commit -qm tables
	printf "id,n,more\n1,a,x\n" >u.csv; dsv commit -qam compatible
	printf "id,n\n2,a\n" >t.csv; dsv commit -qam rows
	printf "id,n,more\n2,a,x\n" >t.csv
	fails 5 "dsv: \"t.csv\" has schema=frozen, but is changed: added \"more\"; \"dsv commit --allow-schema-change\" commits it all the same" \
		dsv commit -am more
	fails 5 "dsv: \"t.csv\" has schema=frozen, but is changed: added \"more\"; \"dsv commit --allow-schema-change\" commits it all the same" \
		dsv commit --dry-run -am more
	dsv commit --dry-run --allow-schema-change -qam more
	[ "$(dsv status -s)" = " M t.csv" ]
	dsv commit -qam more --allow-schema-change
	printf "id,n,more\nx,,x\n" >u.csv; dsv add -q u.csv
	for dry in "" --dry-run; do
		fails 5 "dsv: \"u.csv\" has schema=compatible, but is changed: retyped \"id\" from integer to string, nullable \"n\"; \"dsv commit --allow-schema-change\" commits it all the same" \
			dsv commit $dry -m bad
	done
	dsv track -q u.csv --schema free; dsv commit -qm free
	rm t.csv; dsv commit -qam gone
	echo "u.csv schema=odd" >.dsvattributes; echo 1 >>u.csv; dsv add -q .
	fails 2 "dsv: attribute schema=odd of \"u.csv\" is not known: use frozen, compatible or free" \
		dsv commit -m odd
'

check 'commit --dry-run: says what would be, and changes nothing' '
	dsv commit -q -m one
	echo 2,20 >>prices.csv
	cp -R .dsv ../before
	dsv commit -n -a >out
	dsv commit -n -a --json >>out
	same out <<-\.
	would commit to main
	files: 1 modified
	{"branch":"main","files":{"added":0,"modified":1,"deleted":0,"renamed":0}}
	.
	diff -r ../before .dsv
'

check 'commit --dry-run --tag: the tag must be free' '
	dsv commit -q -m one --tag t1
	echo 2,20 >>prices.csv
	dsv commit -n -a --tag t2 >out
	fails 3 "dsv: there is a tag \"t1\" already" dsv commit -n -a --tag t1
	dsv tag >out
	same out <<-\.
	t1
	.
'

check 'commit: as JSON, the version and how many files' '
	dsv commit -q -m zero
	echo 2,20 >>prices.csv
	dsv commit -am one --json --job j --meta k=v --tag t >out
	same out <<-\.
	{"id":"2e35ccf398f61fdbc0e68f7d6f399f6fe140b5498a48c7e0f4b61618c93c867e","version":2,"parents":["673269841db2261b1bfb4145e76019a5b54d286913dbd3843c958fa37258259f"],"tree":"7d7f41a6d8865e3e1672d8c3554d27b0d677225017afa5226a310757b084fe7b","author":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z","committer":{"name":"Ada","email":"ada@example.org"},"commit_date":"2024-01-02T03:04:05Z","job":"j","meta":{"k":"v"},"message":"one","branches":["main"],"tags":["t"],"labels":[],"state":"draft","retracted":false,"reviewers":[],"branch":"main","files":{"added":0,"modified":1,"deleted":0,"renamed":0},"tables":[{"path":"prices.csv","rows":2,"inserted":1,"updated":0,"deleted":0}]}
	.
'

check 'commit: without a message and a terminal it is refused' '
	fails 2 "dsv: a version needs a message; give one with -m" dsv commit
	fails 2 "dsv: a version needs a message; give one with -m" \
		dsv commit -m " "
'

check 'commit: wrong values are named, and nothing happens' '
	fails 2 "dsv: \"k\" is not KEY=VALUE" dsv commit -m x --meta k
	fails 2 "dsv: \"=v\" is not KEY=VALUE" dsv commit -m x --meta =v
	fails 2 "dsv: \"<x>\" does not name a person; write \"Name <email>\" or a bare name" \
		dsv commit -m x --author "<x>"
	expect_status 2 dsv commit -m x --date soon
	expect_status 2 dsv commit -m x --meta "a b=c"
	expect_status 2 dsv commit -m x --meta a=b --meta a=c
	expect_status 2 dsv commit -m x --tag v1
	expect_status 2 dsv commit -m x --job "$(printf "a\nb")"
	expect_status 3 dsv log
'

check 'commit: a detached HEAD is on no branch' '
	dsv commit -q -m one
	dsv switch -q --detach HEAD
	echo 2,20 >>prices.csv
	fails 5 "dsv: HEAD is detached, so the version would be on no branch; make one first with \"dsv switch -c NAME\"" \
		dsv commit -am two
'

check 'commit: names before and after one another as bytes and as paths' '
	mkdir a a-b "a b"
	for f in a/x a-b/x a.b "a b/x" a0; do echo "$f" >"$f"; done
	dsv add -q .
	dsv commit -q -m one
	dsv ls -r >out
	same out <<-\.
	a b/x
	a-b/x
	a.b
	a/x
	a0
	prices.csv
	.
	for f in a/x a-b/x a.b "a b/x" a0; do
		dsv cat "HEAD:$f" | cmp - "$f"
	done
'

check 'commit: an editor writes the message, on a terminal' '
	command -v script >/dev/null || skip "no script(1)"
	cat >edit <<-\.
	#!/bin/sh
	sed "s/^/seen: /" "$1" >seen
	printf "Edited\n# not this\n" >>"$1"
	.
	chmod +x edit
	DSV_EDITOR="$PWD/edit" script -qec "dsv commit" /dev/null </dev/null >out
	[ "$(dsv log --oneline | cut -d" " -f3-)" = "(HEAD -> main) Edited" ]
	grep -q "1 added" seen
	DSV_EDITOR=false script -qec "dsv commit --allow-empty" /dev/null \
		</dev/null >out && false
	grep -q "the editor \"false\" failed" out
'

check 'commit --sign: with the key that is said' '
	fails 2 "dsv: there is no key to sign with; say which with \"dsv config set --user user.signingKey FILE\"" \
		dsv commit --sign -m one
	command -v ssh-keygen >/dev/null || skip "there is no ssh-keygen"
	ssh-keygen -q -t ed25519 -N "" -f key
	dsv config set user.signingKey "$PWD/key"
	dsv commit -q --sign -m one
	dsv config set commit.sign true
	dsv commit -q --allow-empty -m two
	dsv config set commit.sign false
	dsv commit -q --allow-empty -m three
	for v in v1 v2 v3; do
		dsv show --raw $v | grep -c "^signature U1NIU0lH" >>out || :
	done
	same out <<-\.
	1
	1
	0
	.
'

finish
