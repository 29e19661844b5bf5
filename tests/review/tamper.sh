#!/bin/sh
# What can be done to a repository by hand, by somebody who knows what it looks
# like inside: fsck or audit names it, or dsv-security(7) says that nothing
# does.
. "${0%/*}/../lib.sh"

edit() {
	"$BUILD/tests/edit" . "$@"
}
forge() {	# forge WHO ACT ...
	who=$1
	shift
	DSV_USER=$who "$BUILD/tests/record" . "$@"
}
id_of() {
	dsv show --json "$1" | sed 's/{"id":"\([0-9a-f]*\).*/\1/'
}
segments() {	# the oldest first
	find .dsv/objects -type f -printf '%T@ %p\n' | sort -n | cut -d ' ' -f 2
}
flip() {	# flip FILE OFFSET: one bit
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	# shellcheck disable=SC2059 # an octal escape
	chmod u+w "$1" &&
		printf "$(printf '\\%03o' $((byte ^ 1)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# v1 is approved by Bob and on main, which is protected and wants two; work
# has v2, rejected, v3, submitted by Ada, and v4, a draft.
(
	mkdir "$SHARED/repo" && cd "$SHARED/repo" || exit
	dsv init -q
	echo 1 >a
	"$BUILD/tests/gen" csv 4000 1 big.csv
	dsv add -q .
	dsv commit -q -m one
	DSV_USER=Bob dsv approve -q
	dsv tag -q first
	dsv policy set -q main --protect --approvals 2 --not-author
	dsv grant -q Bob review
	dsv grant -q Eve review
	dsv grant -q Mia write
	dsv switch -q -c work
	echo 2 >a
	dsv commit -q -a -m two
	DSV_USER=Bob dsv reject -q -m no --into main
	echo 3 >a
	dsv commit -q -a -m three
	dsv submit -q --into main
	echo 4 >a
	dsv commit -q -a -m four
	dsv audit --head >../anchor
	id_of v1 >../v1
	id_of v2 >../v2
	id_of v3 >../v3
	id_of v4 >../v4
)
v1=$(cat "$SHARED/v1") v2=$(cat "$SHARED/v2")
v3=$(cat "$SHARED/v3") v4=$(cat "$SHARED/v4")
export v1 v2 v3 v4

check 'tamper: the repository is sound before' '
	cp -a "$SHARED/repo/." .
	dsv fsck -q
	dsv audit -q
	dsv audit --verify "$(cat "$SHARED/anchor")"
'

# tamper TITLE PATTERN EDIT: a line of what fsck or audit say matches.
tamper() {
	pattern=$2 change=$3
	export pattern change
	check "tamper: $1" '
		broken_on_purpose
		cp -a "$SHARED/repo/." .
		eval "$change"
		found=0
		dsv fsck >said 2>&1 || found=$?
		dsv audit -q >>said 2>&1 || found=$?
		[ $found != 0 ] || { echo "nothing was found"; exit 1; }
		grep -E "$pattern" said || { cat said; exit 1; }
	'
}

# ---- the index, with its checksums ------------------------------------------

tamper 'a branch is moved in the index' \
	'ref branch/main: the events give it another value' \
	'edit "UPDATE ref SET target = x'"'$v3'"' WHERE name = '"'branch/main'"'"'
tamper 'a tag is moved' 'ref tag/first: the events give it another value' \
	'edit "UPDATE ref SET target = x'"'$v2'"' WHERE name = '"'tag/first'"'"'
tamper 'a tag is removed' 'ref tag/first: the events make it' \
	'edit "DELETE FROM ref WHERE name = '"'tag/first'"'"'
tamper 'a branch is made' 'ref branch/x: the events give it another value' \
	'edit "INSERT INTO ref SELECT '"'branch/x', 'branch/x'"', target, event FROM ref WHERE name = '"'tag/first'"'"'
tamper 'a ref names another act as its own' \
	'ref branch/main: the events give it another value' \
	'edit "UPDATE ref SET event = (SELECT id FROM event WHERE n = 1) WHERE name = '"'branch/main'"'"'
tamper 'the last act is left out' 'event .*: the index leaves it out' \
	'edit "DELETE FROM event WHERE n = (SELECT max(n) FROM event)"'
tamper 'an act in the middle is left out' \
	'chain of events is broken before it' 'edit "DELETE FROM event WHERE n = 3"'
tamper 'two acts change places' 'chain of events is broken before it' \
	'edit "UPDATE event SET n = 1000 WHERE n = 3" "UPDATE event SET n = 3 WHERE n = 4" "UPDATE event SET n = 4 WHERE n = 1000"'
tamper 'an act gets another number' 'chain of events is broken before it' \
	'edit "UPDATE event SET seq = 99 WHERE n = 3"'
tamper 'an act gets another writer' 'event .*: the chain of events is broken before it' \
	'edit "UPDATE event SET writer = x'"'00112233445566778899aabbccddeeff'"' WHERE n = 3"'
tamper 'a rejection is hidden' 'index does not have it under "commit/' \
	'edit "DELETE FROM subject WHERE name = '"'commit/$v2'"'"'
tamper 'an approval is filed under another version' \
	'index does not have it under "commit/' \
	'edit "UPDATE subject SET name = '"'commit/$v4'"' WHERE name = '"'commit/$v1'"'"'
tamper 'an approval is filed under another version too' \
	'subjects: it has acts that no event is' \
	'edit "INSERT INTO subject SELECT '"'commit/$v4'"', event FROM subject WHERE name = '"'commit/$v1'"'"'
tamper 'the rules of a branch are hidden' 'index does not have it under "policy/main"' \
	'edit "DELETE FROM subject WHERE name = '"'policy/main'"'"'
tamper 'a role is hidden' 'index does not have it under "access/repository"' \
	'edit "DELETE FROM subject WHERE event = (SELECT max(event) FROM subject WHERE name = '"'access/repository'"')"'
tamper 'the past of a branch is shortened' 'log of "branch/work" in the index does not have it' \
	'edit "DELETE FROM reflog WHERE name = '"'branch/work'"' AND event = (SELECT min(event) FROM reflog WHERE name = '"'branch/work'"')"'
tamper 'the past of a branch is made longer' 'log of refs: it has changes that no event made' \
	'edit "INSERT INTO reflog VALUES ('"'branch/work'"', 1)"'
tamper 'a version gets another number' 'wrong place for it in the history' \
	'edit "UPDATE version SET version = 7 WHERE id = x'"'$v4'"'"'
tamper 'a version gets the tree of another one' 'differ about its tree' \
	'edit "UPDATE version SET tree = (SELECT tree FROM version WHERE id = x'"'$v2'"') WHERE id = x'"'$v1'"'"'
tamper 'a version gets another parent' 'the index has other parents for it' \
	'edit "UPDATE version SET parents = x'"'$v1'"' WHERE id = x'"'$v4'"'"'
tamper 'a version is left out' 'it is about a version that is missing|does not have it in the history' \
	'edit "DELETE FROM version WHERE id = x'"'$v3'"'"'
tamper 'an object is counted wrong' 'commit .*: the index counts [0-9]+ references to it, and there are' \
	'edit "UPDATE object SET refs = refs + 1 WHERE kind = 5 AND id = x'"'$v1'"'"'
tamper 'an object is left out' 'file big.csv: bytes .*: it is missing' \
	'edit "DELETE FROM object WHERE kind = 1 AND id = (SELECT min(id) FROM object WHERE kind = 1)"'
tamper 'an object is said to be elsewhere' 'commit .*: the index has it at a wrong place' \
	'edit "UPDATE object SET at = at + 1 WHERE kind = 5 AND id = x'"'$v1'"'"'
tamper 'a segment is left out' 'its segment cannot be opened' \
	'edit "DELETE FROM segment WHERE n = (SELECT min(n) FROM segment)"'

# ---- files ------------------------------------------------------------------

tamper 'a byte of a page of the index is changed' 'index index.db: .* is damaged' \
	'flip .dsv/index.db 5000'
tamper 'a byte of a segment is changed' 'segment .*: its bytes do not give its name' \
	'f=$(segments | sed -n 3p); flip $f 30'
tamper 'a segment is cut off' 'segment .*: its bytes do not give its name' \
	'f=$(segments | tail -n 1); chmod u+w $f; dd if=/dev/null of=$f bs=1 seek=40 2>/dev/null'
tamper 'a segment is removed' 'segment .*: it is missing' 'rm -f $(segments | sed -n 2p)'
tamper 'a segment is put in the place of another one' 'segment .*: its bytes do not give its name' \
	'a=$(segments | sed -n 2p); b=$(segments | sed -n 4p); chmod u+w $b; cat $a >$b'
tamper 'the act at the end is removed from the objects' 'segment .*: it is missing' \
	'rm -f $(segments | tail -n 1)'

# ---- acts that were not allowed, at the end of a chain that is whole ---------

tamper 'an approval by the author' 'it was not allowed: .* is your own' \
	'forge Ada approve approvals=2 commit=$v3 into=main'
tamper 'an approval by somebody who may not' 'it was not allowed: "approve" needs the role review.* Mia has write' \
	'forge Mia approve approvals=2 commit=$v3 into=main'
tamper 'an approval that says that it was enough' 'it was not allowed: .* had 1 of 2 approvals then' \
	'forge Bob approve approvals=2 commit=$v3 into=main state=approved'
tamper 'an approval of what is rejected' 'it was not allowed: .* is rejected already' \
	'forge Eve approve approvals=2 commit=$v2 into=main'
tamper 'a second approval by one person' 'it was not allowed: .* is already approved by you' \
	'forge Bob approve approvals=2 commit=$v3 into=main; forge Bob approve approvals=2 commit=$v3 into=main'
tamper 'a protected branch at a draft' 'it was not allowed: "main" takes approved versions only' \
	'forge Ada merge branch/main $v1 $v4'
tamper 'a commit to a protected branch' 'it was not allowed: "main" is protected' \
	'forge Ada commit branch/main $v1 $v4'
tamper 'a protected branch that is gone' 'it was not allowed: "main" is protected and stays' \
	'forge Ada branch-delete branch/main $v1 -'
tamper 'a label at a draft' 'it was not allowed: .* was not approved then' \
	'forge Bob label approved/report - $v4 commit=$v4'
tamper 'a role that nobody could give' 'it was not allowed: "grant" needs the role admin.* Mia has write' \
	'forge Mia grant access=repository role=admin user=Mia'
tamper 'rules taken back by somebody who may not' 'it was not allowed: "policy" needs the role admin' \
	'forge Bob policy policy=main'
tamper 'an act about no version' 'is about a version that is missing' \
	'forge Ada comment commit=1111111111111111111111111111111111111111111111111111111111111111'

# ---- what only an anchor shows ----------------------------------------------

check 'tamper: acts cut off the end, and a record made anew, show by an anchor only' '
	cp -a "$SHARED/repo/." .
	cp -a .dsv older
	DSV_USER=Bob dsv reject -q v3 -m "not this one"
	anchor=$(dsv audit --head)
	rm -rf .dsv
	mv older .dsv
	dsv fsck -q
	dsv audit -q
	expect_status 1 dsv audit --verify "$anchor" >out
	rm -rf .dsv
	dsv init -q
	dsv add -q a
	dsv commit -q -m four
	dsv audit -q
	expect_status 1 dsv audit --verify "$anchor" >>out
	same out <<-\.
	changed: there are only 14 of the 15 acts that there were: the end was cut off
	changed: there are only 0 of the 15 acts that there were: the end was cut off
	.
'

check 'tamper: what is not detected, as dsv-security(7) says' '
	cp -a "$SHARED/repo/." .
	edit "UPDATE state SET value = '"'branch/main'"' WHERE key = '"'head'"'"
	edit "DELETE FROM stage WHERE path = x'"'61'"'"
	printf "[user]\n\tname = Eve\n" >>.dsv/config
	DSV_USER=Eve forge Eve approve approvals=2 commit=$v3 into=main
	dsv fsck -q
	dsv audit -q
	dsv audit --verify "$(cat "$SHARED/anchor")"
'

finish
