#!/bin/sh
# A full disk: a small file system in memory, filled up.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

# Runs in a mount namespace of its own, with the file system as its directory.
cat >"$SHARED/full" <<'END'
set -e
mount -t tmpfs -o size=3m none .
cd "$PWD"

free() {		# KiB
	df -k . | awk 'NR == 2 { print $4 }'
}

fill() {		# fill KIB: leave so much
	rm -f filler
	want=$(($(free) - $1))
	[ "$want" -le 0 ] || head -c "${want}k" /dev/zero >filler
}

expect() {		# expect STATUS COMMAND...
	want=$1
	shift
	got=0
	"$@" >"$OUT" 2>&1 || got=$?
	[ $got = "$want" ] || {
		echo "status $got, not $want: $*"
		cat "$OUT"
		exit 1
	}
}

mkdir repo
cd repo
dsv init -q
seq 1 1000 >one.csv
dsv add -q .
dsv commit -q -m one
cd ..
END

check 'a full disk: what there is can be read and exported' '
	unshare -m true 2>/dev/null || skip "mounting is not permitted"
	mkdir disk
	cd disk
	cat "$SHARED/full" - >../script <<-\END
	fill 0
	cd repo
	[ "$(free)" = 0 ]
	dsv log
	dsv status
	dsv cat HEAD:one.csv | cmp - one.csv
	dsv fsck
	dsv export -q -o - --format tar | tar -xO one.csv | cmp - one.csv
	expect 3 dsv export -q -o ../copy
	grep -q "No space left on device" "$OUT"
	[ -z "$(find .. -name "*partial*")" ]
	END
	OUT=$T/said unshare -m sh ../script
'

# What works on a full disk, whatever happened before: reading, checking, and
# gc, which loses nothing.
cat >"$SHARED/works" <<'END'
works() {		# works VERSION...
	cd repo
	dsv log >"$OUT"
	dsv fsck -q
	for v; do
		dsv export -q "$v" -o - --format tar >/dev/null
	done
	expect 0 dsv gc -q
	dsv fsck -q
	dsv cat v1:one.csv | cmp - one.csv
	case " $* " in
	*" v2 "*)	dsv cat v2:two.bin | cmp - two.bin ;;
	esac
	# The shard of an act that happened may have found no room.
	[ "$*" != v1 ] || [ -z "$(find .dsv/tmp -type f)" ]
	cd ..
}

# add and commit, or a clear no.
try_commit() {
	cd repo
	got=0
	dsv add -q . >"$OUT" 2>&1 && dsv commit -q -m two >"$OUT" 2>&1 ||
		got=$?
	case $got in
	0)	done=$((done + 1))
		versions="v1 v2" ;;
	3)	grep -Eq "No space left on device" "$OUT"
		grep -c . "$OUT" | grep -qx 1
		versions=v1
		refused=$((refused + 1)) ;;
	*)	echo "status $got with $left left"
		cat "$OUT"
		exit 1 ;;
	esac
	cd ..
}

commit_again() {
	cd repo
	dsv add -q .
	dsv commit -q --allow-empty -m again
	dsv cat HEAD:two.bin | cmp - two.bin
	[ -z "$(find .dsv/tmp -type f)" ]
	cd ..
}
END

check 'a disk that fills up: all or nothing, at any amount of space left' '
	unshare -m true 2>/dev/null || skip "mounting is not permitted"
	mkdir disk
	cd disk
	cat "$SHARED/full" "$SHARED/works" - >../script <<-\END
	cp -a repo kept
	"$BUILD/tests/gen" bin 100000 1 two.bin
	refused=0
	done=0
	left=0
	while [ $done -lt 2 ]; do
		[ $left -lt 1000 ] || { echo "it never fits"; exit 1; }
		rm -rf repo filler
		cp -a kept repo
		ln two.bin repo/two.bin
		fill $left
		try_commit
		fill 0
		works $versions
		rm filler
		commit_again
		left=$((left + 8))
	done
	[ $refused -gt 10 ]
	echo "# $((refused + done)) amounts of space" >&3
	END
	OUT=$T/said unshare -m sh ../script 3>>"$SHARED/tried"
'

check 'a disk without inodes: all or nothing, at any number left' '
	unshare -m true 2>/dev/null || skip "mounting is not permitted"
	mkdir disk
	cd disk
	cat "$SHARED/full" "$SHARED/works" - >../script <<-\END
	mount -o remount,nr_inodes=400 none "$PWD"
	fill_inodes() {		# leave so many
		rm -rf many
		mkdir many
		want=$(($(df -i . | awk "NR == 2 { print \$4 }") - $1))
		[ $want -le 0 ] || seq -f "many/%g" $want | xargs touch
	}
	cp -a repo kept
	"$BUILD/tests/gen" bin 100000 1 two.bin
	refused=0
	done=0
	left=0
	while [ $done -lt 2 ]; do
		[ $left -lt 40 ] || { echo "it never fits"; exit 1; }
		rm -rf repo many
		cp -a kept repo
		ln two.bin repo/two.bin
		fill_inodes $left
		try_commit
		fill_inodes 0
		works $versions
		rm -r many
		commit_again
		left=$((left + 1))
	done
	[ $refused -gt 2 ]
	echo "# $((refused + done)) numbers of inodes" >&3
	END
	OUT=$T/said unshare -m sh ../script 3>>"$SHARED/tried"
'

check 'a full disk: it can be left by deleting a branch, and gc' '
	unshare -m true 2>/dev/null || skip "mounting is not permitted"
	mkdir disk
	cd disk
	cat "$SHARED/full" - >../script <<-\END
	mount -o remount,size=300m none "$PWD"
	cd repo
	dsv switch -q -c exp
	"$BUILD/tests/gen" bin 70000000 1 big.bin
	mkdir many
	(cd many && seq 1 15000 | split -l 1 -a 4)
	dsv add -q .
	dsv commit -q -m big
	ls .dsv/ballast-* | grep -c . | grep -qx 4
	dsv switch -q main
	cd ..
	fill 0
	cd repo
	expect 3 dsv branch later
	grep -q "No space left on device" "$OUT"
	expect 0 dsv branch -q -d -f exp
	[ ! -e .dsv/ballast-1 ]
	[ -e .dsv/ballast-3 ]
	cd ..
	head -c "$(free)k" /dev/zero >other
	cd repo
	[ "$(free)" = 0 ]
	expect 0 dsv gc -q
	[ "$(free)" -gt 70000 ]
	dsv fsck -q
	dsv cat HEAD:one.csv | cmp - one.csv
	dsv branch later
	rm ../other ../filler
	"$BUILD/tests/gen" bin 70000000 2 big.bin
	dsv add -q big.bin
	dsv commit -q -m big
	ls .dsv/ballast-* | grep -c . | grep -qx 4
	END
	OUT=$T/said unshare -m sh ../script
'

check 'a full disk: a gc that frees in steps may be killed' '
	unshare -m true 2>/dev/null || skip "mounting is not permitted"
	mkdir disk
	cd disk
	cat "$SHARED/full" - >../script <<-\END
	mount -o remount,size=16m none "$PWD"
	cd repo
	dsv switch -q -c exp
	mkdir many
	for d in $(seq 120); do
		mkdir -p many/$((d / 11))/$d
		(cd many/$((d / 11))/$d && seq ${d}01 ${d}12 | split -l 1)
	done
	"$BUILD/tests/gen" bin 300000 1 many/big.bin
	dsv add -q .
	dsv commit -q -m many
	seq 1 2000 >many/1/12/xaa
	dsv commit -q -a -m more
	dsv switch -q main
	dsv branch -q -d -f exp
	cd ..
	mv repo kept
	n=1
	while :; do
		rm -rf repo filler
		cp -a kept repo
		fill 80
		cd repo
		"$BUILD/tests/fault" -o ../../report -c sync kill $n -- dsv gc -q || :
		dsv fsck -q || { echo "killed at $n"; exit 1; }
		dsv cat HEAD:one.csv | cmp - one.csv
		expect 0 dsv gc -q
		dsv fsck -q
		[ "$(du -sk .dsv | cut -f 1)" -lt 300 ]
		cd ..
		grep -q " hit=1 " ../report || break
		n=$((n + 61))
	done
	[ $n -gt 100 ]
	echo "# $((n / 61)) kills of a gc on a full disk" >&3
	END
	OUT=$T/said unshare -m sh ../script 3>>"$SHARED/tried"
'

[ ! -e "$SHARED/tried" ] || cat "$SHARED/tried"
finish
