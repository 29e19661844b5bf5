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
	{"added":1,"modified":5,"deleted":0,"renamed":1}
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

finish
