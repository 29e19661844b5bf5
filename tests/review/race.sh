#!/bin/sh
# Two people decide about one version at the same moment.
. "${0%/*}/../lib.sh"

decide() {	# decide NAME ACT
	got=0
	DSV_USER=$1 command dsv "$2" -m "by $1" >"$1.out" 2>&1 || got=$?
	echo $got >"$1.status"
}

check 'race: of an approval and a rejection one happens, and both are recorded' '
	dsv init -q
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		echo $i >a
		dsv add -q a
		dsv commit -q -m $i
		dsv submit -q
		decide Bob approve &
		decide Eve reject &
		wait
		case $(cat Bob.status)$(cat Eve.status) in
		05) state=approved by=Bob late=Eve act=reject ;;
		50) state=rejected by=Eve late=Bob act=approve ;;
		*) cat Bob.out Eve.out; exit 1 ;;
		esac
		grep -q "too late, and kept as a comment: v$i .* is $state already, by $by" $late.out
		dsv show --json >shown
		grep -q "\"state\":\"$state\"" shown
		grep -q "\"note\":\"by $by\"" shown
		grep -q "\"act\":\"comment\".*\"note\":\"by $late\",\"refused\":\"$act\"" shown
	done
	dsv audit -q
'

check 'race: of two approvals, where two are wanted, both count' '
	dsv init -q
	dsv policy set -q main --approvals 2
	for i in 1 2 3 4 5 6; do
		echo $i >a
		dsv add -q a
		dsv commit -q -m $i
		decide Bob approve &
		decide Eve approve &
		wait
		cat Bob.status Eve.status Bob.out Eve.out | sort >>out
	done
	[ "$(grep -c "is approved\$" out)" = 6 ]
	[ "$(grep -c "is approved by 1 of 2\$" out)" = 6 ]
	[ "$(grep -c "^0\$" out)" = 12 ]
	dsv audit -q
'

check 'race: one person twice at once counts once' '
	dsv init -q
	dsv policy set -q main --approvals 2
	echo 1 >a
	dsv add -q a
	dsv commit -q -m 1
	decide Bob approve &
	(mkdir b && cd b && decide Bob approve) &
	wait
	cat Bob.status b/Bob.status | sort >out
	dsv log --oneline >>out
	same out <<-\.
	0
	5
	v1 16807d45 (HEAD -> main) 1
	.
'

check 'race: a version that is approved while its branch moves on' '
	dsv init -q
	echo 1 >a
	dsv add -q a
	dsv commit -q -m 1
	dsv submit -q
	(for i in 2 3 4 5 6; do echo $i >a; dsv commit -qam $i; done) &
	DSV_USER=Bob dsv approve v1 >out
	wait
	dsv log --oneline v1 >>out
	dsv show --json | grep -o "\"version\":[0-9]*" >>out
	same out <<-\.
	v1 16807d45 is approved
	v1 16807d45 [approved] 1
	"version":6
	.
'

check 'race: who decides all that is pending decides nothing that is decided meanwhile' '
	"$BUILD/tests/fault" -o report kill 0 -- true ||
		skip "no process can be traced here"
	dsv init -q
	dsv track -q t.csv --key id
	printf "id,n\n1,a\n2,b\n3,c\n" >t.csv
	dsv add -q .
	dsv commit -q -m one
	"$BUILD/tests/fault" -o report \
		"pause:DSV_USER=Eve dsv decide -q t.csv reject --key 2 -m no" 1 \
		-- dsv decide t.csv approve --all-pending |
		cut -d " " -f 1,3- >out
	grep -q "hit=1 .* pause=0" report
	dsv cat t.csv --decision rejected >>out
	same out <<-\.
	v1 t.csv: rows: 2 approved
	id,n
	2,b
	.
	dsv audit -q
'

finish
