#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

# Six versions: some rows change; the third adds a column, the fourth sorts
# the table anew, the fifth renames a column, the sixth changes nearly all.
setup '
	dsv init -q
	dsv track -q "*.csv" --key id
	v() { dsv add -q . && dsv commit -qm "$1"; }
	printf "id,name,price\n1,bolt,0.12\n2,nut,0.08\n3,screw,0.30\n" >p.csv
	v one
	sed -i s/0.08/0.09/ p.csv; echo 4,washer,0.02 >>p.csv
	v two
	printf "id,name,price,unit\n1,bolt,0.12,\n2,nut,0.09,kg\n3,screw,0.30,\n4,washer,0.02,\n" >p.csv
	v three
	printf "id,name,price,unit\n4,washer,0.02,\n3,screw,0.31,\n2,nut,0.09,kg\n1,bolt,0.12,\n" >p.csv
	v four
	sed -i "1s/price/cost/" p.csv
	v five
'

check 'blame: each row with the version that changed it last' '
	dsv blame p.csv | sed "s/ [0-9a-f]* / ID /" >out
	same out <<-\.
	v2 ID 2024-01-02 Ada: 4,washer,0.02,
	v4 ID 2024-01-02 Ada: 3,screw,0.31,
	v3 ID 2024-01-02 Ada: 2,nut,0.09,kg
	v1 ID 2024-01-02 Ada: 1,bolt,0.12,
	.
	dsv blame v2 p.csv | sed "s/ [0-9a-f]* / ID /" >out
	same out <<-\.
	v1 ID 2024-01-02 Ada: 1,bolt,0.12
	v2 ID 2024-01-02 Ada: 2,nut,0.09
	v1 ID 2024-01-02 Ada: 3,screw,0.30
	v2 ID 2024-01-02 Ada: 4,washer,0.02
	.
'

check 'blame --key: one row, or none' '
	dsv blame p.csv --key 2 | sed "s/ [0-9a-f]* / ID /" >out
	same out <<-\.
	v3 ID 2024-01-02 Ada: 2,nut,0.09,kg
	.
	expect_status 1 dsv blame p.csv --key 9 2>err
	same err <<-\.
	"p.csv" has no row with the key 9 in v5
	.
'

check 'blame: a file that was deleted and came back begins anew' '
	cp p.csv kept
	dsv rm -q p.csv
	dsv commit -qm gone
	cp kept p.csv
	v back
	dsv blame p.csv | cut -c1-3 | sort -u >out
	same out <<-\.
	v7 
	.
'

check 'blame: a table without a key, by all cells' '
	printf "a,b\n1,x\n1,x\n2,y\n" >t.csv
	echo "t.csv -key" >>.dsvattributes
	v six
	printf "a,b\n2,y\n1,x\n3,z\n1,x\n" >t.csv
	v seven
	dsv blame t.csv | sed "s/ [0-9a-f]* / ID /" >out
	same out <<-\.
	v6 ID 2024-01-02 Ada: 2,y
	v6 ID 2024-01-02 Ada: 1,x
	v7 ID 2024-01-02 Ada: 3,z
	v6 ID 2024-01-02 Ada: 1,x
	.
'

check 'blame --json' '
	dsv blame --json p.csv --key 3 | sed "s/\"id\":\"[0-9a-f]*\"/ID/" >out
	same out <<-\.
	{"row":2,ID,"version":4,"author":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z","job":null,"cells":{"id":"3","name":"screw","cost":"0.31","unit":""}}
	.
'

check 'blame: what cannot be asked' '
	expect_status 2 dsv blame p.csv q.csv r.csv 2>err
	expect_status 3 dsv blame q.csv 2>err
	expect_status 2 dsv blame v1..v2 p.csv 2>err
	echo x >note.txt
	dsv add -q .
	dsv commit -qm note
	expect_status 5 dsv blame note.txt 2>err
	same err <<-\.
	dsv: "note.txt" is not a table
	.
	echo "p.csv -key" >>.dsvattributes
	v nokey
	expect_status 5 dsv blame p.csv --key 1 2>err
	same err <<-\.
	dsv: "p.csv" has no key; say what tells its rows apart with "dsv track --key COLUMN"
	.
'

finish
