#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
# Random tables, compared by dsv and by SQLite, which knows nothing of dsv.
. "${0%/*}/../lib.sh"

# pairs COUNT: tables old.N and new.N with keys (some twice, some missing),
# quotes, rows in another order, columns that moved, came, went.
cat >"$SHARED/pairs" <<'AWK'
function below(n) { return int(rand() * n) }
function cell(v) {
	if (below(5) == 0) return "\"" v "\""
	if (below(12) == 0) return "\"" v ",\"\"" below(3) "\nx\""
	return v
}
function value() { return below(8) == 0 ? "" : "v" below(6) }
function line(out, form, key, a, b, c) {
	if (form == 0) print key "," a "," b "," c >out
	if (form == 1) print c "," a "," key "," b >out
	if (form == 2) print key "," a "," b "," c "," cell("n" below(3)) >out
	if (form == 3) print key "," a "," b >out
}
BEGIN {
	srand(SEED)
	split("id,a,b,c c,a,id,b id,a,b,c,d id,a,b", heads, " ")
	for (pair = 1; pair <= COUNT; pair++) {
		old = "old." pair ".csv"; new = "new." pair ".csv"
		form = below(5) % 4; rows = below(30); keys = 1 + below(40)
		print heads[1] >old; print heads[form + 1] >new
		n = 0
		for (i = 0; i < rows; i++) {
			k = below(15) == 0 ? "" : "k" below(keys)
			a = cell(value()); b = cell(value()); c = cell(value())
			line(old, 0, k, a, b, c)
			what = below(6)
			if (what == 0) continue
			if (what == 1) b = cell(value())
			if (what == 2) a = cell(value())
			if (what == 3 && k != "")
				text[n++] = "k" below(keys) SUBSEP cell(value()) \
				    SUBSEP cell(value()) SUBSEP cell(value())
			text[n++] = k SUBSEP a SUBSEP b SUBSEP c
		}
		turn = below(3) == 0
		for (i = 0; i < n; i++) {
			split(text[turn ? n - 1 - i : i], f, SUBSEP)
			line(new, form, f[1], f[2], f[3], f[4])
		}
		close(old); close(new)
	}
}
AWK

# Rows of one key are two multisets; equal ones cancel, and the rest pairs up.
# Rows without a key are left out: how they pair is for dsv to say.
cat >"$SHARED/count" <<'SH'
count() {	# count PAIR COLUMNS
	sqlite3 -batch <<-.
	.mode csv
	.import old.$1.csv o
	.import new.$1.csv n
	.mode list
	.separator " "
	create table x as select id k, $2 r, count(*) c from o
		where id <> '' group by 1, 2;
	create table y as select id k, $2 r, count(*) c from n
		where id <> '' group by 1, 2;
	create table d as
		select k, max(x.c - ifnull(y.c, 0), 0) gone, 0 came
			from x left join y using (k, r)
		union all
		select k, 0, max(y.c - ifnull(x.c, 0), 0)
			from y left join x using (k, r);
	select sum(max(came - gone, 0)), sum(min(came, gone)),
		sum(max(gone - came, 0)) from
		(select sum(gone) gone, sum(came) came from d group by k);
	.
}
SH

# The same numbers from the delta: lines that have a record_id, without those
# that only fill a new column.
check 'diff: agrees with SQLite about random tables' '
	. "$SHARED/count"
	awk -v SEED=${SEED:-1} -v COUNT=60 -f "$SHARED/pairs"
	for pair in $(seq 60); do
		columns="quote(a) || quote(b) || quote(c)"
		case $(head -n 1 new.$pair.csv) in
		id,a,b)	columns="quote(a) || quote(b)" ;;
		esac
		count $pair "$columns" | sed "s/^  *\$/0 0 0/" >want
		dsv diff --no-index --key id --format jsonl old.$pair.csv \
			new.$pair.csv >delta
		dsv diff --no-index --key id --format jsonl old.$pair.csv \
			new.$pair.csv | cmp - delta
		grep "\"record_id\"" delta |
			grep -v "\"before\":{}" |
			awk "/:\"insert\"/ { i++ } /:\"update\"/ { u++ }
				/:\"delete\"/ { d++ }
				END { print i + 0, u + 0, d + 0 }" >got
		cmp -s want got || {
			echo "pair $pair: want $(cat want), got $(cat got)"
			cat old.$pair.csv new.$pair.csv delta
			exit 1
		}
		dsv diff --no-index --key id --format jsonl old.$pair.csv \
			old.$pair.csv >same
		[ ! -s same ]
	done
'

finish
