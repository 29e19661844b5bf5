#!/bin/sh
# Every act about a version, from every state, by every role: what comes of it,
# with the exact status and message.
. "${0%/*}/../lib.sh"

# act state status state-after message
cat >"$SHARED/table" <<'.'
submit draft 0 submitted v1 dacada79 is submitted for main
submit submitted 5 submitted v1 (dacada79) is submitted already, by Ada; "dsv review dacada79" says what it waits for
submit approved 5 approved v1 (dacada79) is approved already, by Ada; commit a new version if there is more to approve
submit rejected 5 rejected v1 (dacada79) is rejected already, by Ada; commit a new version first
submit retracted 5 retracted v1 (dacada79) is approved already, by Ada; commit a new version if there is more to approve
withdraw draft 5 draft v1 (dacada79) is a draft, so there is nothing to withdraw
withdraw submitted 0 draft v1 dacada79 is a draft
withdraw approved 5 approved v1 (dacada79) is approved already, by Ada; "dsv retract dacada79" takes it out of use
withdraw rejected 5 rejected v1 (dacada79) is rejected already, by Ada; commit a new version first
withdraw retracted 5 retracted v1 (dacada79) is approved already, by Ada; "dsv retract dacada79" takes it out of use
approve draft 0 approved v1 dacada79 is approved
approve submitted 0 approved v1 dacada79 is approved
approve approved 5 approved too late, and kept as a comment: v1 (dacada79) is approved already, by Ada; commit a new version if there is more to approve
approve rejected 5 rejected too late, and kept as a comment: v1 (dacada79) is rejected already, by Ada; commit a new version first
approve retracted 5 retracted too late, and kept as a comment: v1 (dacada79) is approved already, by Ada; commit a new version if there is more to approve
reject draft 0 rejected v1 dacada79 is rejected
reject submitted 0 rejected v1 dacada79 is rejected
reject approved 5 approved too late, and kept as a comment: v1 (dacada79) is approved already, by Ada; "dsv retract dacada79" takes it out of use
reject rejected 5 rejected too late, and kept as a comment: v1 (dacada79) is rejected already, by Ada; commit a new version first
reject retracted 5 retracted too late, and kept as a comment: v1 (dacada79) is approved already, by Ada; "dsv retract dacada79" takes it out of use
retract draft 0 draft-retracted v1 dacada79 is a draft, retracted
retract submitted 0 submitted-retracted v1 dacada79 is submitted, retracted
retract approved 0 retracted v1 dacada79 is approved, retracted
retract rejected 0 rejected-retracted v1 dacada79 is rejected, retracted
retract retracted 5 retracted v1 (dacada79) is retracted already; "dsv unretract dacada79" brings it back
unretract draft 5 draft v1 (dacada79) is not retracted
unretract submitted 5 submitted v1 (dacada79) is not retracted
unretract approved 5 approved v1 (dacada79) is not retracted
unretract rejected 5 rejected v1 (dacada79) is not retracted
unretract retracted 0 approved v1 dacada79 is approved
comment draft 0 draft v1 dacada79 is a draft, and has a comment
comment submitted 0 submitted v1 dacada79 is submitted, and has a comment
comment approved 0 approved v1 dacada79 is approved, and has a comment
comment rejected 0 rejected v1 dacada79 is rejected, and has a comment
comment retracted 0 retracted v1 dacada79 is approved, retracted, and has a comment
.

# The least role for each act, and who has which.
needs() {
	case $1 in
	comment) echo read ;;
	submit | withdraw) echo write ;;
	*) echo review ;;
	esac
}
rank() {
	case $1 in
	none) echo 0 ;; read) echo 1 ;; write) echo 2 ;; review) echo 3 ;;
	admin) echo 4 ;;
	esac
}

# A repository for each state.
begin() {
	mkdir "$SHARED/$1"
	cd "$SHARED/$1" || exit
	dsv init -q
	echo 1 >a
	dsv add -q a
	dsv commit -q -m one
	for role in read write review admin; do
		dsv grant -q "the-$role" $role
	done
}
(begin draft)
(begin submitted && dsv submit -q)
(begin approved && dsv approve -q)
(begin rejected && dsv reject -q -m no)
(begin retracted && dsv approve -q && dsv retract -q)

# "approved", "draft-retracted"; approved and retracted is "retracted".
state_of() {
	dsv log --json | sed 's/.*"state":"\([a-z]*\)","retracted":\([a-z]*\).*/\1-\2/;
		s/-false//; s/approved-true/retracted/; s/-true/-retracted/'
}

try() {	# try ROLE ACT STATE STATUS AFTER MESSAGE
	rm -rf r
	cp -a "$SHARED/$3" r
	want="$4|$5|$6"
	[ "$(rank "$1")" -ge "$(rank "$(needs "$2")")" ] ||
		want="4|$3|\"$2\" needs the role $(needs "$2"), and the-$1 has $1; an admin can grant it (Ada <ada@example.org>, the-admin)"
	got=0
	DSV_USER="the-$1" command dsv -C r "$2" -m text >out 2>&1 || got=$?
	[ "$got|$(cd r && state_of)|$(sed "s/^dsv: //" out)" = "$want" ] || {
		echo "$2 of a $3 version by one with $1:"
		echo "got    $got|$(cd r && state_of)|$(cat out)"
		echo "wanted $want"
		return 1
	}
	tried=$((tried + 1))
}

for act in submit withdraw approve reject retract unretract comment; do
	export act
	check "states: $act, from every state, by every role" '
		tried=0
		while read -r a state status after message; do
			[ "$a" = "$act" ] || continue
			for role in none read write review admin; do
				try $role $act $state $status $after "$message"
			done
		done <"$SHARED/table"
		[ $tried = 25 ]
	'
done

check 'states: the record of each is whole, and allowed' '
	for state in draft submitted approved rejected retracted; do
		dsv -C "$SHARED/$state" audit -q
	done
'

check 'states: who decided too late is told once, and heard' '
	cp -a "$SHARED/approved" r
	cd r
	DSV_USER=the-review
	export DSV_USER
	expect_status 5 dsv reject -m "the header is wrong" 2>err
	dsv show --json | grep -o "\"act\":\"comment\".*\"refused\":\"reject\"" >out
	same out <<-\.
	"act":"comment","actor":{"name":"the-review","email":""},"date":"2024-01-02T03:04:05Z","note":"the header is wrong","refused":"reject"
	.
'

# ---- rules -------------------------------------------------------------------

people() {	# people RULES...
	dsv init -q
	echo 1 >a
	dsv add -q a
	dsv commit -q -m one --author "Mia <mia@example.org>"
	dsv policy set -q main "$@"
}

check 'states: as many people as are wanted, each once' '
	people --approvals 3
	{
		dsv approve
		dsv approve || echo $?
		DSV_USER="ADA <other@example.org>" dsv approve || echo $?
		DSV_USER="Somebody <Ada@Example.Org>" dsv approve || echo $?
		DSV_USER=Bob dsv approve
		DSV_USER=Mia dsv approve
	} >out 2>&1
	same out <<-\.
	v1 562496de is approved by 1 of 3
	dsv: v1 (562496de) is already approved by you; 2 more approvals are missing
	5
	dsv: v1 (562496de) is already approved by you; 2 more approvals are missing
	5
	dsv: v1 (562496de) is already approved by you; 2 more approvals are missing
	5
	v1 562496de is approved by 2 of 3
	v1 562496de is approved
	.
'

check 'states: the author and the committer are others' '
	people --not-author
	{
		dsv approve || echo $?
		DSV_USER=mia dsv approve || echo $?
		DSV_USER="M <mia@example.org>" dsv approve || echo $?
		DSV_USER=Bob dsv approve
	} >out 2>&1
	same out <<-\.
	dsv: v1 (562496de) is your own, and "main" wants somebody else to approve it
	5
	dsv: v1 (562496de) is your own, and "main" wants somebody else to approve it
	5
	dsv: v1 (562496de) is your own, and "main" wants somebody else to approve it
	5
	v1 562496de is approved
	.
'

check 'states: not before it was submitted, and by whom it must be' '
	people --require-submit --reviewers "Eve,bob@example.org"
	{
		DSV_USER=Eve dsv approve || echo $?
		dsv submit
		DSV_USER=Mia dsv approve || echo $?
		DSV_USER="B <bob@example.org>" dsv approve
	} >out 2>&1
	same out <<-\.
	dsv: v1 (562496de) is a draft, and "main" wants versions submitted before they are approved; "dsv submit 562496de"
	5
	v1 562496de is submitted for main
	dsv: Mia does not decide for "main" (1 approval, submitted first, by Eve or bob@example.org)
	5
	v1 562496de is approved
	.
'

check 'states: rules that change approve nothing by themselves' '
	people --approvals 2
	dsv submit -q
	DSV_USER=Bob dsv approve >out
	dsv policy set main --approvals 1 >>out
	dsv log --oneline >>out
	dsv policy unset main -q
	dsv log --oneline >>out
	DSV_USER=Bob dsv approve >>out
	dsv policy set -q main --approvals 9
	dsv log --oneline >>out
	same out <<-\.
	v1 562496de is approved by 1 of 2
	main: no rules
	waiting: v1 562496de one (1 of 1; it waits on until somebody decides about it)
	v1 562496de (HEAD -> main) [submitted] one
	v1 562496de (HEAD -> main) [submitted] one
	v1 562496de is approved
	v1 562496de (HEAD -> main) [approved] one
	.
'

finish
