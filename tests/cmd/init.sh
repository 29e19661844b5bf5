#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

check 'init: a repository in this directory, on branch main' '
	dsv init >out
	echo "new repository in $PWD, on branch main" >want
	same out <want
	[ -d .dsv ]
	dsv status >out
	same out <<-\.
	on branch main, no version yet

	not tracked ("dsv add PATH" takes it in)
	  out
	  want

	nothing added to commit
	.
'

check 'init DIR: makes the directory and those above it' '
	dsv init -q a/b/c
	[ -d a/b/c/.dsv ]
	dsv -C a/b/c status >out
	grep -qx "on branch main, no version yet" out
	dsv init -q "$PWD/with space"
	[ -d "with space/.dsv" ]
'

check 'init --branch: the first branch has that name' '
	dsv init -q --branch trunk
	dsv status >out
	grep -qx "on branch trunk, no version yet" out
	dsv init -q -b other two
	dsv -C two status >out
	grep -qx "on branch other, no version yet" out
'

check 'init: the name of the first branch can be configured' '
	dsv config set --user init.defaultBranch trunk
	dsv init -q
	dsv status >out
	rm -r "$HOME/.config"
	grep -qx "on branch trunk, no version yet" out
'

check 'init: a bad name for the branch makes nothing' '
	for name in "" "a b" "a..b" HEAD v12 /x x/ beef; do
		fails 2 "dsv: \"$name\" cannot name a branch; see dsv-revisions(7)" \
			dsv init -b "$name"
		[ ! -e .dsv ]
	done
'

check 'init: a second time changes nothing, and says so' '
	dsv init -q
	cp -a .dsv ../kept
	fails 3 "dsv: \"$PWD\" is a repository already; nothing was changed" \
		dsv init -b other
	diff -r .dsv ../kept
'

check 'init: inside another repository is allowed, and said' '
	dsv init -q
	dsv init inner >out 2>err
	echo "note: it is inside the repository \"$PWD\", which will leave it alone" \
		>want
	same err <want
	[ -d inner/.dsv ]
'

check 'init: where nothing may be written' '
	mkdir closed
	chmod 555 closed
	chmod 755 .
	[ "$(id -u)" != 0 ] || chown 65534 closed
	expect_status 4 unprivileged dsv init "$PWD/closed" 2>err
	grep -q "^dsv: cannot make a repository in \"$PWD/closed\": Permission denied$" err
	[ ! -e closed/.dsv ]
	echo file >plain
	fails 3 "dsv: cannot make directory \"plain/x\": Not a directory" \
		dsv init plain/x
'

check 'init: the event that began it all' '
	dsv init -q
	[ "$(dsv fsck)" = "$(dsv fsck | grep "0 versions, 0 files, 1 event;")" ]
'

check 'init --json: where, and on which branch' '
	dsv init --json >out
	echo "{\"root\":\"$PWD\",\"branch\":\"main\"}" >want
	same out <want
'

finish
