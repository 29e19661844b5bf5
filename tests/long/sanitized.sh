#!/bin/sh
# The tests that meet the most bytes from elsewhere, in a build in which the
# compiler watches every access and every sum.  "make san" runs all short
# tests so.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

SAN=address,undefined
SANITIZED=$ROOT/build/san-address-undefined
export SAN SANITIZED

# sanitized TEST...: none fails in the other build.
sanitized() {
	unset BUILD
	${MAKE:-make} -C "$ROOT" --no-print-directory SAN=$SAN SHORT="$*" \
		run-short >"$T/made" 2>&1 || {
		grep -v "^  " "$T/made" | tail -n 100
		return 1
	}
	tail -n 1 "$T/made"
}

case $BUILD in
*/san-*)	same_build='this build is sanitized as a whole' ;;
esac
export same_build="${same_build-}"
setup '
	[ ! "$same_build" ] || skip "$same_build"
'

check 'sanitized: the tests of modules' '
	tests=
	for t in "$ROOT"/tests/unit/*.c; do
		t=${t##*/}
		tests="$tests $SANITIZED/unit/${t%.c}"
	done
	sanitized $tests
'

check 'sanitized: fuzz targets' '
	FUZZ_SECONDS=4
	export FUZZ_SECONDS
	sanitized tests/fuzz/replay.sh
'

check 'sanitized: hostile repositories' '
	sanitized tests/corrupt/hostile.sh
'

check 'sanitized: commands that read and write most' '
	cd "$ROOT"
	sanitized tests/cmd/add.sh tests/cmd/checkout.sh tests/cmd/diff.sh \
		tests/cmd/export.sh tests/cmd/fsck.sh tests/cmd/gc.sh \
		tests/cmd/log.sh tests/cmd/track.sh
'

finish
