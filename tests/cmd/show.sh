#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

cat >"$SHARED/make" <<'END'
dsv init -q
mkdir sub
printf 'id,price\n1,10\n' >prices.csv
echo text >sub/a
ln -s prices.csv link
printf '\000\001' >bin
dsv add -q .
dsv commit -q -m 'First quotes' --tag q1
echo 2,20 >>prices.csv
mv sub/a sub/b
chmod +x bin
dsv add -q .
dsv commit -q -m 'Second load

in two lines' --job etl-4711 --author 'Bob <bob@example.org>'
END
setup '. "$SHARED/make"'

check 'show: a version, and the lines that differ' '
	dsv show >out
	same out <<-\.
	v2 47e289676f9f4ffb8478d39072cf0a6e7ccc4d37f7998daa58656b0e6cc0d9d6 (HEAD -> main)
	Author:  Bob <bob@example.org>
	Commit:  Ada <ada@example.org>
	Date:    2024-01-02T03:04:05Z
	Job:     etl-4711

	    Second load

	    in two lines

	modified bin: 2 B, now executable
	modified prices.csv: 14 B → 19 B, 2 → 3 records
	  id  price
	+ 2   20
	rows: 1 inserted, 1 unchanged
	renamed sub/a → sub/b: 5 B, 1 record
	files: 2 modified, 1 renamed
	.
'

check 'show REV --stat: only the files' '
	dsv show q1 --stat >out
	same out <<-\.
	v1 80fd21efe1f30f9ad2dc3703196bf11c70adb91bcaea262a0aeac36533dbedb4 (tag q1)
	Author:  Ada <ada@example.org>
	Date:    2024-01-02T03:04:05Z

	    First quotes

	added bin: 2 B
	added link: 10 B
	added prices.csv: 14 B, 2 records
	added sub/a: 5 B, 1 record
	files: 4 added
	prices.csv: rows: 1 inserted, 0 updated, 0 deleted
	.
'

check 'show --name-only: only the names' '
	dsv show --name-only >out
	same out <<-\.
	v2 47e289676f9f4ffb8478d39072cf0a6e7ccc4d37f7998daa58656b0e6cc0d9d6 (HEAD -> main)
	Author:  Bob <bob@example.org>
	Commit:  Ada <ada@example.org>
	Date:    2024-01-02T03:04:05Z
	Job:     etl-4711

	    Second load

	    in two lines

	bin
	prices.csv
	sub/b
	.
'

check 'show --raw: bytes whose SHA-256 is the id' '
	{ dsv show --raw v1; echo; } >out
	same out <<-\.
	tree d4bde4995ab57b6e3abcdd70fe2939bf982dd17898c49e21d7896f8857571ae9
	author Ada <ada@example.org> 2024-01-02T03:04:05Z
	committer Ada <ada@example.org> 2024-01-02T03:04:05Z

	First quotes
	.
	id=$(dsv show --json v1 | sed "s/{\"id\":\"//; s/\".*//")
	[ "$(dsv show --raw v1 | sha256sum | cut -c1-64)" = "$id" ]
	fails 2 "dsv: --raw is bytes, not JSON; leave out --json" \
		dsv show --raw --json
'

check 'show REV:PATH: facts about a file, a link, a directory' '
	for f in prices.csv bin link sub ""; do
		dsv show "HEAD:$f"
	done >out
	sed "s/^\(stored  *\)[0-9]*/\1N/" out >said
	same said <<-\.
	path     prices.csv
	type     file
	id       5b45cc300fc9c1dfa3d3d479a5b4cf93a93bd269afccabc199d3b2ba98a7ded5
	size     19 bytes
	records  3
	cut      csv
	chunks   1
	stored   N bytes
	used     1 time
	table    csv, delimiter ",", quote double, header, utf-8, LF
	path     bin
	type     executable file
	id       b413f47d13ee2fe6c845b2ee141af81de858df4ec549a58b7970bb96645bc8d2
	size     2 bytes
	cut      binary
	chunks   1
	stored   N bytes
	used     2 times
	path     link
	type     symbolic link
	id       f173f10247060da9d978b02be52a70768c28fd4df5d9bebd549ad55c03c91c79
	size     10 bytes
	cut      binary
	chunks   1
	stored   N bytes
	used     2 times
	path     sub
	type     directory
	id       0b4d3ccce27074a3b4f52527117ebace0c011c166bcef028badacf0446033bf3
	used     1 time
	path     .
	type     directory
	id       3088ed0cc9d75aa243a14b5f73e881cc4edb5b8a511a585ac09f8501d541c7f2
	used     1 time
	.
	[ "$(dsv show HEAD:prices.csv | sed -n "s/^id  *//p")" = \
		"$(sha256sum <prices.csv | cut -c1-64)" ]
	cd sub
	dsv show HEAD:./b >../out
	dsv show HEAD:sub/b >../out2
	cmp ../out ../out2
'

check 'show: as JSON' '
	dsv show --json >out
	dsv show --json HEAD:prices.csv >>out
	dsv show --json HEAD:bin >>out
	dsv show --json HEAD:sub >>out
	sed "s/\"stored\":[1-9][0-9]*/\"stored\":N/" out >said
	same said <<-\.
	{"id":"47e289676f9f4ffb8478d39072cf0a6e7ccc4d37f7998daa58656b0e6cc0d9d6","version":2,"parents":["80fd21efe1f30f9ad2dc3703196bf11c70adb91bcaea262a0aeac36533dbedb4"],"tree":"3088ed0cc9d75aa243a14b5f73e881cc4edb5b8a511a585ac09f8501d541c7f2","author":{"name":"Bob","email":"bob@example.org"},"date":"2024-01-02T03:04:05Z","committer":{"name":"Ada","email":"ada@example.org"},"commit_date":"2024-01-02T03:04:05Z","job":"etl-4711","meta":{},"message":"Second load\n\nin two lines","branches":["main"],"tags":[],"labels":[],"state":"draft","retracted":false,"reviewers":[],"reviews":[],"signature":null,"changes":[{"status":"modified","path":"bin","from":{"path":"bin","type":"file","id":"b413f47d13ee2fe6c845b2ee141af81de858df4ec549a58b7970bb96645bc8d2","size":2,"records":null},"to":{"path":"bin","type":"exec","id":"b413f47d13ee2fe6c845b2ee141af81de858df4ec549a58b7970bb96645bc8d2","size":2,"records":null}},{"status":"modified","path":"prices.csv","from":{"path":"prices.csv","type":"file","id":"48891dbd1c19f38a173db0b9d1ee25f8715ec9f0675f4131914cc981128b842a","size":14,"records":2},"to":{"path":"prices.csv","type":"file","id":"5b45cc300fc9c1dfa3d3d479a5b4cf93a93bd269afccabc199d3b2ba98a7ded5","size":19,"records":3}},{"status":"renamed","path":"sub/b","from":{"path":"sub/a","type":"file","id":"b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733","size":5,"records":1},"to":{"path":"sub/b","type":"file","id":"b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733","size":5,"records":1}}],"tables":[{"path":"prices.csv","rows":2,"inserted":1,"updated":0,"deleted":0}],"references":1}
	{"path":"prices.csv","type":"file","id":"5b45cc300fc9c1dfa3d3d479a5b4cf93a93bd269afccabc199d3b2ba98a7ded5","size":19,"records":3,"cut":"csv","chunks":1,"stored":N,"references":1,"dialect":{"format":"csv","delimiter":",","quote":"\"","header":true,"encoding":"utf-8","bom":false,"line_end":"lf"}}
	{"path":"bin","type":"exec","id":"b413f47d13ee2fe6c845b2ee141af81de858df4ec549a58b7970bb96645bc8d2","size":2,"records":null,"cut":"binary","chunks":1,"stored":N,"references":2,"dialect":null}
	{"path":"sub","type":"dir","id":"0b4d3ccce27074a3b4f52527117ebace0c011c166bcef028badacf0446033bf3","references":1}
	.
'

check 'show: of mistakes' '
	fails 3 "dsv: unknown revision \"q2\"; did you mean \"q1\"?" dsv show q2
	fails 3 "dsv: no \"nosuch\" in that version" dsv show HEAD:nosuch
	fails 3 "dsv: no \"prices.csv/x\" in that version" \
		dsv show HEAD:prices.csv/x
	fails 2 "dsv: \"v1..v2\" is a range; \"dsv log\" and \"dsv diff\" take ranges" \
		dsv show v1..v2
	fails 2 "dsv: \"HEAD:bin\" is a path; --raw, --stat and --name-only are for versions (\"dsv cat\" prints a file)" \
		dsv show --stat HEAD:bin
	fails 2 "dsv: --raw, --stat and --name-only exclude each other" \
		dsv show --stat --raw
	fails 3 "dsv: no version v7 on the line of \"HEAD\", which is at v2" \
		dsv show v7
	fails 3 "dsv: no \"v1~\": version v1 is the first and has no parent" \
		dsv show v1~
	fails 3 "dsv: no version on the line of \"main\" is approved" \
		dsv show main@approved
'

check 'show: an id by its beginning, an ambiguous one listed' '
	id=$(dsv show --json | sed "s/{\"id\":\"//; s/\".*//")
	[ "$(dsv show --json "$(printf %.8s "$id")" | cut -c1-80)" = \
		"$(dsv show --json | cut -c1-80)" ]
	fails 3 "dsv: no version has an id that begins with \"00000000\"" \
		dsv show 00000000
	# These two messages make ids that begin alike.
	dsv commit -q --allow-empty -m 0
	dsv commit -q --allow-empty -m 8798
	fails 2 "dsv: \"535a\" is ambiguous: 535a42105aadb368, 535aec9afd61c669" \
		dsv show 535a
	dsv show 535a4 --name-only | head -1 >out
	same out <<-\.
	v3 535a42105aadb3688a7d9389a781b792295a7e1165a3d34cafc825ddb802b966
	.
'

finish
