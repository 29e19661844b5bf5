#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup 'dsv init -q repo; cd repo'

file() {
	same .dsvattributes
}

check 'track --key: a line for the pattern, staged' '
	dsv track "*.csv" --key id >../out
	same ../out <<-\.
	write *.csv key=id
	.
	file <<-\.
	*.csv key=id
	.
	[ "$(dsv status -s)" = "A  .dsvattributes" ]
	dsv track -q "*.csv" -k id,date
	file <<-\.
	*.csv key=id,date
	.
	dsv track -q "wide.csv" --key "Image ID"
	file <<-\.
	*.csv key=id,date
	wide.csv key="Image ID"
	.
'

check 'track --dataset: added to what is said already' '
	dsv track -q "labels/*.csv" "more/*.csv" --key id
	dsv track -q "labels/*.csv" --dataset labels
	file <<-\.
	labels/*.csv key=id dataset=labels
	more/*.csv key=id
	.
	mkdir labels
	echo a >labels/a.csv
	dsv add --dataset labels
	dsv status -s >../out
	same ../out <<-\.
	A  .dsvattributes
	A  labels/a.csv
	.
'

check 'track --component: the type of a part' '
	dsv track -q "labels/*.csv" --dataset labels --component metadata
	file <<-\.
	labels/*.csv dataset=labels component=metadata
	.
'

check 'track --format: one of those that are known' '
	dsv track -q "*.dat" --format csv
	file <<-\.
	*.dat format=csv
	.
	printf "1,\"a\nb\"\n2,c\n" >x.dat
	dsv add .
	dsv commit -q -m one
	dsv show | grep -q "x.dat.*2 records"
	expect_status 2 dsv track "*.dat" --format excel 2>../err
	grep -q "csv" ../err
'

check 'track --delimiter: one character, tab or space' '
	dsv track -q "*.ssv" --delimiter ";"
	dsv track -q "*.tsv" --delimiter tab
	dsv track -q "*.txt" --delimiter "$(printf "\t")"
	dsv track -q "*.dat" --delimiter " "
	file <<-\.
	*.ssv delimiter=;
	*.tsv delimiter=tab
	*.txt delimiter=tab
	*.dat delimiter=space
	.
	fails 2 "dsv: \"ab\" cannot separate columns: give one character, \"tab\" or \"space\"" \
		dsv track "*.x" --delimiter ab
'

check 'track --list: all patterns, of directories below too' '
	dsv track >../out
	[ ! -s ../out ]
	mkdir sub
	dsv track -q "*.csv" --key id
	(cd sub && dsv track -q "my data.csv" --key a,b --dataset d)
	dsv track --list >../out
	same ../out <<-\.
	*.csv key=id
	sub/: "my data.csv" key=a,b dataset=d
	.
	dsv track | cmp - ../out
	dsv track -l --json >../out
	same ../out <<-\.
	{"file":".dsvattributes","pattern":"*.csv","attributes":{"key":"id"}}
	{"file":"sub/.dsvattributes","pattern":"my data.csv","attributes":{"key":"a,b","dataset":"d"}}
	.
	fails 2 "dsv: --list stands alone" dsv track --list "*.csv"
'

check 'track --delete: the line goes, the others stay' '
	printf "# tables\n*.csv key=id\n\n  *.dat   format=csv  # no comment\n" \
		>.dsvattributes
	dsv track "*.csv" --delete >../out
	same ../out <<-\.
	remove *.csv key=id
	.
	file <<-\.
	# tables

	  *.dat   format=csv  # no comment
	.
	fails 3 "dsv: \".dsvattributes\" has no line for \"*.csv\"; \"dsv track --list\" shows all" \
		dsv track -d "*.csv"
	fails 2 "dsv: --delete removes whole lines; say only the patterns" \
		dsv track -d "*.dat" --key id
'

check 'track --dry-run: the lines, and no change' '
	dsv track --dry-run "*.csv" --key id >../out
	same ../out <<-\.
	would write *.csv key=id
	.
	[ ! -e .dsvattributes ]
	dsv track -q "*.csv" --key id
	dsv track -n -d "*.csv" >../out
	same ../out <<-\.
	would remove *.csv key=id
	.
	file <<-\.
	*.csv key=id
	.
'

check 'track: comments, order and odd spacing stay' '
	printf "# one\n\n*.a   key=x\n# two\n*.b key=y" >.dsvattributes
	dsv track -q "*.b" --key z
	dsv track -q "*.c" --key w
	file <<-\.
	# one

	*.a   key=x
	# two
	*.b key=z
	*.c key=w
	.
'

check 'track: patterns with blanks and quotes' '
	dsv track -q "with space.csv" --key id
	dsv track -q "say \"x\".csv" --key id
	dsv track -q "#hash" "dir/" --dataset d
	file <<-\.
	"with space.csv" key=id
	"say \"x\".csv" key=id
	\#hash dataset=d
	dir/** dataset=d
	.
	mkdir -p dir/deep
	touch "with space.csv" "#hash" dir/deep/x
	dsv add --dataset d
	dsv status -s --untracked none >../out
	same ../out <<-\.
	A  #hash
	A  .dsvattributes
	A  dir/deep/x
	.
	dsv track -d "with space.csv" >../out
	same ../out <<-\.
	remove "with space.csv" key=id
	.
'

check 'track: in a directory below, its own file' '
	mkdir sub
	cd sub
	dsv track -q "./x.csv" --key id
	[ "$(cat .dsvattributes)" = "x.csv key=id" ]
	[ ! -e ../.dsvattributes ]
	fails 2 "dsv: \"../x.csv\" is outside this directory; run \"dsv track\" further up" \
		dsv track ../x.csv --key id
'

check 'track --quote --header --encoding: how a table is read' '
	dsv track -q x.csv --quote single --header no --encoding latin-1
	file <<-\.
	x.csv quote=single header=no encoding=latin-1
	.
	dsv track -q x.csv --quote none --header yes --encoding utf-8
	file <<-\.
	x.csv quote=none header=yes encoding=utf-8
	.
	expect_status 2 dsv track x.csv --quote odd
	expect_status 2 dsv track x.csv --header 1
	expect_status 2 dsv track x.csv --encoding ebcdic
'

check 'track --schema: which changes of columns may come' '
	dsv track -q "*.csv" --schema frozen
	file <<-\.
	*.csv schema=frozen
	.
	expect_status 2 dsv track x.csv --schema strict
'

check 'track --key: where it does not tell rows apart, nothing is changed' '
	printf "id,n\n1,a\n2,\"b\nb\"\n1,c\n2,d\n" >t.csv
	fails 5 "dsv: \"id\" is not unique in \"t.csv\": in line 5 it is as in line 2, and so in 1 more; --force tracks it all the same" \
		dsv track t.csv --key id
	[ ! -e .dsvattributes ]
	dsv track -q t.csv --key id,n
	cp .dsvattributes ../before
	expect_status 5 dsv track t.csv --key id 2>/dev/null
	cmp .dsvattributes ../before
	fails 2 "dsv: key \"id,,n\" is not a list of column names" \
		dsv track t.csv --key id,,n
	cmp .dsvattributes ../before
'

check 'track --key: columns that are not there, rows without a key' '
	printf "id,n\n1,a\n,b\n" >t.csv; printf "k\n1\n" >u.csv
	printf "{\"id\":1}\n{\"id\":null}\n{}\n" >v.jsonl
	mkdir sub; printf "id\n1\n1\n" >sub/w.csv; printf "id\n1\n1\n" >x.txt
	echo "w.csv key=other" >sub/.dsvattributes
	dsv track "*.csv" v.jsonl --key id 2>../err >../out
	same ../err <<-\.
	warning: "id" is empty in 1 row of "t.csv", first in line 3
	warning: "u.csv": there is no column "id"
	warning: "id" is empty in 2 rows of "v.jsonl", first in line 2
	.
	same ../out <<-\.
	write *.csv key=id
	write v.jsonl key=id
	.
'

check 'track --key: columns that no table has' '
	printf "id,n\n1,a\n" >t.csv
	dsv track -q t.csv --key id
	cp .dsvattributes ../before
	expect_status 5 dsv track t.csv --key nope 2>../err
	same ../err <<-\.
	warning: "t.csv": there is no column "nope"
	dsv: no table has the key "nope"; --force tracks it all the same
	.
	cmp .dsvattributes ../before
	dsv track -q t.csv --key nope --force
	grep -qx "t.csv key=nope" .dsvattributes
'

check 'track --force: a key all the same' '
	printf "id\n1\n1\n" >t.csv; cp t.csv u.csv
	expect_status 5 dsv track "*.csv" --key id 2>../err
	same ../err <<-\.
	warning: "id" is not unique in "u.csv": in line 3 it is as in line 2; --force tracks it all the same
	dsv: "id" is not unique in "t.csv": in line 3 it is as in line 2; --force tracks it all the same
	.
	dsv track -f t.csv --key id 2>../err
	same ../err <<-\.
	warning: "id" is not unique in "t.csv": in line 3 it is as in line 2
	.
	file <<-\.
	t.csv key=id
	.
'

check 'track: what makes no sense' '
	fails 2 "dsv: what about \"*.csv\"? say --key, --dataset, --component, --format or how it is read" \
		dsv track "*.csv"
	fails 2 "dsv: which files? give a pattern, as in \"dsv track '\''*.csv'\'' --key id\"" \
		dsv track --key id
	fails 2 "dsv: --key needs a value" dsv track "*.csv" --key ""
	fails 2 "dsv: \"!x\" is not a pattern for \".dsvattributes\"" \
		dsv track "!x" --key id
	echo "\"open" >.dsvattributes
	fails 2 "dsv: \".dsvattributes\" line 1: a quoted pattern does not end, or has an unknown escape" \
		dsv track "*.csv" --key id
	[ "$(cat .dsvattributes)" = "\"open" ]
'

check 'track: a link is not written through' '
	echo precious >../precious
	ln -s ../precious .dsvattributes
	fails 5 "dsv: \".dsvattributes\" is not a regular file" \
		dsv track "*.csv" --key id
	[ "$(cat ../precious)" = precious ]
'

finish
