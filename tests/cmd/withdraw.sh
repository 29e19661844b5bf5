#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one'

check 'withdraw --message: it is a draft again, and approvals are void' '
	dsv policy set -q main --approvals 2
	dsv submit -q
	DSV_USER=Bob dsv approve -q
	dsv withdraw --message "wrong month" >out
	DSV_USER=Eve dsv approve >>out
	DSV_USER=Bob dsv approve >>out
	same out <<-\.
	v1 dacada79 is a draft
	v1 dacada79 is approved by 1 of 2
	v1 dacada79 is approved
	.
	dsv show --stat | grep Review >out
	same out <<-\.
	Review:  2024-01-02T03:04:05Z Ada submit
	Review:  2024-01-02T03:04:05Z Bob approve
	Review:  2024-01-02T03:04:05Z Ada withdraw: wrong month
	Review:  2024-01-02T03:04:05Z Eve approve
	Review:  2024-01-02T03:04:05Z Bob approve
	.
'

check 'withdraw --dry-run: changes nothing' '
	dsv submit -q
	dsv withdraw --dry-run >out
	dsv log --oneline >>out
	same out <<-\.
	v1 dacada79 would be a draft
	v1 dacada79 (HEAD -> main) [submitted] one
	.
'

finish
