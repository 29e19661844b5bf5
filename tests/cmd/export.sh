#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

# v1: a table, a program, a link; v2: the table grew, labels were added.
cat >"$SHARED/make" <<'END'
dsv init -q
mkdir data
printf 'id,price\n1,10\n' >data/prices.csv
printf '#!/bin/sh\necho hi\n' >run.sh
chmod 755 run.sh
ln -s data/prices.csv latest
dsv add -q .
DSV_DATE=2024-03-31T08:00:01Z dsv commit -q -m one
printf '2,20\n' >>data/prices.csv
mkdir labels
printf 'image,label\n1,cat\n' >labels/train.csv
printf '{"fields":[]}\n' >labels/schema.json
printf 'labels/* dataset=labels\nlabels/*.json component=schema\n' \
	>.dsvattributes
dsv add -q .
DSV_DATE=2024-09-02T08:00:03Z dsv commit -q -m two
END

# list TREE: what is there, of what type and mode, with what inside.
list() {
	(cd "$1" && find . ! -type d -printf '%P %y %m %l\n' | sort)
}

# twice ARG...: the archive has the same bytes here and in other surroundings.
twice() {
	dsv export -q "$@" -o ../one
	(
		umask 077
		TZ=EST5EDT LC_ALL=C.UTF-8 DSV_THREADS=1
		export TZ LC_ALL DSV_THREADS

		dsv export -q "$@" -o ../two
	)
	cmp ../one ../two
	rm ../one ../two
}
setup 'mkdir repo; cd repo; . "$SHARED/make"'

check 'export --output: a directory with files, modes and links' '
	dsv export -o ../out >../said
	list ../out >../listed
	same ../listed <<-\.
	.dsvattributes f 644 
	data/prices.csv f 644 
	labels/schema.json f 644 
	labels/train.csv f 644 
	latest l 777 data/prices.csv
	run.sh f 755 
	.
	diff -r --no-dereference --exclude=.dsv . ../out
	[ "$(find .. -name "*partial*")" = "" ]
	grep -qE "^exported 6 files \([0-9]+ B\) of [0-9a-f]{8} to ../out$" ../said
'

check 'export: files have the time of the version' '
	dsv export -q -o ../out
	dsv export -q -o ../out.tar
	dsv export -q -o ../out.zip
	[ "$(stat -c %Y ../out/run.sh)" = 1725264003 ]
	[ "$(stat -c %Y ../out/latest)" = 1725264003 ]
	mkdir ../t ../z
	tar -xf ../out.tar -C ../t
	[ "$(stat -c %Y ../t/data/prices.csv)" = 1725264003 ]
	unzip -q ../out.zip -d ../z
	[ "$(stat -c %Y ../z/data/prices.csv)" = 1725264003 ]
'

check 'export: the kind of archive is what its name ends in' '
	dsv export -q -o ../dir
	for kind in tar tar.gz tgz tar.zst tzst; do
		dsv export -q -o ../out.$kind
		mkdir ../$kind
		tar -xf ../out.$kind -C ../$kind
		diff -r --no-dereference ../dir ../$kind
		[ -x ../$kind/run.sh ]
	done
	gzip -t ../out.tgz
	zstd -qt ../out.tzst
	dsv export -q -o ../out.zip
	unzip -q ../out.zip -d ../zip
	diff -r --no-dereference ../dir ../zip
	[ -x ../zip/run.sh ]
'

check 'export --format: whatever the name ends in' '
	dsv export -q --format zip -o ../out.tar
	unzip -tq ../out.tar >/dev/null
	dsv export -q --format tar -o ../release-1.2
	tar -tf ../release-1.2 >/dev/null
	dsv export -q --format dir -o ../table.csv
	[ -d ../table.csv ]
	fails 2 "dsv: \"--format\" is \"dir\", \"tar\", \"tar.gz\", \"tar.zst\" or \"zip\", not \"rar\"" dsv export --format rar -o ../x
'

check 'export: owners, order and names in an archive are ours' '
	dsv export -q -o - --format tar | TZ=UTC tar -tvf - --full-time >../out
	same ../out <<-\.
	-rw-r--r-- 0/0              55 2024-09-02 08:00:03 .dsvattributes
	-rw-r--r-- 0/0              19 2024-09-02 08:00:03 data/prices.csv
	-rw-r--r-- 0/0              14 2024-09-02 08:00:03 labels/schema.json
	-rw-r--r-- 0/0              18 2024-09-02 08:00:03 labels/train.csv
	lrwxrwxrwx 0/0               0 2024-09-02 08:00:03 latest -> data/prices.csv
	-rwxr-xr-x 0/0              18 2024-09-02 08:00:03 run.sh
	.
'

check 'export: the same version is the same bytes, wherever and whenever' '
	for kind in tar tar.gz tar.zst zip; do
		twice --format $kind
		twice --format $kind v1 data
	done
'

check 'export --output -: an archive on standard output' '
	dsv export --format tar.zst -o - >../a 2>../said
	[ ! -s ../said ]
	dsv export -q -o ../b.tar.zst
	cmp ../a ../b.tar.zst
	fails 2 "dsv: say in which format to write to standard output, as in --format tar" dsv export -o -
	fails 2 "dsv: a directory cannot go to standard output; choose an archive, as in --format tar" dsv export --format dir -o -
	fails 2 "dsv: --json and -o - both want standard output" dsv export --json --format tar -o -
'

check 'export --output -: its reader has seen enough' '
	seq 200000 >many.txt
	dsv add -q many.txt
	dsv commit -q -m many
	{ dsv export --format tar -o - 2>../said; echo $? >../status; } |
		head -c 1 >../first
	[ ! -s ../said ]
	[ "$(cat ../status)" = 0 ]
'

check 'export --output -: not to a terminal' '
	command -v script >/dev/null || skip "no script(1) to make a terminal"
	not script -qec "dsv export --format tar -o -" /dev/null >../out
	grep -q "standard output is a terminal" ../out
	[ "$(wc -c <../out)" -lt 200 ]
'

check 'export --prefix: everything below a directory' '
	dsv export -q --prefix q1/prices v1 -o - --format tar | tar -tf - >../out
	same ../out <<-\.
	q1/prices/data/prices.csv
	q1/prices/latest
	q1/prices/run.sh
	.
	dsv export -q --prefix q1/ v1 data -o ../dir
	[ -f ../dir/q1/data/prices.csv ]
	for bad in /abs ../up a/../b a//b . .dsv/x; do
		expect_status 2 dsv export --prefix $bad -o ../bad 2>../said
		grep -q "is not a relative path without" ../said
	done
	[ ! -e ../bad ]
'

check 'export: an older version, some paths, a pattern' '
	dsv export -q v1 -o ../v1
	list ../v1 >../listed
	same ../listed <<-\.
	data/prices.csv f 644 
	latest l 777 data/prices.csv
	run.sh f 755 
	.
	printf "id,price\n1,10\n" | cmp - ../v1/data/prices.csv
	dsv export -q -o ../some labels run.sh
	[ "$(cd ../some && find . -type f | wc -l)" = 3 ]
	dsv export -q HEAD -o ../csv -- "*.csv"
	list ../csv >../listed
	same ../listed <<-\.
	data/prices.csv f 644 
	labels/train.csv f 644 
	.
	cd labels
	dsv export -q -o ../../here train.csv
	[ -f ../../here/labels/train.csv ]
'

check 'export --dataset, --component: what they select' '
	dsv export -q --dataset labels -o ../set
	list ../set >../listed
	same ../listed <<-\.
	labels/schema.json f 644 
	labels/train.csv f 644 
	.
	dsv export -q --dataset labels --component schema -o ../schema
	list ../schema >../listed
	same ../listed <<-\.
	labels/schema.json f 644 
	.
	fails 3 "dsv: nothing in this version is selected; \"dsv ls\" says what is in it" dsv export --component none -o ../none
	[ ! -e ../none ]
'

check 'export --force: replaces a file, and files in a directory' '
	echo old >../out.tar
	fails 3 "dsv: \"../out.tar\" is there already; --force replaces it" dsv export -o ../out.tar
	echo old | cmp - ../out.tar
	dsv export -q --force -o ../out.tar
	tar -tf ../out.tar >/dev/null
	mkdir -p ../dir/data
	echo mine >../dir/data/mine
	echo old >../dir/run.sh
	fails 3 "dsv: \"../dir\" is not empty; --force replaces the files in it that have the same names" dsv export -o ../dir
	dsv export -q -f -o ../dir
	cmp run.sh ../dir/run.sh
	echo mine | cmp - ../dir/data/mine
	rm ../dir/data/mine
	diff -r --no-dereference --exclude=.dsv . ../dir
'

check 'export --force: what is in the way is found before anything moves' '
	mkdir -p ../dir/run.sh
	echo old >../dir/latest
	expect_status 3 dsv export -f -o ../dir 2>../said
	same ../said <<-\.
	dsv: "run.sh" in "../dir" is in the way: a file is to be there
	.
	list ../dir >../listed
	same ../listed <<-\.
	latest f 644 
	.
	rmdir ../dir/run.sh
	echo old >../dir/data
	expect_status 3 dsv export -f -o ../dir 2>../said
	same ../said <<-\.
	dsv: "data" in "../dir" is in the way: a directory is to be there
	.
'

check 'export --force: a link in the directory is replaced, not followed' '
	mkdir ../dir ../elsewhere
	echo safe >../elsewhere/run.sh
	ln -s ../elsewhere/run.sh ../dir/run.sh
	ln -s ../elsewhere ../dir/labels
	expect_status 3 dsv export -f -o ../dir 2>../said
	rm ../dir/labels
	dsv export -q -f -o ../dir
	[ ! -L ../dir/run.sh ]
	[ "$(ls ../elsewhere)" = run.sh ]
	echo safe | cmp - ../elsewhere/run.sh
'

check 'export: an empty directory, and one behind a link, are taken' '
	mkdir ../empty ../real
	ln -s real ../link
	dsv export -q -o ../empty
	dsv export -q -o ../link/
	for d in ../empty ../real; do
		diff -r --no-dereference --exclude=.dsv . $d
	done
	[ -L ../link ]
	cd ../empty
	rm -r ./* .dsvattributes
	dsv -C ../repo export -q -o "$PWD"
	[ -x run.sh ]
'

check 'export: names of every kind' '
	echo 1 >"new
line"
	echo 2 >"$(printf "\303\274n\303\257")"
	echo 3 >"-o"
	dsv add -q .
	dsv commit -q -m names
	dsv export -q -o ../dir
	diff -r --no-dereference --exclude=.dsv . ../dir
	for kind in tar tar.zst; do
		mkdir ../$kind
		dsv export -q --format $kind -o - | tar -x --$(
			[ $kind = tar ] && echo no-auto-compress || echo zstd
		) -C ../$kind -f -
		diff -r --no-dereference ../dir ../$kind
	done
	twice --format zip
	dsv export -q -o ../out.zip
	LC_ALL=C.UTF-8 unzip -q ../out.zip -d ../zip
	[ -f "../zip/$(printf "\303\274n\303\257")" ]
	echo 4 >"$(printf "b\377d")"
	dsv add -q .
	dsv commit -q -m bytes
	twice --format tar
	dsv export -q -o ../bytes.tar
	mkdir ../bytes
	tar -xf ../bytes.tar -C ../bytes 2>/dev/null
	diff -r --no-dereference --exclude=.dsv . ../bytes
	fails 5 "dsv: a zip cannot hold the name \"b\\xffd\", which is not UTF-8; write a tar instead: --format tar.zst" dsv export -o ../bytes.zip
	[ ! -e ../bytes.zip ]
'

check 'export: a pipe and a device are written to as they are' '
	mkfifo ../pipe
	tar -tf - <../pipe >../listed &
	dsv export -q --format tar -o ../pipe
	wait
	[ "$(wc -l <../listed)" = 6 ]
	[ -p ../pipe ]
	dsv export -q --format tar -o /dev/null
	expect_status 3 dsv export --format tar -o /dev/full 2>../said
	grep -q "No space left" ../said
'

check 'export: what cannot be' '
	fails 2 "dsv: where to? say -o, as in \"dsv export -o release.tar.zst\"" dsv export
	expect_status 3 dsv export nowhere -o ../x 2>../said
	expect_status 2 dsv export v1..v2 -o ../x 2>../said
	same ../said <<-\.
	dsv: "v1..v2" is not one version; name paths after it, as in "dsv export REV PATH"
	.
	fails 3 "dsv: \"nothing.csv\" is not in this version" dsv export -o ../x -- nothing.csv
	fails 3 "dsv: \"labels\" is not in this version" dsv export v1 -o ../x -- labels
	expect_status 3 dsv export -o ../no/such/dir 2>../said
	same ../said <<-\.
	dsv: cannot write "../no/such/dir" into "../no/such": No such file or directory
	.
	expect_status 2 dsv export -o ../x.tar.xz 2>../said
	same ../said <<-\.
	dsv: "../x.tar.xz" does not end like an archive that export writes (.tar, .tar.gz, .tar.zst, .zip); say --format, or use "dsv cat" for one file
	.
	fails 5 "dsv: \".dsv/out\" is inside the repository'\''s own \".dsv\"" dsv export -o .dsv/out
	fails 5 "dsv: \".dsv/out.tar\" is inside the repository'\''s own \".dsv\"" dsv export -o .dsv/out.tar
	fails 5 "dsv: \".dsv\" is inside the repository'\''s own \".dsv\"" dsv export -f -o .dsv
	fails 3 "dsv: \"run.sh\" is there and is not a directory" dsv export --format dir -o run.sh
	[ ! -e ../x ]
'

check 'export: without a version there is nothing' '
	mkdir ../fresh
	cd ../fresh
	dsv init -q
	expect_status 3 dsv export -o out 2>../said
	[ ! -e out ]
'

check 'export --json: what was written' '
	dsv export --json -o ../out.tar >../said
	sed "s/\"id\":\"[0-9a-f]\{64\}\"/\"id\":ID/" ../said >../out
	same ../out <<-\.
	{"id":ID,"output":"../out.tar","format":"tar","files":6,"links":1,"bytes":139}
	.
	[ "$(dsv -q export -o ../again.tar 2>&1)" = "" ]
'

check 'export: damaged bytes are not exported' '
	broken_on_purpose
	for f in .dsv/objects/*/*; do
		chmod u+w $f
		tr "\000-\377" "\001-\377\000" <$f | tail -c +40 >../worse
		dd if=../worse of=$f bs=1 seek=39 conv=notrunc status=none
	done
	for out in dir out.tar out.zip; do
		expect_status 8 dsv export -o ../$out 2>../said
		[ ! -e ../$out ]
	done
	[ "$(find .. -name "*partial*" -o -name ".tmp*")" = "" ]
'
check 'export --retracted: what was retracted, if it has to be' '
	mkdir r
	cd r
	dsv init -q
	echo 1 >a
	dsv add -q a
	dsv commit -qm one
	dsv retract -q
	fails 5 "dsv: v1 (dacada79) is retracted; \"dsv show dacada79\" says why, and \"dsv export --retracted\" exports it nevertheless" \
		dsv export -o out
	dsv export -q --retracted -o out
	cmp a out/a
'

setup ""
check 'export --decision: approved rows of tables, and other files as they are' '
	dsv init -q
	dsv track -q "*.csv" --key id
	printf "id,name,price\r\n1,bolt,0.12\r\n2,nut,0.08\r\n3,screw,0.30" >t.csv
	dsv add -q .
	dsv commit -q -m one
	echo text >notes.txt
	dsv add -q notes.txt
	dsv commit -q -m two
	dsv decide -q t.csv approve --key 1
	dsv decide -q t.csv approve --key 3
	dsv export --decision approved -o dir >out
	cmp notes.txt dir/notes.txt
	tr "\r" @ <dir/t.csv >>out
	dsv export --decision approved -o rows.tar t.csv >>out
	tar -xOf rows.tar t.csv | cmp - dir/t.csv
	dsv export --decision rejected -o rows.zip t.csv --json | sed "s/\"id\":\"[^\"]*\"/…/" >>out
	same out <<-\.
	exported 3 files (60 B) of 2f4a3739 to dir
	id,name,price@
	1,bolt,0.12@
	3,screw,0.30@
	exported 1 file (42 B) of 2f4a3739 to rows.tar
	{…,"output":"rows.zip","format":"zip","files":1,"links":0,"bytes":15}
	.
	echo a,b >k.csv
	echo "k.csv -key" >>.dsvattributes
	dsv add -q .
	dsv commit -q -m three
	fails 5 "dsv: \"k.csv\" has no key; say what tells its rows apart with \"dsv track --key COLUMN\"" \
		dsv export --decision approved -o dir2
	[ ! -e dir2 ]
'

check 'export: only an archive needs libarchive' '
	dsv init -q .
	echo a,b >t.csv
	dsv add -q t.csv
	dsv commit -q -m one
	mkdir lib
	: >lib/libarchive.so.13
	LD_LIBRARY_PATH=$PWD/lib
	export LD_LIBRARY_PATH
	dsv version -v | grep -q "^libarchive missing" ||
		skip "another system finds its libraries elsewhere"
	dsv version --json | grep -q "\"libarchive\":null"
	dsv export -q -o dir
	cmp t.csv dir/t.csv
	fails 3 "dsv: cannot load libarchive ($PWD/lib/libarchive.so.13: file too short); install it" \
		dsv export -o out.tar
	[ ! -e out.tar ]
	unset LD_LIBRARY_PATH
	dsv export -q -o out.tar
	tar -tf out.tar | grep -qx t.csv
'

finish
