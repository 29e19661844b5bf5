#!/bin/sh
. "${0%/*}/../lib.sh"

# main has v1; exp, if it is kept, has v2 on top of it.
setup '
	dsv init -q
	seq 1 20000 >t.csv
	dsv add -q .
	dsv commit -q -m one
	dsv switch -q -c exp
	seq 5 30000 >t.csv
	echo new >u.txt
	dsv add -q .
	dsv commit -q -m two
	dsv switch -q main
'

# The files of the store: every one, and the bytes of all.
segments() {
	find .dsv/objects -type f | LC_ALL=C sort
}

check 'gc: keeps what a branch, a tag or HEAD leads to' '
	dsv tag -q kept exp
	dsv gc >out
	grep -q "^dropped 0 objects; .* in 1 segment, .* before\$" out
	dsv branch -q -d -f exp
	dsv gc >out
	grep -q "^dropped 0 objects" out
	dsv cat kept:t.csv >got
	seq 5 30000 | cmp - got
	dsv switch -q --detach kept
	dsv gc -q
	dsv cat HEAD:u.txt >got
	echo new | cmp - got
'

check 'gc --quiet: says nothing, whatever it drops' '
	dsv branch -q -d -f exp
	dsv gc --quiet >out 2>&1
	same out <<-\.
	.
'

check 'gc: keeps what a branch led to once' '
	v2=$(dsv show --raw exp | sha256sum | cut -d" " -f1)
	dsv branch -q -f exp main
	dsv gc -q
	dsv cat $v2:u.txt >out
	same out <<-\.
	new
	.
'

check 'gc: what only a deleted branch led to goes, and says so' '
	v2=$(dsv show --raw exp | sha256sum | cut -d" " -f1)
	dsv branch -q -d -f exp
	dsv gc >out 2>err
	sed "s/[0-9][0-9.]* kB/SIZE/g" out >said
	same said <<-\.
	branch/exp was deleted: 1 version, 11 objects, SIZE
	dropped 11 objects; SIZE in 1 segment, SIZE before
	.
	grep -q "^hint: the next gc frees the .*\"dsv gc --now\"" err
	expect_status 3 dsv show $v2
	dsv cat HEAD:t.csv >got
	seq 1 20000 | cmp - got
'

check 'gc: what was added and given up goes; what is added stays' '
	echo given up >a.txt
	echo wanted >b.txt
	dsv add -q a.txt b.txt
	dsv rm -q --cached a.txt
	dsv gc >out
	grep -q "^added, but in no version: 0 versions, 1 object, " out
	dsv commit -q -m three
	dsv cat HEAD:b.txt >out
	same out <<-\.
	wanted
	.
'

check 'gc --dry-run: says what would go, and changes nothing' '
	dsv branch -q -d -f exp
	find .dsv -type f ! -name "*journal" -exec sha256sum {} + | sort >before
	dsv gc --dry-run >out 2>err
	sed "s/[0-9][0-9.]* kB/SIZE/g" out >said
	same said <<-\.
	branch/exp was deleted: 1 version, 11 objects, SIZE
	would drop 11 objects of SIZE in 9 segments
	.
	[ ! -s err ]
	find .dsv -type f ! -name "*journal" -exec sha256sum {} + | sort >after
	same after <before
	dsv gc -n >again
	same again <out
'

check 'gc: the trash is emptied one gc later, or by --now' '
	dsv branch -q -d -f exp
	dsv gc -q
	[ -n "$(find .dsv/trash -type f)" ]
	dsv gc -q
	[ -z "$(find .dsv/trash -type f)" ]
	echo more >m.txt
	dsv add -q m.txt
	dsv rm -q --cached m.txt
	dsv gc -q --now
	[ -z "$(find .dsv/trash -type f)" ]
'

check 'gc: many small commits become one file' '
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		echo $n >>t.csv
		dsv commit -q -a -m "row $n"
	done
	segments >before
	dsv gc -q
	segments >after
	[ "$(wc -l <after)" -lt "$(wc -l <before)" ]
	[ "$(wc -l <after)" = 1 ]
	for version in 2 7 13; do
		dsv cat v$version:t.csv | tail -n 1 >got
		echo $((version - 1)) | same got
	done
	dsv gc -q
	segments | same after
'

check 'gc: objects are named by their bytes afterwards too' '
	dsv branch -q -d -f exp
	dsv gc -q
	segments | while read -r f; do
		name=${f#.dsv/objects/}
		[ "$(sha256sum <"$f" | cut -d" " -f1)" = \
			"$(echo "$name" | tr -d /)" ] || echo "$f"
	done >bad
	[ ! -s bad ]
'

check 'gc: nothing is deleted when something is missing' '
	dsv branch -q -d -f exp
	segments >before
	gone=$(while read -r f; do
		echo "$(wc -c <"$f") $f"
	done <before | sort -n | tail -n 1 | cut -d" " -f2)
	mv "$gone" ../gone
	expect_status 8 dsv gc 2>err
	[ "$(wc -l <err)" = 1 ]
	grep -q "^dsv: " err
	mv ../gone "$gone"
	segments | same before
	dsv gc -q
'

check 'gc --json: the reasons, and then the sums' '
	dsv branch -q -d -f exp
	dsv gc --json >out
	sed -E "s/(bytes|before|after)\":[1-9][0-9]+/\\1\":N/g" out >said
	same said <<-\.
	{"reason":"branch/exp was deleted","versions":1,"objects":11,"bytes":N}
	{"dry_run":false,"kept_objects":14,"kept_bytes":N,"dropped_versions":1,"dropped_objects":11,"dropped_bytes":N,"segments_before":9,"segments_after":1,"size_before":N,"size_after":N,"trashed_bytes":N,"freed_bytes":0}
	.
'

check 'gc: waits for a writer, and then says for whom it did' '
	flock .dsv/locks/gc sh -c "touch held; while [ ! -e go ]; do sleep 0.05
		done" &
	while [ ! -e held ]; do
		sleep 0.05
	done
	expect_status 7 dsv gc --wait 0 2>err
	[ "$(wc -l <err)" = 1 ]
	touch go
	wait
	dsv gc -q --wait 10
'

check 'gc: what makes no sense' '
	fails 2 "dsv: \"x\" is one argument too many; see \"dsv gc --help\"" \
		dsv gc x
	rm -rf .dsv
	expect_status 3 dsv gc 2>err
	grep -q "^dsv: not a dsv repository" err
'

finish
