# shellcheck shell=sh
# The harness of every test that is a script:
#
#	. "${0%/*}/../lib.sh"
#	setup 'dsv init -q'			# run before each check below
#	check 'add --dry-run: names the file, stores nothing' '
#		echo a,b >t.csv
#		dsv add -n t.csv >out
#		same out <<-\.
#		would add t.csv
#		.
#	'
#	finish
#
# Each check runs in a new empty directory with the same HOME, clock, user,
# locale and umask, under set -eu.  It fails if a command in it does, if a dsv
# dies of a signal, or if a repository in its directory does not pass fsck
# afterwards.  ACCEPT=1 writes what came out into the test in place of what
# "same" expected.

set -u
ROOT=$(cd "${0%/*}/../.." && pwd)
BUILD=${BUILD:-$ROOT/build}
TEST=$(cd "${0%/*}" && pwd)/${0##*/}
T=$(mktemp -d "${TMPDIR:-/tmp}/dsv-test.XXXXXX") || exit 1
chmod 755 "$T"
trap 'chmod -R u+rwX "$T" 2>/dev/null; rm -rf "$T"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
SHARED=$T/shared			# kept from check to check
mkdir -p "$T/home" "$SHARED" "$T/trusting/.config/dsv"
printf '[safe]\ndirectory = *\n' >"$T/trusting/.config/dsv/config"

for v in $(env | sed -n 's/^\(DSV_[A-Z_]*\|XDG_[A-Z_]*\|GIT_[A-Z_]*\)=.*/\1/p')
do
	unset "$v"
done
unset NO_COLOR CLICOLOR_FORCE PAGER LESS LV COLUMNS EDITOR VISUAL CDPATH
HOME=$T/home TZ=UTC LC_ALL=C TERM=dumb
DSV_DATE=2024-01-02T03:04:05Z
DSV_USER='Ada <ada@example.org>'
PATH=$BUILD:$PATH
export ROOT BUILD HOME TZ LC_ALL TERM PATH DSV_DATE DSV_USER
umask 022

tests=0
failures=0
before=
fsck=$(command dsv meta words command 2>/dev/null | grep -x fsck)

# A dsv that a signal ended is noted, wherever in the script it ran.  A test
# may expect to be interrupted, never a crash.
dsv() {
	command dsv "$@" && return
	dsv_status=$?
	case $dsv_status in
	132 | 134 | 135 | 136 | 139)
		echo "crash ($dsv_status): dsv $*" >>"$T/died" ;;
	12[89] | 1[3-9]?)
		[ "$dsv_status" = "${expected-}" ] ||
			echo "signal ($dsv_status): dsv $*" >>"$T/died" ;;
	esac
	return "$dsv_status"
}

# The leak checker of "make san" cannot work in a program that is traced.
strace() {
	ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" command strace "$@"
}

# setup SCRIPT: run before each check that follows, in its directory.
setup() {
	before=$1
}

# check TITLE SCRIPT
check() {
	tests=$((tests + 1))
	title=$1
	mkdir "$T/$tests"
	rm -f "$T/died" "$T/broken" "$T/skip" "$T/count"
	# Not in a condition: set -e would not count inside.
	(
		cd "$T/$tests" || exit 1
		set -e
		eval "$before"
		eval "$2"
	) >"$T/log" 2>&1 </dev/null
	status=$?
	if [ -s "$T/died" ]; then
		cat "$T/died" >>"$T/log"
		status=1
	fi
	if [ ! -e "$T/broken" ] && ! fsck_all "$T/$tests" >>"$T/log" 2>&1; then
		status=1
	fi
	if [ -e "$T/skip" ]; then
		echo "ok $tests - $title # SKIP $(cat "$T/skip")"
	elif [ $status -eq 0 ]; then
		echo "ok $tests - $title"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $title"
		sed 's/^/# /' "$T/log"
	fi
	chmod -R u+rwX "$T/$tests" 2>/dev/null
	[ "${KEEP-}" ] || rm -rf "${T:?}/$tests"
}

# Print the plan; the last line of every test.
finish() {
	echo "1..$tests"
	[ "${ACCEPT-}" != 1 ] || "$ROOT/tests/accept" "$TEST" "$T/accept"
	[ $failures -eq 0 ]
	exit
}

# A repository that a check gave to another user is checked all the same.
fsck_all() {
	[ "$fsck" ] || return 0
	find "$1" -name .dsv -type d -prune | while IFS= read -r repo; do
		HOME=$T/trusting command dsv -C "${repo%/.dsv}" fsck -q || {
			echo "fsck fails in $repo"
			exit 1
		}
	done
}

# This check leaves a repository damaged; do not run fsck after it.
broken_on_purpose() {
	: >"$T/broken"
}

# skip REASON: this system cannot run the check.
skip() {
	echo "$1" >"$T/skip"
	exit 0
}

# same FILE <<-\.: FILE holds exactly what is on standard input.
same() {
	count=$(($(cat "$T/count" 2>/dev/null || echo 0) + 1))
	echo $count >"$T/count"
	cat >"$T/expected"
	if [ "${ACCEPT-}" = 1 ]; then
		mkdir -p "$T/accept"
		printf '%s\n' "$title" >"$T/accept/$tests.$count.title"
		cp "$1" "$T/accept/$tests.$count"
	else
		diff -u "$T/expected" "$1"
	fi
}

# expect_status N COMMAND...: it ends with exactly that status.
expect_status() {
	expected=$1
	shift
	got=0
	"$@" || got=$?
	[ "$got" = "$expected" ] || {
		echo "exit status $got, not $expected: $*"
		return 1
	}
	unset expected
}

# fails N MESSAGE COMMAND...: status N, exactly that on standard error, and
# nothing on standard output.
fails() {
	fails_status=$1
	printf '%s\n' "$2" >"$T/fails.want"
	shift 2
	expect_status "$fails_status" "$@" >"$T/fails.out" 2>"$T/fails.err" || {
		cat "$T/fails.out" "$T/fails.err"
		return 1
	}
	diff -u "$T/fails.want" "$T/fails.err" && diff -u /dev/null "$T/fails.out"
}

# not COMMAND...: it fails.  ("! command" asserts nothing under set -e.)
not() {
	if "$@"; then
		echo "this should have failed: $*"
		return 1
	fi
}

# unprivileged COMMAND...: as a user whom file modes bind, even under root.
unprivileged() {
	if [ "$(id -u)" != 0 ]; then
		"$@"
		return
	fi
	[ -x "$T/bin/dsv" ] || { mkdir "$T/bin" && cp "$BUILD/dsv" "$T/bin"; }
	PATH=$T/bin:$PATH setpriv --reuid=65534 --regid=65534 --clear-groups \
		-- "$@"
}
