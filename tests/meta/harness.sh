#!/bin/sh
# The harness sees what it should see: a test of the tests.
. "${0%/*}/../lib.sh"

# A house of its own, with the test that is on standard input.
setup '
	mkdir -p tests/cmd
	cp "$ROOT"/tests/lib.sh "$ROOT"/tests/accept "$ROOT"/tests/run tests
'
test_is() {
	{
		echo "#!/bin/sh"
		echo ". \"\${0%/*}/../lib.sh\""
		cat
	} >tests/cmd/a.sh
	chmod +x tests/cmd/a.sh
}

check 'harness: what fails in the middle of a check fails the check' '
	test_is <<-\.
	check "a" "false; true"
	check "b" "echo \$undefined_name; true"
	check "c" "true"
	finish
	.
	expect_status 1 tests/cmd/a.sh >out
	grep -v "^#" out >tap
	same tap <<-\.
	not ok 1 - a
	not ok 2 - b
	ok 3 - c
	1..3
	.
'

check 'harness: a crash is a failure wherever it happens' '
	mkdir bin
	for n in SEGV ABRT KILL; do
		printf "#!/bin/sh\nkill -$n \$\$\n" >bin/dsv
		chmod +x bin/dsv
		test_is <<-\.
		check "a" "dsv x || true; if dsv y; then :; fi"
		check "b" "expect_status 3 dsv x"
		finish
		.
		BUILD=$PWD/bin expect_status 1 tests/cmd/a.sh >out
		grep -v "^#" out >tap
		same tap <<-\.
		not ok 1 - a
		not ok 2 - b
		1..2
		.
	done
'

check 'harness: damage is a failure, unless it was done on purpose' '
	test_is <<-\.
	check "a" "dsv init -q; rm -r .dsv/objects"
	check "b" "dsv init -q; rm -r .dsv/objects; broken_on_purpose"
	finish
	.
	expect_status 1 tests/cmd/a.sh >out
	grep -v "^#" out >tap
	same tap <<-\.
	not ok 1 - a
	ok 2 - b
	1..2
	.
'

check 'harness: fails wants the status, the message and silence' '
	test_is <<-\.
	say() { echo out; echo err >&2; return 2; }
	check "a" "fails 2 err say"
	err() { echo err >&2; return 2; }
	check "b" "fails 2 err err"
	check "c" "fails 3 err err"
	check "d" "fails 2 other err"
	finish
	.
	expect_status 1 tests/cmd/a.sh >out
	grep -v "^#" out >tap
	same tap <<-\.
	not ok 1 - a
	ok 2 - b
	not ok 3 - c
	not ok 4 - d
	1..4
	.
'

check 'harness: ACCEPT=1 writes what came out into the test' '
	test_is <<-\X
	check "a" "
		printf \"one\n\n  two\n\" >o
		same o <<-\.
		wrong
		.
		same o <<-\.
		.
	"
	finish
	X
	expect_status 1 tests/cmd/a.sh >out
	sed -i "s/^check \"a\" \"/check '\''a'\'' '\''/; s/^\"\$/'\''/; s/\\\\\"/\"/g" \
		tests/cmd/a.sh
	ACCEPT=1 tests/cmd/a.sh
	tests/cmd/a.sh
	[ "$(grep -c "one" tests/cmd/a.sh)" = 3 ]
	not grep wrong tests/cmd/a.sh
'

check 'run: counts, and is not fooled' '
	program() {
		cat >"$1"
		chmod +x "$1"
	}
	program good <<-\.
	#!/bin/sh
	echo ok 1 - a; echo ok 2 - b; echo 1..2
	.
	program bad <<-\.
	#!/bin/sh
	echo not ok 1 - a; echo "# why"; echo 1..1; exit 1
	.
	program short <<-\.
	#!/bin/sh
	echo 1..2; echo ok 1 - a
	.
	program planless <<-\.
	#!/bin/sh
	echo ok 1 - a
	.
	program empty <<-\.
	#!/bin/sh
	echo 1..0
	.
	program crash <<-\.
	#!/bin/sh
	echo ok 1 - a; echo 1..1; kill -SEGV $$
	.
	program liar <<-\.
	#!/bin/sh
	echo ok 1 - a; echo 1..1; exit 1
	.
	last() {
		status=0
		tests/run "$@" >out 2>&1 || status=$?
		echo "$status: $(tail -n 1 out)" >said
	}
	last ./good
	echo "0: 2 passed, 0 failed" | same said
	last ./good ./bad
	echo "1: 2 passed, 1 failed" | same said
	grep -q "# why" out
	cp good fine
	last ./good ./fine
	echo "0: 4 passed, 0 failed" | same said
	for odd in short planless crash liar; do
		last ./$odd
		echo "1: 1 passed, 1 failed" | same said
	done
	last ./empty
	echo "1: 0 passed, 1 failed" | same said
	last ./missing
	grep -q "^1: 0 passed" said
	last
	echo "1: 0 passed, 1 failed" | same said
'

finish
