#!/bin/sh
# An independent reader of tables: what dsv schema says of random ones is what
# Python's csv module says.  ROWS_TABLES says how many, SEED which.
. "${0%/*}/../lib.sh"

command -v python3 >/dev/null || export no_python="python3 is not here"
SEED=${SEED:-1}
ROWS_TABLES=${ROWS_TABLES:-40}
export SEED ROWS_TABLES

check 'rows: tables are read as another reader reads them' '
	[ ! "${no_python-}" ] || skip "$no_python"
	dsv init -q
	python3 "$ROOT/tests/meta/rows.py" write "$SEED" "$ROWS_TABLES"
	dsv add -q .
	dsv commit -q -m tables
	for f in *.csv; do
		dsv schema --json $f
	done >said
	python3 "$ROOT/tests/meta/rows.py" check <said >n
	[ "$(cat n)" = "$ROWS_TABLES" ]
'

finish
