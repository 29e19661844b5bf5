#!/bin/sh
# dsv beside the tools that are installed, on the same data in the same run:
#
#	make bench			100 MB tables, 10,000 files
#	make bench SIZE=full		1 GB, 100,000 files; needs 20 GB
#	make bench TOOLS='dsv git' WORK='A C' ROUNDS=3
#
# Workloads (the data is made by tests/gen):
#	A	one CSV; then one row in 1000 edited (A2), then one row (A5)
#	B	small JSON files; then 1 % rewritten and 1 % new (B2)
#	C	one incompressible file; then 1 MiB inserted at 30 % (C2)
#	D	row differences of the tables of A: one row edited (v5), 100 in
#		and 100 out (v4), one row in 1000 edited (v2); dsv compares
#		stored versions, the others two files: git diff --no-index
#		and diff by lines, a full outer join of DuckDB and daff by rows
#	E	the CSV of A and its next version (v2) as a table with a key, and
#		as text (dsv-text): what it costs to know schema and rows, in
#		the same bytes; 0.7 x means that it costs 1 / 0.7 as much
# Steps: add and commit each, look for changes when there are none, write the
# last version out.  A step is done by every tool in turn before the next one
# begins; with ROUNDS, everything is done so often and the median counts.
#
# Printed: seconds by the clock, seconds of processor, the largest process in
# MB, growth of the store in MB, and the time as a multiple of dsv's.
# Everything measured goes to build/bench.jsonl.  Tools do not do the same:
# restic and borg have no index of the working tree, git-lfs does not
# compress, git and git-lfs do not sync what they write by default.
set -eu

ROOT=$(cd "${0%/*}/../.." && pwd)
BUILD=${BUILD:-$ROOT/build}
PEAK=$BUILD/tests/peak
GEN=$BUILD/tests/gen
SIZE=${SIZE:-small}
WORK=${WORK:-A B C D E}
ROUNDS=${ROUNDS:-1}
LOG=$BUILD/bench.jsonl
PATH=$BUILD:$PATH
W=$(mktemp -d "${TMPDIR:-/tmp}/dsv-bench.XXXXXX")
trap 'chmod -R u+rwX "$W"; rm -rf "$W"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

case $SIZE in
small)	ROWS=1100000 FILES=10000 BYTES=100000000 ;;
full)	ROWS=11000000 FILES=100000 BYTES=1000000000 ;;
*)	echo "bench: SIZE is small or full" >&2; exit 2 ;;
esac

installed() {
	for tool in dsv git git-c1 git-lfs restic borg; do
		case $tool in
		git-c1) program=git ;;
		*)	program=$tool ;;
		esac
		! command -v "$program" >/dev/null 2>&1 || printf '%s ' $tool
	done
}
TOOLS=${TOOLS:-$(installed)}

HOME=$W/home
GIT_CONFIG_NOSYSTEM=1
GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org
GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
RESTIC_PASSWORD=bench RESTIC_CACHE_DIR=$W/cache
BORG_BASE_DIR=$W/borg BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes
DSV_USER='Ada <ada@example.org>'
export HOME PATH DSV_USER RESTIC_PASSWORD RESTIC_CACHE_DIR BORG_BASE_DIR
export BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK GIT_CONFIG_NOSYSTEM
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
mkdir "$W/home"

# ---- the tools: each works in $W/TOOL; restic and borg store beside it ------

tool_init() {
	mkdir "$W/$1"
	cd "$W/$1"
	case $1 in
	dsv)	dsv init -q ;;
	git)	git init -q ;;
	git-c1)	git init -q && git config core.compression 1 ;;
	git-lfs)
		git init -q && git lfs install --local >/dev/null &&
		git lfs track '*.csv' '*.bin' '*.json' >/dev/null ;;
	restic)	restic -q init -r "$W/restic.store" >/dev/null ;;
	borg)	borg init -e none "$W/borg.store" ;;
	esac
}

tool_store() {
	case $1 in
	dsv*)	echo "$W/$1/.dsv" ;;
	git*)	echo "$W/$1/.git" ;;
	*)	echo "$W/$1.store" ;;
	esac
}

# The script that does the step; version is a name for borg's archive.
tool_script() {	# tool_script TOOL STEP VERSION
	case $1:$2 in
	dsv*:commit)	echo "dsv add -q . && dsv commit -q -m $3" ;;
	dsv:status)	echo 'dsv status >/dev/null' ;;
	dsv:restore)	echo 'dsv export -q -o ../out' ;;
	git*:commit)	echo "git add -A && git commit -q -m $3" ;;
	git*:status)	echo 'git status >/dev/null' ;;
	git*:restore)	echo 'git checkout-index -a --prefix=../out/' ;;
	restic:commit | restic:status)
			echo "restic -q -r ../restic.store backup ." ;;
	restic:restore)	echo 'restic -q -r ../restic.store restore latest
			--target ../out' | tr '\n' ' ' ;;
	borg:commit | borg:status)
			echo "borg create -C zstd,3 ../borg.store::$3-$2 ." ;;
	borg:restore)	echo "mkdir ../out && cd ../out &&
			borg extract ../borg.store::$3-commit" | tr '\n' ' ' ;;
	esac
}

size_of() {
	du -s --block-size=1 "$1" 2>/dev/null | cut -f1
}

# ---- one measurement --------------------------------------------------------

measure() {	# measure WORKLOAD STEP VERSION TOOL
	cd "$W/$4"
	store=$(tool_store "$4")
	before=$(size_of "$store")
	sync
	"$PEAK" -o "$W/peak" sh -c "$(tool_script "$4" "$2" "$3")" || {
		echo "bench: $4 failed: $(tool_script "$4" "$2" "$3")" >&2
		return 0
	}
	growth=$(($(size_of "$store") - before))
	# Out of the way, not removed: ext4 is slow for a while after that.
	[ ! -e "$W/out" ] || mv "$W/out" "$W/old.$1.$3.$4.$round"
	record "$1" "$2 $3" "$4" "$growth"
}

# What $W/peak has.
record() {	# record WORKLOAD STEP TOOL GROWTH
	sed "s/=/ /g" "$W/peak" | awk -v workload="$1" -v step="$2" \
		-v tool="$3" -v growth="$4" -v size="$SIZE" '{
		printf "{\"workload\":\"%s\",\"size\":\"%s\",\"step\":\"%s\"," \
		    "\"tool\":\"%s\",\"wall\":%s,\"cpu\":%.3f," \
		    "\"rss_kib\":%s,\"growth\":%s}\n", workload, size, step,
		    tool, $2, $4 + $6, $8, growth
	}' | tee -a "$W/run.jsonl" >>"$LOG"
}

step() {	# step WORKLOAD STEP VERSION
	for tool in $TOOLS; do
		measure "$1" "$2" "$3" "$tool"
	done
}

# The file for the next version into the tree of every tool, by copying: the
# generator is not what is measured.
put() {		# put NAME
	for tool in $TOOLS; do
		cp "$W/data" "$W/$tool/$1"
	done
}

begin() {
	for tool in $TOOLS; do
		tool_init "$tool"
	done
}

end() {
	cd "$W"
	rm -rf home/.cache old.* out
	for tool in $TOOLS; do
		rm -rf "${W:?}/$tool" "$W/$tool.store"
	done
	rm -rf "$W/data" "$W/cache" "$W/borg"
	sync
}

workload_A() {
	begin
	for version in 1 2 5; do
		"$GEN" csv "$ROWS" $version "$W/data"
		put data.csv
		step A commit v$version
	done
	step A status v5
	step A restore v5
	end
}

workload_B() {
	begin
	for version in 1 2; do
		for tool in $TOOLS; do
			"$GEN" tree "$W/$tool/data" "$FILES" $version
		done
		sleep 1
		step B commit v$version
		step B status v$version
	done
	step B restore v2
	end
}

workload_C() {
	begin
	for version in 1 2; do
		"$GEN" bin "$BYTES" $version "$W/data"
		put data.bin
		step C commit v$version
	done
	step C restore v2
	end
}

# The tools that compare tables, those that are installed.
differs() {
	for tool in dsv git diff duckdb daff; do
		! command -v $tool >/dev/null 2>&1 || printf '%s ' $tool
	done
}

diff_script() {	# diff_script TOOL FILE
	case $1 in
	dsv)	echo "dsv -C dsv diff v1.csv $2" ;;
	git)	echo "git -c core.bigFileThreshold=4g diff --no-index --stat \
			v1.csv $2 || [ \$? = 1 ]" ;;
	diff)	echo "diff v1.csv $2 || [ \$? = 1 ]" ;;
	duckdb)	echo "duckdb -c \"select count(*) filter (a.id is null),
			count(*) filter (b.id is null), count(*) filter (a.id
			is not null and b.id is not null and a is distinct
			from b) from 'v1.csv' a full join '$2' b
			using (id)\"" | tr -s '\n\t' '  ' ;;
	daff)	echo "daff diff --id id v1.csv $2" ;;
	esac
}

# daff holds both tables in memory, forty times their size: not of 1 GB.
workload_D() {
	mkdir "$W/dsv"
	cd "$W/dsv"
	dsv init -q
	dsv track -q '*.csv' --key id
	for version in 1 5 4 2; do
		"$GEN" csv "$ROWS" $version "$W/v$version.csv"
		cp "$W/v$version.csv" data.csv
		dsv add -q . && dsv commit -q -m v$version --tag v$version.csv
	done
	cd "$W"
	for version in 5 4 2; do
		for tool in $(differs); do
			[ "$tool $SIZE" != 'daff full' ] || continue
			script=$(diff_script "$tool" v$version.csv)
			"$PEAK" -o "$W/peak" sh -c "$script" >/dev/null || {
				echo "bench: $tool failed: $script" >&2
				continue
			}
			record D "diff v$version" "$tool" 0
		done
	done
	rm -f "$W"/v?.csv
	end
}

workload_E() {
	for tool in dsv dsv-text; do
		mkdir -p "$W/$tool"
		cd "$W/$tool"
		dsv init -q
	done
	echo '*.csv format=text' >"$W/dsv-text/.dsvattributes"
	dsv -C "$W/dsv" track -q '*.csv' --key id
	for version in 1 2; do
		"$GEN" csv "$ROWS" $version "$W/data"
		for tool in dsv dsv-text; do
			cp "$W/data" "$W/$tool/data.csv"
		done
		for tool in dsv dsv-text; do
			measure E commit v$version $tool
		done
	done
	rm -rf "$W/dsv-text"
	end
}

# ---- the table --------------------------------------------------------------

table() {
	sed 's/[{}"]//g; s/[a-z_]*://g' "$W/run.jsonl" | awk -F, '
	function median(key,    n, i, j, t, v) {
		n = split(walls[key], v, " ")
		for (i = 1; i <= n; i++)
			for (j = i + 1; j <= n; j++)
				if (v[j] + 0 < v[i] + 0) {
					t = v[i]; v[i] = v[j]; v[j] = t
				}
		return v[int((n + 1) / 2)]
	}
	{
		name = $1 " " $3
		key = name "," $4
		if (!(name in seen)) { seen[name] = 1; names[++n] = name }
		if (!(key in walls)) tools[name] = tools[name] " " $4
		walls[key] = walls[key] " " $5
		cpu[key] = $6; rss[key] = $7; growth[key] = $8
	}
	END {
		printf "%-14s %-8s %9s %9s %8s %10s %8s\n", "step", "tool",
		    "wall s", "cpu s", "rss MB", "store +MB", "x dsv"
		for (i = 1; i <= n; i++) {
			name = names[i]
			m = split(tools[name], t, " ")
			for (j = 1; j <= m; j++) {
				key = name "," t[j]
				wall = median(key)
				base = median(name ",dsv")
				ratio = "-"
				if (base > 0)
					ratio = sprintf("%.1f", wall / base)
				printf "%-14s %-8s %9.3f %9.3f %8.0f %10.2f " \
				    "%8s\n", j == 1 ? name : "", t[j], wall,
				    cpu[key], rss[key] / 976.5625,
				    growth[key] / 1e6, ratio
			}
		}
	}'
}

: >"$W/run.jsonl"
round=0
while [ $round -lt "$ROUNDS" ]; do
	round=$((round + 1))
	for workload in $WORK; do
		workload_"$workload"
	done
done
table
echo "all of it: $LOG" >&2
