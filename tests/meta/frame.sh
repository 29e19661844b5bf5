#!/bin/sh
# What main does for every command: the terminal, pipes, signals, waiting.
. "${0%/*}/../lib.sh"

# on_terminal LINE: run it with a terminal as standard output and error.
on_terminal() {
	command -v script >/dev/null || skip 'no script(1)'
	TERM=xterm script -qec "$1" /dev/null </dev/null | tr -d '\r'
}

setup '
	dsv init -q
	echo a,b >t.csv
	dsv add -q .
	dsv commit -q -m one
'

check 'pager: what pages goes through it, on a terminal only' '
	DSV_PAGER="sed s/^/paged:/"
	export DSV_PAGER
	dsv log --oneline >plain
	grep -q "^v1 .* one\$" plain
	on_terminal "dsv log --oneline --color never" >out
	sed s/^/paged:/ plain | same out
	on_terminal "dsv --no-pager log --oneline --color never" >out
	same out <plain
	on_terminal "dsv version" >out
	dsv version | same out
'

check 'pager: its end is not the end of the world' '
	DSV_PAGER="head -c 1"
	export DSV_PAGER
	on_terminal "dsv log; echo status=\$?" >out
	grep -q status=0 out
	DSV_PAGER=no-such-pager
	on_terminal "dsv log --oneline --color never" >out
	grep -q "no-such-pager.*not found" out
'

check 'colour: on a terminal, unless it is dumb or NO_COLOR says no' '
	esc=$(printf "\033\\[")
	DSV_PAGER=
	export DSV_PAGER
	on_terminal "dsv log" >out
	grep -q "$esc" out
	NO_COLOR=1 on_terminal "dsv log" >out
	not grep -q "$esc" out
	on_terminal "TERM=dumb dsv log" >out
	not grep -q "$esc" out
	on_terminal "dsv --json log" >out
	not grep -q "$esc" out
	dsv log >out
	not grep -q "$esc" out
'

check 'a closed pipe ends a command in silence' '
	{ dsv log 2>err; echo $? >status; } | :
	same status <<-\.
	0
	.
	[ ! -s err ]
'

# Somebody who holds the lock for writing until the file "go" is there.
hold() {
	flock .dsv/locks/write sh -c \
		"touch held; while [ ! -e go ]; do sleep 0.05; done" &
	while [ ! -e held ]; do
		sleep 0.05
	done
}

check '--wait: a writer waits, and says for how long it did in vain' '
	hold
	expect_status 7 dsv tag --wait 0 t1 2>err
	[ "$(wc -l <err)" = 1 ]
	(sleep 0.3; touch go) &
	dsv tag -q --wait 20 t2
	wait
	dsv tag >out
	grep -q t2 out
'

check 'signals: 128 and the number, one line, nothing done' '
	for signal in INT:130 TERM:143 HUP:129; do
		rm -f held go
		hold
		holder=$!
		# A background job of sh ignores SIGINT; env does not.
		env --default-signal=INT dsv tag --wait 20 t1 2>err &
		sleep 0.3
		kill -${signal%:*} $!
		status=0
		wait $! || status=$?
		touch go
		wait $holder
		[ $status = ${signal#*:} ]
		same err <<-\.
		dsv: interrupted
		.
		dsv tag >out
		[ ! -s out ]
	done
'

check 'readers do not wait for a writer' '
	hold
	dsv --wait 0 log >out
	dsv --wait 0 cat HEAD:t.csv >out
	touch go
	wait
	same out <<-\.
	a,b
	.
'

check '-C and a repository found from below' '
	mkdir -p deep/er
	dsv -C deep/er cat HEAD:t.csv >out
	same out <<-\.
	a,b
	.
	cd deep/er
	dsv status >../../out
	cd ../..
	[ -s out ]
'

check 'not a repository: one line, status 3' '
	mkdir "$T/elsewhere"
	cd "$T/elsewhere"
	expect_status 3 dsv status >out 2>err
	[ ! -s out ]
	grep -q "^dsv: not a dsv repository.*\"dsv init\"" err
	[ "$(wc -l <err)" = 1 ]
'

check 'standard input, output and error may be closed' '
	dsv status <&- >out
	expect_status 3 dsv log >&-
	dsv status 2>&-
	dsv fsck -q
'

finish
