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

check 'a disk that fills up: all or nothing, at any amount of space left' '
	unshare -m true 2>/dev/null || skip "mounting is not permitted"
	mkdir disk
	cd disk
	cat "$SHARED/full" - >../script <<-\END
	cp -a repo kept
	"$BUILD/tests/gen" bin 400000 1 two.bin
	refused=0
	done=0
	left=0
	while [ $done -lt 2 ]; do
		[ $left -lt 2000 ] || { echo "it never fits"; exit 1; }
		rm -rf repo filler
		cp -a kept repo
		ln two.bin repo/two.bin
		fill $left
		cd repo
		got=0
		dsv add -q . >"$OUT" 2>&1 &&
			dsv commit -q -m two >"$OUT" 2>&1 || got=$?
		case $got in
		0)	dsv cat v2:two.bin | cmp - two.bin
			done=$((done + 1)) ;;
		3)	grep -Eq "No space left on device|disk.* full" "$OUT"
			grep -c . "$OUT" | grep -qx 1
			refused=$((refused + 1)) ;;
		*)	echo "status $got with $left KiB left"
			cat "$OUT"
			exit 1 ;;
		esac
		dsv fsck -q
		dsv cat v1:one.csv | cmp - one.csv
		[ -z "$(find .dsv/tmp -type f)" ]
		rm ../filler
		dsv add -q .
		dsv commit -q --allow-empty -m again
		dsv cat HEAD:two.bin | cmp - two.bin
		cd ..
		left=$((left + 24))
	done
	[ $refused -gt 5 ]
	END
	OUT=$T/said unshare -m sh ../script
'

finish
