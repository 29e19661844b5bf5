#!/bin/sh
. "${0%/*}/../lib.sh"

setup '
	dsv init -q
	seq 1 20000 >t.csv
	echo small >s.txt
	dsv add -q .
	dsv commit -q -m one
	echo more >>t.csv
	dsv commit -q -a -m two
'

# The largest file of the store, which holds the chunks of the table.
largest() {
	find .dsv/objects -type f | while read -r f; do
		echo "$(wc -c <"$f") $f"
	done | sort -n | tail -n 1 | cut -d" " -f2
}
spoil() {	# spoil FILE OFFSET
	chmod u+w "$1"
	printf "\377\377\377" | dd of="$1" bs=1 seek="$2" conv=notrunc \
		2>/dev/null
}

check 'fsck: what is sound is said to be' '
	dsv fsck >out 2>err
	sed "s/[0-9.]* kB/SIZE/; s/[0-9]* segments/N segments/" out >said
	same said <<-\.
	sound: 2 versions, 3 files, 3 events; N segments, SIZE
	.
	[ ! -s err ]
	dsv fsck -q >out
	same out </dev/null
'

check 'fsck --json: the sums' '
	dsv fsck --json >out
	sed -E "s/(segments|objects|bytes)\":[0-9]+/\\1\":N/g" out >said
	same said <<-\.
	{"findings":0,"segments":N,"objects":N,"commits":2,"trees":2,"files":3,"events":3,"bytes":N}
	.
'

check 'fsck: a damaged file of the store is named, status 1' '
	broken_on_purpose
	f=$(largest)
	spoil $f 100
	expect_status 1 dsv fsck >out 2>err
	grep -q "^segment ${f#.dsv/objects/}: its bytes do not give its name\$" out
	tail -n 1 out | grep -q "^damaged: "
	same err <<-\.
	hint: "dsv fsck --repair" brings back what can be found; nothing is deleted
	.
	expect_status 1 dsv fsck -q >out 2>err
	[ -s out ] && [ ! -s err ]
	expect_status 1 dsv fsck --json >out
	grep -qF "{\"finding\":\"segment\",\"subject\":\"${f#.dsv/objects/}\"," out
'

check 'fsck --quick: finds a damaged file, decodes nothing' '
	dsv fsck --quick >out
	grep -q "^sound: " out
	broken_on_purpose
	f=$(largest)
	spoil $f 100
	expect_status 1 dsv fsck --quick >out 2>err
	grep -q "^segment ${f#.dsv/objects/}: " out
'

check 'fsck: a missing file of the store is found' '
	broken_on_purpose
	f=$(largest)
	rm -f "$f"
	expect_status 1 dsv fsck >out 2>err
	grep -q "${f#.dsv/objects/}" out
'

check 'fsck: what was changed behind the back of the index is found' '
	broken_on_purpose
	sqlite3 .dsv/index.db "UPDATE object SET size = size + 1
		WHERE kind = 5"
	got=0
	dsv fsck >out 2>err || got=$?
	[ $got = 1 ] || [ $got = 8 ]
'

check 'fsck --repair: an index that was lost' '
	dsv tag -q kept v1
	echo staged >s.txt
	dsv add -q s.txt
	dsv log >before
	dsv tag >>before
	rm .dsv/index.db
	expect_status 8 dsv log 2>err
	grep -q "dsv fsck --repair" err
	dsv fsck --repair >out
	grep -q "^sound: 2 versions" out
	dsv log >after
	dsv tag >>after
	same after <before
	dsv cat kept:t.csv >got
	seq 1 20000 | cmp - got
'

check 'fsck --repair: the stage comes back from an index that can be read' '
	echo staged >s.txt
	dsv add -q s.txt
	dsv status >../before
	dsv fsck --repair -q
	dsv status >../after
	same ../after <../before
'

check 'fsck --repair: damage that the working tree can mend' '
	spoil "$(largest)" 100
	expect_status 1 dsv fsck -q >out
	dsv fsck --repair >out 2>err
	grep -q "^sound: " out
	grep -q "^put aside, damaged as they are: 1 segment\$" err
	grep -q "^brought back " err
	dsv cat v2:t.csv | cmp - t.csv
'

check 'fsck --repair: what is lost is told by path, the rest is readable' '
	broken_on_purpose
	rm -f "$(largest)"
	mv t.csv ../
	echo other >t.csv
	expect_status 1 dsv fsck --repair >out 2>err
	grep -q "^file t\.csv: bytes 0 to .* cannot be read .*; first in v1\$" out
	not grep "^file s\.txt" out
	dsv status --short t.csv s.txt >../out
	same ../out <<-\.
	 M t.csv
	.
	dsv cat HEAD:s.txt >got
	same got <<-\.
	small
	.
	expect_status 8 dsv cat HEAD:t.csv >got 2>err
	dsv log --oneline >out
	[ "$(wc -l <out)" = 2 ]
'

check 'fsck --repair: says how a lost file comes back, and it does' '
	broken_on_purpose
	rm -f "$(largest)"
	mv t.csv ../
	expect_status 1 dsv fsck --repair >out 2>err
	grep -qx "hint: if a copy of a lost file is put where it was, another \"dsv fsck --repair\" takes it" err
	expect_status 8 dsv cat HEAD:t.csv >got 2>err
	cat ../t.csv >t.csv
	expect_status 1 dsv fsck --repair >out 2>err
	grep -q "and 1 file of the working tree" err
	dsv cat HEAD:t.csv | cmp - ../t.csv
'

check 'fsck: reads, and changes nothing' '
	find .dsv -type f -exec sha256sum {} + | sort >before
	dsv fsck -q
	dsv fsck -q --quick
	find .dsv -type f -exec sha256sum {} + | sort >after
	same after <before
'

check 'fsck: what makes no sense' '
	fails 2 "dsv: \"x\" is one argument too many; see \"dsv fsck --help\"" \
		dsv fsck x
	rm -rf .dsv
	expect_status 3 dsv fsck 2>err
	grep -q "^dsv: not a dsv repository" err
'

finish
