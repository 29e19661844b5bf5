#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

# One of everything, on top of one version.
cat >"$SHARED/make" <<'END'
dsv init -q repo
cd repo
mkdir data
for f in same changed touched gone staged both moved; do
	echo $f >$f.csv
done
echo x >data/kept.csv
printf '*.log\ntmp/\n' >.dsvignore
dsv add .
dsv commit -q -m one
echo more >>changed.csv
touch -d 2001-01-01 touched.csv
rm gone.csv
echo new >added.csv
echo more >>staged.csv
echo more >>both.csv
dsv add added.csv staged.csv both.csv
echo again >>both.csv
dsv mv moved.csv renamed.csv
mkdir -p new/deep tmp empty
echo n >new/a.csv
echo n >new/deep/b.csv
echo n >data/other.csv
echo l >x.log
echo l >tmp/y
echo l >new/z.log
END
setup '. "$SHARED/make"'

check 'status: what is staged, changed and not tracked' '
	dsv status | sed "s/v1 [0-9a-f]*/v1 ID/" >../out
	same ../out <<-\.
	on branch main, at v1 ID

	in the next version ("dsv restore --staged PATH" takes it out)
	  added      added.csv
	  modified   both.csv
	  renamed    moved.csv -> renamed.csv
	  modified   staged.csv

	changed, not added ("dsv add PATH" takes it in, "dsv restore PATH" undoes it)
	  modified   both.csv
	  modified   changed.csv
	  deleted    gone.csv

	not tracked ("dsv add PATH" takes it in)
	  data/other.csv
	  new/
	.
'

check 'status --short: a line for each path' '
	dsv status --short >../out
	same ../out <<-\.
	A  added.csv
	MM both.csv
	 M changed.csv
	?? data/other.csv
	 D gone.csv
	?? new/
	R  moved.csv -> renamed.csv
	M  staged.csv
	.
	dsv status -s | cmp - ../out
	DSV_THREADS=1 dsv status -s | cmp - ../out
'

check 'status --ignored: what is ignored too' '
	dsv status -s --ignored data new tmp x.log >../out
	same ../out <<-\.
	?? data/other.csv
	?? new/
	!! new/z.log
	!! tmp/
	!! x.log
	.
	dsv status --ignored | tail -n 5 >../out
	same ../out <<-\.

	ignored
	  new/z.log
	  tmp/
	  x.log
	.
'

check 'status --untracked: none, whole directories, or all' '
	dsv status -s --untracked none new data >../out
	[ ! -s ../out ]
	dsv status -s --untracked dirs new data >../out
	same ../out <<-\.
	?? data/other.csv
	?? new/
	.
	dsv status -s -u all new data >../out
	same ../out <<-\.
	?? data/other.csv
	?? new/a.csv
	?? new/deep/b.csv
	.
	expect_status 2 dsv status -u some 2>../err
'

check 'status --json: one object' '
	dsv status --json added.csv both.csv new renamed.csv moved.csv same.csv |
		sed "s/\"[0-9a-f]\{64\}\"/\"ID\"/" >../out
	same ../out <<-\.
	{"branch":"main","id":"ID","clean":false,"files":[{"path":"added.csv","staged":"added","work":null},{"path":"both.csv","staged":"modified","work":"modified"},{"path":"new/","staged":null,"work":"untracked"},{"path":"renamed.csv","from":"moved.csv","staged":"renamed","work":null}]}
	.
	dsv init -q ../other
	dsv -C ../other status --json >../out
	same ../out <<-\.
	{"branch":"main","id":null,"clean":true,"files":[]}
	.
'

check 'status PATH: only what is there' '
	dsv status -s data >../out
	same ../out <<-\.
	?? data/other.csv
	.
	(cd data && dsv status -s .) >../out
	same ../out <<-\.
	?? data/other.csv
	.
	dsv status -s "*ed.csv" >../out
	same ../out <<-\.
	A  added.csv
	 M changed.csv
	R  moved.csv -> renamed.csv
	M  staged.csv
	.
	fails 2 "dsv: \"../x\" is outside the working tree \"$PWD\"" \
		dsv status ../x
'

check 'status --dataset: only the files of that dataset' '
	printf "both.csv dataset=b\nnew/** dataset=b component=data\n" \
		>.dsvattributes
	dsv status -s --dataset b >../out
	same ../out <<-\.
	MM both.csv
	?? new/a.csv
	?? new/deep/b.csv
	.
'

check 'status --component: only files of that type' '
	printf "both.csv dataset=b\nnew/** dataset=b component=data\n" \
		>.dsvattributes
	dsv status -s --component data >../out
	same ../out <<-\.
	?? new/a.csv
	?? new/deep/b.csv
	.
'

check 'status: changes nothing in the repository' '
	find .dsv -type f -exec sha256sum {} + | sort >../before
	dsv status
	dsv status -s --ignored
	find .dsv -type f -exec sha256sum {} + | sort | cmp - ../before
'

setup 'dsv init -q repo; cd repo'

check 'status: nothing to say' '
	dsv status >../out
	same ../out <<-\.
	on branch main, no version yet
	nothing to commit; "dsv add" files first
	.
	echo a >a
	dsv add a
	dsv commit -q -m one
	dsv status | sed "s/v1 [0-9a-f]*/v1 ID/" >../out
	same ../out <<-\.
	on branch main, at v1 ID
	nothing to commit
	.
	dsv switch -q --detach HEAD
	dsv status | sed "s/v1 [0-9a-f]*/v1 ID/" >../out
	same ../out <<-\.
	on no branch, at v1 ID
	nothing to commit
	.
'

check 'status: all that was added is gone from the working tree' '
	mkdir d
	echo a >d/a
	echo b >b
	dsv add .
	dsv commit -q -m one
	rm -r d b
	dsv status -s >../out
	same ../out <<-\.
	 D b
	 D d/a
	.
	ln -s /etc d
	echo a >../outside
	dsv status -s >../out
	same ../out <<-\.
	 D b
	?? d
	 D d/a
	.
'

check 'status: byte order of paths, with directories among them' '
	mkdir a "a b" a.d
	for f in a/x "a b/x" a-1 a.csv a.d/x a0 b; do
		echo x >"$f"
	done
	dsv add .
	dsv commit -q -m one
	for f in a/x "a b/x" a-1 a.csv a.d/x a0 b; do
		echo y >"$f"
		echo z >"$f.new"
	done
	dsv status -s >../out
	same ../out <<-\.
	 M a b/x
	?? a b/x.new
	 M a-1
	?? a-1.new
	 M a.csv
	?? a.csv.new
	 M a.d/x
	?? a.d/x.new
	 M a/x
	?? a/x.new
	 M a0
	?? a0.new
	 M b
	?? b.new
	.
'

check 'status: ignore rules in several directories' '
	mkdir -p sub/deep keep
	printf "*.tmp\n/only\nkeep/*\n!keep/this\n" >.dsvignore
	printf "!important.tmp\nlocal\n" >sub/.dsvignore
	touch a.tmp only sub/only sub/a.tmp sub/important.tmp sub/local \
		sub/deep/local keep/this keep/that local
	dsv status -s -u all >../out
	same ../out <<-\.
	?? .dsvignore
	?? keep/this
	?? local
	?? sub/.dsvignore
	?? sub/important.tmp
	?? sub/only
	.
'

check 'status: special files and other repositories get a note' '
	mkfifo pipe
	dsv init -q inner
	echo a >inner/a
	mkdir deep
	dsv init -q deep/er
	dsv status -s 2>../err >../out
	[ ! -s ../out ]
	same ../err <<-\.
	note: "deep/er/" is another repository and is left alone
	note: "inner/" is another repository and is left alone
	note: "pipe" is not a file, directory or link and is left alone
	.
	dsv -q status -s 2>../err
	[ ! -s ../err ]
'

check 'status: what a killed process left is not offered' '
	echo x >.tmp-0123456789abcdef
	echo y >.tmp-mine
	mkdir .dsv.new-0123456789abcdef
	echo z >.dsv.new-0123456789abcdef/format
	dsv add -n . >../out
	same ../out <<-\.
	would add .tmp-mine
	.
	dsv status -s --ignored >../out
	same ../out <<-\.
	!! .dsv.new-0123456789abcdef/
	!! .tmp-0123456789abcdef
	?? .tmp-mine
	.
'

check 'status: a file that is not readable any more' '
	echo one >a.csv
	dsv add .
	dsv commit -q -m one
	sleep 0.05
	echo two >a.csv
	dsv config set --user safe.directory "$PWD"
	chmod -R a+rX "$T"
	chmod 000 a.csv
	unprivileged dsv status -s >../out
	chmod 644 a.csv
	same ../out <<-\.
	 E a.csv
	.
'

check 'status: many directories, read ahead by many threads' '
	i=0
	while [ $i -lt 60 ]; do
		mkdir -p d$i/x/y
		echo $i >d$i/a
		echo $i >d$i/x/b
		echo $i >d$i/x/y/c
		i=$((i + 1))
	done
	dsv add .
	dsv commit -q -m one
	dsv status -s >../out
	[ ! -s ../out ]
	rm d7/x/y/c
	echo new >d30/x/b
	echo new >d59/new
	dsv status -s >../one
	DSV_THREADS=1 dsv status -s | cmp - ../one
	DSV_THREADS=16 dsv status -s | cmp - ../one
	same ../one <<-\.
	 M d30/x/b
	?? d59/new
	 D d7/x/y/c
	.
'

finish
