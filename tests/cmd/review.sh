#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one
	dsv approve -q; echo 2 >a; dsv commit -qam two'

check 'review --pending: what waits, against what was approved last' '
	dsv review >out 2>err
	dsv submit -q -m "please look"
	echo 3 >b
	dsv add -q b
	dsv commit -qm three
	dsv policy set -q main --approvals 2 --not-author
	dsv submit -q -m "and at this"
	DSV_USER=Bob dsv approve -q -m "fine"
	dsv review --pending >>out
	same out <<-\.
	v2 8b417971 two
	Author:  Ada <ada@example.org>
	Date:    2024-01-02T03:04:05Z
	State:   submitted for main
	Review:  2024-01-02T03:04:05Z Ada submit: please look
	Missing: 2 of 2 approvals
	Decides: anybody but Ada
	Rules:   changed by Ada since it was submitted; now 2 approvals, not by the author
	Against: v1 dacada79, approved last
	modified a: 2 B, 1 record
	@@ -1 +1 @@
	-1
	+2
	files: 1 modified

	v3 e7f1418f three
	Author:  Ada <ada@example.org>
	Date:    2024-01-02T03:04:05Z
	State:   submitted for main
	Review:  2024-01-02T03:04:05Z Ada submit: and at this
	Review:  2024-01-02T03:04:05Z Bob approve: fine
	Missing: 1 of 2 approvals
	Decides: anybody but Ada, Bob
	Against: v1 dacada79, approved last
	modified a: 2 B, 1 record
	@@ -1 +1 @@
	-1
	+2
	added b: 2 B, 1 record
	files: 1 added, 1 modified
	.
	same err <<-\.
	nothing waits for a decision
	.
	fails 2 "dsv: --pending and --mine list what waits; leave out \"v1\"" \
		dsv review v1 --pending
'

check 'review REV: whatever its state' '
	dsv review v1 >out
	dsv reject -q -m "no good"
	dsv review >>out 2>&1
	dsv review v2 >>out
	same out <<-\.
	v1 dacada79 one
	Author:  Ada <ada@example.org>
	Date:    2024-01-02T03:04:05Z
	State:   approved for main
	Review:  2024-01-02T03:04:05Z Ada approve
	Against: nothing: no version before it is approved
	added a: 2 B, 1 record
	files: 1 added
	nothing waits for a decision
	v2 8b417971 two
	Author:  Ada <ada@example.org>
	Date:    2024-01-02T03:04:05Z
	State:   rejected for main
	Review:  2024-01-02T03:04:05Z Ada reject: no good
	Against: v1 dacada79, approved last
	modified a: 2 B, 1 record
	@@ -1 +1 @@
	-1
	+2
	files: 1 modified
	.
'

check 'review --mine: what I may decide about' '
	dsv policy set -q main --not-author --reviewers Bob,Ada
	dsv submit -q
	dsv review --mine >out 2>&1
	DSV_USER=Eve dsv review --mine >>out 2>&1
	DSV_USER=Bob dsv review --mine >>out 2>&1
	dsv grant -q Mia review
	dsv policy set -q main --reviewers ""
	DSV_USER=Mia dsv review --mine | grep Decides >>out
	DSV_USER=Mia dsv review --json >>out
	same out <<-\.
	nothing waits for you
	nothing waits for you
	v2 8b417971 two
	Author:  Ada <ada@example.org>
	Date:    2024-01-02T03:04:05Z
	State:   submitted for main
	Review:  2024-01-02T03:04:05Z Ada submit
	Missing: 1 of 1 approval
	Decides: Bob
	Against: v1 dacada79, approved last
	modified a: 2 B, 1 record
	@@ -1 +1 @@
	-1
	+2
	files: 1 modified
	Decides: Mia
	{"id":"8b41797181d191d7bd4e364a7114a40fe4df9070c1f8400313a8b62a6c1b1de4","version":2,"parents":["dacada79bb4571664b84fbdce0d3271c70b4b43f132432add5fb739b3df2a786"],"tree":"6e1fef9b82182bb68e28080ea39748c498a08fab21320542e3c421f3bdb8fcf9","author":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z","committer":{"name":"Ada","email":"ada@example.org"},"commit_date":"2024-01-02T03:04:05Z","job":null,"meta":{},"message":"two","branches":["main"],"tags":[],"labels":[],"state":"submitted","retracted":false,"reviewers":[],"reviews":[{"act":"submit","actor":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z","note":""}],"into":"main","submitted_by":{"name":"Ada","email":"ada@example.org"},"submitted":"2024-01-02T03:04:05Z","approvals":0,"needed":1,"rules_changed":true,"named":["Mia"],"anybody_else":false,"may_decide":true,"against":"dacada79bb4571664b84fbdce0d3271c70b4b43f132432add5fb739b3df2a786","changes":[{"status":"modified","path":"a","from":{"path":"a","type":"file","id":"4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865","size":2,"records":1},"to":{"path":"a","type":"file","id":"53c234e5e8472b6ac51c1ae1cab3fe06fad053beb8ebfd8977b010655bfdd3c3","size":2,"records":1}}],"delta":[],"decisions":[]}
	.
'

check 'review --format: a page with everything in it, and nothing of it live' '
	DSV_USER="<Eve> & Co" expect_status 2 dsv comment -m x 2>err
	dsv submit -q -m "<script>alert(1)</script> & \"more\""
	dsv review --format html >page
	grep -q "Content-Security-Policy.*default-src" page
	sed "1,/<body>/d" page >out
	same out <<-\.
	<h1>Review</h1>
	<h1>v2 two</h1>
	<p><code>8b41797181d191d7bd4e364a7114a40fe4df9070c1f8400313a8b62a6c1b1de4</code></p>
	<div class="scroll">
	<table>
	<tr><th>Author</th><td dir="auto">Ada &lt;ada@example.org&gt;</td></tr>
	<tr><th>Date</th><td dir="auto">2024-01-02T03:04:05Z</td></tr>
	<tr><th>State</th><td dir="auto">submitted for main</td></tr>
	<tr><th>Review</th><td dir="auto">2024-01-02T03:04:05Z Ada submit: &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;</td></tr>
	<tr><th>Missing</th><td dir="auto">1 of 1 approval</td></tr>
	<tr><th>Decides</th><td dir="auto">anybody</td></tr>
	<tr><th>Against</th><td dir="auto">v1 dacada79, approved last</td></tr>
	</table>
	</div>
	<section>
	<h2>a</h2>
	<p>modified; it is no table</p>
	</section>
	</body>
	</html>
	.
	fails 2 "dsv: --format html is not JSON; leave out one of them" \
		dsv review --format html --json
'

setup ""
check 'review --rows --stat --limit: what differs, row by row, and what is pending' '
	dsv init -q
	dsv track -q "*.csv" --key id
	printf "id,name,price\r\n1,bolt,0.12\r\n2,nut,0.08\r\n3,screw,0.30" >t.csv
	dsv add -q .
	dsv commit -q -m one
	DSV_USER=Bob dsv decide -q t.csv approve --all-pending --source tester -m "as in <the> ledger"
	dsv approve -q
	printf "id,name,price,more\n1,bolt,0.12,\n2,nut,0.09,\n4,<b>washer,0.02,x\n" >t.csv
	dsv commit -q -a -m two
	dsv review HEAD | sed 1,5d >out
	dsv review HEAD --rows --stat | sed 1,6d >>out
	dsv review HEAD --rows --limit 1 | sed 1,6d >>out
	dsv review HEAD --rows --json | sed "s/.*\"changes\"/\"changes\"/; s/\"\(id\|event\)\":\"[0-9a-f]\{64\}\"/\"\1\":\"…\"/g" >>out
	dsv review HEAD --json --stat | grep -o "\"decisions\".*" >>out
	same out <<-\.
	Decides: anybody
	Against: v1 4da79841, approved last
	modified t.csv: 52 B → 63 B, 4 records
	column: + more
	  id  name       price        more
	~ 2   nut        0.08 → 0.09
	- 3   screw      0.30
	+ 4   <b>washer  0.02         x
	rows: 1 inserted, 1 updated, 1 deleted, 1 unchanged; schema: +1 column; written in another way
	files: 1 modified
	t.csv: decisions: 2 pending, 1 approved; 1 carried
	Against: v1 4da79841, approved last
	modified t.csv: 52 B → 63 B, 4 records; rows: 1 inserted, 1 updated, 1 deleted, 1 unchanged; schema: +1 column; written in another way
	files: 1 modified
	t.csv: decisions: 2 pending, 1 approved; 1 carried
	  2,nut,0.09,
	    in v1: approve 2024-01-02 by Bob (tester): as in <the> ledger
	  4,<b>washer,0.02,x
	Against: v1 4da79841, approved last
	modified t.csv: 52 B → 63 B, 4 records
	column: + more
	  id  name  price        more
	~ 2   nut   0.08 → 0.09
	(2 rows not shown)
	rows: 1 inserted, 1 updated, 1 deleted, 1 unchanged; schema: +1 column; written in another way
	files: 1 modified
	t.csv: decisions: 2 pending, 1 approved; 1 carried
	  2,nut,0.09,
	    in v1: approve 2024-01-02 by Bob (tester): as in <the> ledger
	  (1 row more)
	"changes":[{"status":"modified","path":"t.csv","from":{"path":"t.csv","type":"file","id":"…","size":52,"records":4},"to":{"path":"t.csv","type":"file","id":"…","size":63,"records":4},"rows":{"inserted":1,"updated":1,"deleted":1,"unchanged":1}}],"delta":[{"path":"t.csv","operation":"schema","status":"modified","columns":["id","name","price","more"],"added":["more"],"removed":[],"renamed":{},"dialect":{"format":"csv","delimiter":",","quote":"\"","header":true,"encoding":"utf-8","bom":false,"line_end":"lf"}},{"path":"t.csv","operation":"update","record_id":"2","row":2,"payload":{"price":"0.09"},"before":{"price":"0.08"}},{"path":"t.csv","operation":"delete","record_id":"3","row":3,"before":{"id":"3","name":"screw","price":"0.30"}},{"path":"t.csv","operation":"insert","record_id":"4","payload":{"id":"4","name":"<b>washer","price":"0.02","more":"x"}}],"decisions":[{"path":"t.csv","rows":3,"pending":2,"approved":1,"rejected":0,"modify":0,"carried":1,"keyless":0,"pending_rows":[{"number":2,"row":{"id":"2","name":"nut","price":"0.09","more":""},"before":{"decision":"approve","id":"…","version":1,"event":"…","by":{"name":"Bob","email":""},"date":"2024-01-02T03:04:05Z","source":"tester","reason":null,"note":"as in <the> ledger"}},{"number":3,"row":{"id":"4","name":"<b>washer","price":"0.02","more":"x"},"before":null}]}]}
	"decisions":[{"path":"t.csv","rows":3,"pending":2,"approved":1,"rejected":0,"modify":0,"carried":1,"keyless":0}]}
	.
	dsv review HEAD --rows --format html | sed "1,/<body>/d" | sed -n "/<section>/,\$p" >page
	same page <<-\.
	<section>
	<h2>t.csv</h2>
	<div class="scroll">
	<table>
	<thead><tr><th class="mark"></th><th dir="auto">id</th><th dir="auto">name</th><th dir="auto">price</th><th dir="auto"><ins>more</ins></th></tr></thead>
	<tbody>
	<tr class="upd"><td class="mark">~</td><td dir="auto">2</td><td dir="auto">nut</td><td class="cell" dir="auto"><del>0.08</del> <ins>0.09</ins></td><td dir="auto"></td></tr>
	<tr class="del"><td class="mark">−</td><td dir="auto">3</td><td dir="auto">screw</td><td dir="auto">0.30</td><td dir="auto"></td></tr>
	<tr class="ins"><td class="mark">+</td><td dir="auto">4</td><td dir="auto">&lt;b&gt;washer</td><td dir="auto">0.02</td><td dir="auto">x</td></tr>
	</tbody>
	</table>
	</div>
	<p>rows: 1 inserted, 1 updated, 1 deleted, 1 unchanged; schema: +1 column; written in another way</p>
	</section>
	<section>
	<h2>Decisions: t.csv</h2>
	<p>2 pending, 1 approved; 1 carried</p>
	<div class="scroll">
	<table>
	<thead><tr><th>pending</th><th>decided before</th></tr></thead>
	<tbody>
	<tr><td dir="auto">2,nut,0.09,</td><td dir="auto">in v1: approve 2024-01-02 by Bob (tester): as in &lt;the&gt; ledger</td></tr>
	<tr><td dir="auto">4,&lt;b&gt;washer,0.02,x</td><td dir="auto"></td></tr>
	</tbody>
	</table>
	</div>
	</section>
	</body>
	</html>
	.
	fails 2 "dsv: a page has everything in it; leave out --stat" \
		dsv review --format html --stat
'

finish
