#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q'

check 'access: who has which role' '
	dsv access >out 2>&1
	dsv grant -q "Bob <b@example.org>" write --dataset labels
	dsv grant -q Eve review --branch main
	dsv access >>out 2>&1
	dsv access --json >>out 2>&1
	same out <<-\.
	Ada <ada@example.org> admin repository 2024-01-02T03:04:05Z Ada
	roles are not checked: nobody else has one yet, or that was turned off; see "dsv access --enforce"
	Ada <ada@example.org> admin repository 2024-01-02T03:04:05Z Ada
	Bob <b@example.org> write dataset/labels 2024-01-02T03:04:05Z Ada
	Eve review branch/main 2024-01-02T03:04:05Z Ada
	roles are checked
	{"user":"Ada <ada@example.org>","role":"admin","where":"repository","granted_by":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z"}
	{"user":"Bob <b@example.org>","role":"write","where":"dataset/labels","granted_by":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z"}
	{"user":"Eve","role":"review","where":"branch/main","granted_by":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z"}
	roles are checked
	.
'

check 'access --check, --dataset, --branch: for scripts' '
	dsv grant -q Bob write --dataset labels
	dsv grant -q Bob review --branch main
	check() {
		dsv access --check "$@" >>out && echo yes >>out || echo no $? >>out
	}
	check Bob read
	check Bob write --dataset labels
	check Bob review --dataset labels
	check "b <bob>" review --branch main
	check Ada admin
	check Ada admin --json
	check Nobody read --json
	check Bob admin -q
	same out <<-\.
	Bob has no role
	no 1
	Bob has write
	yes
	Bob has write
	no 1
	b <bob> has review
	yes
	Ada has admin
	yes
	{"user":"Ada","role":"admin","granted":true}
	yes
	{"user":"Nobody","role":null,"granted":false}
	no 1
	no 1
	.
	fails 2 "dsv: \"x\" is no role; they are read, write, review and admin" \
		dsv access --check Bob x
	fails 2 "dsv: the form is \"dsv access --check USER ROLE\"" \
		dsv access --check Bob
	fails 2 "dsv: --check is missing, as in \"dsv access --check USER ROLE\"" \
		dsv access Bob read
'

check 'access --enforce, --dry-run: checks without grants, and none with them' '
	dsv access --enforce on --dry-run >out
	DSV_USER=Bob dsv status >>out
	dsv access --enforce on >>out
	DSV_USER=Bob fails 4 "dsv: \"status\" needs the role read, and Bob has none; an admin can grant it (Ada <ada@example.org>)" \
		dsv status
	dsv grant -q Eve read
	dsv access --enforce off --json >>out
	DSV_USER=Bob dsv access 2>>out >>out
	DSV_USER=Bob fails 4 "dsv: \"access\" needs the role admin, and Bob has none; an admin can grant it (Ada <ada@example.org>)" \
		dsv access --enforce on
	same out <<-\.
	roles would be checked
	on branch main, no version yet

	not tracked ("dsv add PATH" takes it in)
	  out

	nothing added to commit
	roles are now checked
	{"enforced":false,"dry_run":false}
	Ada <ada@example.org> admin repository 2024-01-02T03:04:05Z Ada
	Eve read repository 2024-01-02T03:04:05Z Ada
	roles are not checked: nobody else has one yet, or that was turned off; see "dsv access --enforce"
	.
'

finish
