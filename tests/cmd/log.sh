#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

# Four versions by two people, on two branches from v2.
cat >"$SHARED/make" <<'END'
dsv init -q
at() {
	DSV_DATE=2024-0$1-01T00:00:00Z dsv commit -q -a -m "$2" "$3"
}
mkdir labels
printf 'id,price\n1,10\n' >prices.csv
printf 'image,label\n1,cat\n' >labels/train.csv
echo 'labels/* dataset=labels component=data' >.dsvattributes
dsv add -q .
at 1 'First quotes' --tag=q1
echo 2,20 >>prices.csv
at 2 'Second load' --job=etl-4711
dsv branch exp
echo 2,dog >>labels/train.csv
DSV_USER='Bob <bob@example.org>' at 3 'More labels

LABELS by hand' --meta=by=hand
dsv switch -q exp
echo 3,30 >>prices.csv
at 4 'Try it' --job=etl-9
dsv switch -q main
END
setup '. "$SHARED/make"'

check 'log: newest first, with all that is known' '
	dsv log >out
	same out <<-\.
	v3 79f8e0cf (HEAD -> main)
	Author:  Bob <bob@example.org>
	Date:    2024-03-01T00:00:00Z
	Meta:    by=hand

	    More labels

	    LABELS by hand

	v2 3efd94b2
	Author:  Ada <ada@example.org>
	Date:    2024-02-01T00:00:00Z
	Job:     etl-4711

	    Second load

	v1 cb69cc6d (tag q1)
	Author:  Ada <ada@example.org>
	Date:    2024-01-01T00:00:00Z

	    First quotes
	.
'

check 'log --oneline: one line for each' '
	dsv log --oneline >out
	same out <<-\.
	v3 79f8e0cf (HEAD -> main) More labels
	v2 3efd94b2 Second load
	v1 cb69cc6d (tag q1) First quotes
	.
	dsv log --oneline exp >out
	same out <<-\.
	v3 55a55e5d (exp) Try it
	v2 3efd94b2 Second load
	v1 cb69cc6d (tag q1) First quotes
	.
'

check 'log: a detached HEAD is shown too' '
	dsv switch -q --detach v1
	dsv log --oneline main >out
	dsv switch -q --detach main@v2
	dsv log --oneline >>out
	same out <<-\.
	v3 79f8e0cf (main) More labels
	v2 3efd94b2 Second load
	v1 cb69cc6d (HEAD, tag q1) First quotes
	v2 3efd94b2 (HEAD) Second load
	v1 cb69cc6d (tag q1) First quotes
	.
'

check 'log --limit, -n: at most so many' '
	dsv log --oneline -n2 >out
	same out <<-\.
	v3 79f8e0cf (HEAD -> main) More labels
	v2 3efd94b2 Second load
	.
	[ "$(dsv log --oneline --limit 1 | wc -l)" = 1 ]
	[ "$(dsv log --oneline --limit=0 | wc -l)" = 3 ]
	expect_status 2 dsv log -n x
'

check 'log --since --until: both ends included' '
	dsv log --oneline --since 2024-02-01 >out
	dsv log --oneline --until 2024-02-01T00:00:00Z >>out
	dsv log --oneline --since 2024-02-01 --until 2024-02-28 >>out
	same out <<-\.
	v3 79f8e0cf (HEAD -> main) More labels
	v2 3efd94b2 Second load
	v2 3efd94b2 Second load
	v1 cb69cc6d (tag q1) First quotes
	v2 3efd94b2 Second load
	.
	expect_status 2 dsv log --since soon
'

check 'log --author --grep --job: in any case, and all at once' '
	dsv log --oneline --author BOB >out
	dsv log --oneline --author ada@ >>out
	dsv log --oneline --grep labels >>out
	dsv log --oneline --job etl-4711 >>out
	dsv log --oneline --job etl >>out
	dsv log --oneline --author ada --grep LOAD >>out
	dsv log --oneline --author bob --grep LOAD >>out
	same out <<-\.
	v3 79f8e0cf (HEAD -> main) More labels
	v2 3efd94b2 Second load
	v1 cb69cc6d (tag q1) First quotes
	v3 79f8e0cf (HEAD -> main) More labels
	v2 3efd94b2 Second load
	v2 3efd94b2 Second load
	.
'

check 'log PATH: its own versions, with their own numbers' '
	dsv log --oneline prices.csv >out
	dsv log --oneline labels >>out
	dsv log --oneline exp -- prices.csv >>out
	dsv log --oneline -- "*.csv" >>out
	dsv log --oneline -n1 --since 2024-01-15 prices.csv >>out
	same out <<-\.
	v2 3efd94b2 p2 Second load
	v1 cb69cc6d (tag q1) p1 First quotes
	v3 79f8e0cf (HEAD -> main) p2 More labels
	v1 cb69cc6d (tag q1) p1 First quotes
	v3 55a55e5d (exp) p3 Try it
	v2 3efd94b2 p2 Second load
	v1 cb69cc6d (tag q1) p1 First quotes
	v3 79f8e0cf (HEAD -> main) p3 More labels
	v2 3efd94b2 p2 Second load
	v1 cb69cc6d (tag q1) p1 First quotes
	v2 3efd94b2 p2 Second load
	.
	dsv log labels -n 1 >out
	same out <<-\.
	v3 79f8e0cf (HEAD -> main)
	Author:  Bob <bob@example.org>
	Date:    2024-03-01T00:00:00Z
	Meta:    by=hand
	Path:    version 2 of labels

	    More labels

	    LABELS by hand
	.
	cd labels
	dsv log --oneline train.csv ../prices.csv >../out
	cd ..
	same out <<-\.
	v3 79f8e0cf (HEAD -> main) p3 More labels
	v2 3efd94b2 p2 Second load
	v1 cb69cc6d (tag q1) p1 First quotes
	.
'

check 'log PATH: of a file that is gone' '
	dsv rm -q prices.csv
	dsv commit -q -m Gone
	dsv log --oneline -- prices.csv >out
	same out <<-\.
	v4 445a9899 (HEAD -> main) Gone
	v2 3efd94b2 p2 Second load
	v1 cb69cc6d (tag q1) p1 First quotes
	.
	fails 3 "dsv: no version has \"nosuch\"" dsv log -- nosuch
'

check 'log --dataset --component: versions that changed it' '
	dsv log --oneline --dataset labels >out
	dsv log --oneline --component data >>out
	dsv log --oneline --dataset labels --component data >>out
	same out <<-\.
	v3 79f8e0cf (HEAD -> main) p2 More labels
	v1 cb69cc6d (tag q1) p1 First quotes
	v3 79f8e0cf (HEAD -> main) p2 More labels
	v1 cb69cc6d (tag q1) p1 First quotes
	v3 79f8e0cf (HEAD -> main) p2 More labels
	v1 cb69cc6d (tag q1) p1 First quotes
	.
	dsv log -n1 --dataset labels >out
	same out <<-\.
	v3 79f8e0cf (HEAD -> main)
	Author:  Bob <bob@example.org>
	Date:    2024-03-01T00:00:00Z
	Meta:    by=hand
	Path:    version 2 of dataset labels

	    More labels

	    LABELS by hand
	.
'

check 'log --stat: the files of each' '
	dsv log --stat >out
	same out <<-\.
	v3 79f8e0cf (HEAD -> main)
	Author:  Bob <bob@example.org>
	Date:    2024-03-01T00:00:00Z
	Meta:    by=hand

	    More labels

	    LABELS by hand

	modified labels/train.csv: 18 B → 24 B, 2 → 3 records
	files: 1 modified
	labels/train.csv: rows: 1 inserted, 0 updated, 0 deleted

	v2 3efd94b2
	Author:  Ada <ada@example.org>
	Date:    2024-02-01T00:00:00Z
	Job:     etl-4711

	    Second load

	modified prices.csv: 14 B → 19 B, 2 → 3 records
	files: 1 modified
	prices.csv: rows: 1 inserted, 0 updated, 0 deleted

	v1 cb69cc6d (tag q1)
	Author:  Ada <ada@example.org>
	Date:    2024-01-01T00:00:00Z

	    First quotes

	added .dsvattributes: 39 B, 1 record
	added labels/train.csv: 18 B, 2 records
	added prices.csv: 14 B, 2 records
	files: 3 added
	labels/train.csv: rows: 1 inserted, 0 updated, 0 deleted
	prices.csv: rows: 1 inserted, 0 updated, 0 deleted
	.
	dsv log --stat --oneline labels >out
	same out <<-\.
	v3 79f8e0cf (HEAD -> main) p2 More labels
	modified labels/train.csv: 18 B → 24 B, 2 → 3 records
	files: 1 modified
	labels/train.csv: rows: 1 inserted, 0 updated, 0 deleted
	v1 cb69cc6d (tag q1) p1 First quotes
	added labels/train.csv: 18 B, 2 records
	files: 1 added
	labels/train.csv: rows: 1 inserted, 0 updated, 0 deleted
	.
'

check 'log --graph: lines from versions to their parents' '
	dsv log --graph --oneline exp >out
	same out <<-\.
	* v3 55a55e5d (exp) Try it
	* v2 3efd94b2 Second load
	* v1 cb69cc6d (tag q1) First quotes
	.
	dsv log --graph >out
	same out <<-\.
	* v3 79f8e0cf (HEAD -> main)
	| Author:  Bob <bob@example.org>
	| Date:    2024-03-01T00:00:00Z
	| Meta:    by=hand
	|
	|     More labels
	|
	|     LABELS by hand
	|
	* v2 3efd94b2
	| Author:  Ada <ada@example.org>
	| Date:    2024-02-01T00:00:00Z
	| Job:     etl-4711
	|
	|     Second load
	|
	* v1 cb69cc6d (tag q1)
	  Author:  Ada <ada@example.org>
	  Date:    2024-01-01T00:00:00Z

	      First quotes
	.
	dsv log --graph --oneline --stat --author ada >out
	same out <<-\.
	* v2 3efd94b2 Second load
	| modified prices.csv: 14 B → 19 B, 2 → 3 records
	| files: 1 modified
	| prices.csv: rows: 1 inserted, 0 updated, 0 deleted
	* v1 cb69cc6d (tag q1) First quotes
	  added .dsvattributes: 39 B, 1 record
	  added labels/train.csv: 18 B, 2 records
	  added prices.csv: 14 B, 2 records
	  files: 3 added
	  labels/train.csv: rows: 1 inserted, 0 updated, 0 deleted
	  prices.csv: rows: 1 inserted, 0 updated, 0 deleted
	.
'

check 'log --first-parent: nothing else to follow here' '
	dsv log --first-parent --oneline >out
	dsv log --oneline >out2
	cmp out2 out
'

check 'log A..B: what B has and A has not' '
	dsv log --oneline main..exp >out
	dsv log --oneline exp..main >>out
	dsv log --oneline exp...main >>out
	dsv log --oneline v2.. >>out
	dsv log --oneline HEAD..HEAD >>out
	same out <<-\.
	v3 55a55e5d (exp) Try it
	v3 79f8e0cf (HEAD -> main) More labels
	v3 79f8e0cf (HEAD -> main) More labels
	v3 79f8e0cf (HEAD -> main) More labels
	.
'

check 'log: as JSON, a version a line' '
	dsv log --json -n1 >out
	dsv log --json --job etl-4711 --stat >>out
	dsv log --json -n1 prices.csv >>out
	same out <<-\.
	{"id":"79f8e0cf993ad42ea057c4ddbbf31aaf7a1194bef2715193bfca7369e38e77fa","version":3,"parents":["3efd94b2b597ca098eceff263e1d949e5c757afb013c9f63159728b3bb7ecac5"],"tree":"680666b9df021ae9bff0aff277abc632902d02e977846a6a21829f49fa379142","author":{"name":"Bob","email":"bob@example.org"},"date":"2024-03-01T00:00:00Z","committer":{"name":"Bob","email":"bob@example.org"},"commit_date":"2024-03-01T00:00:00Z","job":null,"meta":{"by":"hand"},"message":"More labels\n\nLABELS by hand","branches":["main"],"tags":[],"labels":[],"state":"draft","retracted":false,"reviewers":[]}
	{"id":"3efd94b2b597ca098eceff263e1d949e5c757afb013c9f63159728b3bb7ecac5","version":2,"parents":["cb69cc6d6bea5271c7cad85960df0be51ad9fda179b3afa5e05903bce8bbabe8"],"tree":"b331d57db16d4ce2ec22b9b73ced00fd9619213f8b2802cac52caed6c5ad4b8d","author":{"name":"Ada","email":"ada@example.org"},"date":"2024-02-01T00:00:00Z","committer":{"name":"Ada","email":"ada@example.org"},"commit_date":"2024-02-01T00:00:00Z","job":"etl-4711","meta":{},"message":"Second load","branches":[],"tags":[],"labels":[],"state":"draft","retracted":false,"reviewers":[],"changes":[{"status":"modified","path":"prices.csv","from":{"path":"prices.csv","type":"file","id":"48891dbd1c19f38a173db0b9d1ee25f8715ec9f0675f4131914cc981128b842a","size":14,"records":2},"to":{"path":"prices.csv","type":"file","id":"5b45cc300fc9c1dfa3d3d479a5b4cf93a93bd269afccabc199d3b2ba98a7ded5","size":19,"records":3}}],"tables":[{"path":"prices.csv","rows":2,"inserted":1,"updated":0,"deleted":0}]}
	{"id":"3efd94b2b597ca098eceff263e1d949e5c757afb013c9f63159728b3bb7ecac5","version":2,"parents":["cb69cc6d6bea5271c7cad85960df0be51ad9fda179b3afa5e05903bce8bbabe8"],"tree":"b331d57db16d4ce2ec22b9b73ced00fd9619213f8b2802cac52caed6c5ad4b8d","author":{"name":"Ada","email":"ada@example.org"},"date":"2024-02-01T00:00:00Z","committer":{"name":"Ada","email":"ada@example.org"},"commit_date":"2024-02-01T00:00:00Z","job":"etl-4711","meta":{},"message":"Second load","branches":[],"tags":[],"labels":[],"state":"draft","retracted":false,"reviewers":[],"path_version":2}
	.
'

check 'log: of mistakes' '
	fails 3 "dsv: \"nosuch\" is neither a revision nor a path here; put \"--\" before a path of another version" \
		dsv log nosuch
	fails 3 "dsv: no path \"exp\" here; put \"--\" before a path of another version" \
		dsv log main exp
	fails 2 "dsv: \"HEAD:prices.csv\" is a file of one version; for its versions say \"dsv log REV -- PATH\"" \
		dsv log HEAD:prices.csv
	fails 2 "dsv: at most 1 revision before \"--\"" dsv log main exp -- prices.csv
	echo >exp
	fails 2 "dsv: \"exp\" is both a revision and a path; put \"--\" before paths or after revisions" \
		dsv log exp
	[ "$(dsv log --oneline exp -- | wc -l)" = 3 ]
'

check 'log: names and messages cannot disturb a terminal' '
	printf "x\n" >"$(printf "a\033[31m")"
	dsv add -q .
	dsv commit -q -m "$(printf "red \033[31m\nand \302\233")"
	dsv log -n1 --stat >out
	same out <<-\.
	v4 1fac38ce (HEAD -> main)
	Author:  Ada <ada@example.org>
	Date:    2024-01-02T03:04:05Z

	    red \x1b[31m
	    and \xc2\x9b

	added "a\x1b[31m": 2 B, 1 record
	files: 1 added
	.
'

# Versions of one table, 30 of them: row 1 changes in some, others in all.
export rows_history='
	mkdir rows && cd rows && dsv init -q
	dsv track -q "*.csv" --key id
	printf "id,name,price\n1,bolt,0.12\n2,nut,0.08\n" >p.csv
	dsv add -q . && dsv commit -qm one --date 2024-01-01
	for v in $(seq 2 30); do
		case $v in
		5) sed -i "s/bolt,0.12/bolt,0.13/" p.csv ;;
		9) sed -i "/^1,/d" p.csv ;;
		14) sed -i "1a 1,bolt,0.2" p.csv ;;
		20) sed -i "1s/name/title/" p.csv ;;
		21) sed -i "s/bolt,0.2/bolts,0.2/" p.csv ;;
		esac
		sed -i "s/^2,.*/2,nut,$v/" p.csv
		dsv commit -qam "number $v" --job j$v \
			--date "2024-01-$(printf %02d "$v")"
	done
'

check 'log --key: the life of one row' '
	eval "$rows_history"
	dsv log p.csv --key 1 --oneline | sed "s/ [0-9a-f]* / ID /" >../out
	same ../out <<-\.
	v21 ID number 21: updated title: bolt → bolts
	v14 ID number 14: inserted id: 1, name: bolt, price: 0.2
	v9 ID number 9: deleted id: 1, name: bolt, price: 0.13
	v5 ID number 5: updated price: 0.12 → 0.13
	v1 ID one: inserted id: 1, name: bolt, price: 0.12
	.
	dsv log "main@{2024-01-10}" p.csv --key 1 -n 2 | sed "s/ [0-9a-f]\{8\}$/ ID/" >../out
	same ../out <<-\.
	v9 ID
	Author:  Ada <ada@example.org>
	Date:    2024-01-09T00:00:00Z
	Job:     j9

	    number 9

	deleted p.csv 1
	- id: 1
	- name: bolt
	- price: 0.13

	v5 ID
	Author:  Ada <ada@example.org>
	Date:    2024-01-05T00:00:00Z
	Job:     j5

	    number 5

	updated p.csv 1
	~ price: 0.12 → 0.13
	.
	[ "$(dsv log p.csv --key 2 --oneline | wc -l)" = 30 ]
	dsv log v8..v21 p.csv --key 1 --oneline | cut -d" " -f1 | tr "\n" " " >../out
	[ "$(cat ../out)" = "v21 v14 v9 " ]
	dsv log p.csv --key 1 --job j14 --json |
		sed "s/.*\"path\"/{\"path\"/" >../out
	same ../out <<-\.
	{"path":"p.csv","rows":[{"operation":"insert","from":null,"to":{"id":"1","name":"bolt","price":"0.2"}}]}
	.
	fails 3 "dsv: no version of \"p.csv\" that was asked for changed a row with the key 3" \
		dsv log p.csv --key 3
	fails 2 "dsv: --key is about one row of one table: name its path" \
		dsv log --key 3
	fails 2 "dsv: --key is about one row; --graph, --stat, --dataset and --component are not" \
		dsv log --stat p.csv --key 3
'

check 'log --key: several columns, in a list or one by one' '
	mkdir new && cd new && dsv init -q
	dsv track -q "*.csv" --key a,b
	printf "a,b,c\nx,\"1,2\",p\nx,y,q\n" >t.csv
	dsv add -q . && dsv commit -qm one
	sed -i s/p$/r/ t.csv
	dsv commit -qam two
	dsv log t.csv --oneline --key "x,\"1,2\"" >one
	dsv log t.csv --oneline --key a=x --key b=1,2 >two
	dsv log t.csv --oneline --key b=1,2 --key a=x >three
	[ "$(wc -l <one)" = 2 ]
	cmp one two
	cmp one three
	fails 2 "dsv: --key \"x\" is not a value of the key of \"t.csv\", which is a,b" \
		dsv log t.csv --key x
'

check 'log --key: rows that were noted by another key, or not at all' '
	mkdir new && cd new && dsv init -q
	printf "id,n\n1,A\n2,B\n" >t.csv
	dsv add -q . && dsv commit -qm one
	sed -i s/A/C/ t.csv; dsv commit -qam two
	dsv track -q "*.csv" --key n
	sed -i s/C/D/ t.csv; dsv add -q . && dsv commit -qm three
	dsv track -q "*.csv" --key id
	sed -i s/B/E/ t.csv; dsv add -q . && dsv commit -qm four
	sed -i s/D/F/ t.csv; dsv commit -qam five
	dsv log t.csv --key 1 --oneline | sed "s/ [0-9a-f]* / ID /" >out
	same out <<-\.
	v5 ID five: updated n: D → F
	v3 ID three: updated n: C → D
	v2 ID two: updated n: A → C
	v1 ID one: inserted id: 1, n: A
	.
'

check 'log --show-signature: says of each version whether it is good' '
	command -v ssh-keygen >/dev/null || skip "there is no ssh-keygen"
	ssh-keygen -q -t ed25519 -N "" -f key
	dsv config set user.signingKey "$PWD/key"
	dsv commit -q -S --allow-empty -m signed
	dsv log --show-signature --oneline -n 1 | cut -c 13- >out
	dsv log --show-signature -n 2 | grep -e ^v -e ^Author |
		sed "s/[0-9a-f]\{8\}/ID/" >>out
	dsv log --show-signature --json -n 2 | grep -o "\"signature\":.*" >>out
	dsv log --json -n 1 | grep -c signature >>out || :
	same out <<-\.
	(HEAD -> main) [unknown signature: no version approved before has ".dsvsigners"] signed
	v4 ID (HEAD -> main)
	Author:  Ada <ada@example.org> [unknown signature: no version approved before has ".dsvsigners"]
	v3 ID
	Author:  Bob <bob@example.org>
	"signature":{"state":"unknown","principal":null,"fact":"no version approved before has \".dsvsigners\""}}
	"signature":null}
	0
	.
'

finish
