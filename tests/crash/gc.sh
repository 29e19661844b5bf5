#!/bin/sh
# gc when something is wrong, and beside others.  On a file system in memory, if
# there is one: hundreds of commits are made.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"


cat >"$SHARED/lib" <<'END_OF_LIB'
# rows FROM TO SEED: a table that does not compress to nothing.
rows() {
	awk -v from="$1" -v to="$2" -v seed="$3" 'BEGIN {
		print "id,name,price"
		srand(seed)
		for (i = from; i <= to; i++)
			printf "%d,item %d,%.2f\n", i, int(rand() * 1e9),
			    rand() * 1000
	}'
}

# main: v1 (tag q1), v2; exp: v2 with a file of its own.  On main.
repo() {
	dsv init -q
	rows 1 3000 1 >prices.csv
	echo kept >notes.txt
	dsv add -q .
	dsv commit -q -m one --tag q1
	dsv switch -q -c exp
	rows 1 9000 2 >private.csv
	dsv add -q .
	dsv commit -q -m private
	dsv switch -q main
	echo 3001,last,1 >>prices.csv
	dsv commit -q -a -m two
}

# Every byte under objects/ and trash/, and the index.
store() {
	(cd .dsv && find objects trash index.db -type f -exec sha256sum {} + |
		sort -k 2)
}

segments() {
	find .dsv/objects -type f | wc -l
}

# What people see of the versions that are kept.
seen() {
	dsv log --stat
	dsv branch -v
	dsv tag
	for v in v1 v2; do
		dsv cat "$v:prices.csv" | sha256sum
		dsv cat "$v:notes.txt"
	done
}

# damage KIND: a byte of the first such object that a version needs.
damage() {
	place=$(sqlite3 .dsv/index.db "SELECT lower(hex(s.id)), frame + 60
		FROM object o JOIN segment s ON s.n = o.segment
		WHERE kind = $1 AND o.id IN (SELECT id FROM version UNION
		SELECT tree FROM version) ORDER BY o.segment LIMIT 1")
	file=.dsv/objects/$(echo "${place%|*}" | sed "s|..|&/|")
	chmod u+w "$file"
	printf "\377" | dd of="$file" bs=1 seek="${place#*|}" conv=notrunc \
		2>/dev/null
}
END_OF_LIB
setup '. "$SHARED/lib"'

check 'gc: the second one changes nothing' '
	repo
	dsv branch -q -d -f exp
	dsv gc -q --now >/dev/null
	store | grep -v index.db >before
	dsv gc >out
	grep -q "^dropped 0 objects; " out
	store | grep -v index.db >after
	cmp before after
'

check 'gc: a detached HEAD, a tag and the past of a branch keep what they have' '
	repo
	dsv tag -q keep exp
	dsv branch -q -d -f exp
	dsv gc -q
	dsv cat keep:private.csv >out
	rows 1 9000 2 | cmp - out

	dsv switch -q --detach keep
	dsv tag -q -d keep
	dsv gc -q
	cmp private.csv out
	dsv cat HEAD:private.csv | cmp - out

	dsv switch -q -c again
	dsv switch -q main
	dsv branch -q -f again v1
	dsv gc -q
	dsv gc --json | grep -q "\"dropped_versions\":0"
	dsv branch -q -d -f again
	dsv gc --json -n >out
	grep -q "again was deleted\",\"versions\":1," out
'

check 'gc: what was added and not committed stays' '
	repo
	rows 1 5000 7 >new.csv
	rows 1 4000 8 >prices.csv
	dsv add -q new.csv prices.csv
	rm new.csv
	dsv gc -q
	dsv gc -q
	dsv restore new.csv
	rows 1 5000 7 | cmp - new.csv
	dsv commit -q -m three
	dsv cat HEAD:prices.csv | cmp - prices.csv
'

check 'gc: the base of a delta stays as long as it is one' '
	dsv init -q
	rows 1 40000 1 >big.csv
	cp big.csv first
	dsv add -q big.csv
	sed -i "20000s/item/other/" big.csv
	dsv add -q big.csv
	dsv commit -q -m one
	for i in 1 2 3; do
		dsv gc -q >/dev/null
		dsv fsck -q
	done
	dsv cat HEAD:big.csv | cmp - big.csv
	# What was staged first is not half there: it can come back.
	cp first big.csv
	dsv commit -q -a -m two
	dsv fsck -q
	dsv cat HEAD:big.csv | cmp - first
'

check 'gc: what it left beside kept objects is not taken for whole again' '
	dsv init -q
	rows 1 40000 1 >a.csv
	rows 50000 90000 2 >b.csv
	dsv add -q a.csv b.csv
	dsv rm -q -f b.csv
	dsv commit -q -m one
	dsv gc -q --now >/dev/null
	dsv fsck -q
	rm .dsv/index.db
	dsv fsck -q --repair
	rows 50000 90000 2 >b.csv
	dsv add -q b.csv
	dsv commit -q -m two
	dsv cat HEAD:b.csv | cmp - b.csv
'

# ---- when something is wrong (interrupted: see kill.sh) --------------------

DSV_THREADS=1
export DSV_THREADS

check 'gc: takes what a killed add has left' '
	repo
	dsv gc -q --now
	store | grep objects/ >before
	rows 1 9000 5 >new.csv
	i=1
	while store | grep objects/ | cmp -s - before; do
		"$BUILD/tests/fault" -o fault killexit $i -- dsv add -q new.csv || :
		i=$((i + 1))
	done
	# Durable, but not in the index.
	[ $i -gt 2 ]
	dsv status --json | grep -q "{\"path\":\"new.csv\",\"staged\":null"
	dsv gc -q --now
	store | grep objects/ >after
	cmp before after
'

check 'gc: refuses over a damaged object, and deletes nothing' '
	repo
	dsv branch -q -d -f exp
	for kind in 4 5; do
		rm -rf ../work
		cp -a . ../work
		(
			cd ../work
			damage $kind
			store >before
			expect_status 8 dsv gc >out 2>err
			[ ! -s out ]
			grep -q "is damaged; \"dsv fsck\" says what that costs" err
			store >after
			cmp before after
			expect_status 1 dsv fsck -q >/dev/null
		)
	done
	rm -rf ../work
'

check 'gc: refuses over a missing segment, and deletes nothing' '
	repo
	dsv branch -q -d -f exp
	for f in .dsv/objects/*/*; do
		rm -rf ../work
		cp -a . ../work
		(
			cd ../work
			rm "$f"
			store >before
			expect_status 8 dsv gc >out 2>err
			grep -q "is missing; \"dsv fsck\" says what that costs" err
			store >after
			cmp before after
		)
	done
	rm -rf ../work
'

check 'gc: refuses over a short segment, and deletes nothing' '
	repo
	f=$(find .dsv/objects -type f -size +20k | head -1)
	chmod u+w "$f"
	truncate -s -100 "$f"
	store >before
	expect_status 8 dsv gc >out 2>err
	[ ! -s out ]
	grep -q "damaged" err
	store >after
	cmp before after
	broken_on_purpose
'

check 'gc: refuses over a wrong reference count, and deletes nothing' '
	repo
	dsv branch -q -d -f exp
	id=$(sqlite3 .dsv/index.db "SELECT lower(hex(tree)) FROM version
		WHERE version = 1")
	"$BUILD/tests/edit" . "UPDATE object SET refs = refs + 1 WHERE kind = 4 AND id =
		(SELECT tree FROM version WHERE version = 1)"
	store >before
	fails 8 "dsv: the index counts 2 references to tree $id, and there are 1; nothing was deleted; see \"dsv fsck\"" \
		dsv gc
	fails 8 "dsv: the index counts 2 references to tree $id, and there are 1; nothing was deleted; see \"dsv fsck\"" \
		dsv gc --now
	store >after
	cmp before after
	expect_status 1 dsv fsck >out 2>/dev/null
	grep -q "^tree $id: the index counts 2 references to it, and there are 1\$" out
	dsv fsck -q --repair
	dsv gc -q >/dev/null
'

check 'gc: refuses if the index lacks an object that is needed' '
	repo
	"$BUILD/tests/edit" . "DELETE FROM object WHERE id IN (SELECT id FROM stage)
		AND kind = 1"
	store >before
	fails 8 "dsv: 1 objects that are needed are missing; nothing was deleted; see \"dsv fsck\"" \
		dsv gc
	store >after
	cmp before after
	dsv fsck -q --repair
'

check 'gc: an index that is older than the objects does not lose versions' '
	repo
	cp .dsv/index.db old
	echo 3 >notes.txt
	dsv commit -q -a -m three
	cp .dsv/index.db new
	cp old .dsv/index.db
	store >before
	fails 8 "dsv: objects/ has acts that the index does not know; nothing was deleted; see \"dsv fsck\"" \
		dsv gc
	store >after
	cmp before after
	expect_status 1 dsv fsck >out 2>/dev/null
	grep -q "^event .*: the index does not have it\$" out
	dsv fsck -q --repair
	[ "$(dsv cat v3:notes.txt)" = 3 ]
'

check 'gc: a segment in the trash that is needed comes back' '
	repo
	dsv gc -q --now
	f=$(find .dsv/objects -type f)
	mv "$f" ".dsv/trash/$(echo "$f" | sed "s|.*/\(..\)/|\1|")"
	dsv cat v1:notes.txt
	dsv gc -q --now
	[ -e "$f" ]
'

# ---- beside others ------------------------------------------------------------

check 'gc: beside readers, who see every version whole' '
	repo
	dsv cat v1:prices.csv >../one
	for r in 1 2 3; do
		(
			i=0
			while [ ! -e ../stop ]; do
				dsv cat v1:prices.csv | cmp - ../one
				dsv log --stat -n 1 q1 >/dev/null
				i=$((i + 1))
			done
			echo $i >"../read.$r"
		) &
		pids="${pids-} $!"
	done
	for i in 1 2 3 4 5 6 7 8; do
		rows 1 2000 "$i" >f
		dsv add -q f
		dsv commit -q -m "$i"
		dsv gc -q >/dev/null
	done
	: >../stop
	for pid in $pids; do
		wait "$pid"
	done
	for r in 1 2 3; do
		[ "$(cat ../read.$r)" -gt 1 ]
	done
'

check 'gc: few segments after many small commits, by itself' '
	dsv init -q
	for i in $(seq 300); do
		echo "$i,$i" >>a.csv
		dsv add -q a.csv
		dsv commit -q -m "$i"
	done
	[ "$(segments)" -lt 200 ]
	dsv fsck -q
	for i in 1 150 300; do
		[ "$(dsv cat "v$i:a.csv" | wc -l)" -eq "$i" ]
	done
	dsv gc -q --now
	[ "$(segments)" -eq 1 ]
'

check 'gc: packs as well after it ran by itself as if it had not' '
	for auto in true false; do
		mkdir $auto
		cd $auto
		dsv init -q
		dsv config set gc.auto $auto
		rows 1 1000 1 >prices.csv
		for i in $(seq 84); do
			# The others stay as the version before left them.
			awk -F, -v OFS=, -v i="$i" "BEGIN { srand(i) }
				NR % 40 == i % 40 { \$3 = rand() } 1" \
				prices.csv >next
			mv next prices.csv
			dsv add -q .
			dsv commit -q -m "$i"
		done
		[ $auto = false ] || [ "$(segments)" -lt 100 ]
		dsv gc -q --now
		du -sb .dsv/objects | cut -f 1 >../size.$auto
		cd ..
	done
	[ "$(cat size.true)" -lt $(($(cat size.false) * 11 / 10)) ]
'

check 'gc: not by itself with gc.auto=false, nor by who only reads' '
	dsv init -q
	dsv config set gc.auto false
	for i in $(seq 70); do
		echo "$i,$i" >>a.csv
		dsv add -q a.csv
		dsv commit -q -m "$i"
	done
	n=$(segments)
	[ "$n" -gt 140 ]
	dsv config set gc.auto true
	store >before
	dsv log >/dev/null
	dsv branch -n x
	dsv commit -n --allow-empty -m x >/dev/null
	store >after
	cmp before after
	dsv tag now
	[ "$(segments)" -lt 10 ]
	fails 2 "dsv: \"gc.auto\" is \"true\" or \"false\", not \"no\"" \
		dsv config set gc.auto no
'

check 'gc: by itself beside 16 writers, and nothing that they said is lost' '
	. "$ROOT/tests/crash/writers.inc"
	writers 16 20
	[ "$(segments)" -lt 640 ]
	dsv tag end
	[ "$(segments)" -lt 300 ]
'

finish
