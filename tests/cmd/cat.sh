#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup 'dsv init -q; mkdir sub; echo one >a; echo x >sub/b; ln -s a link
	printf "\0\377\n\r" >raw; echo colon >c:d; dsv add -q .
	dsv commit -q -m one; echo two >a; dsv commit -qam two'

check 'cat: of HEAD, from where one stands' '
	dsv cat a sub/b >out
	same out <<-\.
	two
	x
	.
	cd sub
	[ "$(dsv cat b ../a)" = "x
two" ]
'

check 'cat REV:PATH: from the top, or from here' '
	dsv cat v1:a HEAD:a HEAD~:sub/b >out
	same out <<-\.
	one
	two
	x
	.
	cd sub
	[ "$(dsv cat v1:a v1:../a v1:./b)" = "one
one
x" ]
'

check 'cat --rev: all of one version, colons and all' '
	dsv cat --rev v1 a c:d >out
	same out <<-\.
	one
	colon
	.
'

check 'cat: byte for byte, and the target of a link' '
	dsv cat raw | cmp - raw
	[ "$(dsv cat link)" = a ]
'

check 'cat: a large file, as it was' '
	seq 1 400000 >big.csv
	dsv add -q .
	dsv commit -q -m big
	dsv cat big.csv | cmp - big.csv
	dsv cat big.csv | head -1 >out
	same out <<-\.
	1
	.
'

check 'cat: of mistakes' '
	fails 3 "dsv: no \"nosuch\" in that version" dsv cat nosuch
	fails 3 "dsv: no \"sub/nosuch\" in that version" dsv cat v1:sub/nosuch
	fails 2 "dsv: \"sub\" is a directory; \"dsv ls\" lists it" dsv cat sub
	fails 2 "dsv: \"../a\" is outside the working tree \"$PWD\"" dsv cat ../a
	fails 3 "dsv: unknown revision \"c\"; \"dsv branch\", \"dsv tag\" and \"dsv log\" list what there is" \
		dsv cat c:d
	fails 2 "dsv: cat prints bytes, not JSON; \"dsv show --json REV:PATH\" has the facts about a file" \
		dsv cat --json a
	expect_status 2 dsv cat
'

check 'cat --key: one row of a table, at any time; or it did not exist' '
	dsv track -q "*.csv" --key id
	printf "id,name\n1,bolt\n2,\"a \"\"q\"\"\"\n" >t.csv
	echo "{\"id\":7,\"x\":{\"y\":null}}" >t.jsonl
	echo "*.jsonl key=id" >>.dsvattributes
	dsv add -q . && dsv commit -qm three --date 2024-02-01
	sed -i "2d; s/id,name/name,id/; s/2,\(.*\)/\1,2/" t.csv
	dsv commit -qam four --date 2024-03-01
	dsv cat v3:t.csv --key 1 >../out
	same ../out <<-\.
	id,name
	1,bolt
	.
	dsv cat t.csv "main@{2024-02-02}:t.csv" --key id=2 >../out
	same ../out <<-\.
	name,id
	"a ""q""",2
	id,name
	2,"a ""q"""
	.
	dsv cat t.jsonl --key 7 >../out
	same ../out <<-\.
	{"id":7,"x":{"y":null}}
	.
	fails 1 "\"t.csv\" has no row with the key 1 in v4 $(dsv log --oneline -n1 | cut -d" " -f2)" \
		dsv cat t.csv --key 1
	expect_status 1 dsv cat --json t.csv --key 1 >../out
	dsv cat --json v3:t.csv --key 1 >>../out
	sed -i "s/\"id\":\"[0-9a-f]\{64\}\"/ID/" ../out
	same ../out <<-\.
	{"path":"t.csv",ID,"version":4,"existed":false,"rows":[]}
	{"path":"t.csv",ID,"version":3,"existed":true,"rows":[{"id":"1","name":"bolt"}]}
	.
	fails 2 "dsv: --key \"id=1 id=2\" is not a value of the key of \"t.csv\", which is id" \
		dsv cat t.csv --key id=1 --key id=2
	fails 5 "dsv: \"a\" is not a table" dsv cat a --key 1
'

setup ""
check 'cat --decision: the rows of a table in that state, below its header' '
	dsv init -q
	dsv track -q "*.csv" --key id
	printf "id,name,price\r\n1,bolt,0.12\r\n2,nut,0.08\r\n3,screw,0.30" >t.csv
	dsv add -q .
	dsv commit -q -m one
	dsv decide -q t.csv approve --where name=screw
	dsv decide -q t.csv modify --key 1 --reason x
	printf "{\"id\":1,\"a\":[1,2]}\n{\"id\":2}\n" >l.jsonl
	dsv track -q "*.jsonl" --key id
	dsv add -q .
	dsv commit -q -m two
	dsv decide -q l.jsonl reject --where id=1 -m no
	for state in pending approved rejected modify; do
		echo "- $state"
		dsv cat t.csv l.jsonl --decision $state
	done | tr "\r" @ >out
	dsv cat v1:t.csv --decision approved | tr "\r" @ >>out
	same out <<-\.
	- pending
	id,name,price@
	2,nut,0.08@
	{"id":2}
	- approved
	id,name,price@
	3,screw,0.30@
	- rejected
	id,name,price@
	{"id":1,"a":[1,2]}
	- modify
	id,name,price@
	1,bolt,0.12@
	id,name,price@
	3,screw,0.30@
	.
	fails 2 "dsv: --key names a row already; leave out --decision" \
		dsv cat t.csv --key 1 --decision pending
	fails 2 "dsv: \".dsvattributes\" is not a table by its name; \"dsv track PATTERN --format csv\" says that it is one" \
		dsv cat .dsvattributes --decision pending
'

check 'cat, log, blame --key: of versions from before the table had one' '
	dsv init -q
	printf "id,n\n1,a\n2,b\n" >k.csv
	dsv add -q k.csv
	dsv commit -q -m one
	printf "id,n\n2,b\n1,c\n" >k.csv
	dsv commit -q -a -m two
	fails 5 "dsv: \"k.csv\" has no key; say what tells its rows apart with \"dsv track --key COLUMN\"" \
		dsv cat HEAD~1:k.csv --key 1
	dsv track -q k.csv --key id
	dsv cat HEAD~1:k.csv --key 1 >out
	dsv log k.csv --key 1 | grep -e ^updated -e ^inserted -e ^~ >>out
	dsv blame k.csv --key 2 | sed "s/.*: //" >>out
	same out <<-\.
	id,n
	1,a
	updated k.csv 1
	~ n: a → c
	inserted k.csv 1
	2,b
	.
'

finish
