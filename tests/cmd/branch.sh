#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one
	echo 2 >a; dsv commit -qam two'

check 'branch --list: the branches, with a star at the current one' '
	dsv branch exp v1 >out
	dsv branch >>out
	dsv branch --list -v >>out
	dsv branch --json >>out
	dsv branch --json exp2 >>out
	dsv branch --json -m exp2 exp3 >>out
	same out <<-\.
	made exp dacada79
	  exp
	* main
	  exp v1 dacada79 one
	* main v2 8b417971 two
	{"name":"exp","current":false,"id":"dacada79bb4571664b84fbdce0d3271c70b4b43f132432add5fb739b3df2a786","version":1}
	{"name":"main","current":true,"id":"8b41797181d191d7bd4e364a7114a40fe4df9070c1f8400313a8b62a6c1b1de4","version":2}
	{"name":"exp2","action":"made","id":"8b41797181d191d7bd4e364a7114a40fe4df9070c1f8400313a8b62a6c1b1de4","dry_run":false}
	{"name":"exp2","action":"renamed","to":"exp3","dry_run":false}
	.
	fails 2 "dsv: --list takes no names" dsv branch -l x
'

check 'branch NAME START: begins there, and HEAD stays' '
	dsv branch -q exp v1
	dsv branch -q exp2 exp
	dsv log --oneline exp2 >out
	dsv branch >>out
	same out <<-\.
	v1 dacada79 (exp, exp2) one
	  exp
	  exp2
	* main
	.
'

check 'branch: names that cannot be, or are taken' '
	dsv tag -q t
	fails 3 "dsv: there is a branch \"main\" already" dsv branch main
	fails 3 "dsv: there is a branch \"main\" already" dsv branch Main
	fails 3 "dsv: there is a tag \"t\" already" dsv branch T
	for name in "a b" .a a..b a.lock v1 deadbeef HEAD -- a: "" /a a/; do
		expect_status 2 dsv branch -- "$name" v1 2>err
	done
	same err <<-\.
	dsv: "a/" cannot name a branch: no blanks, none of ~^:?*[\,@, nothing that reads as an id or a version number; see dsv-revisions(7)
	.
	fails 3 "dsv: unknown revision \"nosuch\"; \"dsv branch\", \"dsv tag\" and \"dsv log\" list what there is" \
		dsv branch x nosuch
'

check 'branch --delete: not the current one, not what nothing else has' '
	dsv branch -q exp
	dsv branch --delete exp >out
	same out <<-\.
	deleted exp 8b417971
	.
	fails 5 "dsv: \"main\" is the current branch; switch to another one to delete it" \
		dsv branch -d main
	fails 3 "dsv: no branch \"exp\"; \"dsv branch\" lists them" \
		dsv branch -d exp
	dsv switch -q -c exp
	echo 3 >a
	dsv commit -qam three
	dsv switch -q main
	fails 5 "dsv: \"exp\" has versions that no other branch or tag has; delete it with \"dsv branch --delete --force exp\"" \
		dsv branch -d exp
	dsv tag -q keep exp
	dsv branch -qd exp
	dsv branch -q exp keep
	dsv tag -qd keep
	dsv branch -d --force exp >out
	same out <<-\.
	deleted exp 99f4aebe
	.
'

check 'branch --force: moves one, but not the current one' '
	dsv branch -q exp
	fails 3 "dsv: there is a branch \"exp\" already" dsv branch exp v1
	dsv branch --force exp v1 >out
	dsv branch -f other v1 >>out
	same out <<-\.
	moved exp dacada79
	made other dacada79
	.
	fails 5 "dsv: \"main\" is the current branch; switch to another one to move it" \
		dsv branch -f main v1
'

check 'branch --move: renames, also the current one, also its case' '
	dsv branch -q exp
	dsv branch --move exp better >out
	dsv branch -m trunk >>out
	dsv branch -m Trunk >>out
	dsv branch >>out
	same out <<-\.
	renamed exp to better
	renamed main to trunk
	renamed trunk to Trunk
	* Trunk
	  better
	.
	echo 3 >a
	dsv commit -am three >out
	same out <<-\.
	Trunk v3 99f4aebe three
	files: 1 modified
	.
	fails 3 "dsv: there is a branch \"better\" already" dsv branch -m better
	fails 2 "dsv: the form is \"dsv branch --move [OLD] NEW\"" dsv branch -m
'

check 'branch --dry-run: changes nothing' '
	dsv branch -q exp v1
	dsv branch >before
	dsv branch -n x >out
	dsv branch -n -d exp >>out
	dsv branch -n -f exp HEAD >>out
	dsv branch -n -m main trunk >>out
	same out <<-\.
	would have made x 8b417971
	would have deleted exp dacada79
	would have moved exp 8b417971
	would have renamed main to trunk
	.
	dsv branch >after
	cmp before after
	fails 5 "dsv: \"main\" is the current branch; switch to another one to delete it" \
		dsv branch -n -d main
'

check 'branch: before the first version' '
	mkdir fresh
	cd fresh
	dsv init -q
	dsv branch >out
	dsv branch --json >>out
	same out <<-\.
	* main (no versions yet)
	{"name":"main","current":true,"id":null,"version":null}
	.
	fails 3 "dsv: no versions yet on branch \"main\"; make one with \"dsv add\" and \"dsv commit\"" \
		dsv branch x
	dsv branch -q -m trunk
	dsv branch >out
	same out <<-\.
	* trunk (no versions yet)
	.
'

check 'branch: listing needs no right to write' '
	mkdir -p home/.config/dsv
	printf "[safe]\ndirectory = *\n" >home/.config/dsv/config
	chmod -R a-w .dsv
	HOME=$PWD/home unprivileged dsv branch >out
	HOME=$PWD/home unprivileged dsv tag
	HOME=$PWD/home expect_status 4 unprivileged dsv branch x 2>err
	chmod -R u+w .dsv
	same out <<-\.
	* main
	.
'

finish
