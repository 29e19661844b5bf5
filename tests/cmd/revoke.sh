#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q'

check 'revoke --dataset, --branch: the role there, and no other' '
	dsv grant -q Bob write --dataset labels
	dsv grant -q Bob review --branch main
	dsv grant -q Bob read
	dsv revoke bob --dataset labels >out
	dsv revoke Bob --branch main >>out
	dsv access >>out
	dsv revoke Bob >>out
	DSV_USER=Bob expect_status 4 dsv status 2>>out
	same out <<-\.
	bob has no role for dataset labels
	Bob has no role on branch main
	Ada <ada@example.org> admin repository 2024-01-02T03:04:05Z Ada
	Bob read repository 2024-01-02T03:04:05Z Ada
	Bob has no role
	dsv: "status" needs the role read, and Bob has none; an admin can grant it (Ada <ada@example.org>)
	.
	fails 3 "dsv: \"Bob\" has no role there; \"dsv access\" lists who has one" \
		dsv revoke Bob
'

check 'revoke: not the last admin' '
	fails 5 "dsv: \"Ada\" is the last admin; make another one first, with \"dsv grant USER admin\"" \
		dsv revoke Ada
	fails 5 "dsv: \"Ada\" is the last admin; make another one first, with \"dsv grant USER admin\"" \
		dsv grant Ada write
	dsv grant -q Bob admin
	DSV_USER=Bob dsv revoke -q Ada
	DSV_USER=Bob dsv access >out
	same out <<-\.
	Bob admin repository 2024-01-02T03:04:05Z Ada
	.
	fails 4 "dsv: \"grant\" needs the role admin, and Ada has none; an admin can grant it (Bob)" \
		dsv grant Ada admin
'

check 'revoke --dry-run: changes nothing' '
	dsv grant -q Bob read
	dsv revoke --dry-run Bob >out
	dsv revoke -n Bob --json >>out
	DSV_USER=Bob dsv access 2>/dev/null >>out
	same out <<-\.
	Bob would have no role
	{"user":"Bob","role":null,"dataset":null,"branch":null,"dry_run":true}
	Ada <ada@example.org> admin repository 2024-01-02T03:04:05Z Ada
	Bob read repository 2024-01-02T03:04:05Z Ada
	.
'

finish
