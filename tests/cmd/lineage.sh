#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q
	dsv track -q "*.csv" --key id
	printf "id,name,price\n1,bolt,0.12\n3,screw,0.30\n" >t.csv
	dsv add -q .
	dsv commit -q -m one --job etl-1
	DSV_USER=Bob dsv decide -q t.csv modify --key 3 --reason "net?" --source tester -m "see mail"
	sed -i "s/0.30/0.28/" t.csv
	dsv commit -q -a -m two
	DSV_USER="Eve <eve@example.org>" dsv decide -q t.csv approve --key 3
	echo 4,washer,0.02 >>t.csv
	dsv commit -q -a -m three'

check 'lineage --key: what became of a row, and what was decided about it' '
	dsv lineage t.csv --key 3 >out
	dsv lineage --key 3 v2 -- t.csv >>out
	dsv lineage v1 t.csv --key id=3 >>out
	dsv lineage t.csv --key 1 >>out
	sed -i /screw/d t.csv
	dsv commit -q -a -m four
	dsv lineage t.csv --key 3 >>out
	same out <<-\.
	v2 005b4cfe approve 2024-01-02 by Eve [in force, carried]
	v2 005b4cfe 2024-01-02 Ada: updated price: 0.30 → 0.28
	v1 e43a25cf modify 2024-01-02 by Bob (tester): net?; see mail
	v1 e43a25cf 2024-01-02 Ada (etl-1): inserted id: 3, name: screw, price: 0.30
	v2 005b4cfe approve 2024-01-02 by Eve [in force]
	v2 005b4cfe 2024-01-02 Ada: updated price: 0.30 → 0.28
	v1 e43a25cf modify 2024-01-02 by Bob (tester): net?; see mail
	v1 e43a25cf 2024-01-02 Ada (etl-1): inserted id: 3, name: screw, price: 0.30
	v1 e43a25cf modify 2024-01-02 by Bob (tester): net?; see mail [in force]
	v1 e43a25cf 2024-01-02 Ada (etl-1): inserted id: 3, name: screw, price: 0.30
	v1 e43a25cf 2024-01-02 Ada (etl-1): inserted id: 1, name: bolt, price: 0.12
	v4 3d7e051d 2024-01-02 Ada: deleted id: 3, name: screw, price: 0.28
	v2 005b4cfe approve 2024-01-02 by Eve
	v2 005b4cfe 2024-01-02 Ada: updated price: 0.30 → 0.28
	v1 e43a25cf modify 2024-01-02 by Bob (tester): net?; see mail
	v1 e43a25cf 2024-01-02 Ada (etl-1): inserted id: 3, name: screw, price: 0.30
	.
'

check 'lineage --limit: the newest changes, with what was decided since' '
	dsv lineage t.csv --key 3 --limit 1 >out
	same out <<-\.
	v2 005b4cfe approve 2024-01-02 by Eve [in force, carried]
	v2 005b4cfe 2024-01-02 Ada: updated price: 0.30 → 0.28
	.
'

check 'lineage: as JSON' '
	dsv lineage t.csv --key 3 --json | sed "s/\"event\":\"[0-9a-f]*\"/\"event\":\"…\"/g" >out
	same out <<-\.
	{"kind":"decision","decision":"approve","id":"005b4cfe26db65c20c0edaaef014534092f83267b4484ccd2a9707f21602d997","version":2,"event":"…","by":{"name":"Eve","email":"eve@example.org"},"date":"2024-01-02T03:04:05Z","source":null,"reason":null,"note":null,"in_force":true,"carried_from":{"id":"005b4cfe26db65c20c0edaaef014534092f83267b4484ccd2a9707f21602d997","version":2,"event":"…"}}
	{"kind":"change","id":"005b4cfe26db65c20c0edaaef014534092f83267b4484ccd2a9707f21602d997","version":2,"author":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z","job":null,"message":"two","rows":[{"operation":"update","from":{"id":"3","name":"screw","price":"0.30"},"to":{"id":"3","name":"screw","price":"0.28"}}]}
	{"kind":"decision","decision":"modify","id":"e43a25cfeff025a93d9f32fc0d6d4551c35190b9d7eb30f52ce6b0f0cf0816c8","version":1,"event":"…","by":{"name":"Bob","email":""},"date":"2024-01-02T03:04:05Z","source":"tester","reason":"net?","note":"see mail","in_force":false,"carried_from":null}
	{"kind":"change","id":"e43a25cfeff025a93d9f32fc0d6d4551c35190b9d7eb30f52ce6b0f0cf0816c8","version":1,"author":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z","job":"etl-1","message":"one","rows":[{"operation":"insert","from":null,"to":{"id":"3","name":"screw","price":"0.30"}}]}
	.
'

check 'lineage: what there never was, and what cannot be' '
	expect_status 1 dsv lineage t.csv --key 9 >out 2>&1
	for args in "t.csv" "v1 --key 1" "none.csv --key 1" "v1 v2 t.csv --key 1"; do
		st=0
		dsv lineage $args >>out 2>&1 || st=$?
		echo $st >>out
	done
	same out <<-\.
	"t.csv" never had a row with the key 9 up to v3 b829ca36
	dsv: of which row? say --key VALUE
	2
	dsv: of which table? name one path
	2
	dsv: "none.csv" is neither a revision nor a path here; put "--" before a path of another version
	3
	dsv: "t.csv" is one argument too many; see "dsv lineage --help"
	2
	.
'

finish
