#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one
	echo 2 >a; dsv commit -qam two'

check 'approve --message: a version is approved, the next one is not' '
	dsv approve v1 --message "checked against the ledger" >out
	dsv log --oneline >>out
	dsv cat main@approved:a >>out
	fails 3 "dsv: no version on the line of \"HEAD\" is submitted" \
		dsv show @submitted
	same out <<-\.
	v1 dacada79 is approved
	v2 8b417971 (HEAD -> main) two
	v1 dacada79 [approved] one
	1
	.
'

check 'approve --as: the label names what was approved last under it' '
	dsv approve -q v1 --as report-7/samples
	dsv approve v2 --as report-7/samples >out
	dsv approve v1 --as report-7/samples >>out
	dsv cat approved/report-7/samples:a >>out
	dsv approve v1 --as other -n >>out
	dsv log --oneline >>out
	same out <<-\.
	v2 8b417971 is approved as report-7/samples
	v1 dacada79 is approved as report-7/samples
	1
	v1 dacada79 would be approved as other
	v2 8b417971 (HEAD -> main) [approved] two
	v1 dacada79 (approved/report-7/samples) [approved] one
	.
	fails 5 "dsv: \"approved/report-7/samples\" names v1 (dacada79) already" \
		dsv approve v1 --as report-7/samples
	fails 2 "dsv: \"a b\" cannot name a label: no blanks, none of ~^:?*[\\,@, nothing that reads as an id or a version number; see dsv-revisions(7)" \
		dsv approve v1 --as "a b"
	fails 2 "dsv: \"approved/x\" cannot name a branch: no blanks, none of ~^:?*[\\,@, nothing that reads as an id or a version number; see dsv-revisions(7)" \
		dsv branch approved/x
	fails 3 "dsv: unknown revision \"approved/report-7/sample\"; did you mean \"approved/report-7/samples\"?" \
		dsv show approved/report-7/sample
'

check 'approve --as: not before the last approval' '
	dsv policy set -q main --approvals 2
	dsv approve v2 --as r >out 2>err
	fails 5 "dsv: v2 (8b417971) is already approved by you; 1 more approval is missing" \
		dsv approve v2
	dsv approved >>out
	DSV_USER=Bob dsv approve v2 --as r >>out
	dsv approved >>out
	same out <<-\.
	v2 8b417971 is approved by 1 of 2
	v2 8b417971 is approved as r
	r v2 8b417971 2024-01-02T03:04:05Z Bob
	.
	same err <<-\.
	approved/r is not set yet: whoever gives the last approval says --as r again
	.
'

check 'approve --into: by the rules of that branch' '
	dsv branch -q exp
	dsv policy set -q main --approvals 3
	dsv approve v2 --into exp >out
	dsv approve v1 --into main --json >>out
	dsv policy set -q main --protect --approvals 1 2>err || :
	same out <<-\.
	v2 8b417971 is approved
	{"action":"approve","id":"dacada79bb4571664b84fbdce0d3271c70b4b43f132432add5fb739b3df2a786","version":1,"state":"draft","retracted":false,"into":"main","approvals":1,"needed":3,"label":null,"dry_run":false}
	.
'

check 'approve --dry-run: changes nothing, and refuses what would be refused' '
	dsv approve --dry-run >out
	dsv log --oneline >>out
	same out <<-\.
	v2 8b417971 would be approved
	v2 8b417971 (HEAD -> main) two
	v1 dacada79 one
	.
	dsv reject -q -m no
	DSV_USER=Bob fails 5 "dsv: v2 (8b417971) is rejected already, by Ada; commit a new version first" \
		dsv approve -n
'

check 'approve: of what another branch has, when its branch has moved' '
	dsv submit -q v1
	echo 3 >a
	dsv commit -qam three
	dsv branch -f exp v1
	DSV_USER=Bob dsv approve exp >out
	dsv log --oneline >>out
	same out <<-\.
	v1 dacada79 is approved
	v3 99f4aebe (HEAD -> main) three
	v2 8b417971 two
	v1 dacada79 (exp) [approved] one
	.
'

check 'approve: what was reviewed stays, whatever becomes of its branch' '
	dsv switch -q -c exp
	echo 9 >a
	dsv commit -qam nine
	id=$(dsv show --json | sed "s/{\"id\":\"\([0-9a-f]*\).*/\1/")
	dsv approve -q
	dsv switch -q main
	dsv branch -q -d -f exp
	dsv gc -q
	dsv gc -q --now
	dsv cat $id:a >out
	dsv fsck -q
	rm .dsv/index.db
	dsv fsck -q --repair
	dsv log --oneline $id -n 1 >>out
	same out <<-\.
	9
	v3 e0787e7b [approved] nine
	.
'

check 'approve --sign: the act is signed' '
	fails 2 "dsv: there is no key to sign with; say which with \"dsv config set --user user.signingKey FILE\"" \
		dsv approve --sign
	command -v ssh-keygen >/dev/null || skip "there is no ssh-keygen"
	ssh-keygen -q -t ed25519 -N "" -f key
	dsv config set user.signingKey "$PWD/key"
	dsv approve -q -n --sign
	dsv approve -q --sign
	dsv show --json | grep -o "\"reviews\":.*\"signature\":{[^}]*}" |
		sed "s/.*\"signature\"/signature/" >out
	same out <<-\.
	signature:{"state":"unknown","principal":null,"fact":"no version approved before has \".dsvsigners\""}
	.
'

check 'approve: an address as a name is the person who has the address' '
	dsv policy set -q main --approvals 2 --not-author
	fails 5 "dsv: v2 (8b417971) is your own, and \"main\" wants somebody else to approve it" \
		env DSV_USER=ada@example.org dsv approve
	DSV_USER="Bob <bob@example.org>" dsv approve -q
	fails 5 "dsv: v2 (8b417971) is already approved by you; 1 more approval is missing" \
		env DSV_USER=BOB@example.org dsv approve
'

check 'approve: a name that cannot be seen is nobody' '
	nobody=$(printf "\342\200\213")
	expect_status 2 env DSV_USER="$nobody" dsv approve 2>err
	grep -q "does not name a person" err
'

check 'approve --as: the label of a version is for those who decide about it' '
	dsv branch -q other
	dsv policy set -q main --reviewers Bob
	DSV_USER=Bob dsv approve -q
	fails 5 "dsv: Eve does not decide for \"main\" (1 approval, by Bob)" \
		env DSV_USER=Eve dsv approve --as final
	fails 5 "dsv: v2 (8b417971) was approved for \"main\", and that stays; leave out --into" \
		env DSV_USER=Eve dsv approve --as final --into other
	dsv retract -q
	fails 5 "dsv: v2 (8b417971) is retracted; \"dsv unretract 8b417971\" comes first" \
		env DSV_USER=Bob dsv approve --as final
	dsv unretract -q
	DSV_USER=Bob dsv approve -q --as final
'

check 'approve --as --into: who decides for one branch takes no label from another' '
	dsv approve -q v1 --as final
	dsv branch -q other
	dsv policy set -q main --reviewers Ada
	fails 5 "dsv: \"approved/final\" names a version for \"main\", where Eve does not decide; take another label" \
		env DSV_USER=Eve dsv approve v2 --into other --as final
	dsv policy unset -q main
	dsv grant -q Eve review --branch other
	expect_status 4 env DSV_USER=Eve dsv approve v2 --into other --as final 2>err
	grep -q "\"label\" needs the role review .*\"main\", and Eve has" err
	DSV_USER=Eve dsv approve -q v2 --into other --as mine
	DSV_USER=Ada dsv approve -q v2 --as final
	dsv audit -q
'

check 'approve --as: who reviews a dataset moves labels over what it has' '
	dsv approve -q v1 --as final
	dsv grant -q Eve review --dataset a
	DSV_USER=Eve dsv approve -q v2 --as final
	dsv audit -q
'

finish
