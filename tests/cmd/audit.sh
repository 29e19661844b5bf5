#!/bin/sh
. "${0%/*}/../lib.sh"

# What a repository is called by is drawn at random.
plain() {
	sed -E "s/[0-9a-f]{64}/ID/g; s/[0-9a-f]{32}/WRITER/g"
}

setup 'dsv init -q; echo 1 >a; echo 2 >b; dsv add -q .; dsv commit -q -m one
	DSV_DATE=2024-02-01T00:00:00Z; export DSV_DATE
	echo 3 >a; dsv commit -qam two --tag t; DSV_USER=Bob dsv approve -q -m ok'

check 'audit: everything in order, whole and allowed' '
	dsv audit >out 2>&1
	dsv audit -q >>out
	dsv audit --json v1 | plain >>out
	same out <<-\.
	1 2024-01-02T03:04:05Z Ada <ada@example.org> (env) init access=repository
	2 2024-01-02T03:04:05Z Ada <ada@example.org> (env) commit branch/main - → ff5557c9
	3 2024-02-01T00:00:00Z Ada <ada@example.org> (env) commit branch/main ff5557c9 → e4b107f5 tag/t - → e4b107f5
	4 2024-02-01T00:00:00Z Bob (env) approve approvals=1 commit=e4b107f5 into=main state=approved: ok
	4 acts checked: the chain is whole, and all were allowed
	{"number":2,"id":"ID","act":"commit","date":"2024-01-02T03:04:05Z","actor":{"name":"Ada","email":"ada@example.org"},"identity":"env","writer":"WRITER","seq":2,"refs":[{"name":"branch/main","from":null,"to":"ID"}],"fields":{},"note":"","signature":null,"finding":null}
	.
'

check 'audit REV, audit PATH: what concerns it' '
	dsv audit t >out 2>/dev/null
	dsv audit v1 >>out 2>/dev/null
	echo paths >>out
	dsv audit b >>out 2>/dev/null
	same out <<-\.
	3 2024-02-01T00:00:00Z Ada <ada@example.org> (env) commit branch/main ff5557c9 → e4b107f5 tag/t - → e4b107f5
	4 2024-02-01T00:00:00Z Bob (env) approve approvals=1 commit=e4b107f5 into=main state=approved: ok
	2 2024-01-02T03:04:05Z Ada <ada@example.org> (env) commit branch/main - → ff5557c9
	paths
	2 2024-01-02T03:04:05Z Ada <ada@example.org> (env) commit branch/main - → ff5557c9
	.
	fails 2 "dsv: name a version or paths, not both" dsv audit v1 a
	fails 3 "dsv: \"c\" is neither a revision nor a path here; put \"--\" before a path of another version" \
		dsv audit c
'

check 'audit --actor, --since: by whom, and when' '
	dsv audit --actor BOB >out 2>/dev/null
	dsv audit --actor example.org --since 2024-01-15 >>out 2>/dev/null
	same out <<-\.
	4 2024-02-01T00:00:00Z Bob (env) approve approvals=1 commit=e4b107f5 into=main state=approved: ok
	3 2024-02-01T00:00:00Z Ada <ada@example.org> (env) commit branch/main ff5557c9 → e4b107f5 tag/t - → e4b107f5
	.
'

check 'audit --actor: nobody of that name' '
	dsv audit --actor nobody >out 2>&1
	dsv audit --json --since 2024-03-01 >>out 2>/dev/null
	same out <<-\.
	no act matches
	4 acts checked: the chain is whole, and all were allowed
	.
'

check 'audit --head, --verify: nothing before the anchor changed' '
	cp -a .dsv before
	anchor=$(dsv audit --head)
	dsv audit --verify "$anchor" >out
	dsv tag -q later
	dsv audit --verify "$anchor" >>out
	dsv audit --verify "$anchor" --json >>out
	later=$(dsv audit --head --json | sed "s/.*:\"\(.*\)\"}/\1/")
	rm -rf .dsv
	mv before .dsv
	expect_status 1 dsv audit --verify "$later" >>out
	dsv tag -q other
	expect_status 1 dsv audit --verify "$later" >>out
	expect_status 1 dsv audit --verify "$later" --json >>out
	mkdir new
	cd new
	dsv init -q
	expect_status 1 dsv audit --verify "$anchor" >>../out
	cd ..
	same out <<-\.
	unchanged up to the anchor; 0 acts since
	unchanged up to the anchor; 1 act since
	{"unchanged":true,"fact":null,"since":1}
	changed: there are only 4 of the 5 acts that there were: the end was cut off
	changed: event 5 is another one than it was: the record was rewritten
	{"unchanged":false,"fact":"event 5 is another one than it was: the record was rewritten","since":0}
	changed: there are only 0 of the 4 acts that there were: the end was cut off
	.
	fails 2 "dsv: \"dsv-audit-1\" is no anchor; one is what \"dsv audit --head\" prints" \
		dsv audit --verify dsv-audit-1
	fails 2 "dsv: --head and --verify stand alone" dsv audit --head v1
'

finish
