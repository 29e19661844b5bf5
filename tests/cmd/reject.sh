#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one'

check 'reject --message: the reason has to be given, and it is final' '
	fails 2 "dsv: a rejection needs a reason; give it with -m" dsv reject
	fails 2 "dsv: a rejection needs a reason; give it with -m" \
		dsv reject -m " "
	dsv reject --message "twice the same row" >out
	dsv log >>out
	same out <<-\.
	v1 dacada79 is rejected
	v1 dacada79 (HEAD -> main)
	Author:  Ada <ada@example.org>
	Date:    2024-01-02T03:04:05Z
	State:   rejected by Ada

	    one
	.
	fails 5 "dsv: v1 (dacada79) is rejected already, by Ada; commit a new version first" \
		dsv reject -m again
'

check 'reject: after an approval by somebody else it is kept as a comment' '
	DSV_USER=Bob dsv approve -q
	fails 5 "dsv: too late, and kept as a comment: v1 (dacada79) is approved already, by Bob; \"dsv retract dacada79\" takes it out of use" \
		dsv reject -m "but the header"
	dsv show --stat | grep -e State -e Review >out
	same out <<-\.
	State:   approved by Bob
	Review:  2024-01-02T03:04:05Z Bob approve
	Review:  2024-01-02T03:04:05Z Ada comment (reject, too late): but the header
	.
	DSV_USER=Bob fails 5 "dsv: v1 (dacada79) is approved already, by Bob; \"dsv retract dacada79\" takes it out of use" \
		dsv reject -m "my own"
'

check 'reject --into, --dry-run: who decides for the branch' '
	dsv policy set -q main --reviewers Bob,Eve
	fails 5 "dsv: Ada does not decide for \"main\" (1 approval, by Bob or Eve)" \
		dsv reject -m no
	DSV_USER="bob <b@example.org>" dsv reject -n --into main -m no >out
	dsv log --oneline >>out
	same out <<-\.
	v1 dacada79 would be rejected
	v1 dacada79 (HEAD -> main) one
	.
'

check 'reject --sign: the act is signed' '
	fails 2 "dsv: there is no key to sign with; say which with \"dsv config set --user user.signingKey FILE\"" \
		dsv reject --sign -m no
	command -v ssh-keygen >/dev/null || skip "there is no ssh-keygen"
	ssh-keygen -q -t ed25519 -N "" -f key
	dsv config set user.signingKey "$PWD/key"
	dsv reject -q -n --sign -m no
	dsv reject -q --sign -m no
	dsv show --json | grep -o "\"reviews\":.*\"signature\":{[^}]*}" |
		sed "s/.*\"signature\"/signature/" >out
	same out <<-\.
	signature:{"state":"unknown","principal":null,"fact":"no version approved before has \".dsvsigners\""}
	.
'

finish
