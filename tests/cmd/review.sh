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
	files: 1 modified
	Decides: Mia
	{"id":"8b41797181d191d7bd4e364a7114a40fe4df9070c1f8400313a8b62a6c1b1de4","version":2,"parents":["dacada79bb4571664b84fbdce0d3271c70b4b43f132432add5fb739b3df2a786"],"tree":"6e1fef9b82182bb68e28080ea39748c498a08fab21320542e3c421f3bdb8fcf9","author":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z","committer":{"name":"Ada","email":"ada@example.org"},"commit_date":"2024-01-02T03:04:05Z","job":null,"meta":{},"message":"two","branches":["main"],"tags":[],"labels":[],"state":"submitted","retracted":false,"reviewers":[],"reviews":[{"act":"submit","actor":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z","note":""}],"into":"main","submitted_by":{"name":"Ada","email":"ada@example.org"},"submitted":"2024-01-02T03:04:05Z","approvals":0,"needed":1,"rules_changed":true,"named":["Mia"],"anybody_else":false,"may_decide":true,"against":"dacada79bb4571664b84fbdce0d3271c70b4b43f132432add5fb739b3df2a786","changes":[{"status":"modified","path":"a","from":{"path":"a","type":"file","id":"4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865","size":2,"records":1},"to":{"path":"a","type":"file","id":"53c234e5e8472b6ac51c1ae1cab3fe06fad053beb8ebfd8977b010655bfdd3c3","size":2,"records":1}}]}
	.
'

check 'review --format: a page with everything in it, and nothing of it live' '
	DSV_USER="<Eve> & Co" expect_status 2 dsv comment -m x 2>err
	dsv submit -q -m "<script>alert(1)</script> & \"more\""
	dsv review --format html >out
	same out <<-\.
	<!DOCTYPE html>
	<html lang="en">
	<head>
	<meta charset="utf-8">
	<title>Review</title>
	<style>
	body { font: 16px sans-serif; margin: 2em auto; max-width: 60em; }
	th, td { text-align: left; padding: 2px 12px 2px 0; vertical-align: top; }
	.added { color: #060; } .deleted { color: #900; }
	</style>
	</head>
	<body>
	<h2>v2 two</h2>
	<p><code>8b41797181d191d7bd4e364a7114a40fe4df9070c1f8400313a8b62a6c1b1de4</code></p>
	<table>
	<tr><th>Author</th><td>Ada &#60;ada@example.org&#62;</td></tr>
	<tr><th>Date</th><td>2024-01-02T03:04:05Z</td></tr>
	<tr><th>State</th><td>submitted for main</td></tr>
	<tr><th>Review</th><td>2024-01-02T03:04:05Z Ada submit: &#60;script&#62;alert(1)&#60;/script&#62; &#38; &#34;more&#34;</td></tr>
	<tr><th>Missing</th><td>1 of 1 approval</td></tr>
	<tr><th>Decides</th><td>anybody</td></tr>
	<tr><th>Against</th><td>v1 dacada79, approved last</td></tr>
	</table>
	<h3>Changed files</h3>
	<table>
	<tr><th>what</th><th>path</th><th>bytes before</th><th>bytes now</th></tr>
	<tr class="modified"><td>modified</td><td>a</td><td>2</td><td>2</td></tr>
	</table>
	</body>
	</html>
	.
	fails 2 "dsv: --format html is not JSON; leave out one of them" \
		dsv review --format html --json
'

finish
