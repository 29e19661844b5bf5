#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup '
	dsv init -q repo
	cd repo
	mkdir -p d/e
	echo a >a.csv
	echo b >d/b.csv
	echo c >d/e/c.csv
	echo k >keep
	dsv add .
	dsv commit -q -m one
'

status() {
	dsv status -s >../status
	same ../status
}

check 'rm PATH: out of the next version and the working tree' '
	dsv rm a.csv >../out
	[ ! -s ../out ]
	[ ! -e a.csv ]
	status <<-\.
	D  a.csv
	.
	dsv rm -v "*.csv" >../out
	same ../out <<-\.
	remove d/b.csv
	remove d/e/c.csv
	.
	[ ! -e d ]
	dsv commit -q -m two
	dsv ls >../out
	same ../out <<-\.
	keep
	.
'

check 'rm --recursive: directories, and those that are left empty' '
	fails 5 "dsv: \"d\" is a directory; --recursive removes what is in it" \
		dsv rm d
	echo mine >d/mine
	dsv rm --recursive d
	[ ! -e d/e ]
	[ "$(cat d/mine)" = mine ]
	status <<-\.
	?? d/
	D  d/b.csv
	D  d/e/c.csv
	.
	dsv rm -r .
	[ "$(ls)" = d ]
'

check 'rm --cached: the file stays' '
	dsv rm --cached a.csv
	[ "$(cat a.csv)" = a ]
	status <<-\.
	D  a.csv
	?? a.csv
	.
	echo more >>keep
	dsv rm --cached keep
	[ -e keep ]
'

check 'rm --force: changes that are in no version' '
	echo more >>a.csv
	echo more >>d/b.csv
	dsv add d/b.csv
	echo new >new.csv
	dsv add new.csv
	fails 5 "dsv: changes would be lost in \"a.csv\", \"d/b.csv\", \"new.csv\"; commit them, keep the file with --cached, or give them up with --force" \
		dsv rm a.csv d/b.csv d/e/c.csv new.csv
	[ -e d/e/c.csv ]
	dsv rm --force a.csv d/b.csv new.csv
	[ ! -e a.csv ]
	[ ! -e new.csv ]
	status <<-\.
	D  a.csv
	D  d/b.csv
	.
'

check 'rm --cached: what is only in the stage is not dropped unasked' '
	echo staged >>a.csv
	dsv add a.csv
	echo work >>a.csv
	expect_status 5 dsv rm --cached a.csv 2>../err
	dsv rm --cached -f a.csv
	[ "$(cat a.csv)" = "a
staged
work" ]
'

check 'rm --dry-run: says what, removes nothing' '
	dsv rm --dry-run -r a.csv d >../out
	same ../out <<-\.
	would remove a.csv
	would remove d/b.csv
	would remove d/e/c.csv
	.
	status </dev/null
	dsv rm -n --json a.csv >../out
	same ../out <<-\.
	{"path":"a.csv","from_work":true}
	.
'

check 'rm: what is gone already, or was never there' '
	rm a.csv
	dsv rm a.csv
	status <<-\.
	D  a.csv
	.
	echo x >untracked
	fails 3 "dsv: \"untracked\" selects no tracked file; \"dsv ls\" lists them" \
		dsv rm untracked
	fails 3 "dsv: \"nope\" selects no tracked file; \"dsv ls\" lists them" \
		dsv rm keep nope
	[ -e keep ]
	expect_status 2 dsv rm 2>../err
	fails 2 "dsv: \"../x\" is outside the working tree \"$PWD\"" dsv rm ../x
'

check 'rm: a directory that became a link is not entered' '
	mkdir -p ../outside/e
	echo precious >../outside/b.csv
	echo precious >../outside/e/c.csv
	rm -r d
	ln -s ../outside d
	dsv rm -r d
	[ "$(cat ../outside/b.csv)" = precious ]
	[ -L d ]
'

check 'rm: the directory one is in stays' '
	cd d/e
	dsv rm c.csv
	[ "$(pwd -P)" = "$(realpath .)" ]
'

finish
