#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup 'dsv init -q; mkdir sub
	dsv track -q prices.csv --key id
	printf "id,name,price,on\n1,bolt,0.12,2025-01-01\n2,nut,,2025-01-02\n" \
		>prices.csv
	printf "{\"id\":1,\"u\":{\"n\":\"x\"}}\n{\"id\":2.5}\n" >sub/log.jsonl
	echo text >notes.txt; printf "\377\376a\0\n\0" >wide.csv
	dsv add -q .; dsv commit -q -m one'

check 'schema: types, nulls and ends, of HEAD' '
	dsv schema prices.csv >out
	dsv schema sub/log.jsonl >>out
	same out <<-\.
	prices.csv: csv, delimiter ",", quote double, header, utf-8, LF
	2 rows, key id

	column  type     nulls  least       greatest
	id      integer      0  1           2
	name    string       0  bolt        nut
	price   number       1  0.12        0.12
	on      date         0  2025-01-01  2025-01-02
	sub/log.jsonl: jsonl, utf-8, LF
	2 rows

	column  type    nulls  least  greatest
	id      number      0  1      2.5
	u.n     string      1  x      x
	.
'

check 'schema: of a version, from the top or from here' '
	printf "id\n7\n" >prices.csv; dsv commit -qam two
	dsv schema v1 prices.csv >a; dsv schema v1:prices.csv >b
	cd sub; dsv schema v1 ../prices.csv >../c
	dsv schema log.jsonl >../d; dsv schema HEAD:sub/log.jsonl >../e
	cd ..
	cmp a b; cmp a c; cmp d e
	grep -q "^2 rows" a
	dsv schema prices.csv | grep -q "^1 row, key id$"
'

check 'schema: as JSON, in the terms of Table Schema' '
	dsv schema --json prices.csv >out
	same out <<-\.
	{"path":"prices.csv","id":"4376c55d9415ace55a8f53f9ad3ed4adcd411c3940ddf3b336d90692b4286f4c","rows":2,"dialect":{"format":"csv","delimiter":",","quote":"\"","header":true,"encoding":"utf-8","bom":false,"line_end":"lf"},"schema":{"fields":[{"name":"id","type":"integer","constraints":{"required":true},"nulls":0,"least":"1","greatest":"2"},{"name":"name","type":"string","constraints":{"required":true},"nulls":0,"least":"bolt","greatest":"nut"},{"name":"price","type":"number","constraints":{"required":false},"nulls":1,"least":"0.12","greatest":"0.12"},{"name":"on","type":"date","constraints":{"required":true},"nulls":0,"least":"2025-01-01","greatest":"2025-01-02"}],"primaryKey":["id"],"missingValues":[""]},"odd":{}}
	.
'

check 'schema: what is odd, with line numbers' '
	printf "a,a,\n1,2\n\"x\ny\",\"z,3\n" >odd.csv
	printf "a\n\351\n" >latin.csv; printf "{}\n\n[\n" >bad.jsonl
	printf "a,b\n1,2,3\n4,\0" >nul.csv
	dsv add -q .; dsv commit -qm odd
	for f in odd.csv latin.csv bad.jsonl nul.csv; do
		dsv schema $f | grep "^odd: "
	done >out
	same out <<-\.
	odd: the header names "a" more than once
	odd: 1 column has no name
	odd: 2 rows have fewer cells than columns, the first in line 2
	odd: line 3 has a quote that opens or closes no cell
	odd: line 2 is not UTF-8
	odd: line 3 is not JSON
	odd: line 2 is an empty line
	odd: line 2 has more cells than columns
	odd: line 3 has a NUL in it
	.
	for f in odd.csv latin.csv bad.jsonl nul.csv; do
		dsv cat $f | cmp - $f
	done
	dsv schema --json bad.jsonl | grep -o "\"odd\".*" >out
	same out <<-\.
	"odd":{"json":{"rows":1,"first_line":3},"empty":{"rows":1,"first_line":2}}}
	.
'

check 'schema: encoding and header as attributes say' '
	printf "caf\351;1\nth\351;2\n" >x.csv
	echo "x.csv encoding=latin-1 header=no" >.dsvattributes
	dsv add -q .; dsv commit -qm x; dsv schema x.csv >out
	same out <<-\.
	x.csv: csv, delimiter ";", quote double, no header, latin-1, LF
	2 rows

	column  type     nulls  least  greatest
	#1      string       0  café   thé
	#2      integer      0  1      2
	.
'

check 'schema: what is no table' '
	fails 2 "dsv: \"notes.txt\" is not a table by its name; \"dsv track PATTERN --format csv\" says that it is one" \
		dsv schema notes.txt
	fails 2 "dsv: \"sub\" is a directory, not a table" dsv schema sub
	fails 5 "dsv: \"wide.csv\" is not read as rows: it is UTF-16" \
		dsv schema wide.csv
	expect_status 3 dsv schema nix.csv
	expect_status 2 dsv schema v1 prices.csv x
	expect_status 2 dsv schema v1:
'

check 'schema diff: each change, breaking or compatible' '
	printf "id;Name;price;on\r\nx;bolt;1;2025-01-01T00:00\r\n3;nut;2;\r\n" \
		>prices.csv
	dsv commit -qam two; dsv schema diff v1 v2 prices.csv >out
	dsv schema --json diff v1:prices.csv v2:prices.csv >>out
	same out <<-\.
	breaking   dialect  csv, delimiter ",", quote double, header, utf-8, LF → csv, delimiter ";", quote double, header, utf-8, CRLF
	breaking   retyped  id: integer → string
	compatible added    Name: string
	compatible retyped  price: number → integer
	compatible required price
	breaking   retyped  on: date → datetime
	breaking   nullable on
	breaking   removed  name: string
	schema: 5 breaking, 3 compatible
	{"change":"dialect","breaking":true,"from":"csv, delimiter \",\", quote double, header, utf-8, LF","to":"csv, delimiter \";\", quote double, header, utf-8, CRLF"}
	{"change":"retyped","breaking":true,"column":"id","from":"integer","to":"string"}
	{"change":"added","breaking":false,"column":"Name","to":"string"}
	{"change":"retyped","breaking":false,"column":"price","from":"number","to":"integer"}
	{"change":"required","breaking":false,"column":"price"}
	{"change":"retyped","breaking":true,"column":"on","from":"date","to":"datetime"}
	{"change":"nullable","breaking":true,"column":"on"}
	{"change":"removed","breaking":true,"column":"name","from":"string"}
	.
	dsv schema diff v2 v2 prices.csv >out
	same out <<-\.
	.
'

check 'schema diff: columns come, go, move and get other names' '
	for i in 1 2 3 4; do echo $i,n$i,t$i,9; done >rows
	{ echo id,name,town,old; cat rows; } >t.csv
	dsv add t.csv; dsv commit -qm t1
	{ echo town,id,label,new; sed "s/\(.*\),\(.*\),\(.*\),.*/\3,\1,\2,x/" rows
	} >t.csv
	dsv commit -qam t2; dsv schema diff HEAD~ HEAD t.csv >out
	same out <<-\.
	compatible moved    columns come in another order
	breaking   renamed  name → label
	compatible added    new: string
	breaking   removed  old: integer
	schema: 2 breaking, 2 compatible
	.
'

check 'schema diff --exit-code: 1 if anything differs' '
	printf "id\n7\n" >prices.csv; dsv commit -qam two
	expect_status 1 dsv schema -e diff v1 v2 prices.csv >out
	dsv schema --exit-code diff v2 v2 prices.csv >out2
	[ -s out ]; [ ! -s out2 ]
	fails 2 "dsv: --exit-code is for \"dsv schema diff\"" \
		dsv schema -e prices.csv
	fails 2 "dsv: between what? give two versions and a file, as in \"dsv schema diff v1 v2 FILE\"" \
		dsv schema diff v1 v2
	fails 2 "dsv: between what? give two versions and a file, as in \"dsv schema diff v1 v2 FILE\"" \
		dsv schema diff v1
'

check 'schema: a large table, the same as read at once' '
	"$BUILD/tests/gen" csv 30000 1 big.csv; dsv add -q big.csv
	dsv commit -qm big; dsv schema big.csv >a
	sed s/,west,/,West,/ big.csv >big2.csv; dsv add -q .
	dsv commit -qm big2; dsv schema big2.csv >b
	head -3 a | tail -1 >out
	grep -E "^(id|region|date|price) " a >>out
	diff a b >>out || :
	same out <<-\.

	id        string       0  000000000      000029999
	region    string       0  centre         west
	date      date         0  2015-01-01     2015-01-08
	price     number       0  10.03          999.98
	1c1
	< big.csv: csv, delimiter ",", quote double, header, utf-8, LF
	---
	> big2.csv: csv, delimiter ",", quote double, header, utf-8, LF
	7c7
	< region    string       0  centre         west
	---
	> region    string       0  West           south
	.
'

check 'schema: of what was added, whatever became of the file since' '
	seq 100000 | sed "s/.*/&,x&/; 1s/^/id,name\n/" >t.csv
	dsv add -q t.csv
	sed "s/^7,.*/seven,x/" t.csv >changed
	cp changed t.csv
	dsv commit -q -m two
	dsv schema t.csv >out
	dsv fsck -q
	grep -qx "id *integer *0  1 *100000" out
	dsv add -q t.csv
	rm t.csv
	mkfifo t.csv
	dsv commit -q -m three
	dsv schema HEAD:t.csv >out
	grep -q "^id *string " out
	rm t.csv
	dsv restore -q t.csv
	cmp t.csv changed
'

finish
