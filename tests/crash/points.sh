#!/bin/sh
# The program that goes from point to point, and the one that lets allocations
# fail: tests that inject nothing, or accept anything, prove nothing.
. "${0%/*}/../lib.sh"

points() {
	"$BUILD/tests/points" "$@" >said
}

setup '
	mkdir old old/d
	echo a >old/a
	ln -s a old/d/link
	fault="$BUILD/tests/fault -o %r"
	echo "cmp a ../old/a || cmp b ../old/a" >check
'

check 'points: every point is tried, in a copy' '
	points old work "$PWD/check" -- $fault kill %n -- mv a b
	grep -qx "points=1 checks=2 failed=0" said
	[ -e work/b ]
	[ -L work/d/link ]
	[ -e old/a ]
'

check 'points: what the check refuses is a failure, with what was said' '
	echo "[ -e b ]" >check
	expect_status 1 points old work "$PWD/check" -- \
		$fault errno:EIO %n -- sh -c "echo hello; mv a b"
	tail -n 1 said | grep -qx "points=1 checks=2 failed=1"
	grep -q "^point 1: status 1, .*call=rename" said
	grep -q "^  hello" said
	grep -q "Input/output error" said
'

check 'points: the same end is judged once, another one again' '
	echo "echo . >>../judged" >check
	points old work "$PWD/check" -- $fault kill %n -- \
		chmod 644 a a a
	grep -qx "points=3 checks=2 failed=0" said
	grep -c . judged | grep -qx 2
'

check 'points: a command that never succeeds is a failure' '
	expect_status 1 points old work /dev/null -- $fault kill %n -- \
		sh -c "mkdir x; exit 3"
	tail -n 1 said | grep -qx "points=1 checks=2 failed=1"
'

check 'points: a command without points is a failure' '
	expect_status 1 points old work /dev/null -- $fault kill %n -- true
'

check 'points: step, first and most' '
	points -s 2 -f 2 -m 2 old work /dev/null -- \
		$fault kill %n -- mkdir a1 a2 a3 a4 a5 a6 a7 a8
	grep -qx "points=2 checks=2 failed=0" said
'

check 'points: of several errors each has its turn' '
	echo "echo \$POINT \$(cat \$SAID) >>../turns" >check
	points old work "$PWD/check" -- $fault errno:EIO,ENOSPC %n -- \
		sh -c "mkdir x; mkdir y; mkdir z; true"
	cut -c 1 turns | tr -d "\n" | grep -qx 1234
	sed -n 1p turns | grep -q "Input/output"
	sed -n 2p turns | grep -q "No space"
	sed -n 3p turns | grep -q "Input/output"
'

check 'alloc: the Nth allocation fails, or all from there on' '
	[ -e "$BUILD/tests/alloc.so" ] || skip "not with a sanitizer"
	cat >three.c <<-\END
	#include <stdio.h>
	#include <stdlib.h>
	int main(void)
	{
		for (int i = 0; i < 3; i++) {
			void *p = malloc(10);
			fputs(p ? "y" : "n", stderr);
			free(p);
		}
		return 0;
	}
	END
	${CC:-cc} -O0 -fno-builtin -o three three.c
	three() {
		env "$@" ALLOC_REPORT="$PWD/hit" \
			LD_PRELOAD="$BUILD/tests/alloc.so" ./three 2>&1
	}
	three ALLOC=2 | grep -qx yny
	grep -qx hit=1 hit
	three ALLOC=2 ALLOC_STICKY=1 | grep -qx ynn
	three ALLOC=4 | grep -qx yyy
	grep -qx hit=0 hit
'

finish
