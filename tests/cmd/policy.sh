#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one'

check 'policy --approvals, --not-author, --require-submit, --reviewers: set and shown' '
	expect_status 1 dsv policy show main 2>err
	dsv policy set main --approvals 2 >out
	dsv policy set main --not-author --require-submit >>out
	dsv policy set main --reviewers "Bob,Eve <eve@example.org>" >>out
	dsv policy >>out
	dsv policy show MAIN --json >>out
	dsv policy unset main --not-author >>out
	dsv policy set main --reviewers "" --approvals 1 >>out
	dsv policy unset main >>out
	dsv policy >>out
	same out <<-\.
	main: 2 approvals
	main: 2 approvals, not by the author, submitted first
	main: 2 approvals, not by the author, submitted first, by Bob or Eve <eve@example.org>
	main: 2 approvals, not by the author, submitted first, by Bob or Eve <eve@example.org>
	{"branch":"main","protect":false,"approvals":2,"not_author":true,"require_submit":true,"require_signature":false,"reviewers":["Bob","Eve <eve@example.org>"],"set_by":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z"}
	main: 2 approvals, submitted first, by Bob or Eve <eve@example.org>
	main: 1 approval, submitted first
	main: no rules
	.
	same err <<-\.
	"main" has no rules: one approval, by anybody, and it takes any version
	.
'

check 'policy --protect: not while the branch is at a draft' '
	fails 5 "dsv: \"main\" is at v1, which is not approved (draft); do that with \"dsv approve main\", then protect the branch" \
		dsv policy set main --protect
	dsv approve -q
	dsv policy set main --protect >out
	dsv policy set new --protect >>out
	dsv merge main --into new >>out
	dsv policy unset main --protect >>out
	echo 2 >a
	dsv commit -qam two
	same out <<-\.
	main: protected, 1 approval
	new: protected, 1 approval
	new went forward to v1 dacada79
	main: no rules
	.
'

check 'policy: what waits goes on waiting, and is listed' '
	dsv policy set -q main --approvals 2
	dsv submit -q
	DSV_USER=Bob dsv approve -q
	dsv policy set main --approvals 1 >out
	dsv policy set main --approvals 1 --json >>out
	dsv log --oneline >>out
	dsv review | grep -e Rules -e Missing >>out
	DSV_USER=Bob dsv approve >>out
	same out <<-\.
	main: no rules
	waiting: v1 dacada79 one (1 of 1; it waits on until somebody decides about it)
	{"branch":"main","protect":false,"approvals":1,"not_author":false,"require_submit":false,"require_signature":false,"reviewers":[],"waiting":["dacada79bb4571664b84fbdce0d3271c70b4b43f132432add5fb739b3df2a786"],"dry_run":false}
	v1 dacada79 (HEAD -> main) [submitted] one
	Missing: 0 of 1 approval
	Rules:   changed by Ada since it was submitted; now 1 approval
	v1 dacada79 is approved
	.
'

check 'policy --dry-run: changes nothing' '
	dsv policy set main --approvals 2 --dry-run >out
	dsv policy >>out
	same out <<-\.
	main would be: 2 approvals
	.
'

check 'policy: wrong words' '
	usage="dsv: the forms are \"dsv policy show [BRANCH]\", \"set BRANCH\" with rules as options, and \"unset BRANCH\""
	fails 2 "$usage" dsv policy set main
	fails 2 "$usage" dsv policy set --approvals 2
	fails 2 "$usage" dsv policy main
	fails 2 "$usage" dsv policy unset main --approvals 2
	fails 2 "dsv: option \"--approvals\" wants a number that is not 0, not \"0\"" \
		dsv policy set main --approvals 0
	fails 2 "dsv: there can be 1 to 100 approvals" \
		dsv policy set main --approvals 101
	fails 2 "dsv: 1 reviewer cannot give 2 approvals" \
		dsv policy set main --approvals 2 --reviewers Bob
	fails 2 "dsv: 1 reviewer cannot give 2 approvals: \"bob\" and \"BOB\" are one person" \
		dsv policy set main --approvals 2 --reviewers bob,BOB
	fails 2 "dsv: 2 reviewers cannot give 3 approvals: \"Eve <eve@example.org>\" and \"EVE@example.org\" are one person" \
		dsv policy set main --approvals 3 --reviewers "Eve <eve@example.org>,Bob,EVE@example.org"
	fails 2 "dsv: \"a b\" cannot name a branch: no blanks, none of ~^:?*[\\,@, nothing that reads as an id or a version number; see dsv-revisions(7)" \
		dsv policy set "a b" --protect
	DSV_USER=Bob fails 4 "dsv: \"policy\" needs the role admin, and Bob has none; an admin can grant it (Ada <ada@example.org>)" \
		dsv policy set main --approvals 2
'

check 'policy --require-signature: where an approved version says who signs' '
	fails 5 "dsv: no approved version on \"main\" says who may sign, so nobody could; commit the keys as \".dsvsigners\" and \"dsv approve\" that first" \
		dsv policy set main --require-signature
	echo "ada@example.org ssh-ed25519 AAAA" >.dsvsigners
	dsv add -q .dsvsigners
	dsv commit -q -m two
	dsv approve -q
	dsv policy set main --require-signature --approvals 2 >out
	dsv policy show --json main >>out
	dsv policy unset main --require-signature >>out
	same out <<-\.
	main: 2 signed approvals
	{"branch":"main","protect":false,"approvals":2,"not_author":false,"require_submit":false,"require_signature":true,"reviewers":[],"set_by":{"name":"Ada","email":"ada@example.org"},"date":"2024-01-02T03:04:05Z"}
	main: 2 approvals
	.
'

check 'policy --protect: in another case of letters it is the same branch' '
	fails 5 "dsv: \"main\" is at v1, which is not approved (draft); do that with \"dsv approve main\", then protect the branch" \
		dsv policy set MAIN --protect
	dsv approve -q
	dsv policy set MAIN --protect >out
	same out <<-\.
	MAIN: protected, 1 approval
	.
'

check 'policy --require-submit: an approval from before does not count' '
	dsv approve -q
	dsv policy set -q main --protect --approvals 2 --require-submit
	dsv policy set -q loose --approvals 2
	dsv switch -q -c loose
	echo 2 >a
	dsv commit -qam two
	DSV_USER=Bob dsv approve >out
	dsv submit -q --into main
	DSV_USER=Cy dsv approve >>out
	DSV_USER=Bob dsv approve >>out
	dsv audit >/dev/null
	sed "s/v2 [0-9a-f]*/v2/" out >out2
	same out2 <<-\.
	v2 is approved by 1 of 2
	v2 is approved by 1 of 2
	v2 is approved
	.
'

check 'policy: says that there are none, and of a branch that is not there' '
	dsv policy >out 2>err
	[ ! -s out ]
	dsv policy set later --approvals 2 >>out 2>>err
	dsv policy set MAIN --approvals 2 >>out 2>>err
	same err <<-\.
	no branch has rules: one approval, by anybody, and all take any version
	note: there is no branch "later" yet; "dsv policy unset later" takes its rules back
	.
	dsv policy -q set later --protect >out 2>err
	[ ! -s err ]
'

finish
