#!/bin/sh
# There is no way round a protected branch.  Whoever adds a command that can
# move a ref adds what can be tried with it to the lists below.
. "${0%/*}/../lib.sh"

# main is protected and at v1, which is approved; work has v2, a draft, and lax
# has v2 of its own, approved by rules that want less.  Nothing is released
# yet, and that is protected too.
setup '
	dsv init -q
	printf "%s\n" "*.csv key=id" >.dsvattributes
	printf "id\n1\n" >t.csv
	dsv add -q .
	dsv commit -q -m one
	dsv submit -q
	DSV_USER=Bob dsv approve -q
	dsv switch -q -c work
	printf "id\n1\n2\n" >t.csv
	dsv commit -q -a -m two
	dsv switch -q -c lax main
	dsv policy set -q lax --approvals 1
	printf "id\n3\n" >t.csv
	dsv commit -q -a -m lax
	DSV_USER=Bob dsv approve -q --into lax
	dsv switch -q main
	dsv policy set -q main --protect --not-author --require-submit
	dsv policy set -q release --protect --not-author --require-submit
	printf "id\n9\n" >t.csv
	dsv add -q t.csv
	anchor=$(dsv audit --head)
	dsv branch -v >before
'

anchor=					# set by the setup
# Each line is refused with that status, moves nothing and leaves no trace.
refused() {
	cp t.csv t.before
	while read -r status command; do
		expect_status "$status" sh -c "$command" >said 2>&1 || {
			echo "$command"
			cat said
			return 1
		}
		dsv branch -v >after
		cmp before after
		cmp t.before t.csv
		dsv audit --verify "$anchor" >after
		echo "unchanged up to the anchor; 0 acts since" | cmp - after
	done
}

check 'gate: on the protected branch itself' '
	refused <<-\.
	5 dsv commit -m x
	5 dsv commit -a -m x
	5 dsv commit --allow-empty -m x --tag t
	5 dsv commit --dry-run -m x
	5 dsv commit -m x --author Bob
	5 dsv merge work
	5 dsv merge work --force
	5 dsv merge lax --force
	5 dsv merge work --dry-run
	5 dsv branch -d main
	5 dsv branch --move other
	5 dsv branch --move MAIN
	5 dsv branch -f main work
	.
'

check 'gate: from another branch' '
	dsv restore -q -S -W t.csv
	dsv switch -q work
	dsv branch -v >before
	refused <<-\.
	5 dsv merge work --into main
	5 dsv merge lax --into main
	5 dsv branch -f main work
	5 dsv branch -f main lax
	5 dsv branch -f main work --dry-run
	5 dsv branch -d main
	5 dsv branch -d -f main
	5 dsv branch --move main other
	5 dsv branch --move main Main
	3 dsv branch --move work main
	3 dsv switch -c main work
	3 dsv checkout -b Main work
	3 dsv tag main work
	5 dsv approve work --into main
	.
'

check 'gate: to a protected name that no branch has yet' '
	dsv restore -q -S -W t.csv
	dsv switch -q work
	dsv branch -v >before
	refused <<-\.
	5 dsv branch release
	5 dsv branch RELEASE work
	5 dsv branch release lax
	5 dsv branch release work --force
	5 dsv branch --move work release
	5 dsv switch -c release
	5 dsv switch -c release --dry-run
	5 dsv switch -c Release lax
	5 dsv checkout -b release work
	5 dsv merge work --into release
	5 dsv tag release work
	5 dsv tag Release main
	.
	dsv merge main --into release >out
	DSV_USER=Bob dsv branch -f release main >>out
	same out <<-\.
	release went forward to v1 bb435e24
	moved release bb435e24
	.
'

check 'gate: a branch without versions yet is no way either' '
	mkdir new
	cd new
	dsv init -q
	dsv policy set -q main --protect
	echo 1 >a
	dsv add -q a
	expect_status 5 dsv commit -m x 2>../err
	dsv branch --move other
	dsv commit -qm one
	expect_status 5 dsv branch --move main 2>>../err
	expect_status 5 dsv merge other --into main 2>>../err
	dsv approve -q --into main
	dsv merge other --into main >../out
	cd ..
	cat err >>out
	same out <<-\.
	main went forward to v1 dacada79
	dsv: "main" is protected: it takes approved versions only; commit on another branch ("dsv switch -c NAME"), submit it there, and when it is approved "dsv merge NAME --into main"
	dsv: "main" takes approved versions only, and dacada79 is a draft; "dsv submit dacada79" comes first
	dsv: "main" takes approved versions only, and dacada79 is a draft; "dsv submit dacada79" comes first
	.
'

check 'gate: it goes forward only, whatever is approved' '
	dsv restore -q -S -W t.csv
	dsv switch -q work
	dsv submit -q --into main
	DSV_USER=Bob dsv approve -q
	dsv merge -q work --into main
	dsv branch -v >before
	anchor=$(dsv audit --head)
	refused <<-\.
	5 dsv branch -f main main~
	5 dsv merge lax --into main
	.
	fails 5 "dsv: \"main\" is protected: it goes forward only, to a version made from the one that it is at" \
		dsv branch -f main main~
'

check 'gate: rules that became stricter hold for what was approved before' '
	dsv restore -q -S -W t.csv
	dsv submit -q work --into main
	DSV_USER=Bob dsv approve -q work
	dsv policy set -q main --approvals 2
	dsv merge work --into main 2>out || echo $? >>out
	dsv policy set -q main --approvals 1
	dsv retract -q work
	dsv merge work --into main 2>>out || echo $? >>out
	dsv unretract -q work
	dsv merge work --into main >>out
	same out <<-\.
	dsv: a7e38dcc was approved by other rules, with 1 of the 2 approvals that "main" wants; make a new version ("dsv commit --allow-empty") and submit it --into main
	5
	dsv: a7e38dcc is retracted; "dsv unretract a7e38dcc" comes first
	5
	main went forward to v2 a7e38dcc
	.
'

check 'gate: only an admin opens it, and that is on record' '
	dsv grant -q Bob review
	DSV_USER=Bob
	export DSV_USER
	dsv branch -v >before
	anchor=$(dsv audit --head)
	refused <<-\.
	4 dsv policy unset main
	4 dsv policy set main --approvals 1
	4 dsv grant Bob admin
	4 dsv revoke Ada
	4 dsv access --enforce off
	.
	DSV_USER=Ada dsv policy unset -q main --protect
	dsv commit -q -m "straight onto main"
	dsv audit -q
	dsv audit --actor ada 2>/dev/null | tail -n 1 >out
	same out <<-\.
	14 2024-01-02T03:04:05Z Ada (env) policy approvals=1 not-author=yes policy=main require-submit=yes
	.
'

check 'gate: files of the repository have no say in it' '
	dsv config set user.name Bob
	printf "[policy]\n\tprotect = false\n[core]\n\tprotect = false\n" \
		>>.dsv/config
	printf "%s\n" "* protect=false" >.dsvattributes
	dsv add -q .dsvattributes
	refused <<-\.
	5 dsv commit -m x
	5 env DSV_USER= dsv commit -m x
	5 dsv merge work --force
	.
'

check 'gate: what restore brings back is no version' '
	dsv restore -q --source work -S -W .
	dsv branch -v >after
	cmp before after
	fails 5 "dsv: \"main\" is protected: it takes approved versions only; commit on another branch (\"dsv switch -c NAME\"), submit it there, and when it is approved \"dsv merge NAME --into main\"" \
		dsv commit -m x
'

check 'gate: who may review on another branch only does not decide here' '
	dsv policy unset -q main --require-submit
	dsv grant -q Cy review --branch work
	dsv grant -q Bob review
	dsv grant -q Wil write
	DSV_USER=Cy dsv approve -q work --into work
	dsv restore -q -S -W t.csv
	expect_status 5 env DSV_USER=Wil dsv merge work --into main 2>err
	grep -q "with 0 of the 1 approvals that \"main\" wants" err
	DSV_USER=Wil dsv switch -q -c next work
	DSV_USER=Wil dsv commit -q --allow-empty -m next
	DSV_USER=Bob dsv approve -q next --into next
	DSV_USER=Wil dsv merge -q next --into main
	dsv audit >/dev/null
'

finish
