#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

# Some checks give their files to another user; see unprivileged.
dsv config set --user safe.directory '*'

setup 'dsv init -q repo; cd repo'

# nobody: this directory belongs to the user of "unprivileged" from now on.
nobody() {
	[ "$(id -u)" != 0 ] || chown -R 65534 .
	chmod 755 ..
}

# staged: paths in the stage, with what differs from the last version.
staged() {
	dsv status -s --untracked none >../staged
	same ../staged
}

check 'add: files, and directories with what is in them' '
	mkdir -p data/deep
	echo a >a.csv
	echo b >b.csv
	echo c >data/c.csv
	echo d >data/deep/d.csv
	dsv add a.csv data >../out
	[ ! -s ../out ]
	dsv status -s >../out
	same ../out <<-\.
	A  a.csv
	?? b.csv
	A  data/c.csv
	A  data/deep/d.csv
	.
'

check 'add: a changed file, and one that is gone' '
	echo a >a.csv
	echo b >b.csv
	dsv add .
	dsv commit -q -m one
	echo aa >a.csv
	rm b.csv
	dsv add -v . >../out
	same ../out <<-\.
	add a.csv
	remove b.csv
	.
	staged <<-\.
	M  a.csv
	D  b.csv
	.
	dsv cat HEAD:a.csv >../out
	echo a | cmp - ../out
'

check 'add PATH: a file that is gone is taken out by name' '
	echo a >a.csv
	dsv add a.csv
	dsv commit -q -m one
	rm a.csv
	dsv add a.csv
	staged <<-\.
	D  a.csv
	.
'

check 'add --all: everything, from a directory below too' '
	mkdir sub
	echo a >a.csv
	echo b >sub/b.csv
	(cd sub && dsv add --all)
	staged <<-\.
	A  a.csv
	A  sub/b.csv
	.
	rm a.csv
	(cd sub && dsv add -A -v >../../out)
	same ../out <<-\.
	remove a.csv
	.
'

check 'add: "." is this directory, ".." the one above' '
	mkdir sub
	echo a >a.csv
	echo b >sub/b.csv
	(cd sub && dsv add .)
	staged <<-\.
	A  sub/b.csv
	.
	(cd sub && dsv add ..)
	staged <<-\.
	A  a.csv
	A  sub/b.csv
	.
'

check 'add: a pattern is matched here, not by the shell' '
	mkdir -p x/y
	touch a.csv a.txt x/b.csv x/y/c.csv "lit[1].csv" lit1.csv
	dsv add "x/*.csv"
	staged <<-\.
	A  x/b.csv
	.
	dsv add "*.csv" "lit[1].csv"
	staged <<-\.
	A  a.csv
	A  lit1.csv
	A  lit[1].csv
	A  x/b.csv
	A  x/y/c.csv
	.
'

check 'add --dry-run: names the files, stores nothing' '
	echo a >a.csv
	echo b >b.csv
	dsv add b.csv
	dsv commit -q -m one
	rm b.csv
	find .dsv -type f | sort >../before
	dsv add --dry-run . >../out
	same ../out <<-\.
	would add a.csv
	would remove b.csv
	.
	find .dsv -type f | sort | cmp - ../before
	dsv status -s >../out
	same ../out <<-\.
	?? a.csv
	 D b.csv
	.
	dsv add -n --json . >../out
	same ../out <<-\.
	{"path":"a.csv","change":"new"}
	{"path":"b.csv","change":"gone"}
	.
'

check 'add --dry-run: a file that was only touched is not named' '
	echo a >a.csv
	dsv add .
	touch -d 2001-01-01 a.csv
	dsv add -n . >../out
	[ ! -s ../out ]
'

check 'add --json: a line for each file' '
	echo a >a.csv
	dsv add --json . >../out
	same ../out <<-\.
	{"path":"a.csv","change":"new"}
	.
	dsv add --json . >../out
	[ ! -s ../out ]
	echo b >a.csv
	dsv add --json . >../out
	same ../out <<-\.
	{"path":"a.csv","change":"changed"}
	.
'

check 'add: ignored files are passed over, and refused by name' '
	printf "*.log\nbuild/\n" >.dsvignore
	mkdir build
	echo x >a.log
	echo y >build/y
	dsv add .
	staged <<-\.
	A  .dsvignore
	.
	fails 5 "dsv: \"a.log\" is ignored by .dsvignore; --force adds it all the same" \
		dsv add a.log
	fails 5 "dsv: \"build/y\" is ignored by .dsvignore; --force adds it all the same" \
		dsv add build/y
	fails 5 "dsv: \"build\" is ignored by .dsvignore; --force adds it all the same" \
		dsv add build
'

check 'add --force: ignored files too' '
	printf "*.log\nbuild/\n" >.dsvignore
	mkdir build
	echo x >a.log
	echo y >build/y
	dsv add --force a.log
	dsv add -f build
	staged <<-\.
	A  a.log
	A  build/y
	.
'

check 'add: a tracked file in an ignored directory is still tracked' '
	mkdir build
	echo y >build/y
	dsv add .
	dsv commit -q -m one
	echo build >.dsvignore
	dsv status -s >../out
	same ../out <<-\.
	?? .dsvignore
	.
	echo yy >build/y
	dsv add .
	staged <<-\.
	A  .dsvignore
	M  build/y
	.
	rm build/y
	dsv add .
	staged <<-\.
	A  .dsvignore
	D  build/y
	.
'

check 'add --dataset: only the files of that dataset' '
	dsv track -q "labels/*" --dataset labels
	mkdir labels
	echo a >a.csv
	echo b >labels/b.csv
	echo c >labels/c.txt
	dsv add --dataset labels
	staged <<-\.
	A  .dsvattributes
	A  labels/b.csv
	A  labels/c.txt
	.
	dsv add -v --dataset a.csv >../out
	same ../out <<-\.
	add a.csv
	.
	fails 5 "dsv: \"labels/b.csv\" is not in the dataset or component asked for" \
		dsv add --dataset a.csv labels/b.csv
	fails 3 "dsv: no file is in the dataset \"nope\"; \"dsv track\" lists what there is" \
		dsv add --dataset nope
'

check 'add --component: only files of that type' '
	dsv track -q "labels/*" --dataset labels --component data
	dsv track -q "labels/*.json" --component schema
	mkdir labels
	echo b >labels/b.csv
	echo "{}" >labels/s.json
	dsv add --dataset labels --component schema
	staged <<-\.
	A  .dsvattributes
	A  labels/s.json
	.
'

check 'add: a new table without a key: a column that would do' '
	printf "price,id,n\n1.5,7,a\n2.5,8,a\n" >a.csv
	printf "x\n1\n1\n" >b.csv; printf "x\n1\n" >c.csv
	printf "a b,c\n1,1\n2,1\n" >"d d.csv"; printf "id\n1\n2\n" >e.csv
	printf "{\"u\":{\"id\":1}}\n{\"u\":{\"id\":2}}\n" >f.jsonl
	echo "e.csv key=id" >.dsvattributes
	dsv add . 2>err
	tr "\047" "\042" <err >out
	same out <<-\.
	hint: "id" is unique in "a.csv": dsv track a.csv --key id
	hint: "a b" is unique in "d d.csv": dsv track "d d.csv" --key "a b"
	hint: "u.id" is unique in "f.jsonl": dsv track f.jsonl --key u.id
	.
	echo 3.5,9,b >>a.csv
	dsv add a.csv 2>err
	same err <<-\.
	.
	cp a.csv g.csv; dsv add -q g.csv 2>err
	[ ! -s err ]
'

check 'add: what is odd about a table' '
	printf "a,a\n1\n1,2\n1\n" >a.csv; printf "\377\376a\0" >b.csv
	dsv add . 2>err
	same err <<-\.
	note: "a.csv": the header names "a" more than once; "dsv schema" has more once it is committed
	note: "b.csv": is not read as rows: it is UTF-16
	.
	dsv commit -qm x; cat a.csv b.csv >want; dsv cat a.csv b.csv >got
	cmp got want
'

check 'add: nothing named is a question' '
	fails 2 "dsv: what? name files or directories, or say \"dsv add --all\"" \
		dsv add
'

check 'add: paths that are not there, outside, or dsv'\''s own' '
	fails 3 "dsv: \"nope.csv\" selects nothing: no such file in the working tree or the stage" \
		dsv add nope.csv
	fails 3 "dsv: \"*.xyz\" selects nothing: no such file in the working tree or the stage" \
		dsv add "*.xyz"
	fails 2 "dsv: \"../x\" is outside the working tree \"$PWD\"" dsv add ../x
	fails 2 "dsv: \"/etc/passwd\" is outside the working tree \"$PWD\"" \
		dsv add /etc/passwd
	expect_status 2 dsv add .dsv/config 2>../err
	expect_status 2 dsv add .DSV 2>../err
	expect_status 2 dsv add "" 2>../err
	mkdir empty
	dsv add empty
	echo a >a.csv
	dsv add "$PWD/a.csv"
	staged <<-\.
	A  a.csv
	.
'

check 'add: if one operand is wrong nothing is added' '
	echo a >a.csv
	expect_status 3 dsv add a.csv nope.csv 2>../err
	staged </dev/null
'

check 'add: a path beyond a symbolic link is refused' '
	mkdir ../outside
	echo secret >../outside/x
	ln -s ../outside link
	fails 5 "dsv: \"link/x\" is beyond a symbolic link" dsv add link/x
	dsv add link
	dsv commit -q -m one
	[ "$(dsv cat HEAD:link)" = ../outside ]
	dsv ls >../out
	same ../out <<-\.
	link
	.
'

check 'add: links are kept as links, wherever they lead' '
	ln -s /etc/passwd outside
	ln -s nowhere broken
	ln -s . loop
	dsv add .
	dsv commit -q -m one
	rm outside broken loop
	dsv restore .
	[ "$(readlink outside)" = /etc/passwd ]
	[ "$(readlink broken)" = nowhere ]
	[ "$(readlink loop)" = . ]
'

check 'add: FIFO, socket and device are passed over with a note' '
	mkfifo pipe
	echo a >a.csv
	dsv add . 2>../err
	same ../err <<-\.
	note: "pipe" is not a file, directory or link
	.
	staged <<-\.
	A  a.csv
	.
	fails 5 "dsv: \"pipe\" is not a file, directory or link" dsv add pipe
	if mknod null c 1 3 2>/dev/null; then
		fails 5 "dsv: \"null\" is not a file, directory or link" \
			dsv add null
	fi
'

check 'add: a tracked file that became a FIFO stops everything' '
	echo a >a.csv
	dsv add .
	dsv commit -q -m one
	rm a.csv
	mkfifo a.csv
	echo b >b.csv
	fails 5 "dsv: \"a.csv\" is not a file, directory or link any more" \
		dsv add .
	dsv status -s >../out
	same ../out <<-\.
	 T a.csv
	?? b.csv
	.
'

check 'add: another repository inside is left alone' '
	dsv init -q inner
	echo a >inner/a.csv
	echo b >b.csv
	dsv add . 2>../err
	same ../err <<-\.
	note: "inner" is another repository
	.
	staged <<-\.
	A  b.csv
	.
	fails 5 "dsv: \"inner\" is another repository" dsv add inner
	fails 5 "dsv: \"inner/a.csv\" is in another repository" dsv add inner/a.csv
'

check 'add: several files that cannot be read are all named, nothing is added' '
	nobody
	cd "$PWD"
	echo a >open.csv
	for i in 1 2 3; do
		echo $i >closed$i.csv
		chmod 000 closed$i.csv
	done
	nobody
	expect_status 3 unprivileged dsv add . 2>../err
	same ../err <<-\.
	warning: cannot open "closed1.csv": Permission denied
	warning: cannot open "closed2.csv": Permission denied
	warning: cannot open "closed3.csv": Permission denied
	dsv: 3 files could not be added; nothing was added
	.
	staged </dev/null
	expect_status 4 unprivileged dsv add open.csv closed1.csv 2>../err
	same ../err <<-\.
	dsv: cannot open "closed1.csv": Permission denied
	.
	staged </dev/null
	unprivileged dsv add open.csv
	staged <<-\.
	A  open.csv
	.
'

check 'add: a directory that cannot be entered' '
	mkdir closed
	echo a >closed/a.csv
	echo b >b.csv
	nobody
	unprivileged dsv add .
	unprivileged dsv commit -q -m one
	chmod 000 closed
	expect_status 3 unprivileged dsv add . 2>../err
	unprivileged dsv status -s >../out
	chmod 755 closed
	same ../err <<-\.
	warning: cannot open "closed": Permission denied
	warning: cannot look at "closed/a.csv": cannot open "closed": Permission denied
	dsv: 2 files could not be added; nothing was added
	.
	same ../out <<-\.
	 E closed/
	 E closed/a.csv
	.
'

check 'add: strange names come back as they were' '
	for name in "with space" " lead" "trail " "quote\"d" "back\\slash" \
		"-dash" "star*" "[set]" "\$HOME" "über" "日本語" "🦜" \
		"$(printf "new\nline")" "$(printf "tab\there")" \
		"$(printf "bell\007")" "$(printf "bad\377\376bytes")" \
		"#hash" "!bang" "~tilde" "a" "a.b" "a-" ".hidden"; do
		printf "%s" "$name" >"./$name"
	done
	mkdir "dir with 🦜"
	echo x >"dir with 🦜/$(printf "\200\201")"
	dsv add .
	dsv commit -q -m one
	dsv status -s >../out
	[ ! -s ../out ]
	cp -a . ../kept
	find . -mindepth 1 -maxdepth 1 ! -name .dsv -exec rm -r {} +
	[ "$(ls -A)" = .dsv ]
	dsv restore .
	diff -r --exclude=.dsv . ../kept
	dsv add -n .
	[ "$(dsv add -n .)" = "" ]
'

check 'add: an empty file, a file of newlines, a long line, NUL bytes' '
	: >empty
	yes "" | head -n 1000 >newlines.csv
	printf "no end" >noend.csv
	head -c 3000000 /dev/zero >zeros
	head -c 2000000 /dev/zero | tr "\0" x >line.csv
	dsv add .
	dsv commit -q -m one
	mkdir ../kept
	mv ./* ../kept
	dsv restore .
	diff -r --exclude=.dsv . ../kept
'

check 'add: the executable bit is kept, other bits are not' '
	echo a >run
	echo b >plain
	chmod 755 run
	chmod 600 plain
	dsv add .
	dsv commit -q -m one
	chmod 644 run
	dsv status -s >../out
	same ../out <<-\.
	 M run
	.
	dsv add -v . >../out
	same ../out <<-\.
	add run
	.
	rm run plain
	dsv restore --source HEAD .
	[ -x run ]
	[ ! -x plain ]
	[ "$(stat -c %a plain)" = 644 ]
'

check 'add: a file that became a directory, and the reverse' '
	echo a >a
	mkdir b
	echo b >b/x
	dsv add .
	dsv commit -q -m one
	rm -r a b
	mkdir a
	echo a >a/x
	echo b >b
	dsv status -s >../out
	same ../out <<-\.
	 D a
	?? a/
	?? b
	 D b/x
	.
	dsv add .
	staged <<-\.
	R  a -> a/x
	R  b/x -> b
	.
'
check 'add PATH: a directory where the stage has a file, and the reverse' '
	echo a >a
	mkdir b
	echo b >b/x
	echo y >b/y
	dsv add .
	dsv commit -q -m one
	rm -r a b
	mkdir a
	echo ax >a/x
	echo bb >b
	dsv add a/x
	dsv add b
	staged <<-\.
	D  a
	A  a/x
	A  b
	D  b/x
	D  b/y
	.
	dsv commit -q -m two
	[ "$(dsv cat HEAD:a/x)" = ax ]
	[ "$(dsv cat HEAD:b)" = bb ]
'

check 'add: a file that became a link, and the reverse' '
	echo a >a
	ln -s a l
	dsv add .
	dsv commit -q -m one
	rm a l
	ln -s l a
	echo now >l
	dsv status -s >../out
	same ../out <<-\.
	 T a
	 T l
	.
	dsv add .
	staged <<-\.
	T  a
	T  l
	.
'

check 'add: touched but equal is no change; the times are taken' '
	echo a >a.csv
	dsv add .
	dsv commit -q -m one
	touch -d 2001-01-01 a.csv
	dsv status -s >../out
	[ ! -s ../out ]
	dsv add -v . >../out
	[ ! -s ../out ]
'

check 'add: a change that keeps size and time is seen' '
	echo one >a.csv
	touch -d 2001-01-01 a.csv
	sleep 0.05
	dsv add .
	dsv commit -q -m one
	echo two >a.csv
	touch -d 2001-01-01 a.csv
	dsv status -s >../out
	same ../out <<-\.
	 M a.csv
	.
'

check 'add: a change right after it is seen, whatever the clock says' '
	i=0
	while [ $i -lt 20 ]; do
		echo one >a.csv
		dsv add a.csv
		echo two >a.csv
		touch -d 2001-01-01 a.csv
		dsv status -s >../out
		grep -q "^.M a.csv" ../out
		i=$((i + 1))
		dsv rm -q -f a.csv
	done
'

check 'add: an unchanged file is not opened' '
	command -v strace >/dev/null || skip "there is no strace"
	echo a >a.csv
	mkdir d
	echo b >d/b.csv
	sleep 0.1
	dsv add .
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=open,openat,openat2 -o ../trace dsv add .
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=open,openat,openat2 -o ../trace2 dsv status
	grep -q openat ../trace
	not grep -h "\\.csv\"" ../trace ../trace2
'

check 'add: a file above the size that is read at once comes in order' '
	head -c 3000000 /dev/urandom >b.bin
	echo a >a.csv
	head -c 2500000 /dev/urandom >c.bin
	echo d >d.csv
	dsv add .
	dsv commit -q -m one
	for f in a.csv b.bin c.bin d.csv; do
		dsv cat "HEAD:$f" | cmp - "$f"
	done
	dsv add -n . >../out
	[ ! -s ../out ]
'

check 'add: attributes that make no sense name file and line' '
	printf "# fine\n*.csv key=id\n!no\n" >.dsvattributes
	echo a >a.csv
	fails 2 "dsv: \".dsvattributes\" line 3: a pattern cannot begin with \"!\" here" \
		dsv add a.csv
	echo "*.csv format=excel" >.dsvattributes
	fails 2 "dsv: attribute format=excel of \"a.csv\" is not known: use csv, tsv, jsonl, text or binary" \
		dsv add a.csv
'

check 'add: a name that folds to .dsv cannot be in a version' '
	mkdir -p sub/.DSV
	echo a >sub/.DSV/a
	fails 5 "dsv: no version can hold the name \"sub/.DSV/a\"; rename it, or list it in .dsvignore" \
		dsv add .
'

finish
