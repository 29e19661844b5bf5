#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup '
	dsv init -q
	dsv track -q "*.csv" --key id
	dsv track -q "*.jsonl" --key id
	printf "id,name,price\n1,bolt,0.12\n2,\"nut, small\",0.08\n3,screw,0.30\n" >p.csv
	printf "{\"id\": 1, \"tags\": [\"a\"]}\n{\"id\":2}\n" >j.jsonl
	dsv add -q .
	dsv commit -qm one
'

check 'apply: inserts, updates and deletes, and stages what came of it' '
	cat >delta <<-\.
	{"path":"p.csv","operation":"update","record_id":"1","payload":{"price":"0.13"},"before":{"price":"0.12"}}
	{"path":"p.csv","operation":"delete","record_id":"3"}
	{"path":"p.csv","operation":"insert","payload":{"id":"4","name":"a \"q\"","price":null}}
	{"path":"j.jsonl","operation":"update","record_id":1,"payload":{"n":1.50},"before":{"tags":["a"]}}
	.
	dsv apply delta >out
	same out <<-\.
	modified p.csv: rows: 1 inserted, 1 updated, 1 deleted
	modified j.jsonl: rows: 0 inserted, 1 updated, 0 deleted
	.
	same p.csv <<-\.
	id,name,price
	1,bolt,0.13
	2,"nut, small",0.08
	4,"a ""q""",
	.
	same j.jsonl <<-\.
	{"id": 1, "tags": ["a"], "n": 1.50}
	{"id":2}
	.
	dsv diff --staged --name-status >out
	same out <<-\.
	M	j.jsonl
	M	p.csv
	.
	[ -z "$(dsv diff)" ]
'

check 'apply: what does not fit is named, and nothing is changed' '
	cat >delta <<-\.
	{"path":"p.csv","operation":"update","record_id":"1","payload":{"price":"0.13"},"before":{"price":"0.11"}}
	{"path":"p.csv","operation":"delete","record_id":"9"}
	{"path":"p.csv","operation":"insert","payload":{"id":"2"}}
	{"path":"p.csv","operation":"insert","payload":{"id":"7"}}
	.
	cp p.csv before
	expect_status 5 dsv apply delta 2>err
	same err <<-\.
	warning: "delta" line 1, "p.csv": update "1": "price" is "0.12", not "0.11"
	warning: "delta" line 2, "p.csv": delete "9": there is no such row
	warning: "delta" line 3, "p.csv": insert {"id":"2"}: the key is there already; --duplicates inserts it all the same
	dsv: 3 lines of the delta do not fit; nothing was changed
	.
	cmp p.csv before
	[ -z "$(dsv diff --staged)" ]
'

check 'apply: quotes that open or close no cell swallow no other row' '
	printf "id,a,b\n1,x\"y,z\"\n2,n,m\n3,u\"v\n4,w\n" >t.csv
	cp t.csv was.csv
	dsv add t.csv 2>err
	dsv commit -q -m t
	cat >delta <<-\.
	{"path":"t.csv","operation":"update","row":1,"payload":{"a":"q"},"before":{"id":"1","a":"x\"y","b":"z\""}}
	.
	dsv apply -q delta
	sed 2d was.csv >want
	sed 2d t.csv | cmp - want
	dsv cat --key 1 --rev HEAD t.csv | tail -n 1 >got
	same got <<-\.
	1,x"y,z"
	.
	[ "$(dsv diff --no-index --format jsonl was.csv t.csv | grep -c "\"operation\":\"update\"")" = 1 ]
	cp was.csv t.csv
	sed "4,5d" was.csv >new.csv
	dsv diff --no-index --format jsonl was.csv new.csv |
		sed "s/new.csv/t.csv/" >delta
	dsv apply -q delta
	cmp t.csv new.csv
'

check 'apply: of many misfits the first ten are named' '
	for i in $(seq 30); do
		echo "{\"path\":\"p.csv\",\"operation\":\"delete\",\"record_id\":\"x$i\"}"
	done >delta
	expect_status 5 dsv apply delta 2>err
	[ "$(grep -c "no such row" err)" = 10 ]
	[ "$(sed -n "s/.*line \([0-9]*\),.*/\1/p" err | tr "\n" " ")" = "1 2 3 4 5 6 7 8 9 10 " ]
	[ "$(tail -n 1 err)" = "dsv: 30 lines of the delta do not fit; nothing was changed" ]
'

check 'apply -: from a pipe, to a new file in a new directory' '
	printf "%s\n" "{\"path\":\"d/e/n.csv\",\"operation\":\"insert\",\"payload\":{\"id\":\"1\",\"x\":\"a,b\"}}" |
		dsv apply - >out
	same out <<-\.
	added d/e/n.csv: rows: 1 inserted, 0 updated, 0 deleted
	.
	same d/e/n.csv <<-\.
	id,x
	1,"a,b"
	.
'

check 'apply: diff and apply are inverses, files that come and go too' '
	printf "id,who\n1,ann\n2,ben\n" >w.csv
	rm j.jsonl
	printf "id,cost,name\n4,1,\"x\ny\"\n2,0.09,\"nut, small\"\n1,0.12,bolt\n" >p.csv
	dsv add -q .
	dsv commit -qm two
	dsv diff --format jsonl v1 v2 >forth
	dsv diff --format jsonl v2 v1 >back
	dsv apply -q back
	[ ! -e w.csv ]
	sort p.csv >p1
	dsv cat v1:p.csv | sort | cmp - p1
	same j.jsonl <<-\.
	{"id":1,"tags":["a"]}
	{"id":2}
	.
	dsv diff --format jsonl v1 >out
	[ ! -s out ]
	dsv apply -q forth
	[ ! -e j.jsonl ]
	dsv cat v2:w.csv | cmp - w.csv
	dsv diff --format jsonl v2 >out
	[ ! -s out ]
'

check 'apply --to: to another file, whatever the lines say' '
	cp p.csv other.csv
	echo "{\"operation\":\"delete\",\"record_id\":\"1\"}" >delta
	expect_status 5 dsv apply delta 2>err
	same err <<-\.
	warning: "delta" line 1: delete "1": it has no path; give one with --to
	dsv: 1 line of the delta does not fit; nothing was changed
	.
	dsv apply -q --to other.csv delta
	[ "$(wc -l <other.csv)" = 3 ]
	[ "$(wc -l <p.csv)" = 4 ]
'

check 'apply --key: instead of the attribute' '
	echo "{\"path\":\"p.csv\",\"operation\":\"delete\",\"record_id\":[\"bolt\",\"0.12\"]}" >delta
	dsv apply -q --key name,price delta
	[ "$(head -n 2 p.csv | tail -n 1)" = "2,\"nut, small\",0.08" ]
'

check 'apply --duplicates: a key that is there' '
	echo "{\"path\":\"p.csv\",\"operation\":\"insert\",\"payload\":{\"id\":\"1\"}}" >delta
	expect_status 5 dsv apply delta 2>err
	dsv apply --duplicates delta >out
	[ "$(tail -n 1 p.csv)" = "1" ]
'

check 'apply --dry-run: says it, and does nothing' '
	echo "{\"path\":\"p.csv\",\"operation\":\"delete\",\"record_id\":\"1\"}" >delta
	cp p.csv before
	dsv apply --dry-run delta >out
	same out <<-\.
	would be modified p.csv: rows: 0 inserted, 0 updated, 1 deleted
	.
	cmp p.csv before
	[ -z "$(dsv diff --staged)" ]
'

check 'apply --json' '
	echo "{\"path\":\"p.csv\",\"operation\":\"delete\",\"record_id\":\"1\"}" >delta
	dsv apply --json delta >out
	same out <<-\.
	{"path":"p.csv","change":"modified","rows":2,"inserted":0,"updated":0,"deleted":1}
	.
'

check 'apply: mode, BOM and line ends stay' '
	printf "\357\273\277id;a\r\n1;x\r\n2;y" >k.csv
	chmod 755 k.csv
	printf "%s\n" "{\"path\":\"k.csv\",\"operation\":\"insert\",\"payload\":{\"id\":\"3\",\"a\":\"p;q\"}}" \
		"{\"path\":\"k.csv\",\"operation\":\"update\",\"record_id\":\"1\",\"payload\":{\"a\":\"X\"}}" >delta
	dsv apply -q delta
	printf "\357\273\277id;a\r\n1;X\r\n2;y\r\n3;\"p;q\"\r\n" | cmp - k.csv
	[ -x k.csv ]
'

check 'apply: a table without a key, by all cells' '
	printf "a,b\n1,x\n1,x\n2,y\n" >t.csv
	echo "t.csv -key" >>.dsvattributes
	printf "%s\n" "{\"path\":\"t.csv\",\"operation\":\"delete\",\"before\":{\"a\":\"1\",\"b\":\"x\"}}" >delta
	dsv apply -q delta
	same t.csv <<-\.
	a,b
	1,x
	2,y
	.
	expect_status 3 dsv apply --key c delta 2>err
	same err <<-\.
	dsv: "t.csv": there is no column "c"
	.
'

check 'apply: what is no table, and paths that no version may hold' '
	echo "{\"path\":\"x.bin\",\"operation\":\"insert\",\"payload\":{\"id\":\"1\"}}" >delta
	expect_status 5 dsv apply delta 2>err
	same err <<-\.
	dsv: "x.bin" is not a table; if it is, say how it is read with "dsv track --format csv"
	.
	echo "{\"path\":\"../x.csv\",\"operation\":\"insert\",\"payload\":{\"id\":\"1\"}}" >delta
	expect_status 5 dsv apply delta 2>err
	same err <<-\.
	dsv: "../x.csv" is no path that a version may hold
	.
	ln -s p.csv l.csv
	echo "{\"path\":\"l.csv\",\"operation\":\"delete\",\"record_id\":\"1\"}" >delta
	expect_status 5 dsv apply delta 2>err
	expect_status 3 dsv apply nowhere 2>err
	same err <<-\.
	dsv: cannot open "nowhere": No such file or directory
	.
'

check 'apply: more rows than fit into memory at once' '
	seq 300000 | sed "s/.*/&,name of number &,&/" | { echo id,name,n; cat; } >big.csv
	seq 1 2 300000 | sed "s/.*/{\"path\":\"big.csv\",\"operation\":\"update\",\"record_id\":\"&\",\"payload\":{\"n\":\"-&\"},\"before\":{\"n\":\"&\"}}/" |
		dsv apply - >out
	same out <<-\.
	modified big.csv: rows: 0 inserted, 150000 updated, 0 deleted
	.
	seq 300000 | awk "{ print \$1 \",name of number \" \$1 \",\" (\$1 % 2 ? -\$1 : \$1) }" |
		{ echo id,name,n; cat; } | cmp - big.csv
'

check 'apply: lines of JSON that a delta cannot take apart' '
	dsv track -q d.jsonl --key id
	cat >d.jsonl <<-\.
	{"id":1,"tags":[1,2],"tags":true}
	{"id":2,"a":{"b":1},"a":{"c":2}}
	{"id":3,"x":1}
	.
	printf "{\"id\":4,\"x\":\"\377\376\"}\n" >>d.jsonl
	cp d.jsonl older
	dsv add -q .
	dsv commit -q -m lines
	cat >d.jsonl <<-\.
	{"id":1,"on":false}
	{"id":2,"a":{"b":1},"a":{"c":3}}
	{"id":3,"x":1,"x":2}
	{"id":5,"y":1,"y":1}
	.
	printf "{\"id\":4,\"x\":\"\377\"}\n" >>d.jsonl
	cp d.jsonl newer
	dsv diff --format jsonl >there
	dsv diff -R --format jsonl >back
	dsv restore -q d.jsonl
	dsv apply -q there
	sort d.jsonl >got
	sort newer | cmp - got
	dsv apply -q back
	sort d.jsonl >got
	sort older | cmp - got
	printf "{\"path\":\"d.jsonl\",\"operation\":\"update\",\"record_id\":1,\"payload\":{},\"unset\":[\"tags\"]}\n" |
		dsv apply -q -
	head -n 1 d.jsonl >got
	same got <<-\.
	{"id":1}
	.
'

# both OLD NEW: what diff says of the two makes one of the other and back.
cat >"$SHARED/both" <<'SH'
both() {
	cp "$1" q.csv
	dsv add -q q.csv
	cp "$2" q.csv
	dsv diff --format jsonl q.csv >there
	dsv diff -R --format jsonl q.csv >back
	dsv restore -q q.csv
	dsv apply -q --duplicates there
	dsv diff -q --no-index --format jsonl --key id "$2" q.csv >rest
	grep "\"operation\":\"[iud]" rest && exit 1
	dsv apply -q --duplicates back
	dsv diff -q --no-index --format jsonl --key id "$1" q.csv >rest
	grep "\"operation\":\"[iud]" rest && exit 1
	:
}
SH

check 'apply: a lone quote keeps no other row from being one' '
	. "$SHARED/both"
	printf "id,a,b\n1,5\" pipe,3\" nail\n2,x,y\n3,\"q\"r\"s,\"\n4\n" >old.csv
	printf "id,a,b\n1,bolt,\"3\"\" nail\"\n2,x,z\n3,\"q\"r\"s,\"\n4\n" >new.csv
	both old.csv new.csv
	printf "id,b,a\n1,\"3\"\" nail\",\"5\"\" pipe\"\n2,y,x\n" >new.csv
	both old.csv new.csv
	printf "id,b\n2,y\n" >new.csv
	both old.csv new.csv
'

check 'apply: a row at the end whose quotes are open has its line end' '
	printf "id,a\n1,x\n2,\"open\n" >old.csv
	printf "id,a\n1,x\n2,\"open\n\"\n3,y\n" >new.csv
	cp old.csv q.csv
	dsv add -q q.csv
	cp new.csv q.csv
	dsv diff --format jsonl q.csv >delta
	grep -c update delta && exit 1
	cp old.csv q.csv
	cat >delta <<-\.
	{"path":"q.csv","operation":"update","record_id":"2","payload":{"a":"shut"},"before":{"a":"open\n"}}
	{"path":"q.csv","operation":"insert","payload":{"id":"3","a":"y"}}
	.
	dsv apply -q delta
	same q.csv <<-\.
	id,a
	1,x
	2,shut
	3,y
	.
'

check 'apply: a cell that ends in CR stays one' '
	. "$SHARED/both"
	printf "id,a\n1,x\r" >old.csv
	printf "id,a\n1,\"x\r\"\n2,y\n" >new.csv
	both old.csv new.csv
	printf "id,a,b\n1,x\r,y\n" >old.csv
	printf "id,b,a\n1,y,\"x\r\"\n" >new.csv
	both old.csv new.csv
'

check 'apply: into a file that is nothing but a BOM' '
	printf "q.csv header=no\n" >>.dsvattributes
	for ext in csv jsonl; do
		printf "\357\273\277" >q.$ext
		dsv add -q .
		printf "\357\273\277{\"id\":1}\n" >q.$ext
		dsv diff --format jsonl q.$ext >delta
		cp q.$ext new
		dsv restore -q q.$ext
		dsv apply -q delta
		tr -d \\\" <q.$ext >got
		tr -d \\\" <new | cmp - got
	done
'

check 'apply: without a header each row has its own number of cells' '
	printf "q.csv header=no key=\"#1\"\n" >>.dsvattributes
	printf "a,1\nb,2,3,4\nc,5,6\n" >old.csv
	printf "b,2,3,4\nc,5\nd,7,8\n" >new.csv
	cp old.csv q.csv
	dsv add -q .
	cp new.csv q.csv
	dsv diff --format jsonl q.csv >there
	same there <<-\.
	{"path":"q.csv","operation":"delete","record_id":"a","row":1,"before":{"#1":"a","#2":"1"}}
	{"path":"q.csv","operation":"update","record_id":"c","row":3,"payload":{},"before":{"#3":"6"},"unset":["#3"]}
	{"path":"q.csv","operation":"insert","record_id":"d","payload":{"#1":"d","#2":"7","#3":"8"}}
	.
	dsv diff -R --format jsonl q.csv >back
	cp old.csv q.csv
	dsv apply -q there
	cmp q.csv new.csv
	dsv apply -q back
	sort q.csv | cmp - old.csv
'

check 'apply: a key whose column is renamed finds the rows by its old name' '
	printf "*.csv key=sku\n" >>.dsvattributes
	printf "id,name\n1,bolt\n2,nut\n3,screw\n" >r.csv
	dsv add -q .
	printf "sku,name\n1,bolt\n2,nuts\n4,pin\n" >r.csv
	dsv diff --format jsonl r.csv >delta
	same delta <<-\.
	{"path":"r.csv","operation":"schema","status":"modified","columns":["sku","name"],"added":[],"removed":[],"renamed":{"id":"sku"},"dialect":{"format":"csv","delimiter":",","quote":"\"","header":true,"encoding":"utf-8","bom":false,"line_end":"lf"}}
	{"path":"r.csv","operation":"update","record_id":"2","row":2,"payload":{"name":"nuts"},"before":{"name":"nut"}}
	{"path":"r.csv","operation":"delete","record_id":"3","row":3,"before":{"sku":"3","name":"screw"}}
	{"path":"r.csv","operation":"insert","record_id":"4","payload":{"sku":"4","name":"pin"}}
	.
	cp r.csv new
	dsv restore -q r.csv
	cp r.csv old
	dsv apply -q delta
	cmp r.csv new
	cp old r.csv
	dsv apply -q --key sku delta
	cmp r.csv new
'

check 'apply: cells beyond the header, as columns without a name come and go' '
	cat >a.csv <<-\.
	id,a,
	1,x,y
	2,x,y,z
	3,x,y,z,w
	.
	cat >b.csv <<-\.
	new,id,a,
	,1,x,y
	,2,x,z,z
	,3,x,w,z,w
	.
	cat >c.csv <<-\.
	id,#5,#4
	3,z,#4,y,w
	1,x,y,z
	.
	for pair in "a b" "b a" "a c" "c a" "b c" "c b"; do
		cp "${pair% *}.csv" t.csv
		dsv diff --no-index --key id --format jsonl t.csv "${pair#* }.csv" |
			sed "s/${pair#* }.csv/t.csv/" >delta
		dsv apply -q --key id delta
		dsv diff --no-index --key id --exit-code t.csv "${pair#* }.csv"
	done
'

check 'apply: a header keeps its bytes beside a new column' '
	printf "%s\n" "id,,b,b,\"d\",#6,a#2" 1,x,y,z,q,r,s >t.csv
	printf "%s\n" "id,,c,b,b,d,#6,a#2,,b" 1,x,n,y,z,q,r,s,,9 >u.csv
	dsv diff --no-index --key id --format jsonl t.csv u.csv |
		sed s/u.csv/t.csv/ >delta
	dsv apply -q --key id delta
	same t.csv <<-\.
	id,,c,b,b,"d",#6,a#2,,b
	1,x,n,y,z,q,r,s,,9
	.
	dsv add -q u.csv
	dsv diff --staged --format jsonl u.csv >delta
	dsv apply -q --to new.csv delta
	sed "s/\"d\"/d/" t.csv | cmp - new.csv
'

check 'apply: a last row that becomes empty is still a row' '
	printf "t.txt csv header=yes\n" >>.dsvattributes
	printf "v\n1\n2" >t.txt
	printf "{\"path\":\"t.txt\",\"operation\":\"update\",\"row\":2,%s}\n" \
		"\"payload\":{\"v\":\"\"},\"before\":{\"v\":\"2\"}" >delta
	printf "{\"path\":\"t.txt\",\"operation\":\"insert\",%s}\n" \
		"\"payload\":{\"v\":\"3\"}" >>delta
	dsv apply -q delta
	printf "v\n1\n\n3\n" | cmp - t.txt
'

check 'apply: a line of JSON holds no line feed' '
	cp j.jsonl before
	cat >delta <<-\.
	{"path":"j.jsonl","operation":"insert","payload":{"#line":"x\ny"}}
	{"path":"j.jsonl","operation":"update","record_id":2,"payload":{"#line":"{\"id\":\n2}"}}
	{"path":"j.jsonl","operation":"delete","before":{"#line":"x\ny"}}
	{"path":"j.jsonl","operation":"insert","payload":{"id":7}}
	.
	expect_status 5 dsv apply delta 2>err
	same err <<-\.
	warning: "delta" line 1, "j.jsonl": insert {"#line":"x\ny"}: "#line" has a line feed in it, which would end the line
	warning: "delta" line 2, "j.jsonl": update 2: "#line" has a line feed in it, which would end the line
	warning: "delta" line 3, "j.jsonl": delete {"#line":"x\ny"}: "#line" has a line feed in it, which would end the line
	dsv: 3 lines of the delta do not fit; nothing was changed
	.
	cmp j.jsonl before
'

check 'apply: text that ends in CR is not taken for a line end' '
	printf "{\"id\":2}\r\r\nz\r\r\n" >want.jsonl
	printf "{\"id\": 1, \"tags\": [\"a\"]}\n{\"id\":2}\n" >j.jsonl
	cat >delta <<-\.
	{"path":"j.jsonl","operation":"update","record_id":2,"payload":{"#line":"{\"id\":2}\r"}}
	{"path":"j.jsonl","operation":"insert","payload":{"#line":"z\r"}}
	.
	dsv apply -q delta
	tail -n +2 j.jsonl | cmp - want.jsonl
	printf "t.txt format=csv delimiter=\"\\\\t\" quote=none\n" >>.dsvattributes
	printf "id\tn\n1\tx\n2\ty\r\r\n" >t.txt
	cat >delta <<-\.
	{"path":"t.txt","operation":"update","before":{"id":"1","n":"x"},"payload":{"n":"x\r"}}
	{"path":"t.txt","operation":"update","before":{"id":"2","n":"y\r"},"payload":{"id":"3"}}
	{"path":"t.txt","operation":"insert","payload":{"id":"\"","n":"z\r"}}
	.
	dsv apply -q delta
	printf "id\tn\n1\tx\r\r\n3\ty\r\r\n\"\tz\r\r\n" | cmp - t.txt
'

check 'apply: a cell that the file has no way to write' '
	printf "t.txt format=csv delimiter=\"\\\\t\" quote=none\nl.csv encoding=latin-1\n" >>.dsvattributes
	printf "id\tn\n1\tx\n" >t.txt
	printf "id,n\n1,\351\n" >l.csv
	cat >delta <<-\.
	{"path":"t.txt","operation":"insert","payload":{"id":"2","n":"a\tb"}}
	{"path":"t.txt","operation":"insert","payload":{"id":"2","n":"a\nb"}}
	{"path":"l.csv","operation":"update","record_id":"1","payload":{"n":"\u20ac"}}
	{"path":"l.csv","operation":"update","record_id":"1","payload":{"n":"\u00e8"}}
	.
	expect_status 5 dsv apply delta 2>err
	same err <<-\.
	warning: "delta" line 1, "t.txt": insert {"id":"2","n":"a\tb"}: "n" cannot be written as the file is
	warning: "delta" line 2, "t.txt": insert {"id":"2","n":"a\nb"}: "n" cannot be written as the file is
	warning: "delta" line 3, "l.csv": update "1": "n" cannot be written as the file is
	dsv: 3 lines of the delta do not fit; nothing was changed
	.
'

check 'apply: the file is read afterwards as it was meant' '
	# The second row would be the header.
	printf "1,2\nx,y\n3,4\n" >m.csv
	dsv track -q m.csv --key "#1"
	printf "{\"path\":\"m.csv\",\"operation\":\"delete\",\"record_id\":\"1\"}\n" >delta
	expect_status 5 dsv apply delta 2>err
	same err <<-\.
	dsv: "m.csv" would be read as csv, delimiter ",", quote double, header, utf-8, LF, not as csv, delimiter ",", quote double, no header, utf-8, LF; say how it is to be read with "dsv track"
	.
	dsv track -q m.csv --header no
	dsv apply -q delta
	# A semicolon would divide better.
	printf "k,a;b\n" >s.csv
	cat >delta <<-\.
	{"path":"s.csv","operation":"insert","payload":{"k":"1","a;b":"x;y","#3":"z"}}
	.
	expect_status 5 dsv apply delta 2>err
	grep -q "would be read as csv, delimiter \";\"" err
	# Of one column it matters only if something divides.
	printf "id;a\n1;x\n" >o.csv
	cat >delta <<-\.
	{"path":"o.csv","operation":"schema","status":"modified","columns":["id"],"removed":["a"]}
	.
	dsv apply -q delta
	same o.csv <<-\.
	id
	1
	.
	printf "id;a\n1,5;x\n" >o.csv
	expect_status 5 dsv apply delta 2>err
	grep -q "would be read as" err
'

check 'apply: a new file is written as the attributes say, not the delta' '
	printf "n.csv header=no delimiter=\";\"\n" >>.dsvattributes
	cat >delta <<-\.
	{"path":"n.csv","operation":"schema","status":"added","columns":["#1","#2"],"dialect":{"format":"csv","delimiter":",","header":true}}
	{"path":"n.csv","operation":"insert","payload":{"#1":"1","#2":"2"}}
	.
	dsv apply -q --key "#1" delta
	same n.csv <<-\.
	1;2
	.
'

check 'apply: a BOM stays where the first row goes' '
	printf "t.txt csv header=no\n" >>.dsvattributes
	printf "\357\273\2771,a\n2,b\n" >t.txt
	printf "{\"path\":\"t.txt\",\"operation\":\"delete\",\"row\":1,%s}\n" \
		"\"before\":{\"#1\":\"1\",\"#2\":\"a\"}" >delta
	dsv apply -q delta
	printf "\357\273\2772,b\n" | cmp - t.txt
'

check 'apply: of many rows of one key, the one with the cells that are said' '
	for n in 3 3000; do
		seq $n | awk "BEGIN { print \"id,n,v\" } { print \"1,\" \$1 \",a\" }" >w.csv
		cp w.csv was.csv
		# The last comes first, each twice, the third goes.
		seq $n -1 1 | awk "{
			s = \"{\\\"path\\\":\\\"w.csv\\\",\\\"record_id\\\":1,\\\"operation\\\":\\\"update\\\",\"
			b = \"\\\"before\\\":{\\\"n\\\":\\\"\" \$1 \"\\\",\\\"v\\\":\\\"\"
			print s b \"a\\\"},\\\"payload\\\":{\\\"v\\\":\\\"b\" \$1 \"\\\"}}\"
			print s b \"b\" \$1 \"\\\"},\\\"payload\\\":{\\\"v\\\":\\\"c\\\"}}\"
		} END {
			print \"{\\\"path\\\":\\\"w.csv\\\",\\\"record_id\\\":1,\\\"operation\\\":\\\"delete\\\",\\\"before\\\":{\\\"n\\\":\\\"3\\\"}}\"
		}" >delta
		dsv apply -q delta
		sed -e /,3,/d -e "s/,a\$/,c/" was.csv | cmp - w.csv
		printf "{\"path\":\"w.csv\",\"record_id\":1,\"operation\":\"delete\",\"before\":{\"v\":\"c\"}}\n" >delta
		expect_status 5 dsv apply delta 2>err
		grep -q "several rows fit" err
		printf "{\"path\":\"w.csv\",\"record_id\":1,\"operation\":\"delete\",\"before\":{\"n\":\"3\"}}\n" >delta
		expect_status 5 dsv apply delta 2>err
		grep -q "line 1, \"w.csv\": delete 1: " err
	done
	# As long as they are the same it does not matter which.
	yes "{\"t\":1, \"u\":{}}" | head -n 100 >w.jsonl
	yes "{\"path\":\"w.jsonl\",\"operation\":\"update\",\"before\":{\"t\":1,\"u\":{}},\"payload\":{\"t\":2}}" |
		head -n 60 >delta
	dsv apply -q delta
	uniq -c w.jsonl | sed "s/^ *//" >out
	same out <<-\.
	60 {"t":2, "u":{}}
	40 {"t":1, "u":{}}
	.
'

check 'apply: a member that is there twice is not one that is called so' '
	printf "{\"id\":1,\"a\":1,\"a\":3}\n{\"id\":2,\"a\":1,\"a#2\":3}\n" >k.jsonl
	cp k.jsonl old.jsonl
	printf "{\"id\":1,\"a\":1,\"a#2\":3}\n{\"id\":2,\"a\":1,\"a\":3}\n" >new.jsonl
	dsv diff --no-index --key id old.jsonl new.jsonl >out
	same out <<-\.
	  id  a  a#2         "a#2"
	~ 1   1  3 → (none)  (none) → 3
	~ 2   1  (none) → 3  3 → (none)
	rows: 2 updated
	.
	dsv add -q k.jsonl
	dsv commit -q -m k
	cp new.jsonl k.jsonl
	dsv diff --format jsonl k.jsonl >there
	dsv diff -R --format jsonl k.jsonl >back
	cp old.jsonl k.jsonl
	dsv apply -q there
	cmp k.jsonl new.jsonl
	dsv apply -q back
	cmp k.jsonl old.jsonl
	cat >delta <<-\.
	{"path":"k.jsonl","operation":"update","record_id":2,"before":{"a#2":3},"payload":{"a#2":4}}
	{"path":"k.jsonl","operation":"update","record_id":1,"before":{"a#2":3},"payload":{"a#2":4}}
	{"path":"k.jsonl","operation":"update","record_id":1,"before":{"a":1},"payload":{"b":4}}
	.
	expect_status 5 dsv apply delta 2>err
	same err <<-\.
	warning: "delta" line 2, "k.jsonl": update 1: ""a#2"" is nothing, not "3"
	warning: "delta" line 3, "k.jsonl": update 1: "a#2" is "3", not nothing
	dsv: 2 lines of the delta do not fit; nothing was changed
	.
'

check 'apply: JSON in Latin-1 is refused, and what to do is said' '
	dsv track -q l.jsonl --key id --encoding latin-1
	printf "{\"id\":1,\"a\":\"\351\"}\n" >l.jsonl
	printf "{\"path\":\"l.jsonl\",\"operation\":\"delete\",\"record_id\":1}\n" >delta
	expect_status 5 dsv apply delta 2>err
	same err <<-\.
	dsv: "l.jsonl" cannot be changed by rows: it is JSON in Latin-1; convert it ("iconv -f latin1 -t utf-8") and say "dsv track --encoding utf-8"
	.
	iconv -f latin1 -t utf-8 l.jsonl >l.utf8
	mv l.utf8 l.jsonl
	dsv track -q l.jsonl --encoding utf-8
	dsv apply -q delta
	[ ! -s l.jsonl ]
'

finish
