#!/bin/sh
# Files that change, vanish or cannot be read while they are added.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

FAULT=$BUILD/tests/fault
DSV_THREADS=1
export DSV_THREADS

# at_each DO OK STATUS...: for every few calls of "dsv add .", run the shell
# command DO while it stands still; it must end with one of the statuses, and
# afterwards the shell command OK must succeed.
at_each() {
	n=1
	tried=0
	while :; do
		rm -rf .dsv
		cp -a ../kept .dsv
		rm -f data.csv
		cp -p ../data.csv .
		got=0
		"$FAULT" -o ../report -c all "pause:$1" $n -- \
			dsv add -q . >../said 2>&1 || got=$?
		grep -q " hit=1 " ../report || break
		case " $3 " in
		*" $got "*) ;;
		*)	echo "status $got after \"$1\" at call $n"
			cat ../said
			return 1 ;;
		esac
		[ $got = 0 ] || grep -q "data.csv" ../said
		dsv fsck -q
		eval "$2"
		tried=$((tried + 1))
		n=$((n + 7))
	done
	[ $tried -gt 10 ]
}

begin() {
	dsv init -q
	echo other >other.csv
	cp -a .dsv ../kept
	seq 1 30000 >data.csv
	seq 1 30005 >../longer.csv
	cp -p data.csv ../data.csv
}

# What was staged, after a commit, is one of the two contents.
one_of_two() {
	dsv commit -q --allow-empty -m x
	dsv ls HEAD | grep -q data.csv || return 0
	dsv cat HEAD:data.csv >../stored
	cmp -s ../stored ../data.csv || cmp ../stored ../longer.csv
}

check 'a file that vanishes while it is added' '
	mkdir repo
	cd repo
	begin
	at_each "rm -f data.csv" one_of_two "0 3"
'

check 'a file that grows while it is added is taken as one or the other' '
	mkdir repo
	cd repo
	begin
	at_each "seq 30001 30005 >>data.csv" one_of_two "0 3"
'

check 'a file that never holds still is refused by name' '
	dsv init -q
	seq 1 3000000 >data.csv
	while :; do echo more >>data.csv; done &
	writer=$!
	got=0
	dsv add data.csv 2>err || got=$?
	kill $writer
	[ $got = 3 ]
	same err <<-\.
	dsv: "data.csv" kept changing while it was read; try again when nothing writes to it
	.
	dsv add data.csv
	dsv commit -q -m x
	dsv cat HEAD:data.csv | cmp - data.csv
'

check 'a file that cannot be read is refused by name, and nothing is added' '
	chmod 777 .
	[ "$(id -u)" != 0 ] || chown 65534 .
	unprivileged dsv init -q
	echo a >open.csv
	echo b >closed.csv
	chmod 000 closed.csv
	[ "$(id -u)" != 0 ] || chown 65534 closed.csv
	expect_status 4 unprivileged dsv add . 2>err
	same err <<-\.
	dsv: cannot open "closed.csv": Permission denied
	.
	unprivileged dsv status --json >out
	not grep "\"staged\":\"" out
	rm -f closed.csv
	unprivileged dsv add .
	unprivileged dsv commit -q -m x
	[ "$(id -u)" != 0 ] || chown -R 0 .
'

finish
