#!/bin/sh
# What goes in comes out, whatever it is called and however large it is, and
# in little memory.  Needs 4 GB of disk and some minutes.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

MEMORY=256				# MiB
TOOK=$SHARED/took

# lean WHAT ARG...: a dsv that keeps to its memory; what it took is noted.  In
# a pipe its status is lost, so a failure is written where the harness looks.
lean() {
	what=$1
	shift
	"$BUILD/tests/peak" -m $MEMORY -o "$T/peak" dsv "$@" || {
		echo "$what failed, or took too much: dsv $*" >>"$T/died"
		return 1
	}
	echo "# $what: $(cat "$T/peak")" >>"$TOOK"
}

# Every file under objects/ is named by the SHA-256 of its bytes.
objects_named() {
	find .dsv/objects -type f -exec sha256sum {} + >../sums
	[ -s ../sums ]
	awk '{
		n = split($2, part, "/")
		if (part[n - 1] part[n] != $1) {
			print "wrong name: " $2
			bad = 1
		}
	} END { exit bad }' ../sums
}

# Everything but .dsv, with modes and targets, one line each.
listing() {
	find . -name .dsv -prune -o -mindepth 1 -type d -o -mindepth 1 \
		-printf '%p %y %#m %s %l\0' | sort -z
}

# Take away the working tree, and get it back by two ways.
comes_back() {
	listing >../before
	mkdir ../kept
	find . -mindepth 1 -maxdepth 1 ! -name .dsv \
		-exec mv -t ../kept -- {} +
	lean "$1 restore" restore -q .
	listing >../after
	cmp ../before ../after
	diff -r --no-dereference --exclude=.dsv ../kept .
	lean "$1 export" export -q -o ../out
	diff -r --no-dereference ../kept ../out
}

check 'names and contents of every kind come back as they were' '
	mkdir repo
	cd repo
	dsv init -q
	: >empty
	printf "\n\n\n\n" >newlines
	head -c 10000000 /dev/zero >zeros
	printf "no end" >"no end"
	printf "a,b\r\n1,2\r\n" >crlf.csv
	printf "\357\273\277a,b\n1,\"x\ny\"\n" >bom.csv
	printf "a,b\n1,\"never closed\n2,x\n" >open.csv
	head -c 3000000 /dev/zero | tr "\0" x >long-line.csv
	mkdir "a b" "new
line" -- -dash
	echo 1 >"a b/ leading and trailing "
	echo 2 >"new
line/new
line.csv"
	echo 3 >"./-dash/--force"
	echo 4 >"$(printf "not\377utf8\376.csv")"
	echo 5 >"$(printf "\360\237\230\200 \303\274.json")"
	echo 6 >"$(printf "u\314\210")"
	echo 7 >"back\\slash"
	echo 8 >"quote\"and*star?[x]"
	echo 9 >"$(printf "tab\there\033[31m")"
	echo 10 >"$(head -c 255 /dev/zero | tr "\0" n)"
	chmod 755 empty
	ln -s "no such
target" dangling
	ln -s "$(printf "\377")" "link \" odd"
	"$BUILD/tests/gen" bin 5000000 1 noise
	"$BUILD/tests/gen" csv 100000 1 rows.csv
	"$BUILD/tests/gen" jsonl 100000 1 rows.jsonl
	sleep 1
	lean "odd add" add -q .
	lean "odd commit" commit -q -m odd
	comes_back odd
	objects_named
'

check 'a hundred thousand files come back; unchanged, none is opened' '
	mkdir repo
	cd repo
	dsv init -q
	"$BUILD/tests/gen" tree . 100000 1
	sleep 1
	lean "100,000 files add" add -q .
	lean "100,000 files commit" commit -q -m v1
	lean "100,000 files status" status
	strace -f -qq -e trace=open,openat,openat2 -o ../trace dsv add -q .
	not grep "\.json" ../trace
	"$BUILD/tests/gen" tree . 100000 2
	lean "100,000 files add v2" add -q .
	lean "100,000 files commit v2" commit -q -m v2
	[ "$(dsv ls HEAD~1 | wc -l)" -ge 100 ]
	comes_back "100,000 files"
	objects_named
'

check 'a CSV of 1 GB comes back, and an edited version of it' '
	mkdir repo
	cd repo
	dsv init -q
	"$BUILD/tests/gen" csv 11000000 1 big.csv
	lean "1 GB add" add -q .
	lean "1 GB commit" commit -q -m v1
	sum=$(sha256sum <big.csv)
	"$BUILD/tests/gen" csv 11000000 2 big.csv
	lean "1 GB add v2" add -q .
	lean "1 GB commit v2" commit -q -m v2
	lean "1 GB cat v2" cat v2:big.csv | cmp - big.csv
	[ "$(lean "1 GB cat v1" cat v1:big.csv | sha256sum)" = "$sum" ]
	objects_named
'

check 'a sparse file of 5 GB comes back' '
	mkdir repo
	cd repo
	dsv init -q
	truncate -s 5G sparse.bin
	printf "at 4 GiB and a bit" | dd of=sparse.bin bs=1 conv=notrunc \
		seek=4294967299 status=none
	printf "end" >>sparse.bin
	lean "5 GB add" add -q .
	lean "5 GB commit" commit -q -m v1
	lean "5 GB cat" cat HEAD:sparse.bin | cmp - sparse.bin
	lean "5 GB tar.zst" export -q -o ../sparse.tar.zst
	tar -xOf ../sparse.tar.zst sparse.bin | cmp - sparse.bin
	objects_named
'
cat "$TOOK" 2>/dev/null
finish
