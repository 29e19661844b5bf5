#!/bin/sh
# A real table over fourteen years, committed version by version.  SP500 may
# name a directory with more of them, called …YYYY-MM-DD.csv.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

SP500=${SP500:-$ROOT/tests/data/sp500}
export SP500

check 'every version of the S&P 500 comes back, and all of them are told' '
	mkdir repo
	cd repo
	dsv init -q
	dsv track -q "*.csv" --key Symbol
	n=0
	for f in "$SP500"/*.csv; do
		day=$(basename "$f" .csv | sed "s/.*_//")
		cp "$f" constituents.csv
		dsv add -q .
		dsv commit -q -m "S&P 500 of $day" --date "${day}T12:00:00Z"
		n=$((n + 1))
	done
	[ $n -ge 12 ]
	i=0
	for f in "$SP500"/*.csv; do
		i=$((i + 1))
		dsv cat v$i:constituents.csv | cmp - "$f"
		dsv show v$i >/dev/null
		dsv ls v$i >/dev/null
		[ $i = 1 ] || dsv diff --stat v$((i - 1)) v$i >/dev/null
		dsv export -q v$i -o - --format tar |
			tar -xO constituents.csv | cmp - "$f"
	done
	[ "$(dsv log --oneline | wc -l)" = $n ]
	[ "$(dsv log --oneline constituents.csv | wc -l)" -le $n ]
	dsv fsck
	cat "$SP500"/*.csv | wc -c | sed "s/^/# bytes of all versions: /" \
		>"$SHARED/said"
	du -sb .dsv | sed "s/^\([0-9]*\).*/# bytes of .dsv: \1/" \
		>>"$SHARED/said"
	for f in .dsv/objects/*/*; do
		d=${f%/*}
		echo "${d##*/}${f##*/}  $f"
	done | sha256sum -c --quiet
'
cat "$SHARED/said" 2>/dev/null
finish
