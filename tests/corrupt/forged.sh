#!/bin/sh
# Objects that have the right id and the wrong form: fsck names them, and
# whoever meets them says what is wrong.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"
. "$ROOT/tests/corrupt/hostile.inc"

setup '
	broken_on_purpose
	dsv init -q
	echo a >a
	dsv add -q a
	dsv commit -q -m one
'

# found FACT: fsck has one finding, this, and says "damaged".
found() {
	expect_status 1 dsv fsck >../out 2>../err
	sed "s/^\([a-z]*\) [0-9a-f]\{64\}: /\1: /; /^damaged: /d" ../out >../found
	printf "%s\n" "$1" | diff - ../found
}

# refused FACT COMMAND...: status 8 and one line, which begins so.
refused() {
	fact=$1
	shift
	expect_status 8 "$@" >../out 2>../err
	grep -v "^hint: " ../err >../line
	[ "$(wc -l <../line)" = 1 ]
	grep -qF "dsv: $fact" ../line
}

check 'forged: a name that leads elsewhere' '
	evil_entry b:1 s:../x i:c v:5
	found "tree: tree has an entry with a name that is not allowed, \"../x\""
	refused "tree has an entry with a name that is not allowed, \"../x\"" \
		dsv ls evil
	refused "tree has an entry with a name" dsv checkout -q evil
	[ ! -e ../x ]
'

check 'forged: names that are not in order' '
	evil_entry b:1 s:b i:c v:5 b:1 s:a i:c v:5
	found "tree: tree is not in order"
	refused "tree is not in order" dsv ls evil
'

check 'forged: a tree of another height than the one above says' '
	evil <<-\END
	object c chunk t:evil\n
	object l tree b:0 b:1 s:x i:c v:5
	object t tree b:3 s:x i:l
	END
	found "tree: it has the wrong height"
	refused "damaged tree: an object is at the wrong height" dsv ls -r evil
'

check 'forged: an empty directory' '
	evil <<-\END
	object e tree b:0
	object t tree b:0 b:4 s:d i:e v:0
	END
	found "tree: it is empty"
'

check 'forged: an empty part of a directory' '
	evil <<-\END
	object e tree b:0
	object t tree b:1 s:x i:e
	END
	found "tree: it is empty"
	refused "damaged tree: an object is empty" dsv ls -r evil
'

check 'forged: directories deeper than they may be' '
	{
		printf "%s\n" "object c chunk t:evil" \
			"object d0 tree b:0 b:1 s:x i:c v:4"
		i=0
		while [ $i -lt 1030 ]; do
			echo "object d$((i + 1)) tree b:0 b:4 s:d i:d$i v:0"
			i=$((i + 1))
		done
		echo "object t tree b:0 b:4 s:d i:d$i v:0"
	} | evil
	expect_status 1 dsv fsck >../out
	grep -q ": it is too deep$" ../out
	expect_status 8 dsv ls -r evil >../out 2>../err
	grep -q "more than 1024 deep" ../err
'

check 'forged: a version without an author' '
	evil_commit "\\n\\nm" ""
	expect_status 1 dsv fsck >../out
	grep -q "^commit [0-9a-f]*: the index does not have it" ../out
'

check 'forged: a parent that does not come before' '
	dsv commit -q --allow-empty -m two
	edit "UPDATE version SET parents = id"
	refused "the index has a wrong place in the history for version" \
		dsv log
	refused "no \"HEAD~5\": the index has a wrong place in the history" \
		dsv cat HEAD~5:a
	refused "the index has a wrong place in the history for version" \
		dsv cat @{2000-01-01}:a
	dsv fsck --repair >../out
	dsv fsck -q
	[ "$(dsv log --oneline | wc -l)" = 2 ]
'

check 'forged: a version of a number or a time that is not' '
	for change in "version = 0" "version = -5" \
		"time = 9223372036854775807" "time = -9223372036854775807"; do
		edit "UPDATE version SET $change"
		refused "the index has damaged facts of version" dsv log
		dsv fsck --repair >../out
		dsv fsck -q
	done
'

check 'forged: a node that stands for much is looked at once' '
	evil_file b:1 b:2 i:all v:8 v:2 v:2 i:c v:4 v:1 v:1 i:c v:4 v:1 v:1
	expect_status 1 dsv fsck >../out
	[ "$(grep -c "cannot be read" ../out)" = 1 ]
'

for name in locks trash quarantine; do
	check "forged: $name is a link" "
		rm -rf .dsv/$name
		ln -s .. .dsv/$name
		fails 8 \"dsv: \\\"\$PWD/.dsv/$name\\\" is not a directory\" \
			dsv log
	"
done

finish
