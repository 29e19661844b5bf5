#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one
	dsv switch -q -c exp; echo 2 >a; echo b >b; dsv add -q .
	dsv commit -qm two; dsv switch -q main'

check 'merge: the current branch goes forward, and the files with it' '
	dsv merge exp -n >out
	cat a >>out
	dsv merge exp -v >>out
	cat a b >>out
	dsv status >>out
	dsv merge v1 >>out
	dsv merge exp --json >>out
	same out <<-\.
	would write a
	would write b
	main would go forward to v2 ef371421
	1
	write a
	write b
	main went forward to v2 ef371421
	2
	b
	on branch main, at v2 ef371421

	not tracked ("dsv add PATH" takes it in)
	  out

	nothing added to commit
	main has v1 dacada79 already
	{"branch":"main","id":"ef371421abf31642ec34021a7d300a473850d479510a5ca1f4666e951182cb2f","version":2,"moved":false,"dry_run":false}
	.
'

check 'merge --into: another branch, and only the branch' '
	dsv branch -q other
	dsv merge exp --into other >out
	dsv merge exp --into other >>out
	cat a >>out
	dsv branch -v >>out
	same out <<-\.
	other went forward to v2 ef371421
	other has v2 ef371421 already
	1
	  exp v2 ef371421 two
	* main v1 dacada79 one
	  other v2 ef371421 two
	.
	fails 3 "dsv: no branch \"none\"; make it with \"dsv branch none REV\"" \
		dsv merge exp --into none
	fails 3 "dsv: unknown revision \"none\"; \"dsv branch\", \"dsv tag\" and \"dsv log\" list what there is" \
		dsv merge none
'

check 'merge: not where neither was made from the other' '
	echo 3 >a
	dsv commit -qam three
	fails 5 "dsv: \"main\" has versions that \"exp\" was not made from, and cannot simply go forward; make a version on top of it: \"dsv switch -c NEW main\", \"dsv restore --source exp --staged --worktree .\", commit" \
		dsv merge exp
'

check 'merge --force: gives up what is in the way' '
	echo mine >a
	fails 5 "dsv: changes would be lost in \"a\"; commit or restore them, or give them up with --force" \
		dsv merge exp
	dsv merge -q exp --force
	cat a >out
	dsv status >>out
	same out <<-\.
	2
	on branch main, at v2 ef371421

	not tracked ("dsv add PATH" takes it in)
	  out

	nothing added to commit
	.
'

check 'merge --dry-run: refuses what would be refused' '
	dsv switch -q --detach v1
	fails 5 "dsv: HEAD is detached; say which branch with --into NAME" \
		dsv merge exp
	dsv merge exp --into main --dry-run >out
	same out <<-\.
	main would go forward to v2 ef371421
	.
'

finish
