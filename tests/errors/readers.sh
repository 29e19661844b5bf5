#!/bin/sh
# Commands that read change no byte of .dsv: not as its owner, not as somebody
# who may only read it, not on a file system that is read-only.  Which they are
# the tables say; one of which nothing is known here fails.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

# A line for each way to read; "!" before one that ends with status 1.
cat >"$SHARED/ways" <<'END'
access
access --check Ada admin
approved
audit
audit --head
audit v1
blame k.csv
branch
branch -v
cat HEAD:prices.csv v1:d/x
cat HEAD:k.csv --key 1
config list
config get user.name
! diff --exit-code v1 exp
diff
diff v1 exp
diff --staged --stat
du
du --by tag
du --by path
du --by version exp
du --depth 1 v1..main
export -q -f -o OUT/tree exp
export -q -f -o OUT/tree.tar main
fsck
fsck --quick
help
help log
log
lineage k.csv --key 1
log --graph --stat main
log -- d
log --oneline --first-parent exp
log k.csv --key 1
ls
ls -lr v1
policy
review
review --format html exp
schema k.csv
schema diff v1 exp k.csv
show
show exp
show --raw v1
show v1:prices.csv
status
status --short d
tag
version
why HEAD
why v1:prices.csv
why exp:d
END
# What says what it would do, and does nothing.
cat >"$SHARED/would" <<'END'
access -n --enforce on
add -n .
apply -n delta
approve -n --as report
branch -n other
branch -n -d -f exp
checkout -n v1
comment -n -m text
commit -n -m three
config -n set gc.auto false
decide -n k.csv --key 1 approve
gc -n
grant -n Bob read
merge -n v1
mv -n prices.csv other.csv
policy set -n main --approvals 2
reject -n -m reason
restore -n prices.csv
retract -n
revoke -n Bob
rm -n prices.csv
submit -n
switch -n exp
tag -n other
track -n *.csv --key id
unretract -n v1
withdraw -n exp
END

setup '
	mkdir repo out
	cd repo
	dsv init -q
	dsv config set user.name Ada
	mkdir d
	seq 1 9000 >prices.csv
	printf "id,v\n1,2\n" >k.csv
	dsv track -q k.csv --key id
	echo text >d/x
	dsv add -q .
	dsv commit -q -m one --tag first
	dsv switch -q -c exp
	seq 5 9000 >prices.csv
	dsv commit -q -a -m "two on exp"
	dsv switch -q main
	echo "{\"path\":\"k.csv\",\"operation\":\"delete\"," \
		"\"record_id\":\"1\"}" >delta
	dsv rm -q --cached d/x
	dsv commit -q -m two
	dsv submit -q exp
	dsv retract -q v1
	dsv grant -q Bob read
	echo staged >s.txt
	dsv add -q s.txt
'

# Every file and directory, with what it holds.
sum() {
	find .dsv -type d | LC_ALL=C sort
	find .dsv -type f -exec sha256sum {} + | LC_ALL=C sort
}
# read_all FILE [COMMAND...]: run every line of the file as arguments of dsv,
# plainly and with --json, or of that command, plainly; .dsv stays as it is.
read_all() {
	ways=$1
	also=
	shift
	if [ $# -eq 0 ]; then
		set -- command dsv
		also=--json
	fi
	sum >../before
	while IFS= read -r line; do
		want=0
		case $line in "! "*) want=1 line=${line#"! "} ;; esac
		words=$(echo "$line" | sed "s|OUT|$PWD/../out|")
		for json in "" $also; do
			got=0
			# shellcheck disable=SC2086 # words are words
			(set -f; "$@" $words $json) >../said 2>../err || got=$?
			[ $got = $want ] || { [ "$json" ] && [ $got = 2 ]; } || {
				echo "status $got: dsv $words $json"
				cat ../err
				return 1
			}
			sum >../after
			cmp -s ../before ../after || {
				echo "dsv $words $json writes:"
				diff ../before ../after
				return 1
			}
		done
	done <"$ways"
}

check 'readers: every command that need not write is known here' '
	sed "s/^! //; s/ .*//" "$SHARED/ways" | sort -u >known
	echo init >>known		# which makes what others read
	dsv meta readers | while read -r cmd; do
		grep -qx "$cmd" known || echo "$cmd"
	done >out
	cat out
	[ ! -s out ]
	# And every one that can say what it would do.
	sed "s/ .*//" "$SHARED/would" | sort -u >known
	for cmd in $(dsv meta words command); do
		dsv meta options $cmd | grep -q "Fl -dry-run" || continue
		grep -qx "$cmd" known || echo "$cmd"
	done >out
	cat out
	[ ! -s out ]
'

check 'readers: change no byte' '
	read_all "$SHARED/ways"
	# Files that changed since they were added, and others that are new.
	echo more >>prices.csv
	touch d/x
	echo new >new.csv
	read_all "$SHARED/ways"
'

check 'readers: what --dry-run only says is not done' '
	read_all "$SHARED/would"
'

check 'readers: as somebody who may only read' '
	chmod -R a-w .dsv
	chmod -R a+rX .
	chmod 755 ..
	mkdir ../home
	chmod 777 ../home ../out
	HOME=$PWD/../home TMPDIR=$PWD/../out
	export TMPDIR
	unprivileged dsv config set --user safe.directory "$PWD"
	read_all "$SHARED/ways" unprivileged dsv
'

check 'readers: on a read-only file system' '
	[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null ||
		skip "mounting is not permitted"
	cat >../dsv-ro <<-\END
	#!/bin/sh
	# In a mount of its own, seen by nobody else.
	exec unshare -m sh -ec "mount --bind . .
	mount -o remount,bind,ro .
	cd \"\$PWD\"
	exec dsv \"\$@\"" dsv "$@"
	END
	chmod +x ../dsv-ro
	not ../dsv-ro tag new >../said 2>../err
	grep -q "Read-only" ../err
	read_all "$SHARED/ways" "$PWD/../dsv-ro"
'

finish
