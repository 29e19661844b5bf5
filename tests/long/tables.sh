#!/bin/sh
# The long form of tests/table/model.sh.
. "${0%/*}/../lib.sh"

command -v python3 >/dev/null || export no_python="python3 is not here"
SEED=${SEED:-100000}
MODEL_PAIRS=${MODEL_PAIRS:-1000}
export SEED MODEL_PAIRS

check 'model: differences of random tables, and deltas applied to them' '
	[ ! "${no_python-}" ] || skip "$no_python"
	dsv init -q
	python3 "$ROOT/tests/table/model.py" "$SEED" "$MODEL_PAIRS"
'

finish
