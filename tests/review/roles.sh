#!/bin/sh
# Every command says what role it needs, and does not run without it.
. "${0%/*}/../lib.sh"

# How to call each command so that nothing but a role can be missing.
call() {
	case $1 in
	init) echo "init -q elsewhere" ;;
	config) echo "config list" ;;
	track) echo "track -q *.csv --key id" ;;
	add) echo "add -q a" ;;
	rm) echo "rm -q a" ;;
	mv) echo "mv a b" ;;
	commit) echo "commit -q --allow-empty -m x" ;;
	restore) echo "restore -q a" ;;
	switch) echo "switch -q other" ;;
	checkout) echo "checkout -q other" ;;
	cat) echo "cat HEAD:a" ;;
	apply) echo "apply -q rows" ;;
	blame) echo "blame t.csv" ;;
	schema) echo "schema t.csv" ;;
	export) echo "export -q -o out.tar" ;;
	merge) echo "merge -q other" ;;
	withdraw) echo "withdraw -q submitted" ;;
	reject) echo "reject -q -m no" ;;
	unretract) echo "unretract -q retracted" ;;
	comment) echo "comment -q -m x" ;;
	decide) echo "decide -q t.csv approve --all-pending" ;;
	lineage) echo "lineage t.csv --key 1" ;;
	submit | approve | retract) echo "$1 -q" ;;
	grant) echo "grant -q Somebody read" ;;
	revoke) echo "revoke -q the-read" ;;
	why) echo "why HEAD" ;;
	status | log | show | diff | ls | du | branch | tag | review | approved | \
		policy | access | audit | gc | fsck | help | version) echo "$1" ;;
	*) echo "meta no-such-call-in-roles.sh" ;;
	esac
}

(
	mkdir "$SHARED/repo" && cd "$SHARED/repo" || exit
	dsv init -q
	echo 1 >a
	printf 'id,v\n1,2\n' >t.csv
	echo '{"path":"t.csv","operation":"insert","payload":{"id":"2"}}' \
		>rows
	dsv track -q t.csv --key id
	dsv add -q a t.csv
	dsv commit -q -m one
	dsv branch -q other
	dsv switch -q -c submitted
	dsv commit -q --allow-empty -m two
	dsv submit -q
	dsv switch -q -c retracted
	dsv commit -q --allow-empty -m three
	dsv retract -q
	dsv switch -q main
	for role in read write review admin; do
		dsv grant -q the-$role $role
	done
)

try() {	# try ROLE COMMAND: its exit status
	rm -rf r
	cp -a "$SHARED/repo" r
	got=0
	# shellcheck disable=SC2046 # words of the call
	(cd r && DSV_USER=the-$1 command dsv $(call "$2")) >out 2>&1 || got=$?
	echo $got
}

below() {
	case $1 in
	read) echo nobody ;; write) echo read ;; review) echo write ;;
	admin) echo review ;;
	esac
}

check 'roles: every command says one' '
	dsv meta roles | grep -vE "^[a-z]+	(none|read|write|review|admin)\$" >out || :
	same out </dev/null
	[ "$(dsv meta roles | wc -l)" = "$(dsv meta words command | wc -l)" ]
'

check 'roles: each command is refused without its role, and not with it' '
	dsv meta roles | while read -r cmd role; do
		if [ $role != none ]; then
			got=$(try $(below $role) $cmd)
			[ $got = 4 ] || { echo "$cmd with $(below $role): $got"; cat out; exit 1; }
			grep -q "^dsv: \"$cmd\" needs the role $role, and the-$(below $role) has " out
		fi
		[ $role != none ] || role=nobody
		got=$(try $role $cmd)
		[ $got = 0 ] || { echo "$cmd with $role: $got"; cat out; exit 1; }
	done
'

check 'roles: what a command does besides needs its own' '
	cp -a "$SHARED/repo/." .
	dsv tag -q t
	DSV_USER=the-review
	export DSV_USER
	{
		dsv tag -d t || echo $?
		dsv policy set main --protect || echo $?
		dsv access --enforce off || echo $?
		DSV_USER=the-write
		dsv tag -d t || echo $?
		dsv tag other-one
		DSV_USER=the-read
		dsv tag x || echo $?
		dsv branch x || echo $?
		dsv switch -c x || echo $?
		dsv branch -d other || echo $?
		dsv config set user.name x || echo $?
	} >out 2>&1
	same out <<-\.
	dsv: "tag-delete" needs the role admin, and the-review has review; an admin can grant it (Ada <ada@example.org>, the-admin)
	4
	dsv: "policy" needs the role admin, and the-review has review; an admin can grant it (Ada <ada@example.org>, the-admin)
	4
	dsv: "access" needs the role admin, and the-review has review; an admin can grant it (Ada <ada@example.org>, the-admin)
	4
	dsv: "tag-delete" needs the role admin, and the-write has write; an admin can grant it (Ada <ada@example.org>, the-admin)
	4
	tagged other-one 8c38e01d
	dsv: "tag" needs the role write, and the-read has read; an admin can grant it (Ada <ada@example.org>, the-admin)
	4
	dsv: "branch" needs the role write on "x", and the-read has read; an admin can grant it (Ada <ada@example.org>, the-admin)
	4
	dsv: "branch" needs the role write on "x", and the-read has read; an admin can grant it (Ada <ada@example.org>, the-admin)
	4
	dsv: "branch-delete" needs the role write on "other", and the-read has read; an admin can grant it (Ada <ada@example.org>, the-admin)
	4
	dsv: "config" needs the role write, and the-read has read; an admin can grant it (Ada <ada@example.org>, the-admin)
	4
	.
'

check 'roles: before they are checked, anybody may do all but what makes an admin' '
	dsv init -q
	DSV_USER=Bob
	export DSV_USER
	echo 1 >a
	dsv add -q a
	dsv commit -q -m one
	dsv approve -q
	dsv tag -q t
	dsv tag -q -d t
	for act in "grant Bob admin" "revoke Ada" "access --enforce on" "policy set main --protect"; do
		expect_status 4 dsv $act 2>>out
	done
	same out <<-\.
	dsv: "grant" needs the role admin, and Bob has none; an admin can grant it (Ada <ada@example.org>)
	dsv: "revoke" needs the role admin, and Bob has none; an admin can grant it (Ada <ada@example.org>)
	dsv: "access" needs the role admin, and Bob has none; an admin can grant it (Ada <ada@example.org>)
	dsv: "policy" needs the role admin, and Bob has none; an admin can grant it (Ada <ada@example.org>)
	.
'

finish
