#!/bin/sh
# A repository that is not there, not ours, not writable or not of our time.
. "${0%/*}/../lib.sh"

# Every command that works in a repository, with operands that it would take.
needing='add x
cat HEAD:x
checkout HEAD x
commit -m x
diff
export -o out
fsck
log
ls
mv x y
restore x
rm x
show
status
switch main
tag t
track *.csv
branch b'

# each COMMAND...: for every command in turn, its words after "dsv".
each() {
	printf '%s\n' "$needing" | while read -r words; do
		set -f
		# shellcheck disable=SC2086 # words
		"$@" $words || {
			echo "dsv $words"
			exit 1
		}
	done
}

made='dsv init -q; echo a,b >x; dsv add -q x; dsv commit -q -m one'

# The whole of .dsv, by content.
sum() {
	find "$1" -type f -exec sha256sum {} + | sort
}

check 'no repository: every command says so, and how to make one' '
	each fails 3 "dsv: not a dsv repository, nor is any directory above it: \".\"; make one with \"dsv init\"" dsv
	[ "$(ls -A)" = "" ]
'

setup "$made"
check 'another owner: nothing is done, and the way out is named' '
	broken_on_purpose
	[ "$(id -u)" = 0 ] || skip "only root can give files away"
	chown -R 4711 .dsv
	refused() {
		expect_status 5 "$@" >../out 2>../err || return
		grep -q "belongs to another user (uid 4711); if you trust it, run \"dsv config set --user safe.directory" ../err
	}
	sum .dsv >../before
	each refused dsv
	sum .dsv | cmp ../before -
	dsv config set --user safe.directory "$PWD"
	dsv status
	SUDO_UID=4711
	export SUDO_UID
	rm -r "$HOME/.config"
	dsv status
'

check 'a newer format: nothing is done, and a newer dsv is asked for' '
	broken_on_purpose
	refused() {
		expect_status 5 "$@" >../out 2>../err || return
		grep -q "; use a newer dsv$" ../err
	}
	cp -a .dsv ../kept
	sed "s/^dsv .*/dsv 9999/" .dsv/format >../format
	cat ../format >.dsv/format
	sum .dsv >../before
	each refused dsv
	sum .dsv | cmp ../before -
	rm -r .dsv
	cp -a ../kept .dsv
	sqlite3 .dsv/index.db "PRAGMA user_version = 9999"
	sum .dsv >../before
	each refused dsv
	sum .dsv | cmp ../before -
'

check 'a repository without its index or its format says so' '
	broken_on_purpose
	mv .dsv/index.db ../
	expect_status 8 dsv log >../out 2>../err
	grep -q "dsv fsck --repair" ../err
	mv ../index.db .dsv/
	mv .dsv/format ../
	expect_status 8 dsv log >../out 2>../err
	grep -q "is missing" ../err
	mv ../format .dsv/
	dsv log
'

check 'a read-only repository can be read, by anyone who may' '
	echo more >>x
	chmod -R a-w .
	chmod -R a+rX .
	reads() {
		unprivileged dsv "$@" >../out 2>../err
	}
	# Another user owns it: that user has to trust it, once.
	chmod 755 ..
	cat >../reader <<-\END
	set -e
	HOME=$1
	dsv config set --user safe.directory "$PWD"
	for words in "log" "status" "ls" "cat HEAD:x" "show" "diff" "fsck" \
		"export -q -o $HOME/out"; do
		dsv $words || { echo "fails: dsv $words"; exit 1; }
	done
	for words in "add x" "commit -m two" "tag t" "branch b"; do
		got=0
		dsv $words 2>"$HOME/err" || got=$?
		[ $got = 4 ] || {
			echo "status $got: dsv $words: $(cat "$HOME/err")"
			exit 1
		}
	done
	END
	mkdir ../reader.home
	chmod 777 ../reader.home
	sum .dsv >../before
	unprivileged sh ../reader "$PWD/../reader.home"
	sum .dsv | cmp ../before -
	chmod -R u+w .
'

check 'a read-only file system: reading works, writing says why' '
	[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null ||
		skip "mounting is not permitted"
	cat >../script <<-\END
	set -e
	mount --bind . .
	mount -o remount,bind,ro .
	cd "$PWD"
	dsv log
	dsv status
	dsv cat HEAD:x | cmp - x
	dsv fsck
	got=0
	dsv commit -q --allow-empty -m two 2>"$1" || got=$?
	[ $got = 4 ] || { cat "$1"; echo "status $got"; exit 1; }
	grep -q "Read-only file system" "$1"
	END
	unshare -m sh ../script "$PWD/../err"
'

finish
