#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup 'dsv init -q; mkdir -p sub/deep; printf "id\n1\n2\n" >a.csv
	echo x >sub/b.csv; echo y >sub/deep/c; ln -s a.csv link
	printf "\0" >bin; chmod +x bin
	echo "sub/*.csv dataset=s component=data" >.dsvattributes
	dsv add -q .; dsv commit -q -m one; dsv rm -q bin; dsv commit -q -m two'

check 'ls: the entries of the top, of a directory, a file' '
	dsv ls >out
	dsv ls sub >>out
	dsv ls v1 bin sub/deep >>out
	dsv ls v1:sub >>out
	same out <<-\.
	.dsvattributes
	a.csv
	link
	sub/
	sub/b.csv
	sub/deep/
	bin
	sub/deep/c
	sub/b.csv
	sub/deep/
	.
	cd sub
	dsv ls >../out
	dsv ls .. >>../out
	cd ..
	same out <<-\.
	sub/b.csv
	sub/deep/
	.dsvattributes
	a.csv
	link
	sub/
	.
'

check 'ls --long, -l: type, id, size, records' '
	dsv ls --long v1 >out
	same out <<-\.
	file 4cb0c8f0              35             1 .dsvattributes
	file 1d1c91d1               7             3 a.csv
	exec 6e340b9c               1             - bin
	link 32f29f33               5             - link
	dir  234193a8               -             - sub/
	.
	dsv ls -l a.csv >out2
	grep a.csv out | cmp - out2
'

check 'ls --recursive, -r: all files below' '
	dsv ls --recursive >out
	dsv ls -r v1 sub >>out
	dsv ls -r v1:sub/deep >>out
	dsv ls "*.csv" >>out
	same out <<-\.
	.dsvattributes
	a.csv
	link
	sub/b.csv
	sub/deep/c
	sub/b.csv
	sub/deep/c
	sub/deep/c
	a.csv
	sub/b.csv
	.
'

check 'ls --dataset --component: wherever they are' '
	dsv ls --dataset s >out
	dsv ls --component data >>out
	dsv ls --dataset a.csv >>out
	same out <<-\.
	sub/b.csv
	sub/b.csv
	a.csv
	.
'

check 'ls: as JSON, an entry a line' '
	dsv ls --json >out
	dsv ls --json -l a.csv link >>out
	same out <<-\.
	{"path":".dsvattributes","type":"file","id":"4cb0c8f083516c1c81d3120967b1bba10d999e510dab9cbf0ebe7465dd7dd743","size":35}
	{"path":"a.csv","type":"file","id":"1d1c91d15ace6e21ea5f551e16e717f326992bdf800f6696628859be29b906bf","size":7}
	{"path":"link","type":"link","id":"32f29f33d51165a6808e62cc3dfe85d090bc7521591fa6b6f829f061402704dc","size":5}
	{"path":"sub","type":"dir","id":"234193a82c64c6dccafe886848977e28e515b0ff34bb4651eacfb8a4819ea7c3"}
	{"path":"a.csv","type":"file","id":"1d1c91d15ace6e21ea5f551e16e717f326992bdf800f6696628859be29b906bf","size":7,"records":3}
	{"path":"link","type":"link","id":"32f29f33d51165a6808e62cc3dfe85d090bc7521591fa6b6f829f061402704dc","size":5,"records":null}
	.
'

check 'ls: names that need quotes' '
	echo x >"$(printf "a\nb")"
	echo x >" lead"
	dsv add -q .
	dsv commit -q -m three
	dsv ls >out
	same out <<-\.
	" lead"
	.dsvattributes
	"a\nb"
	a.csv
	link
	sub/
	.
'

check 'ls: of mistakes' '
	fails 2 "dsv: \"../x\" is outside the working tree \"$PWD\"" dsv ls ../x
	fails 2 "dsv: \"/\" is outside the working tree \"$PWD\"" dsv ls /
	fails 2 "dsv: an empty path names nothing; \".\" is the current directory" \
		dsv ls ""
	fails 3 "dsv: no \"nosuch\" in that version" dsv ls -- nosuch
	fails 3 "dsv: no \"nosuch\" in that version" dsv ls -r -- nosuch
	fails 3 "dsv: \"nosuch\" is neither a revision nor a path here; put \"--\" before a path of another version" \
		dsv ls nosuch
	fails 2 "dsv: \"v1..v2\" is not one version; say \"dsv ls REV PATH\"" \
		dsv ls v1..v2
'

finish
