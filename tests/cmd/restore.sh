#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup '
	dsv init -q repo
	cd repo
	mkdir d
	echo one >a.csv
	echo one >d/b.csv
	echo one >gone.csv
	dsv add .
	dsv commit -q -m one
	echo two >a.csv
	echo two >d/new.csv
	rm gone.csv
	dsv add .
	dsv commit -q -m two
'

status() {
	dsv status -s >../status
	same ../status
}

check 'restore PATH: a changed and a deleted file come back' '
	echo mine >a.csv
	rm -r d
	dsv restore a.csv d >../out
	[ ! -s ../out ]
	[ "$(cat a.csv d/b.csv d/new.csv)" = "two
one
two" ]
	status </dev/null
'

check 'restore: from the stage, not from the version' '
	echo staged >a.csv
	dsv add a.csv
	echo mine >a.csv
	dsv restore a.csv
	[ "$(cat a.csv)" = staged ]
	status <<-\.
	M  a.csv
	.
'

check 'restore --staged: the next version is as the last one again' '
	echo mine >a.csv
	echo new >new.csv
	rm d/b.csv
	dsv add .
	dsv restore --staged .
	[ "$(cat a.csv)" = mine ]
	status <<-\.
	 M a.csv
	 D d/b.csv
	?? new.csv
	.
	dsv add a.csv
	dsv restore -S a.csv
	[ "$(dsv status -s a.csv)" = " M a.csv" ]
'

check 'restore --staged: before the first version' '
	dsv init -q ../fresh
	cd ../fresh
	echo a >a
	dsv add a
	dsv restore --staged a
	status <<-\.
	?? a
	.
'

check 'restore --source: the working tree as it was, the stage stays' '
	dsv restore --source v1 .
	[ "$(cat a.csv gone.csv)" = "one
one" ]
	[ ! -e d/new.csv ]
	status <<-\.
	 M a.csv
	 D d/new.csv
	?? gone.csv
	.
	dsv restore .
	rm gone.csv
	status </dev/null
'

check 'restore --source --staged: the stage as it was' '
	dsv restore -s v1 --staged .
	[ "$(cat a.csv)" = two ]
	status <<-\.
	MM a.csv
	D  d/new.csv
	?? d/new.csv
	AD gone.csv
	.
' 

check 'restore --worktree: with --staged, both' '
	dsv restore --source v1 --staged --worktree .
	[ "$(cat a.csv gone.csv)" = "one
one" ]
	status <<-\.
	M  a.csv
	D  d/new.csv
	A  gone.csv
	.
	dsv restore -S -W .
	status </dev/null
	[ "$(cat a.csv)" = two ]
	[ ! -e gone.csv ]
'

check 'restore --force: a file that is not tracked stays unless it is said' '
	echo mine >gone.csv
	fails 5 "dsv: files that are not tracked are in the way: \"gone.csv\"; add or move them, or give them up with --force" \
		dsv restore --source v1 .
	[ "$(cat gone.csv)" = mine ]
	[ "$(cat a.csv)" = two ]
	dsv restore --source v1 --force .
	[ "$(cat gone.csv)" = one ]
'

check 'restore --dry-run: says what, changes nothing' '
	echo mine >a.csv
	rm d/b.csv
	dsv restore --dry-run . >../out
	same ../out <<-\.
	would write a.csv
	would write d/b.csv
	.
	dsv restore -n --source v1 . >../out
	same ../out <<-\.
	would write a.csv
	would write d/b.csv
	would remove d/new.csv
	would write gone.csv
	.
	dsv restore -n --staged --source v1 . >../out
	same ../out <<-\.
	would stage a.csv
	would stage d/new.csv
	would stage gone.csv
	.
	status <<-\.
	 M a.csv
	 D d/b.csv
	.
'

check 'restore: -v and --json say what was done' '
	echo mine >a.csv
	dsv restore -v . >../out
	same ../out <<-\.
	write a.csv
	.
	echo mine >a.csv
	dsv restore --json --source v1 a.csv d >../out
	same ../out <<-\.
	{"path":"a.csv","action":"write"}
	{"path":"d/new.csv","action":"remove"}
	.
'

check 'restore --dataset: only the files of that dataset' '
	echo "d/* dataset=labels" >.dsvattributes
	echo mine >a.csv
	echo mine >d/b.csv
	dsv restore --dataset labels
	status <<-\.
	?? .dsvattributes
	 M a.csv
	.
	fails 3 "dsv: no file is in the dataset \"nope\"; \"dsv track\" lists what there is" \
		dsv restore --dataset nope
'

check 'restore --component: only files of that type' '
	echo "d/* component=data" >.dsvattributes
	echo mine >a.csv
	echo mine >d/b.csv
	dsv restore --component data
	[ "$(cat a.csv d/b.csv)" = "mine
one" ]
'

check 'restore: what is named must be there' '
	fails 2 "dsv: what? name files or directories; \".\" is all of this one" \
		dsv restore
	fails 3 "dsv: \"nope\" selects no tracked file; \"dsv ls\" lists them" \
		dsv restore nope
	fails 3 "dsv: \"gone.csv\" selects no tracked file; \"dsv ls\" lists them" \
		dsv restore gone.csv
	expect_status 3 dsv restore --source nope a.csv 2>../err
	grep -q "^dsv: .*nope" ../err
	fails 2 "dsv: \"../x\" is outside the working tree \"$PWD\"" \
		dsv restore ../x
	dsv restore a.csv "*.csv"
'

check 'restore: a directory that became a file, and the reverse' '
	rm -r d a.csv
	echo mine >d
	mkdir a.csv
	dsv restore a.csv
	[ "$(cat a.csv)" = two ]
	fails 5 "dsv: files that are not tracked are in the way: \"d\"; add or move them, or give them up with --force" \
		dsv restore d
	dsv restore -f d
	[ "$(cat d/b.csv)" = one ]
	status </dev/null
'

check 'restore: a directory with untracked files is never removed' '
	rm a.csv
	mkdir a.csv
	echo mine >a.csv/mine
	fails 5 "dsv: files that are not tracked are in the way: \"a.csv\"; add or move them, or give them up with --force" \
		dsv restore a.csv
	fails 5 "dsv: directories with files that are not tracked are in the way: \"a.csv\"; move them" \
		dsv restore --force a.csv
	[ "$(cat a.csv/mine)" = mine ]
'

check 'restore: never writes through a symbolic link' '
	mkdir ../outside
	rm -r d
	ln -s ../outside d
	fails 5 "dsv: files that are not tracked are in the way: \"d\"; add or move them, or give them up with --force" \
		dsv restore .
	[ "$(ls -A ../outside)" = "" ]
	dsv restore --force .
	[ ! -L d ]
	[ "$(cat d/b.csv)" = one ]
	[ "$(ls -A ../outside)" = "" ]
'

check 'restore: a link is replaced, not followed' '
	echo precious >../precious
	rm a.csv
	ln -s ../precious a.csv
	dsv restore a.csv
	[ ! -L a.csv ]
	[ "$(cat a.csv ../precious)" = "two
precious" ]
'

check 'restore: keeps hard links and modes of others out of it' '
	ln a.csv ../twin
	echo mine >a.csv
	[ "$(cat ../twin)" = mine ]
	dsv restore a.csv
	[ "$(cat ../twin a.csv)" = "mine
two" ]
'

check 'restore: respects the umask' '
	rm a.csv d/b.csv
	(umask 077 && dsv restore a.csv)
	(umask 002 && dsv restore d)
	[ "$(stat -c %a a.csv d/b.csv)" = "600
664" ]
'

check 'restore: an unreadable or read-only directory is an error' '
	rm d/b.csv
	chmod -R a+rwX .
	chmod 755 ..
	dsv config set --user safe.directory "$PWD"
	[ "$(id -u)" != 0 ] || chown -R 65534 .
	chmod -R a+rX "$HOME"
	chmod 555 d
	expect_status 4 unprivileged dsv restore . 2>../err
	chmod 755 d
	same ../err <<-\.
	dsv: cannot write "d/b.csv": cannot make a temporary file: Permission denied
	.
	unprivileged dsv restore .
	[ "$(cat d/b.csv)" = one ]
	[ "$(id -u)" != 0 ] || chown -R 0 .
	rm -r "$HOME/.config"
'

check 'restore: a large file, and the cache that follows it' '
	head -c 5000000 /dev/urandom >big
	dsv add big
	dsv commit -q -m big
	sha256sum big >../sum
	rm big
	dsv restore big
	sha256sum -c ../sum
	command -v strace >/dev/null || exit 0
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=open,openat,openat2 -o ../trace dsv status -s
	not grep "\"big\"" ../trace
'

finish
