#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup '
	dsv init -q repo
	cd repo
	mkdir d
	echo one >a
	echo one >d/b
	dsv add .
	dsv commit -q -m one
	echo two >a
	echo two >d/c
	dsv add .
	dsv commit -q -m two
	dsv branch other v1
'

short() {
	sed "s/ [0-9a-f]\{8\}\$/ ID/"
}
status() {
	dsv status -s >../status
	same ../status
}

check 'checkout BRANCH: as switch' '
	dsv checkout other | short >../out
	same ../out <<-\.
	now on branch other, at v1 ID
	.
	[ "$(cat a)" = one ]
	[ ! -e d/c ]
	dsv checkout - | short >../out
	same ../out <<-\.
	now on branch main, at v2 ID
	.
	echo mine >a
	fails 5 "dsv: changes would be lost in \"a\"; commit or restore them, or give them up with --force" \
		dsv checkout other
'

check 'checkout REV: on no branch' '
	dsv checkout v1 2>../err | short >../out
	same ../out <<-\.
	now on no branch, at v1 ID
	.
	dsv status | head -n 1 | short >../out
	same ../out <<-\.
	on no branch, at v1 ID
	.
'

check 'checkout --detach: at the version of a branch, not on it' '
	dsv checkout -q --detach other
	dsv status | head -n 1 | short >../out
	same ../out <<-\.
	on no branch, at v1 ID
	.
	dsv checkout -q main
	dsv checkout -q --detach
	dsv status | head -n 1 | short >../out
	same ../out <<-\.
	on no branch, at v2 ID
	.
'

check 'checkout --branch: a new branch' '
	dsv checkout --branch exp | short >../out
	same ../out <<-\.
	now on new branch exp, at v2 ID
	.
	dsv checkout -b old v1 | short >../out
	same ../out <<-\.
	now on new branch old, at v1 ID
	.
	[ "$(cat a)" = one ]
'

check 'checkout REV PATH: files of a version, staged too' '
	dsv checkout v1 a
	[ "$(cat a)" = one ]
	status <<-\.
	M  a
	.
	dsv checkout v1 -- .
	[ "$(cat d/c)" = two ]
	status <<-\.
	M  a
	.
	[ "$(dsv status | sed -n "1s/, .*//p")" = "on branch main" ]
'

check 'checkout PATH: from the stage' '
	echo mine >a
	rm d/b
	dsv checkout a
	dsv checkout -- d
	[ "$(cat a d/b)" = "two
one" ]
	status </dev/null
'

check 'checkout --force: changes and untracked files go' '
	echo mine >a
	dsv checkout -q --force other
	[ "$(cat a)" = one ]
	echo mine >d/c
	fails 5 "dsv: files that are not tracked are in the way: \"d/c\"; add or move them, or give them up with --force" \
		dsv checkout main
	dsv checkout -q -f main
	[ "$(cat d/c)" = two ]
	status </dev/null
'

check 'checkout --dry-run: says what, changes nothing' '
	dsv checkout --dry-run other | short >../out
	same ../out <<-\.
	would write a
	would remove d/c
	would be on branch other, at v1 ID
	.
	dsv checkout -n v1 a >../out
	same ../out <<-\.
	would write a
	.
	[ "$(cat a)" = two ]
	status </dev/null
'

check 'checkout: links and files take each the place of the other' '
	dsv switch -q -c links
	rm a
	ln -s d a
	dsv add -q .
	dsv commit -q -m link
	dsv checkout -q main
	[ -f a ] && [ ! -L a ]
	dsv checkout -q links
	[ "$(readlink a)" = d ]
	status </dev/null
'

check 'checkout: what is neither a version nor a file' '
	expect_status 3 dsv checkout nope 2>../err
	grep -q "^dsv: .*nope" ../err
	fails 2 "dsv: what? name a branch, a version or files" dsv checkout
	fails 2 "dsv: --branch and --detach do not go with paths: \"a\"" \
		dsv checkout -b x v1 -- a
	fails 3 "dsv: \"d/c\" selects no file of that version" \
		dsv checkout v1 -- d/c
	[ "$(cat d/c)" = two ]
	fails 3 "dsv: \"nope\" selects no tracked file; \"dsv ls\" lists them" \
		dsv checkout -- nope
'

finish
