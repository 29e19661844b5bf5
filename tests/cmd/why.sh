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
cp u.csv d/u.csv
dsv add -q .
dsv commit -q -m three
dsv switch -q main
echo 60001 >>t.csv
dsv commit -q -a -m two
END
setup '. "$SHARED/make"'

# What keeps it, without what it is.
keeps() {
	dsv why "$@" | sed -E "/^(kind|id|size|stored|ref|chunks|seg|delta) */d
		s/ [0-9a-f]{8}( |\$)/ ID\\1/"
}
ids() {		# ids KIND: of all such objects
	sqlite3 .dsv/index.db "SELECT lower(hex(id)) FROM object
		WHERE kind = $1"
}

check 'why REV:PATH: what a file is' '
	dsv why q1:d/x >out
	sed -E "s/(segment +)[0-9a-f]{2}\\/[0-9a-f]{62}/\\1PLACE/" out >said
	same said <<-\.
	kind       file
	id         b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733
	size       5 bytes
	stored     2 bytes
	references 3
	segment    PLACE at 8, compressed with 8 others
	held by    branch/exp
	held by    branch/main
	held by    tag/q1
	staged     d/x
	since      v1 b6d3c375 d/x
	in         4 versions
	.
	f=.dsv/objects/$(sed -n "s/^segment *\\([^ ]*\\) .*/\\1/p" out)
	[ -f $f ]
	dsv why b9e68e1b | same out
	dsv why B9E6 | same out
'

check 'why: a file of several chunks, at two paths' '
	dsv why exp:u.csv >out
	grep -q "^chunks  *[1-9]" out
	grep -q "^size  *280,007 bytes\$" out
	keeps exp:u.csv >said
	same said <<-\.
	held by    branch/exp
	since      v2 ID u.csv
	since      v3 ID d/u.csv
	in         2 versions
	.
	dsv why "$(dsv cat exp:u.csv | sha256sum | cut -c1-64)" | same out
'

check 'why: each object, whatever its kind, is held' '
	for kind in 1 2 3 4 5 6; do
		for id in $(ids $kind); do
			dsv why $id >out
			grep -q "^held by" out
			not grep "nothing" out
			dsv why --json $id >out
			grep -q "\"held\":true" out
			echo $kind
		done
	done | uniq -c >counts
	[ "$(wc -l <counts)" -ge 5 ]
'

check 'why: a tree is held at its path, a version by what follows' '
	keeps q1:d >out
	same out <<-\.
	held by    branch/exp
	held by    branch/main
	held by    tag/q1
	since      v1 ID d
	in         2 versions
	.
	keeps q1: >out
	same out <<-\.
	held by    branch/exp
	held by    branch/main
	held by    tag/q1
	since      v1 ID .
	in         1 version
	.
	keeps exp~1 >out
	same out <<-\.
	held by    branch/exp
	since      v2 ID
	in         1 version
	.
'

check 'why: an event is kept for good' '
	dsv why "$(ids 6 | head -n 1)" >out
	tail -n 1 out >last
	same last <<-\.
	held by    the record of acts, which is kept for good
	.
	grep -q "^kind  *event\$" out
'

check 'why: what nothing holds is what gc takes out' '
	dsv branch -q -d -f exp
	for kind in 1 2 3 4 5 7 8; do
		for id in $(ids $kind); do
			dsv why $id --json
		done
	done >all
	gone=$(grep -c "\"held\":false" all)
	[ $gone -gt 5 ]
	dsv gc -n --json >gc
	grep -q "\"dropped_objects\":$gone," gc
	lost=$(grep "\"held\":false" all | head -n 1 |
		sed "s/.*\"id\":\"\([0-9a-f]*\)\",\"size.*/\\1/")
	dsv why $lost | tail -n 1 >out
	same out <<-\.
	held by    nothing: "dsv gc" takes it out, and the one after that, or --now, frees the room
	.
	dsv gc -q
	fails 3 "dsv: nothing that is stored has an id that begins with \"$lost\"" \
		dsv why $lost
	for id in $(ids 1; ids 4); do
		dsv why $id --json
	done >all
	not grep "\"held\":false" all
'

check 'why: the past of a branch, HEAD, and the stage hold too' '
	id=$(dsv cat exp:u.csv | sha256sum | cut -c1-64)
	dsv branch -q -f exp main
	keeps $id >out
	same out <<-\.
	held by    the past of branch/exp
	since      v2 ID u.csv
	since      v3 ID d/u.csv
	in         2 versions
	.
	dsv tag -q there exp
	dsv branch -q -d -f exp
	dsv switch -q --detach there
	echo alone >alone
	dsv add -q alone
	keeps "$(sha256sum <alone | cut -c1-64)" >out
	same out <<-\.
	staged     alone
	.
'

check 'why: the review of a version holds it when nothing else does' '
	dsv switch -q -c tried
	echo tried >only-here
	dsv add -q only-here
	dsv commit -qm tried
	dsv approve -q
	sum=$(sha256sum <only-here | cut -c 1-64)
	dsv switch -q -
	dsv branch -q -d -f tried
	dsv why $sum | grep held >out
	dsv why $sum --json | grep -o "\"holder\":\"[a-z]*\"" >>out
	dsv gc -q --now
	dsv gc -q --now
	dsv why $sum | grep held >>out
	dsv du --json | grep -c . >>out
	same out <<-\.
	held by    the review of v3 5804830d
	"holder":"review"
	"holder":"version"
	held by    the review of v3 5804830d
	3
	.
'

check 'why: HEAD on no branch' '
	dsv switch -q --detach exp~0
	dsv branch -q -d -f exp
	keeps HEAD >out
	same out <<-\.
	held by    HEAD
	since      v3 ID
	in         1 version
	.
'

check 'why --limit: so many of each, and that there are more' '
	for n in 1 2 3 4 5 6 7; do
		cp d/x d/x$n
		dsv tag -q t$n v1
	done
	dsv add -q .
	dsv commit -q -m copies
	dsv why --limit 2 HEAD:d/x >out 2>err
	sed -n "/^held/p; /^staged/p; /^since/p" out | cut -c1-9 | sort |
		uniq -c | sed "s/^ *//" >said
	same said <<-\.
	2 held by  
	2 since    
	2 staged   
	.
	same err <<-\.
	hint: there are more than --limit lets through
	.
	dsv why HEAD:d/x >out 2>err
	[ "$(grep -c "^since" out)" = 8 ]
	[ ! -s err ]
	dsv why --limit 2 --json HEAD:d/x >out
	grep -q "\"more\":true,\"held\":true" out
'

check 'why --json: one document' '
	dsv why --json exp:d/u.csv >out
	sed -E "s/\"(stored|references|chunks)\":[0-9]+/\"\\1\":N/g" out >said
	same said <<-\.
	{"kind":"file","id":"2eab83d2d170c5b6c86dfec24f61a13f31d88149fa8d1ed227235ccdd8520d22","size":280007,"stored":N,"references":N,"chunks":N,"segment":null,"base":null,"holders":[{"holder":"ref","name":"branch/exp","base":false},{"holder":"version","path":"u.csv","version":2,"id":"8d55cd13841792bd20895819d31e6178fe600d28d8295f4f939a070375f90f40","base":false},{"holder":"version","path":"d/u.csv","version":3,"id":"7fa0a1af0128e7a993971599d333d1901d620966441236199b8b16ea09b8d0e1","base":false}],"versions":2,"more":false,"held":true}
	.
	python3 -c "import json, sys; json.load(open(\"out\"))"
'

check 'why: what only a delta needs, which is made from it, is kept' '
	dsv init -q base
	cd base
	seq 1 3000 >t.csv
	dsv add -q .
	first=$(sha256sum <t.csv | cut -c1-64)
	sed -i s/1500/other/ t.csv
	dsv add -q .
	dsv commit -q -m "the second is in a version, the first in none"
	dsv why HEAD:t.csv | grep "^delta *against $first\$"
	keeps $first >out
	same out <<-\.
	held by    branch/main, as what a delta is made from
	staged     t.csv, as what a delta is made from
	.
	dsv gc -q -n
	dsv du --json >out
	# Two chunks, a tree, a version, and which rows it changed.
	grep -q "\"total\".*\"objects\":5," out
'

check 'why: what makes no sense' '
	fails 3 "dsv: nothing that is stored has an id that begins with \"00000000\"" \
		dsv why 00000000
	expect_status 3 dsv why nope 2>err
	expect_status 3 dsv why v1:nope 2>err
	fails 2 "dsv: \"q1..exp\" is a range; say one version, REV:PATH, or digits of an id" \
		dsv why q1..exp
	expect_status 2 dsv why 2>err
'

finish
