#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

cat >"$SHARED/make" <<'END'
dsv init -q
mkdir labels
printf 'id,price\n1,10\n2,20\n' >prices.csv
printf 'image,label\n1,cat\n' >labels/train.csv
echo moved >old
ln -s prices.csv link
printf '\000bin' >bin
echo 'labels/* dataset=labels component=data' >.dsvattributes
dsv add -q .
dsv commit -q -m one
printf 'id,price\n1,10\n2,21\n3,30\n' >prices.csv
echo 2,dog >>labels/train.csv
mv old 'new name'
rm link; echo now a file >link
printf '\000bin2' >bin
chmod +x .dsvattributes
echo new >added
END
setup '. "$SHARED/make"'

check 'diff: from the stage to the working tree' '
	dsv diff >out
	same out <<-\.
	modified .dsvattributes: 39 B, now executable
	modified bin: 4 B → 5 B
	modified labels/train.csv: 18 B → 24 B
	  image  label
	+ 2      dog
	rows: 1 inserted, 1 unchanged
	retyped link: 10 B → 11 B, now a file
	deleted old: 6 B, 1 record
	modified prices.csv: 19 B → 24 B
	  id  price
	~ 2   20 → 21
	+ 3   30
	rows: 1 inserted, 1 updated, 1 unchanged
	files: 5 modified, 1 deleted
	.
'

check 'diff --staged: from the last version to the stage' '
	dsv diff --staged >out
	dsv add -q prices.csv
	dsv diff --staged >>out
	same out <<-\.
	modified prices.csv: 19 B → 24 B, 3 → 4 records
	  id  price
	~ 2   20 → 21
	+ 3   30
	rows: 1 inserted, 1 updated, 1 unchanged
	files: 1 modified
	.
	dsv diff --name-only >out
	same out <<-\.
	.dsvattributes
	bin
	labels/train.csv
	link
	old
	.
	fails 2 "dsv: --staged compares one version with the stage; two were given" \
		dsv diff --staged HEAD HEAD
'

check 'diff REV: from a version to the working tree' '
	dsv add -q .
	dsv commit -q -m two
	echo 4,40 >>prices.csv
	dsv diff v1 --stat >out
	same out <<-\.
	modified .dsvattributes: 39 B, 1 record, now executable
	added added: 4 B, 1 record
	modified bin: 4 B → 5 B
	modified labels/train.csv: 18 B → 24 B, 2 → 3 records; rows: 1 inserted, 1 unchanged
	retyped link: 10 B → 11 B, now a file
	renamed old → new name: 6 B, 1 record
	modified prices.csv: 19 B → 29 B; rows: 2 inserted, 1 updated, 1 unchanged
	files: 1 added, 5 modified, 1 renamed
	.
	dsv diff --staged v1 --summary >out
	same out <<-\.
	files: 1 added, 5 modified, 1 renamed
	rows: 2 inserted, 1 updated, 0 deleted in 2 tables
	.
'

check 'diff A B, A..B, A...B: between versions' '
	dsv add -q .
	dsv commit -q -m two
	dsv diff v1 v2 >out
	same out <<-\.
	modified .dsvattributes: 39 B, 1 record, now executable
	added added: 4 B, 1 record
	modified bin: 4 B → 5 B
	modified labels/train.csv: 18 B → 24 B, 2 → 3 records
	  image  label
	+ 2      dog
	rows: 1 inserted, 1 unchanged
	retyped link: 10 B → 11 B, now a file
	renamed old → new name: 6 B, 1 record
	modified prices.csv: 19 B → 24 B, 3 → 4 records
	  id  price
	~ 2   20 → 21
	+ 3   30
	rows: 1 inserted, 1 updated, 1 unchanged
	files: 1 added, 5 modified, 1 renamed
	.
	dsv diff v1..v2 >out2
	cmp out2 out
	dsv diff v2...v1 >out
	[ ! -s out ]
	dsv diff v1...v2 --summary >out
	same out <<-\.
	files: 1 added, 5 modified, 1 renamed
	rows: 2 inserted, 1 updated, 0 deleted in 2 tables
	.
	fails 2 "dsv: a range names both ends; leave out the other revision" \
		dsv diff v1..v2 v1
'

check 'diff --stat --summary --name-only --name-status: less of it' '
	dsv add -q .
	for o in --stat --summary --name-only --name-status; do
		echo "$o"
		dsv diff --staged $o
	done >out
	same out <<-\.
	--stat
	modified .dsvattributes: 39 B, 1 record, now executable
	added added: 4 B, 1 record
	modified bin: 4 B → 5 B
	modified labels/train.csv: 18 B → 24 B, 2 → 3 records; rows: 1 inserted, 1 unchanged
	retyped link: 10 B → 11 B, now a file
	renamed old → new name: 6 B, 1 record
	modified prices.csv: 19 B → 24 B, 3 → 4 records; rows: 1 inserted, 1 updated, 1 unchanged
	files: 1 added, 5 modified, 1 renamed
	--summary
	files: 1 added, 5 modified, 1 renamed
	rows: 2 inserted, 1 updated, 0 deleted in 2 tables
	--name-only
	.dsvattributes
	added
	bin
	labels/train.csv
	link
	new name
	prices.csv
	--name-status
	M	.dsvattributes
	A	added
	M	bin
	M	labels/train.csv
	T	link
	R	old	new name
	M	prices.csv
	.
	fails 2 "dsv: --stat, --summary, --name-only and --name-status exclude each other" \
		dsv diff --stat --summary
'

check 'diff --exit-code: 1 if anything differs' '
	expect_status 1 dsv diff --exit-code --name-only >out
	expect_status 0 dsv diff --exit-code HEAD HEAD
	expect_status 0 dsv diff --staged --exit-code
	expect_status 1 dsv diff --exit-code --summary -- prices.csv
	expect_status 0 dsv diff --exit-code --summary -- .dsvignore "*.x"
'

check 'diff --reverse, -R: the other way round' '
	dsv add -q .
	dsv commit -q -m two
	dsv diff --reverse v1 v2 >out
	dsv diff v2 v1 >out2
	cmp out out2
	dsv diff -R --name-status v1 v2 -- labels old added >out
	echo 5,50 >>prices.csv
	dsv diff -R prices.csv >>out
	same out <<-\.
	D	added
	M	labels/train.csv
	A	old
	modified prices.csv: 29 B → 24 B
	  id  price
	- 5   50
	rows: 1 deleted, 3 unchanged
	files: 1 modified
	.
'

check 'diff --dataset --component, PATH: only those' '
	dsv diff --dataset labels --name-only >out
	dsv diff --component data --name-only >>out
	dsv diff --name-only prices.csv >>out
	dsv diff --name-only -- "*.csv" >>out
	cd labels
	dsv diff --name-only . >>../out
	cd ..
	same out <<-\.
	labels/train.csv
	labels/train.csv
	prices.csv
	labels/train.csv
	prices.csv
	labels/train.csv
	.
'

check 'diff: as JSON, a file a line' '
	dsv add -q .
	dsv diff --staged --json >out
	dsv diff --staged --json --summary >>out
	same out <<-\.
	{"status":"modified","path":".dsvattributes","from":{"path":".dsvattributes","type":"file","id":"50f3af39668e603b8c953eb494201a4715e14045b724b08dc55e075c2710651d","size":39,"records":1},"to":{"path":".dsvattributes","type":"exec","id":"50f3af39668e603b8c953eb494201a4715e14045b724b08dc55e075c2710651d","size":39,"records":1}}
	{"status":"added","path":"added","from":null,"to":{"path":"added","type":"file","id":"7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c","size":4,"records":1}}
	{"status":"modified","path":"bin","from":{"path":"bin","type":"file","id":"019b486c6b4934e114d4a6db9244dc7a732a9ab39b4a8030c5392eb7e6bbbe0e","size":4,"records":null},"to":{"path":"bin","type":"file","id":"888c64aa5f21ddeec973ea0c3a7bd82accfc6de23cc4b2b56ff283c555c76a4b","size":5,"records":null}}
	{"status":"modified","path":"labels/train.csv","from":{"path":"labels/train.csv","type":"file","id":"6fd53541c3bde6b7fbc34d11415f401c10b234a073a631fd15df2056e93b3b01","size":18,"records":2},"to":{"path":"labels/train.csv","type":"file","id":"41b9ca22a4383ce4126cd5d6832d2a83dfe9d99375fad7f3e6e53dc318b995aa","size":24,"records":3},"rows":{"inserted":1,"updated":0,"deleted":0,"unchanged":1}}
	{"status":"retyped","path":"link","from":{"path":"link","type":"link","id":"f173f10247060da9d978b02be52a70768c28fd4df5d9bebd549ad55c03c91c79","size":10,"records":null},"to":{"path":"link","type":"file","id":"5af7f3f90ccadc90718145fc5bba9890104d533e31a5e001f313bf4473194b23","size":11,"records":1}}
	{"status":"renamed","path":"new name","from":{"path":"old","type":"file","id":"2c85ab0700b597297552509665d1f5a95111d16c5416fdc88d5bb85fcf4d0017","size":6,"records":1},"to":{"path":"new name","type":"file","id":"2c85ab0700b597297552509665d1f5a95111d16c5416fdc88d5bb85fcf4d0017","size":6,"records":1}}
	{"status":"modified","path":"prices.csv","from":{"path":"prices.csv","type":"file","id":"5b45cc300fc9c1dfa3d3d479a5b4cf93a93bd269afccabc199d3b2ba98a7ded5","size":19,"records":3},"to":{"path":"prices.csv","type":"file","id":"12c9d4f8cf52249f9f01b4fdc20bc7e3b956ff88ce9848924bb14dbc663045ad","size":24,"records":4},"rows":{"inserted":1,"updated":1,"deleted":0,"unchanged":1}}
	{"added":1,"modified":5,"deleted":0,"renamed":1,"rows":{"inserted":2,"updated":1,"deleted":0}}
	.
'

check 'diff: renamed files by content, each once' '
	dsv add -q .
	dsv commit -q -m two
	for i in 1 2 3; do echo same >a$i; : >empty$i; done
	dsv add -q .
	dsv commit -q -m three
	dsv mv -q a1 b1
	dsv mv -q a3 b3
	dsv mv -q empty1 none1
	echo same >b4
	dsv add -q .
	dsv diff --staged --name-status >out
	same out <<-\.
	R	a1	b1
	R	a3	b3
	A	b4
	D	empty1
	A	none1
	.
'

check 'diff: what is not text, or too long, is not shown by lines' '
	dsv add -q .
	dsv commit -q -m two
	head -c 1048577 /dev/zero | tr "\0" x >long.txt
	printf "\377\n" >latin
	dsv add -q .
	dsv commit -q -m three
	echo >>long.txt
	echo >>latin
	dsv diff >out
	same out <<-\.
	modified latin: 2 B → 3 B
	modified long.txt: 1.05 MB → 1.05 MB
	files: 2 modified
	.
'

check 'diff: without a diff program files are still listed' '
	echo a >notes.txt
	dsv add notes.txt
	echo b >>notes.txt
	mkdir none
	PATH=none "$BUILD/dsv" diff notes.txt >out
	same out <<-\.
	modified notes.txt: 2 B → 4 B
	files: 1 modified
	.
'

check 'diff: no newline at the end, control bytes' '
	printf "id\n1\n" >notes.txt
	dsv add -q .
	dsv commit -q -m two
	printf "id\n1\033[31m" >notes.txt
	dsv diff notes.txt >out
	same out <<-\.
	modified notes.txt: 5 B → 9 B
	@@ -1,2 +1,2 @@
	 id
	-1
	+1\x1b[31m
	\ No newline at end of file
	files: 1 modified
	.
'

check 'diff: before the first version' '
	cd ..
	mkdir fresh
	cd fresh
	dsv init -q
	dsv diff --exit-code
	dsv diff --staged --exit-code
	echo x >x
	dsv add -q .
	dsv diff --staged --name-status >out
	same out <<-\.
	A	x
	.
	fails 3 "dsv: \"main\" is neither a revision nor a path here; put \"--\" before a path of another version" \
		dsv diff main
'

# ---- rows -------------------------------------------------------------------

cat >"$SHARED/tables" <<'END2'
printf 'id,name,price\n1,bolt,0.12\n2,nut,0.08\n3,screw,0.30\n4,nail,0.02\n' \
	>old.csv
printf 'id,title,price,unit\n1,bolt,0.12,\n3,screw,0.28,box\n4,nail,0.02,kg\n5,pin,0.01,\n' \
	>new.csv
END2

check 'diff --no-index --key: two files outside of any repository' '
	. "$SHARED/tables"
	rm -rf .dsv
	dsv diff --no-index --key id old.csv new.csv >out
	same out <<-\.
	column: name → title
	column: + unit
	  id  title  price        unit
	- 2   nut    0.08
	~ 3   screw  0.30 → 0.28  box
	+ 5   pin    0.01
	rows: 1 inserted, 1 updated, 1 deleted, 2 unchanged; schema: +1 column, 1 renamed
	.
	expect_status 1 dsv diff --no-index --exit-code old.csv new.csv
	dsv diff --no-index --exit-code old.csv old.csv >out
	same out <<-\.
	rows: 4 unchanged
	.
	dsv diff --no-index -R --key id old.csv new.csv >out
	same out <<-\.
	column: title → name
	column: - unit
	  id  name   price        unit
	+ 2   nut    0.08
	~ 3   screw  0.28 → 0.30
	- 5   pin    0.01
	rows: 1 inserted, 1 updated, 1 deleted, 2 unchanged; schema: -1 column, 1 renamed
	.
	expect_status 2 dsv diff --no-index old.csv 2>err
	same err <<-\.
	dsv: --no-index takes two files
	.
	echo text >a.txt
	expect_status 2 dsv diff --no-index old.csv a.txt 2>err
	same err <<-\.
	dsv: "old.csv" and "a.txt" are not compared as rows: one is no table by its name (.csv, .tsv, .jsonl); "diff -u" compares text
	.
	expect_status 3 dsv diff --no-index old.csv none.csv 2>err
	same err <<-\.
	dsv: cannot open "none.csv": No such file or directory
	.
	expect_status 3 dsv diff --no-index --key nr old.csv new.csv 2>err
	same err <<-\.
	dsv: there is no column "nr" on both sides of "new.csv"
	.
'

check 'diff --schema: only columns' '
	. "$SHARED/tables"
	dsv diff --no-index --schema --key id old.csv new.csv >out
	dsv diff --no-index --schema old.csv old.csv >>out
	same out <<-\.
	column: name → title
	column: + unit
	schema: +1 column, 1 renamed
	schema: the same
	.
'

check 'diff --columns --ignore-column --where --only --limit: fewer rows' '
	. "$SHARED/tables"
	two() { dsv diff --no-index --key id "$@" old.csv new.csv >>out; }
	two --columns price
	two --ignore-column price --ignore-column unit
	two --where price=0.28
	two --only delete
	two --limit 1
	same out <<-\.
	column: name → title
	column: + unit
	  id  price
	- 2   0.08
	~ 3   0.30 → 0.28
	+ 5   0.01
	rows: 1 inserted, 1 updated, 1 deleted, 2 unchanged; schema: +1 column, 1 renamed
	column: name → title
	column: + unit
	  id  title
	- 2   nut
	+ 5   pin
	rows: 1 inserted, 1 deleted, 3 unchanged; schema: +1 column, 1 renamed
	column: name → title
	column: + unit
	  id  title  price        unit
	~ 3   screw  0.30 → 0.28  box
	rows: 1 inserted, 1 updated, 1 deleted, 2 unchanged; schema: +1 column, 1 renamed
	column: name → title
	column: + unit
	  id  title  price  unit
	- 2   nut    0.08
	rows: 1 inserted, 1 updated, 1 deleted, 2 unchanged; schema: +1 column, 1 renamed
	column: name → title
	column: + unit
	  id  title  price  unit
	- 2   nut    0.08
	(2 rows not shown)
	rows: 1 inserted, 1 updated, 1 deleted, 2 unchanged; schema: +1 column, 1 renamed
	.
	expect_status 2 dsv diff --no-index --where price old.csv new.csv 2>err
	same err <<-\.
	dsv: --where takes COLUMN=VALUE
	.
'

# Single quotes are shown as ^.
check 'diff --format: jsonl, csv, md, daff, sql' '
	. "$SHARED/tables"
	for form in jsonl csv md daff sql; do
		dsv diff --no-index --key id --format $form old.csv new.csv
	done | tr "\047" "^" >out
	same out <<-\.
	{"path":"new.csv","operation":"schema","status":"modified","columns":["id","title","price","unit"],"added":["unit"],"removed":[],"renamed":{"name":"title"},"dialect":{"format":"csv","delimiter":",","quote":"\"","header":true,"encoding":"utf-8","bom":false,"line_end":"lf"}}
	{"path":"new.csv","operation":"delete","record_id":"2","row":2,"before":{"id":"2","title":"nut","price":"0.08"}}
	{"path":"new.csv","operation":"update","record_id":"3","row":3,"payload":{"price":"0.28","unit":"box"},"before":{"price":"0.30"}}
	{"path":"new.csv","operation":"update","record_id":"4","row":4,"payload":{"unit":"kg"},"before":{}}
	{"path":"new.csv","operation":"insert","record_id":"5","payload":{"id":"5","title":"pin","price":"0.01","unit":""}}
	path,operation,record,column,before,after
	"new.csv",delete,"2","id","2",
	"new.csv",delete,"2","title","nut",
	"new.csv",delete,"2","price","0.08",
	"new.csv",update,"3","price","0.30","0.28"
	"new.csv",update,"3","unit",,"box"
	"new.csv",update,"4","unit",,"kg"
	"new.csv",insert,"5","id",,"5"
	"new.csv",insert,"5","title",,"pin"
	"new.csv",insert,"5","price",,"0.01"
	"new.csv",insert,"5","unit",,""
	### new.csv

	|  | id | name → title | price | \+ unit |
	|---|---|---|---|---|
	| \- | 2 | nut | 0.08 |  |
	| \~ | 3 | screw | 0.30 → **0.28** |  → **box** |
	| \+ | 5 | pin | 0.01 |  |

	rows: 1 inserted, 1 updated, 1 deleted, 2 unchanged; schema: +1 column, 1 renamed
	!,,"(name)",,+++
	@@,"id","title","price","unit"
	---,"2","nut","0.08",""
	->,"3","screw","0.30->0.28","->box"
	->,"4","nail","0.02","->kg"
	+++,"5","pin","0.01",""
	begin;
	alter table "new" rename column "name" to "title";
	alter table "new" add column "unit" text;
	delete from "new" where "id" = ^2^;
	update "new" set "price" = ^0.28^, "unit" = ^box^ where "id" = ^3^;
	update "new" set "unit" = ^kg^ where "id" = ^4^;
	insert into "new" ("id", "title", "price", "unit") values (^5^, ^pin^, ^0.01^, ^^);
	commit;
	.
	expect_status 2 dsv diff --format csv --stat 2>err
	same err <<-\.
	dsv: --format is for rows; leave out what asks for something else
	.
'

check 'diff --format html: a page that needs nothing else' '
	. "$SHARED/tables"
	dsv diff --no-index --key id --format html old.csv new.csv >page
	sed "1,/<body>/d" page >out
	same out <<-\.
	<h1>Differences</h1>
	<p class="dim">old.csv → new.csv</p>
	<section>
	<h2>new.csv</h2>
	<div class="scroll">
	<table>
	<thead><tr><th class="mark"></th><th dir="auto">id</th><th dir="auto"><del>name</del> <ins>title</ins></th><th dir="auto">price</th><th dir="auto"><ins>unit</ins></th></tr></thead>
	<tbody>
	<tr class="del"><td class="mark">−</td><td dir="auto">2</td><td dir="auto">nut</td><td dir="auto">0.08</td><td dir="auto"></td></tr>
	<tr class="upd"><td class="mark">~</td><td dir="auto">3</td><td dir="auto">screw</td><td class="cell" dir="auto"><del>0.30</del> <ins>0.28</ins></td><td class="cell" dir="auto"><del></del> <ins>box</ins></td></tr>
	<tr class="ins"><td class="mark">+</td><td dir="auto">5</td><td dir="auto">pin</td><td dir="auto">0.01</td><td dir="auto"></td></tr>
	</tbody>
	</table>
	</div>
	<p>rows: 1 inserted, 1 updated, 1 deleted, 2 unchanged; schema: +1 column, 1 renamed</p>
	</section>
	</body>
	</html>
	.
	! grep -E "<script|https?:|src=|@import|url\\(" page || exit 1
'

check 'diff --format: what a new file holds, what is no table' '
	dsv add -q .
	dsv diff --staged --format jsonl -- labels added >out 2>&1
	rm -r labels
	dsv diff --format jsonl -- labels >>out
	dsv diff HEAD --format md -- prices.csv added >>out
	same out <<-\.
	"added" is no table: left out
	{"path":"labels/train.csv","operation":"insert","payload":{"image":"2","label":"dog"}}
	{"path":"labels/train.csv","operation":"schema","status":"deleted","columns":[],"added":[],"removed":["image","label"],"renamed":{}}
	{"path":"labels/train.csv","operation":"delete","row":1,"before":{"image":"1","label":"cat"}}
	{"path":"labels/train.csv","operation":"delete","row":2,"before":{"image":"2","label":"dog"}}
	### added

	added; it is no table

	### prices.csv

	|  | id | price |
	|---|---|---|
	| \~ | 2 | 20 → **21** |
	| \+ | 3 | 30 |

	rows: 1 inserted, 1 updated, 1 unchanged
	.
'

check 'diff --format sql: makes the older table the newer one' '
	. "$SHARED/tables"
	dsv diff --no-index --key id --format sql old.csv new.csv >diff.sql
	{
		echo ".mode csv"
		echo ".import old.csv old"
		sed "s/\"new\"/\"old\"/g" diff.sql
		echo ".mode list"
		echo ".separator ,"
		echo ".headers on"
		echo "select * from old order by id;"
	} | sqlite3 >out
	same out <new.csv
'

check 'diff --where, --columns: a column that is not there is named' '
	printf "id,a\n1,x\n" >old.csv
	printf "id,a\n1,y\n" >new.csv
	dsv diff --no-index --where b=y --columns a,c old.csv new.csv \
		>out 2>err
	same err <<-\.
	warning: "new.csv" has no column "b"
	warning: "new.csv" has no column "c"
	.
'

check 'diff --key: a column with a new name is not missing' '
	printf "nr,a\n1,x\n2,z\n3,v\n" >old.csv
	printf "id,a\n1,y\n2,z\n3,v\n" >new.csv
	dsv diff --no-index --key id old.csv new.csv >out 2>err
	grep -q "nr → id" out
	[ ! -s err ]
'

check 'diff --format sql: a row of JSON Lines is found by its key' '
	printf "{\"id\":1,\"a\":1}\n{\"id\":2,\"a\":1}\n" >old.jsonl
	printf "{\"id\":1,\"a\":2}\n{\"id\":2,\"a\":1}\n" >new.jsonl
	dsv diff --no-index --key id --format sql old.jsonl new.jsonl |
		tr "\047" "^" >out
	same out <<-\.
	begin;
	update "new" set "a" = ^2^ where "id" = ^1^;
	commit;
	.
	dsv diff --no-index --format sql old.jsonl new.jsonl >out
	grep -q "where" out
'

check 'diff: nothing in a cell disturbs what shows it' '
	printf "id,a\n1,x\n2,y\n3,z\n4,w\n5,v\n6,u\n" >old.csv
	{
		printf "id,a\n1,\033[31mred\n2,=cmd|1\n3,\"<b>&\"\"|\n*\"\n"
		printf "4,-7\n5,\342\200\256evil\n6,"
		printf "%050d\n" 0
	} >new.csv
	for form in table jsonl csv md html daff sql; do
		dsv diff --no-index --key id --format $form old.csv new.csv |
			sed "1,/<tbody>/d; /<\/tbody>/,\$d" >page
		dsv diff --no-index --key id --format $form old.csv new.csv |
			tr "\047" "^" >text
		if [ $form = html ]; then cat page; else cat text; fi
	done >out
	! LC_ALL=C grep -q "$(printf "[\033\256]")" out || exit 1
	same out <<-\.
	  id  a
	~ 1   x → \x1b[31mred
	~ 2   y → =cmd|1
	~ 3   z → <b>&"|\n*
	~ 4   w → -7
	~ 5   v → \xe2\x80\xaeevil
	~ 6   u → 000000000000000000000000000000000000000…
	rows: 6 updated
	{"path":"new.csv","operation":"update","record_id":"1","row":1,"payload":{"a":"\u001b[31mred"},"before":{"a":"x"}}
	{"path":"new.csv","operation":"update","record_id":"2","row":2,"payload":{"a":"=cmd|1"},"before":{"a":"y"}}
	{"path":"new.csv","operation":"update","record_id":"3","row":3,"payload":{"a":"<b>&\"|\n*"},"before":{"a":"z"}}
	{"path":"new.csv","operation":"update","record_id":"4","row":4,"payload":{"a":"-7"},"before":{"a":"w"}}
	{"path":"new.csv","operation":"update","record_id":"5","row":5,"payload":{"a":"\u202eevil"},"before":{"a":"v"}}
	{"path":"new.csv","operation":"update","record_id":"6","row":6,"payload":{"a":"00000000000000000000000000000000000000000000000000"},"before":{"a":"u"}}
	path,operation,record,column,before,after
	"new.csv",update,"1","a","x","\x1b[31mred"
	"new.csv",update,"2","a","y","^=cmd|1"
	"new.csv",update,"3","a","z","<b>&""|\n*"
	"new.csv",update,"4","a","w","-7"
	"new.csv",update,"5","a","v","\xe2\x80\xaeevil"
	"new.csv",update,"6","a","u","00000000000000000000000000000000000000000000000000"
	### new.csv

	|  | id | a |
	|---|---|---|
	| \~ | 1 | x → **\\x1b\[31mred** |
	| \~ | 2 | y → **=cmd\|1** |
	| \~ | 3 | z → **&lt;b&gt;&amp;"\|\\n\*** |
	| \~ | 4 | w → **-7** |
	| \~ | 5 | v → **\\xe2\\x80\\xaeevil** |
	| \~ | 6 | u → **00000000000000000000000000000000000000000000000000** |

	rows: 6 updated
	<tr class="upd"><td class="mark">~</td><td dir="auto">1</td><td class="cell" dir="auto"><del>x</del> <ins>\x1b[31mred</ins></td></tr>
	<tr class="upd"><td class="mark">~</td><td dir="auto">2</td><td class="cell" dir="auto"><del>y</del> <ins>=cmd|1</ins></td></tr>
	<tr class="upd"><td class="mark">~</td><td dir="auto">3</td><td class="cell" dir="auto"><del>z</del> <ins>&lt;b&gt;&amp;&quot;|\n*</ins></td></tr>
	<tr class="upd"><td class="mark">~</td><td dir="auto">4</td><td class="cell" dir="auto"><del>w</del> <ins>-7</ins></td></tr>
	<tr class="upd"><td class="mark">~</td><td dir="auto">5</td><td class="cell" dir="auto"><del>v</del> <ins>\xe2\x80\xaeevil</ins></td></tr>
	<tr class="upd"><td class="mark">~</td><td dir="auto">6</td><td class="cell" dir="auto"><del>u</del> <ins>00000000000000000000000000000000000000000000000000</ins></td></tr>
	@@,"id","a"
	->,"1","x->\x1b[31mred"
	->,"2","y->=cmd|1"
	->,"3","z-><b>&""|\n*"
	->,"4","w->-7"
	->,"5","v->\xe2\x80\xaeevil"
	->,"6","u->00000000000000000000000000000000000000000000000000"
	begin;
	update "new" set "a" = cast(x^1B5B33316D726564^ as text) where "id" = ^1^;
	update "new" set "a" = ^=cmd|1^ where "id" = ^2^;
	update "new" set "a" = ^<b>&"|
	*^ where "id" = ^3^;
	update "new" set "a" = ^-7^ where "id" = ^4^;
	update "new" set "a" = cast(x^E280AE6576696C^ as text) where "id" = ^5^;
	update "new" set "a" = ^00000000000000000000000000000000000000000000000000^ where "id" = ^6^;
	commit;
	.
'

check 'diff: JSON Lines by path, numbers as they are written' '
	echo "*.jsonl key=id" >>.dsvattributes
	printf "{\"id\":1,\"u\":{\"n\":\"a\",\"t\":[1,2]},\"x\":1.0}\n" >t.jsonl
	echo "{\"id\":2,\"x\":null}" >>t.jsonl
	dsv add -q . && dsv commit -q -m two
	printf "{\"x\":1.00, \"id\":1,\"u\":{\"n\":\"a\",\"t\":[1,3]}}\n" >t.jsonl
	echo "{\"id\":2}" >>t.jsonl
	dsv diff t.jsonl >out
	dsv diff --format jsonl t.jsonl >>out
	same out <<-\.
	modified t.jsonl: 59 B → 52 B
	  id  u.n  u.t[0]  u.t[1]  x
	~ 1   a    1       2 → 3   1.0 → 1.00
	~ 2                        null → (none)
	rows: 2 updated
	files: 1 modified
	{"path":"t.jsonl","operation":"update","record_id":1,"row":1,"payload":{"x":1.00,"u":{"n":"a","t":[1,3]}},"before":{"u":{"n":"a","t":[1,2]},"x":1.0}}
	{"path":"t.jsonl","operation":"update","record_id":2,"row":2,"payload":{},"before":{"x":null},"unset":["x"]}
	.
	# All columns are named, though they are known from the rows only.
	dsv diff --format md t.jsonl | sed -n 3,5p >out
	dsv diff --format daff t.jsonl | head -n 1 >>out
	dsv diff --format html t.jsonl | grep -c "<th dir=\"auto\">u.t\[0\]" >>out
	same out <<-\.
	|  | id | u.n | u.t\[0\] | u.t\[1\] | x |
	|---|---|---|---|---|---|
	| \~ | 1 | a | 1 | 2 → **3** | 1.0 → **1.00** |
	@@,"id","u.n","u.t[0]","u.t[1]","x"
	1
	.
'

check 'diff: keys that are there twice, rows without one' '
	printf "id,a,b,c\n1,x,p,q\n1,y,p,q\n1,z,p,q\n,k,l,m\n" >old.csv
	printf "id,a,b,c\n1,z,p,q\n1,w,p,q\n1,x,p,r\n,k,l,n\n" >new.csv
	dsv diff --no-index --key id old.csv new.csv >out
	same out <<-\.
	  id  a      b  c
	~ 1   x → w  p  q
	~ 1   y → x  p  q → r
	~     k      l  m → n
	2 keys more than once among these rows, the first in rows 1 and 2 of the older table
	rows: 3 updated, 1 unchanged
	.
'

check 'diff: a wide table shows the key and what changed first' '
	awk "BEGIN { for (i = 1; i <= 40; i++) printf \"column%d,\", i
		print \"id\"; for (i = 1; i <= 40; i++) printf \"v%d,\", i
		print 7 }" >old.csv
	sed "s/v33/changed/" old.csv >new.csv
	dsv diff --no-index --key id old.csv new.csv >out
	COLUMNS=20 dsv diff --no-index --key id old.csv new.csv >>out
	same out <<-\.
	  column1  column2  column3  column4  column5  column6  column33       id  (+33 columns)
	~ v1       v2       v3       v4       v5       v6       v33 → changed  7
	rows: 1 updated
	  column33       id  (+39 columns)
	~ v33 → changed  7
	rows: 1 updated
	.
'

check 'diff: versions of a real table' '
	cp "$ROOT"/tests/data/sp500/2*.csv .
	before=
	for f in 2*.csv; do
		[ -z "$before" ] || {
			printf "%s: " "${f%.csv}"
			dsv diff --no-index --key Symbol $before $f | tail -1
		}
		before=$f
	done >out
	dsv diff --no-index --schema --key Symbol 2023-03-07.csv 2023-04-13.csv >>out
	same out <<-\.
	2014-07-28: rows: 42 inserted, 2 updated, 41 deleted, 457 unchanged
	2016-02-23: rows: 46 inserted, 72 updated, 43 deleted, 386 unchanged
	2018-04-02: rows: 67 inserted, 69 updated, 66 deleted, 369 unchanged
	2021-06-10: rows: 75 inserted, 249 updated, 75 deleted, 181 unchanged
	2022-12-24: rows: 33 inserted, 113 updated, 35 deleted, 357 unchanged
	2023-03-07: rows: 1 inserted, 501 updated, 2 deleted
	2023-04-13: rows: 4 inserted, 81 updated, 3 deleted, 418 unchanged; schema: +5 columns, 2 renamed
	2024-12-08: rows: 32 inserted, 106 updated, 32 deleted, 365 unchanged; schema: 1 renamed
	2024-12-10: rows: 503 unchanged; schema: 1 renamed
	2025-07-24: rows: 11 inserted, 16 updated, 11 deleted, 476 unchanged
	2026-08-08: rows: 26 inserted, 19 updated, 26 deleted, 458 unchanged
	column: Name → Security
	column: + GICS Sector
	column: Sector → GICS Sub-Industry
	column: + Headquarters Location
	column: + Date added
	column: + CIK
	column: + Founded
	schema: +5 columns, 2 renamed
	.
'

setup ""
check 'diff --decision: only rows in that state in the newer version' '
	dsv init -q
	dsv track -q "*.csv" --key id
	printf "id,name,price\r\n1,bolt,0.12\r\n2,nut,0.08\r\n3,screw,0.30" >t.csv
	dsv add -q .
	dsv commit -q -m one
	printf "id,name,price\n1,bolt,0.13\n2,nut,0.09\n4,washer,0.02\n" >t.csv
	dsv commit -q -a -m two
	dsv decide -q t.csv approve --key 1
	dsv decide -q t.csv reject --key 4 -m no
	for state in pending approved rejected modify; do
		echo "- $state"
		dsv diff v1 v2 --decision $state
	done >out
	dsv diff v1..v2 --decision approved --format jsonl >>out
	same out <<-\.
	- pending
	modified t.csv: 52 B → 51 B, 4 records
	  id  name  price
	~ 2   nut   0.08 → 0.09
	rows: 1 inserted, 2 updated, 1 deleted; written in another way
	files: 1 modified
	- approved
	modified t.csv: 52 B → 51 B, 4 records
	  id  name  price
	~ 1   bolt  0.12 → 0.13
	rows: 1 inserted, 2 updated, 1 deleted; written in another way
	files: 1 modified
	- rejected
	modified t.csv: 52 B → 51 B, 4 records
	  id  name    price
	+ 4   washer  0.02
	rows: 1 inserted, 2 updated, 1 deleted; written in another way
	files: 1 modified
	- modify
	modified t.csv: 52 B → 51 B, 4 records
	rows: 1 inserted, 2 updated, 1 deleted; written in another way
	files: 1 modified
	{"path":"t.csv","operation":"schema","status":"modified","columns":["id","name","price"],"added":[],"removed":[],"renamed":{},"dialect":{"format":"csv","delimiter":",","quote":"\"","header":true,"encoding":"utf-8","bom":false,"line_end":"lf"}}
	{"path":"t.csv","operation":"update","record_id":"1","row":1,"payload":{"price":"0.13"},"before":{"price":"0.12"}}
	.
	for args in v1 "v1 --staged" "-R v1 v2"; do
		fails 2 "dsv: --decision is about the rows of a version; say \"dsv diff A B\", the newer one last" \
			dsv diff --decision pending $args
	done
	fails 2 "dsv: --no-index knows no decisions" \
		dsv diff --no-index --decision pending t.csv t.csv
'

check 'diff: a key that is no column is told' '
	dsv init -q
	printf "id,n\n1,a\n2,b\n" >t.csv
	echo "t.csv key=nope" >.dsvattributes
	dsv add -q .
	dsv commit -q -m one
	printf "id,n\n2,b\n1,c\n" >t.csv
	cp t.csv new.csv
	dsv diff --stat t.csv >out 2>err
	same err <<-\.
	warning: "t.csv" is compared without its key: there is no column "nope" on both sides
	.
	echo "*.csv key=id" >.dsvattributes
	dsv add -q .
	dsv diff --staged >out 2>err
	[ ! -s err ]
	[ "$(dsv diff -q --staged | cksum)" = "$(cksum <out)" ]
'

check 'diff: a header of one name many times over' '
	awk "BEGIN { for (i = 1; i < 50000; i++) printf \"a,\"; print \"a\" }" >h
	awk "BEGIN { for (i = 1; i < 50000; i++) printf \"1,\"; print \"1\" }" >r
	cat h r >old.csv
	sed "s/1\$/2/" r | cat h - >new.csv
	timeout -s KILL 20 dsv diff --no-index --format jsonl old.csv \
		new.csv >delta
	grep -c "\"payload\":{\"a#50000\":\"2\"}" delta
'

check 'diff: escapes in JSON in Latin-1 are the characters that they say' '
	dsv init -q
	printf "*.jsonl encoding=latin-1 key=id\n" >.dsvattributes
	printf "{\"id\":\"\\\\u20ac\\\\u00e9\351\"}\n" >l.jsonl
	dsv add -q .
	: >l.jsonl
	dsv diff --format jsonl l.jsonl | grep "\"record_id\":\"€éé\""
'

check 'diff: a file that is nothing but a BOM has no rows' '
	printf "\357\273\277" >bom.jsonl
	printf "\357\273\277{\"id\":1}\n" >one.jsonl
	dsv diff --no-index bom.jsonl bom.jsonl >out
	dsv diff --no-index one.jsonl bom.jsonl >>out
	same out <<-\.
	rows: 0 unchanged
	  id
	- 1
	rows: 1 deleted
	.
	dsv init -q
	dsv add -q bom.jsonl
	dsv commit -qm bom
	dsv show --stat >out
	grep "bom.jsonl: rows: 0 inserted" out
'

finish
