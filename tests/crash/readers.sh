#!/bin/sh
# Readers never stand in the way of writers: not even one whose output nobody
# takes, as when it waits in a pager.
[ ! -w /dev/shm ] || export TMPDIR="${TMPDIR:-/dev/shm}"
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

# More to say than a pipe takes, whatever is asked.
(
	set -e
	mkdir "$T/repo"
	cd "$T/repo"
	dsv init -q
	"$BUILD/tests/gen" csv 20000 1 big.csv
	mkdir many
	i=0
	while [ $i -lt 1500 ]; do
		i=$((i + 1))
		echo $i >"many/a-name-that-is-not-short-at-all-and-has-$i.txt"
	done
	dsv add -q .
	words=$(head -c 2000 /dev/zero | tr '\0' x)
	i=0
	while [ $i -lt 50 ]; do
		i=$((i + 1))
		dsv commit -q --allow-empty -m "$i $words"
	done
	"$BUILD/tests/gen" csv 20000 2 big.csv
	for f in many/*; do
		echo more >>"$f"
	done
) >"$T/repo.log" 2>&1 || { cat "$T/repo.log"; echo 'Bail out! no repository'; }

stalled() {	# stalled COMMAND ...
	mkfifo "$T/pipe"
	dsv "$@" >"$T/pipe" &
	exec 9<"$T/pipe"
	# It has begun to write, and then waits.
	head -c 1 <&9 >first
	sleep 0.3
	kill -0 $!
	dsv -C "$T/repo" tag -q --wait 0 "$tag"
	tag=$((tag + 1))
	exec 9<&-
	wait $! || :
	rm "$T/pipe"
}

check 'readers: whoever waits for its own reader does not let writers wait' '
	tag=1
	cd "$T/repo"
	for reader in log "log --json" "log --graph" "log --stat" "ls many" \
		"ls --json many" "cat HEAD:big.csv" "diff" "diff --json" \
		"diff v1" "status" "status --json" "show v1" \
		"export -o - --format tar" "export -o - --format tar.zst"
	do
		echo "$reader"
		stalled $reader
	done
'
finish
