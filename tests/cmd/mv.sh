#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup '
	dsv init -q repo
	cd repo
	mkdir d
	echo a >a.csv
	echo b >b.csv
	echo c >d/c.csv
	dsv add .
	dsv commit -q -m one
'

status() {
	dsv status -s >../status
	same ../status
}

check 'mv: a file gets another name' '
	dsv mv a.csv x.csv >../out
	[ ! -s ../out ]
	[ "$(cat x.csv)" = a ]
	status <<-\.
	R  a.csv -> x.csv
	.
	dsv mv -v x.csv new/deep/y.csv >../out
	same ../out <<-\.
	rename x.csv -> new/deep/y.csv
	.
	[ "$(cat new/deep/y.csv)" = a ]
'

check 'mv: into a directory, several too' '
	dsv mv a.csv b.csv d
	[ "$(ls d)" = "a.csv
b.csv
c.csv" ]
	status <<-\.
	R  a.csv -> d/a.csv
	R  b.csv -> d/b.csv
	.
	dsv mv d/a.csv .
	[ -e a.csv ]
	(cd d && dsv mv b.csv ..)
	status </dev/null
'

check 'mv: a directory, with what is not tracked in it' '
	echo mine >d/mine
	echo more >>d/c.csv
	dsv mv d e
	[ "$(cat e/mine e/c.csv)" = "mine
c
more" ]
	status <<-\.
	RM d/c.csv -> e/c.csv
	?? e/mine
	.
	mkdir f
	dsv mv e f
	[ -e f/e/mine ]
'

check 'mv: a changed file stays changed' '
	echo more >>a.csv
	dsv mv a.csv x.csv
	status <<-\.
	RM a.csv -> x.csv
	.
	dsv restore x.csv
	[ "$(cat x.csv)" = a ]
'

check 'mv: the file is not read again' '
	command -v strace >/dev/null || skip "there is no strace"
	sleep 0.1
	dsv add .
	dsv mv a.csv x.csv
	sleep 0.1
	dsv mv d e
	dsv add .
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=open,openat,openat2 -o ../trace dsv status -s
	not grep "c.csv\"" ../trace
'

check 'mv --force: replaces a file' '
	fails 3 "dsv: \"b.csv\" is there already; --force replaces it" \
		dsv mv a.csv b.csv
	[ "$(cat b.csv)" = b ]
	dsv mv --force a.csv b.csv
	[ "$(cat b.csv)" = a ]
	status <<-\.
	D  a.csv
	M  b.csv
	.
	echo mine >mine
	fails 3 "dsv: \"mine\" is there already; --force replaces it" \
		dsv mv b.csv mine
	dsv mv -f b.csv mine
	[ "$(cat mine)" = a ]
	dsv mv mine d
	fails 2 "dsv: \"d\" cannot be moved into itself" dsv mv -f d d
'

check 'mv --dry-run: says what, renames nothing' '
	dsv mv --dry-run a.csv b.csv d >../out
	same ../out <<-\.
	would rename a.csv -> d/a.csv
	would rename b.csv -> d/b.csv
	.
	dsv mv -n --json a.csv x >../out
	same ../out <<-\.
	{"from":"a.csv","to":"x"}
	.
	[ -e a.csv ]
	status </dev/null
'

check 'mv: what cannot be' '
	echo x >untracked
	fails 3 "dsv: \"untracked\" is not tracked; \"dsv add\" it first" \
		dsv mv untracked y
	fails 3 "dsv: \"nope\" is not tracked; \"dsv add\" it first" \
		dsv mv nope y
	fails 3 "dsv: there is no directory \"nope\" to move into" \
		dsv mv a.csv b.csv nope
	fails 3 "dsv: there is no directory \"nope/\" to move into" \
		dsv mv a.csv nope/
	fails 2 "dsv: \"d\" cannot be moved into itself" dsv mv d d/x
	fails 2 "dsv: the root of the working tree cannot be moved" dsv mv . d
	fails 3 "dsv: \"a.csv\" is there already" dsv mv a.csv ./a.csv
	fails 2 "dsv: \"../x\" is outside the working tree \"$PWD\"" \
		dsv mv a.csv ../x
	mkdir e
	cp d/c.csv e
	dsv add e
	mkdir f
	fails 2 "dsv: \"d/c.csv\" and \"e/c.csv\" would both become \"f/c.csv\"" \
		dsv mv d/c.csv e/c.csv f
	[ -e d/c.csv ]
	rm b.csv
	fails 3 "dsv: \"b.csv\" is not in the working tree; \"dsv restore\" brings it back" \
		dsv mv b.csv z
	expect_status 2 dsv mv a.csv 2>../err
'

check 'mv: never through a symbolic link' '
	mkdir ../outside
	ln -s ../outside out
	fails 5 "dsv: \"out\" is beyond a symbolic link" dsv mv a.csv out/x
	[ "$(ls -A ../outside)" = "" ]
	[ -e a.csv ]
	status <<-\.
	?? out
	.
'

check 'mv: if one rename fails, those before it are undone' '
	[ "$(id -u)" = 0 ] || skip "needs files of another user"
	mkdir closed
	echo x >closed/x
	mkdir to
	dsv add .
	dsv commit -q -m two
	dsv config set --user safe.directory "$PWD"
	chmod -R a+rX "$HOME"
	chmod 755 ..
	chown -R 65534 .
	chmod 555 closed
	expect_status 4 unprivileged dsv mv a.csv closed/x to 2>../err
	chown -R 0 .
	same ../err <<-\.
	dsv: cannot rename "closed/x" to "to/x": Permission denied
	.
	[ -e a.csv ]
	status </dev/null
'

finish
