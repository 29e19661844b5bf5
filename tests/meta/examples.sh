#!/bin/sh
# The examples of the manual are run: the lines ".Dl $ ..." of a page, in
# order, in a fresh copy of the repository that example-repo makes.
. "${0%/*}/../lib.sh"

mkdir "$SHARED/repo"
(cd "$SHARED/repo" && "$ROOT/tests/meta/example-repo") >"$SHARED/log" 2>&1
made=$?
export made

check 'examples: their repository can be made' '
	cat "$SHARED/log"
	[ $made = 0 ]
	dsv -C "$SHARED/repo" fsck -q
'

for page in "$ROOT"/man/*.[1-9]; do
	grep -q '^\.Dl \$ ' "$page" || continue
	export page
	check "examples of ${page##*/}" '
		cp -a "$SHARED/repo/." .
		echo set -e >"$T/examples"
		sed -n "s/^\.Dl \\\$ //p" "$page" |
			sed "s/\\\\e/\\\\/g; s/\\\\(aq/'\''/g; s/\\\\&//g" \
			>>"$T/examples"
		sh -x "$T/examples"
	'
done

check 'examples: every command has one in its page' '
	for cmd in $(dsv meta words command); do
		grep -qE "^\.Dl \\\$ (.* \| )?dsv.* $cmd( |\$)" \
			"$ROOT/man/dsv-$cmd.1" || echo "dsv-$cmd.1"
	done >out
	cat out
	[ ! -s out ]
'

finish
