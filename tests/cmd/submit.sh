#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one'

check 'submit --message: a draft waits for a decision' '
	dsv submit --message "please look" >out
	dsv submit -q 2>err && exit 1
	dsv log >>out
	dsv log --oneline >>out
	dsv show --stat main@submitted >>out
	same out <<-\.
	v1 dacada79 is submitted for main
	v1 dacada79 (HEAD -> main)
	Author:  Ada <ada@example.org>
	Date:    2024-01-02T03:04:05Z
	State:   submitted

	    one
	v1 dacada79 (HEAD -> main) [submitted] one
	v1 dacada79bb4571664b84fbdce0d3271c70b4b43f132432add5fb739b3df2a786 (HEAD -> main)
	Author:  Ada <ada@example.org>
	Date:    2024-01-02T03:04:05Z
	State:   submitted
	Review:  2024-01-02T03:04:05Z Ada submit: please look

	    one

	added a: 2 B, 1 record
	files: 1 added
	.
'

check 'submit --into: for which branch' '
	dsv branch -q exp
	dsv submit --into exp >out
	fails 5 "dsv: v1 (dacada79) was submitted for \"exp\"; \"dsv withdraw dacada79\" and submit it again" \
		dsv approve --into main
	fails 3 "dsv: no branch \"none\"; \"dsv branch\" lists them" \
		dsv comment -q none -m x || :
	dsv withdraw -q
	fails 3 "dsv: no branch \"none\"; \"dsv branch\" lists them" \
		dsv submit --into none
	fails 2 "dsv: \"v1\" cannot name a branch: no blanks, none of ~^:?*[\\,@, nothing that reads as an id or a version number; see dsv-revisions(7)" \
		dsv submit --into v1
	dsv policy set -q exp --approvals 2
	dsv submit >>out
	dsv withdraw -q
	dsv policy set -q other --approvals 2
	fails 2 "dsv: for which branch? \"exp\", \"other\" have rules; say --into NAME" \
		dsv submit
	dsv policy set -q main --approvals 2
	dsv submit >>out
	same out <<-\.
	v1 dacada79 is submitted for exp
	v1 dacada79 is submitted for exp
	v1 dacada79 is submitted for main
	.
'

check 'submit --dry-run: changes nothing; as JSON' '
	dsv submit -n >out
	dsv submit --dry-run --json >>out
	dsv log --oneline >>out
	same out <<-\.
	v1 dacada79 would be submitted for main
	{"action":"submit","id":"dacada79bb4571664b84fbdce0d3271c70b4b43f132432add5fb739b3df2a786","version":1,"state":"submitted","retracted":false,"into":"main","approvals":0,"needed":1,"label":null,"dry_run":true}
	v1 dacada79 (HEAD -> main) one
	.
'

check 'submit: no such version, or none yet' '
	fails 3 "dsv: no version v7 on the line of \"HEAD\", which is at v1" \
		dsv submit v7
	fails 3 "dsv: no version on the line of \"main\" is submitted" \
		dsv show main@submitted
	mkdir fresh
	cd fresh
	dsv init -q
	fails 3 "dsv: no versions yet on branch \"main\"; make one with \"dsv add\" and \"dsv commit\"" \
		dsv submit
'

check 'submit --sign: the act is signed' '
	fails 2 "dsv: there is no key to sign with; say which with \"dsv config set --user user.signingKey FILE\"" \
		dsv submit --sign
	command -v ssh-keygen >/dev/null || skip "there is no ssh-keygen"
	ssh-keygen -q -t ed25519 -N "" -f key
	dsv config set user.signingKey "$PWD/key"
	dsv submit -q -n --sign
	dsv submit -q --sign
	dsv show --json | grep -o "\"reviews\":.*\"signature\":{[^}]*}" |
		sed "s/.*\"signature\"/signature/" >out
	same out <<-\.
	signature:{"state":"unknown","principal":null,"fact":"no version approved before has \".dsvsigners\""}
	.
'

finish
