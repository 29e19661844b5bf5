#!/bin/sh
# Every fuzz target meets its corpus, and then changed inputs for a second;
# "make fuzz" does more.  FUZZ_SECONDS says how many seconds, SEED which
# inputs.
. "${0%/*}/../lib.sh"

SEED=${SEED:-$(date +%j)}
FUZZ_SECONDS=${FUZZ_SECONDS:-1}
export SEED FUZZ_SECONDS

# What ends a target is shown, so that it can be put into the corpus.
replay() {
	"$BUILD/fuzz/$1" -seed="$SEED" -runs=100000000 \
		-max_total_time="$FUZZ_SECONDS" -artifact_prefix="$PWD/" \
		"$ROOT/tests/fuzz/corpus/$1" >said 2>&1 || {
		cat said
		echo "seed $SEED; the input, in base64:"
		[ ! -e input ] || base64 input
		return 1
	}
	sed "s/^/$1: /" said >>"$SHARED/said"
}

check 'fuzz: every target has a corpus, and every corpus a target' '
	cd "$ROOT/tests/fuzz"
	for f in *.c; do
		[ "$f" = driver.c ] || echo "${f%.c}"
	done >"$T/targets"
	find corpus -type f | sed "s|^corpus/||; s|/.*||" | sort -u |
		diff "$T/targets" -
'

for target in "$ROOT"/tests/fuzz/corpus/*; do
	target=${target##*/}
	check "fuzz $target: nothing ends it, and what it promises holds" "
		replay $target
	"
done

sed 's/^/# /' "$SHARED/said"
finish
