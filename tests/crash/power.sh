#!/bin/sh
# Power cuts in a model that is weaker than any file system, while the commands
# that write do so: some of the states that a disk could be in afterwards.
# tests/long/power.sh looks at all of them.  First, whether the model cuts.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
. "${0%/*}/../lib.sh"
. "${0%/*}/sweep.inc"
. "${0%/*}/power.inc"

setup '
	mkdir work work/d work/e
	echo old >work/x
	echo d >work/d/f
	# What is acknowledged is there, and x is one or the other.
	echo "
		set -e
		[ \$ACKED = 0 ] || grep -qx new x
		grep -Eqx \"old|new\" x && [ \$(grep -c . x) = 1 ]" >check
	power() {
		"$BUILD/tests/power" work out check -- sh -ec "$1" >said
	}
'

check 'power: what is synced and renamed is there, whole' '
	power "echo new >y; sync y; mv y x; sync .; echo 1"
	grep -q "^effects=5 .* failed=0" said || { cat said; false; }
'

check 'power: what is not synced may be empty' '
	not power "echo new >y; mv y x; sync .; echo 1"
'

check 'power: a name that is not synced may be lost' '
	not power "echo new >y; sync y; mv y x; echo 1"
'

check 'power: every end that is possible is looked at, once' '
	echo "[ -e y ] && od -An -c y >>../ends || echo none >>../ends" >check
	power "printf ab >y"
	sort ends >sorted
	printf "%s\n" "  \\0  \\0" "   a   b" none | sort | diff - sorted ||
		{ cat sorted; false; }
'

check 'power: a write is torn, and a move between directories too' '
	echo "cmp -s x ../old || cmp -s x ../new" >check
	head -c 8192 /dev/zero | tr "\\0" o >old
	head -c 8192 /dev/zero | tr "\\0" n >new
	cp old work/x
	not power "dd if=../new of=x bs=8192 conv=notrunc,fsync 2>/dev/null"
	head -c 4096 /dev/zero | tr "\\0" o >old
	head -c 4096 /dev/zero | tr "\\0" n >new
	cp old work/x
	power "dd if=../new of=x bs=4096 conv=notrunc,fsync 2>/dev/null"

	echo "[ -e d/f ] || [ -e e/f ]" >check
	not power "mv d/f e/f"
	mv work/e/f work/d/f
	power "ln d/f e/f; sync e; rm d/f"
'

check 'power: what a killed process left is what the next one finds' '
	echo "[ \$ACKED != 1 ] || grep -qx new y" >check
	kill="$BUILD/tests/power -K 2 work out check --"
	$kill sh -c "(echo new >y; sync y); sync y; sync .; cat y" >said 2>&1
	rm work/y
	not $kill sh -c "(echo new >y; sync y); sync y; cat y" >said 2>&1
'

check 'power: it does not promise what it does not see' '
	expect_status 125 "$BUILD/tests/power" work out /dev/null -- \
		fallocate -l 100 x 2>said
	grep -q "not known here" said
'

setup :
power_begin
for story in $(power_stories); do
	check "$story: power cuts" "power_try $story -k 97 -r 1"
done
power_count
finish
