#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

# main: v1 (tag q1), v2; exp, from v1: v2, v3, where u.csv is its own.
cat >"$SHARED/make" <<'END'
dsv init -q
mkdir d
seq 1 60000 >t.csv
echo text >d/x
dsv add -q .
dsv commit -q -m one --tag q1
dsv switch -q -c exp
seq 5 60000 >t.csv
seq 300000 340000 >u.csv
echo more >d/y
dsv add -q .
dsv commit -q -m two
echo other >d/y
dsv commit -q -a -m three
dsv switch -q main
echo 60001 >>t.csv
dsv commit -q -a -m two
END
setup '. "$SHARED/make"'

# field NAME KEY FILE: a number of the line about NAME.
field() {
	grep -F "$1" "$3" | sed -E "s/.*\"$2\":([0-9]+).*/\\1/"
}
# The table without its numbers.
table() {
	sed -E "s/ *[0-9.]+ [kM]?B/ N/g; s/ +/ /g; s/^ //"
}
# near A B [PERCENT]: less than 2 % apart, or as much as that.
near() {
	awk -v a="$1" -v b="$2" -v most="${3-2}" "BEGIN {
		d = a > b ? a - b : b - a
		exit d > b * most / 100 }" || { echo "$1 is not $2"; return 1; }
}

check 'du: a line for each branch, and a total' '
	dsv du >out
	table <out >said
	same said <<-\.
	logical stored shared unique branch
	N N N N exp
	N N N N main
	N N N N total
	.
	dsv du --by branch | same out
'

check 'du --by: logical is the bytes of the files in all versions' '
	for v in v1 v2 exp~1 exp; do
		dsv ls -r $v | while read -r path; do
			dsv cat $v:$path
		done | wc -c >$T/n.$v
	done
	v1=$(cat $T/n.v1) v2=$(cat $T/n.v2)
	e2=$(cat $T/n.exp~1) e3=$(cat $T/n.exp)
	dsv du --json >out
	[ "$(field "\"main\"" logical out)" = $((v1 + v2)) ]
	[ "$(field "\"exp\"" logical out)" = $((v1 + e2 + e3)) ]
	[ "$(field "\"total\"" logical out)" = $((v1 + v2 + e2 + e3)) ]
	dsv du --by version --json exp >out
	[ "$(field "\"version\":3" logical out)" = "$e3" ]
	[ "$(field "\"total\"" logical out)" = $((v1 + e2 + e3)) ]
	dsv du --by path --json exp >out
	[ "$(field "\"total\"" logical out)" = $((v1 + e2 + e3)) ]
	[ "$(field "\"d/y\"" logical out)" = 11 ]
	[ "$(field "\"d/x\"" logical out)" = 15 ]
'

check 'du: unique is what gc drops when the branch is deleted' '
	dsv gc -q --now
	dsv du --json >before
	dsv branch -q -d -f exp
	dsv gc --now --json >gc
	[ "$(field "\"exp\"" unique_objects before)" = \
		"$(field dry_run dropped_objects gc)" ]
	# What was packed together compresses less without the rest.
	near "$(field "\"exp\"" unique before)" \
		$(($(field dry_run size_before gc) - \
		$(field dry_run size_after gc))) 25
	dsv du --json >after
	near "$(field "\"main\"" stored after)" \
		"$(field "\"main\"" stored before)" 25
	[ "$(field "\"total\"" objects after)" = \
		$(($(field "\"total\"" objects before) - \
		$(field "\"exp\"" unique_objects before))) ]
'

check 'du --by tag: unique is what gc drops when the tag is deleted' '
	dsv tag -q best exp
	dsv branch -q -d -f exp
	dsv du --by tag --json >before
	[ "$(field "\"q1\"" unique_objects before)" = 0 ]
	[ "$(field "\"best\"" shared before)" = \
		"$(field "\"q1\"" shared before)" ]
	dsv tag -q -d best
	dsv gc -n --json >gc
	[ "$(field "\"best\"" unique_objects before)" = \
		"$(field dry_run dropped_objects gc)" ]
	[ "$(field dry_run dropped_versions gc)" = 2 ]
'

check 'du: a delta whose base is elsewhere keeps that' '
	dsv switch -q exp
	dsv switch -q -c side main
	sed -i "s/^77\$/seventy-seven/" t.csv
	dsv commit -q -a -m side
	dsv switch -q main
	for branch in exp side; do
		dsv du --json >before
		cp -a . "$T/copy"
		dsv -C "$T/copy" branch -q -d -f $branch
		dsv -C "$T/copy" gc -n --json >gc
		rm -rf "$T/copy"
		[ "$(field "\"$branch\"" unique_objects before)" = \
			"$(field dry_run dropped_objects gc)" ]
	done
'

check 'du: of many branches that share this and that, each is right' '
	for n in 1 2 3 4 5 6; do
		dsv switch -q -c b$n $([ $n -gt 3 ] && echo b$((n - 2))~1 ||
			echo main)
		i=0
		while [ $i -lt $n ]; do
			i=$((i + 1))
			sed -i "$((i * 9173 % 60000))s/\$/ $((n % 4))/" t.csv
			seq $((n % 3)) $((i * 400)) >d/f$i
			[ $i != 3 ] || dsv cat v1:d/x >d/x$n
			dsv add -q .
			dsv commit -q -m "$n.$i"
		done
		[ $((n % 2)) = 0 ] || dsv tag -q t$n HEAD~0
	done
	dsv switch -q main
	dsv branch -q -d -f b5
	dsv du --json >branches
	dsv du --by tag --json >tags
	for ref in b2 b4 b6 exp t1 t5; do
		rm -rf "$T/copy"
		cp -a . "$T/copy"
		case $ref in
		t*)	file=tags; dsv -C "$T/copy" tag -q -d $ref ;;
		*)	file=branches; dsv -C "$T/copy" branch -q -d -f $ref ;;
		esac
		dsv -C "$T/copy" gc -n --json >gc
		[ "$(field "\"$ref\"" unique_objects $file)" = \
			"$(field dry_run dropped_objects gc)" ] || {
			echo $ref >&2
			exit 1
		}
		echo "$(field dry_run dropped_objects gc)"
	done >dropped
	rm -rf "$T/copy"
	[ "$(grep -cvx 0 dropped)" = 5 ]
'

check 'du --by version: what only the newest has goes with it' '
	dsv du --by version --json exp >before
	dsv branch -q new exp~1
	dsv branch -q -d -f exp
	dsv gc -n --json >gc
	[ "$(field "\"version\":3" unique_objects before)" = \
		"$(field dry_run dropped_objects gc)" ]
	dsv du --by version new >out
	table <out | sed "s/\(v[12]\) .*/\1/" >said
	same said <<-\.
	logical stored shared unique version
	N N N N v2
	N N N N v1
	N N N N total
	.
'

check 'du --by path: what a path was, and what is staged there' '
	dsv du --by path --json exp >out
	[ "$(field "\"u.csv\"" unique out)" = "$(field "\"u.csv\"" stored out)" ]
	[ "$(field "\"d/x\"" shared out)" = 0 ]
	dsv cat exp:u.csv >v.csv
	dsv add -q v.csv
	dsv du --by path --json exp >out
	[ "$(field "\"u.csv\"" unique out)" = 0 ]
	not grep "\"v.csv\"" out
	dsv commit -q -m "the same bytes again"
	dsv du --by path --json >out
	[ "$(field "\"v.csv\"" unique out)" = 0 ]
	dsv branch -q -d -f exp
	dsv du --by path --json >out
	[ "$(field "\"v.csv\"" unique out)" = \
		"$(field "\"v.csv\"" stored out)" ]
'

check 'du REV PATH: only those, and their versions' '
	dsv du exp -- d >out
	table <out >said
	same said <<-\.
	logical stored shared unique path
	N N N N d/x
	N N N N d/y
	N N N N total
	.
	dsv du --json q1..exp -- "*.csv" >out
	cut -d, -f1-2 out >said
	same said <<-\.
	{"by":"path","path":"t.csv"
	{"by":"path","path":"u.csv"
	{"by":"total","logical":1257786
	.
'

check 'du: show says the same of one file' '
	dsv switch -q --detach q1
	dsv du --json q1 -- t.csv >out
	dsv show --json q1:t.csv >shown
	[ "$(field "\"t.csv\"" stored out)" = \
		"$(field "\"t.csv\"" stored shown)" ]
'

check 'du --depth: directories, with what is below' '
	dsv du --depth 1 --json exp >out
	cut -d, -f1-2 out >said
	same said <<-\.
	{"by":"path","path":"d/"
	{"by":"path","path":"t.csv"
	{"by":"path","path":"u.csv"
	{"by":"total","logical":1606706
	.
	dsv du --json exp >all
	[ "$(field "\"d/\"" logical out)" = $((\
		$(field "\"d/x\"" logical all) + \
		$(field "\"d/y\"" logical all))) ]
'

check 'du: stored adds up to what the files of the store are' '
	dsv gc -q --now
	dsv du --json >out
	find .dsv/objects -type f -exec cat {} + | wc -c >size
	near "$(field "\"total\"" stored out)" $(($(cat size) - 900))
'

check 'du: nothing there yet' '
	mkdir new
	cd new
	dsv init -q
	dsv du >out
	same out <<-\.
	logical  stored  shared  unique  branch
	    0 B     0 B     0 B     0 B  total
	.
	dsv du --by tag --json >out
	same out <<-\.
	{"by":"total","logical":0,"stored":0,"shared":0,"unique":0,"objects":0,"unique_objects":0}
	.
'

check 'du: something missing is an error, not a small number' '
	broken_on_purpose
	f=$(find .dsv/objects -type f -exec wc -c {} + | sort -n | tail -n 2 |
		head -n 1 | sed "s/.* //")
	rm -f $f
	expect_status 8 dsv du >out 2>err
	[ ! -s out ]
	grep -q "^dsv: .*\"dsv fsck\" says what that costs" err
'

check 'du: what makes no sense' '
	fails 2 "dsv: \"q1\": of branches and tags all are listed; leave it out, or say \"dsv du --by path\" or \"--by version\"" \
		dsv du --by tag q1
	fails 2 "dsv: --depth is for paths; say \"dsv du --by path\"" \
		dsv du --by version --depth 1
	fails 2 "dsv: \"d\" is a path; say \"dsv du --by path\"" \
		dsv du --by version -- d
	fails 2 "dsv: \"exp:d\" is a file of one version; say \"dsv du REV -- PATH\"" \
		dsv du exp:d
	fails 3 "dsv: no version has \"nope\"" dsv du -- nope
	expect_status 2 dsv du --by file 2>err
'

finish
