#!/bin/sh
# Random tables of every kind, read by model.py in its own way: what dsv says
# of their differences is true, and deltas are inverses.  MODEL_PAIRS says how
# many, SEED which.
. "${0%/*}/../lib.sh"

command -v python3 >/dev/null || export no_python="python3 is not here"
SEED=${SEED:-1}
MODEL_PAIRS=${MODEL_PAIRS:-60}
export SEED MODEL_PAIRS

check 'model: differences of random tables, and deltas applied to them' '
	[ ! "${no_python-}" ] || skip "$no_python"
	dsv init -q
	python3 "$ROOT/tests/table/model.py" "$SEED" "$MODEL_PAIRS"
'

finish
