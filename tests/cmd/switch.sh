#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

# main: a=one, both; other: a=two, new, no both, x is a directory.
setup '
	dsv init -q repo
	cd repo
	echo one >a
	echo both >both
	echo file >x
	echo same >same
	dsv add .
	dsv commit -q -m one
	dsv switch -q -c other
	echo two >a
	rm both x
	mkdir x
	echo y >x/y
	echo new >new
	ln -s a link
	dsv add .
	dsv commit -q -m two
	dsv switch -q main
'

short() {
	sed "s/ [0-9a-f]\{8\}\$/ ID/"
}
status() {
	dsv status -s >../status
	same ../status
}

check 'switch BRANCH: files, directories and links follow' '
	[ "$(cat a both x same)" = "one
both
file
same" ]
	[ ! -e new ]
	[ ! -L link ]
	dsv switch other | short >../out
	same ../out <<-\.
	now on branch other, at v2 ID
	.
	[ "$(cat a x/y new same)" = "two
y
new
same" ]
	[ ! -e both ]
	[ "$(readlink link)" = a ]
	status </dev/null
	dsv switch main
	[ -f x ]
	status </dev/null
'

check 'switch: the same branch is nothing new' '
	dsv switch main | short >../out
	same ../out <<-\.
	already on branch main, at v1 ID
	.
'

check 'switch -: back to where it was' '
	expect_status 0 dsv switch - | short >../out
	same ../out <<-\.
	now on branch other, at v2 ID
	.
	dsv switch -q -
	dsv switch -q --detach v1
	dsv switch - | short >../out
	same ../out <<-\.
	now on branch main, at v1 ID
	.
	dsv switch - | short >../out
	same ../out <<-\.
	now on no branch, at v1 ID
	.
	dsv init -q ../fresh
	cd ../fresh
	fails 3 "dsv: there is no previous branch to go back to" dsv switch -
'

check 'switch --create: a new branch, here or there' '
	dsv switch --create exp | short >../out
	same ../out <<-\.
	now on new branch exp, at v1 ID
	.
	dsv switch -c exp2 other | short >../out
	same ../out <<-\.
	now on new branch exp2, at v2 ID
	.
	[ -e x/y ]
	fails 3 "dsv: there is a branch \"exp\" already" dsv switch -c exp
	expect_status 2 dsv switch -c "a b" 2>../err
	expect_status 3 dsv switch -c three nope 2>../err
	[ "$(dsv status | sed -n "1s/, .*//p")" = "on branch exp2" ]
'

check 'switch --create: changes come along' '
	echo mine >a
	echo more >same
	dsv add same
	dsv switch -q -c exp
	status <<-\.
	 M a
	M  same
	.
	[ "$(cat a)" = mine ]
'

check 'switch --create: before the first version' '
	dsv init -q ../fresh
	cd ../fresh
	echo a >a
	dsv add a
	dsv switch -c trunk >../out
	same ../out <<-\.
	now on new branch trunk
	.
	status <<-\.
	A  a
	.
	dsv commit -q -m one
	dsv log --oneline | grep -q "trunk"
	fails 3 "dsv: no branch \"main\"; make it with \"dsv switch -c main\"" \
		dsv switch main
'

check 'switch --detach: at the version of a branch without one' '
	mkdir ../new
	cd ../new
	dsv init -q
	fails 3 "dsv: no version yet on \"main\"; make one with \"dsv add\" and \"dsv commit\"" \
		dsv switch --detach main
'

check 'switch --detach: any version, on no branch' '
	dsv switch --detach other~1 >../out 2>../err
	short <../out >../short
	same ../short <<-\.
	now on no branch, at v1 ID
	.
	same ../err <<-\.
	hint: to commit from here make a branch: "dsv switch -c NAME"
	.
	fails 5 "dsv: HEAD is detached, so the version would be on no branch; make one first with \"dsv switch -c NAME\"" \
		dsv commit --allow-empty -m x
	dsv switch --detach | short >../out
	same ../out <<-\.
	already on no branch, at v1 ID
	.
	dsv switch -q main
	dsv switch --detach other | short >../out
	dsv switch -q main
	dsv switch --detach - | short >>../out
	dsv status | sed -n 1p | short >>../out
	same ../out <<-\.
	now on no branch, at v2 ID
	now on no branch, at v2 ID
	on no branch, at v2 ID
	.
	fails 2 "dsv: \"v1\" is a version, not a branch; look at it with \"dsv switch --detach v1\"" \
		dsv switch v1
	dsv switch -c here
	dsv commit -q --allow-empty -m x
'

check 'switch: a branch that is not there' '
	fails 3 "dsv: no branch \"nope\"; make it with \"dsv switch -c nope\"" \
		dsv switch nope
	fails 3 "dsv: no branch \"othr\"; did you mean \"other\"?" dsv switch othr
	fails 2 "dsv: where to? name a branch; \"dsv branch\" lists them" \
		dsv switch
	fails 2 "dsv: --create and --detach exclude each other" \
		dsv switch -c a --detach
	expect_status 2 dsv switch a b 2>../err
'

check 'switch: changes elsewhere are kept' '
	echo mine >same
	echo note >untracked
	dsv switch -q other
	[ "$(cat same untracked)" = "mine
note" ]
	status <<-\.
	 M same
	?? untracked
	.
'

check 'switch: changes that would be lost stop it, before anything' '
	echo mine >a
	echo mine >x
	fails 5 "dsv: changes would be lost in \"a\", \"x\"; commit or restore them, or give them up with --force" \
		dsv switch other
	[ "$(cat a x both)" = "mine
mine
both" ]
	status <<-\.
	 M a
	 M x
	.
	dsv add a
	dsv restore x
	fails 5 "dsv: changes would be lost in \"a\"; commit or restore them, or give them up with --force" \
		dsv switch other
	status <<-\.
	M  a
	.
'

check 'switch: untracked files in the way stop it, ignored ones too' '
	echo mine >new
	echo new >.dsvignore
	fails 5 "dsv: files that are not tracked are in the way: \"new\"; add or move them, or give them up with --force" \
		dsv switch other
	[ "$(cat new)" = mine ]
	echo mine >a
	fails 5 "dsv: changes would be lost in \"a\", and files that are not tracked are in the way: \"new\"; commit, restore or move them, or use --force" \
		dsv switch other
'

check 'switch: ten are named, the others counted' '
	for i in 01 02 03 04 05 06 07 08 09 10 11 12; do
		echo one >f$i
	done
	dsv add .
	dsv commit -q -m many
	for i in 01 02 03 04 05 06 07 08 09 10 11 12; do
		echo mine >f$i
	done
	fails 5 "dsv: changes would be lost in \"f01\", \"f02\", \"f03\", \"f04\", \"f05\", \"f06\", \"f07\", \"f08\", \"f09\", \"f10\" and 2 more; commit or restore them, or give them up with --force" \
		dsv switch other
'

check 'switch: what is there already is no obstacle' '
	echo two >a
	echo new >new
	rm both
	dsv switch -q other
	status </dev/null
'

check 'switch: an untracked file in a directory that must become a file' '
	dsv switch -q other
	echo mine >x/mine
	fails 5 "dsv: files that are not tracked are in the way: \"x\"; add or move them, or give them up with --force" \
		dsv switch main
	fails 5 "dsv: directories with files that are not tracked are in the way: \"x\"; move them" \
		dsv switch --force main
	[ "$(cat x/mine x/y a)" = "mine
y
two" ]
	rm x/mine
	mkdir x/empty
	rmdir x/empty
	dsv switch -q main
	[ -f x ]
'

check 'switch: an untracked file where a directory must be' '
	rm x
	dsv add x
	dsv commit -q -m "without x"
	echo mine >x
	fails 5 "dsv: files that are not tracked are in the way: \"x\"; add or move them, or give them up with --force" \
		dsv switch other
	[ "$(cat x)" = mine ]
	dsv switch -q --force other
	[ "$(cat x/y)" = y ]
'

check 'switch --force: everything as in the version' '
	echo mine >a
	echo mine >new
	rm same
	echo staged >staged
	dsv add staged
	dsv switch -q --force other
	[ "$(cat a new same x/y)" = "two
new
same
y" ]
	[ ! -e staged ]
	status </dev/null
	echo mine >a
	dsv switch -q -f other
	status </dev/null
'

check 'switch --dry-run: says what would change, changes nothing' '
	find . -type f -exec sha256sum {} + | sort >../before
	dsv switch --dry-run other | short >../out
	same ../out <<-\.
	would write a
	would remove both
	would write link
	would write new
	would remove x
	would write x/y
	would be on branch other, at v2 ID
	.
	echo mine >a
	fails 5 "dsv: changes would be lost in \"a\"; commit or restore them, or give them up with --force" \
		dsv switch -n other
	echo one >a
	dsv switch -n -c three >../out
	find . -type f -exec sha256sum {} + | sort | cmp - ../before
'

check 'switch --json: the files, then where HEAD is' '
	dsv switch --json other | sed "s/\"id\":\"[0-9a-f]*\"/\"id\":\"ID\"/" >../out
	same ../out <<-\.
	{"path":"a","action":"write"}
	{"path":"both","action":"remove"}
	{"path":"link","action":"write"}
	{"path":"new","action":"write"}
	{"path":"x","action":"remove"}
	{"path":"x/y","action":"write"}
	{"branch":"other","created":false,"id":"ID","version":2}
	.
'

check 'switch: a directory that became a link to outside is not followed' '
	dsv switch -q other
	mkdir ../outside
	echo precious >../outside/y
	rm -r x
	ln -s ../outside x
	dsv switch -q main || dsv switch -q --force main
	[ "$(cat ../outside/y)" = precious ]
	rm x
	ln -s ../outside x
	dsv add x
	dsv commit -q -m "x is a link"
	dsv switch -q other
	[ ! -L x ]
	[ "$(cat x/y ../outside/y)" = "y
precious" ]
	dsv switch -q main
	[ "$(readlink x)" = ../outside ]
	[ "$(ls ../outside)" = y ]
	status </dev/null
'

check 'switch: the directory one is in stays' '
	dsv switch -q other
	mkdir -p p/q
	echo deep >p/q/r
	dsv add .
	dsv commit -q -m deep
	cd p/q
	dsv switch -q main
	[ "$(pwd -P)" = "$(realpath .)" ]
	[ ! -e r ]
	dsv switch -q other
	[ "$(cat r)" = deep ]
'

check 'switch: killed at any moment, the rest is done the next time' '
	[ -x "$BUILD/tests/fault" ] || skip "there is no fault runner"
	i=0
	while [ $i -lt 60 ]; do
		echo $i >many$i
		i=$((i + 1))
	done
	dsv add .
	dsv commit -q -m many
	n=1
	while [ $n -lt 2000 ]; do
		rm -rf ../try
		cp -a . ../try
		cd ../try
		"$BUILD/tests/fault" -o ../report -c all kill $n -- \
			dsv switch -q other >../said 2>&1 || :
		grep -q " hit=1 " ../report || break
		dsv status -s >/dev/null
		dsv switch -q other
		dsv status -s >../status
		[ ! -s ../status ] || { echo "killed at $n"; cat ../status; exit 1; }
		[ "$(cat a x/y new same)" = "two
y
new
same" ]
		[ ! -e many7 ]
		cd ../repo
		n=$((n + 41))
	done
	[ $n -gt 300 ]
'

check 'switch: two names that fold to one are allowed where case counts' '
	echo one >Name
	echo two >name
	dsv add .
	dsv commit -q -m case
	dsv switch -q other
	dsv switch -q main
	[ "$(cat Name name)" = "one
two" ]
'

finish
