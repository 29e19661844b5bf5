#!/bin/sh
# The format is described so that others can read it: second.py is a reader
# written from dsv-format(5) alone, and must say of a repository what dsv says.
. "${0%/*}/../lib.sh"

command -v python3 >/dev/null || export no_python="python3 is not here"
second() {
	python3 "$ROOT/tests/meta/second.py" .dsv
}

# What dsv says, in second.py's words.
first() {
	{
		dsv branch --json | sed 's/^/branch /'
		dsv tag --json | sed 's/^/tag /'
	} | while read -r kind line; do
		name=$(echo "$line" | sed 's/^{"name":"\([^"]*\)".*/\1/')
		dsv log --json -n 1 "$name" | sed "s|.*\"id\":\"\([0-9a-f]*\)\".*\
\"version\":\([0-9]*\).*|$kind/$name v\2 \1|"
		dsv ls --json -lr "$name" | sed "s|.*\"path\":\"\(.*\)\",\
\"type\":\"\([a-z]*\)\",\"id\":\"\([0-9a-f]*\)\".*|$kind/$name \2 \3 \1|"
	done
}

# sha256sum of all files of all branches, as dsv exports them.
sums() {
	dsv branch --json | sed 's/^{"name":"\([^"]*\)".*/\1/' |
		while read -r name; do
			rm -rf "$T/out"
			dsv export -q "$name" -o "$T/out" >/dev/null
			(cd "$T/out" && find . -type f -exec sha256sum {} +) |
				sed "s|\([0-9a-f]*\)  \./|branch/$name \1 |"
			rm -rf "$T/out"
		done
}

same_lines() {
	diff "$1" "$2" >difference || {
		head -n 20 difference
		exit 1
	}
}

version() {
	dsv add -q . && dsv commit -qm "$1"
}

setup '
	[ -z "${no_python-}" ] || skip "$no_python"
	dsv init -q
	echo "*.log format=csv quote=single" >.dsvattributes
'

check 'second: every file of every branch, with deltas, levels and links' '
	gen=$BUILD/tests/gen
	for v in 1 2 3 4 5; do
		$gen csv 40000 $v t.csv
		$gen jsonl 3000 $v lines.jsonl
		[ $v -gt 2 ] || $gen bin 700000 $v data.bin
		$gen tree many 1500 $((v % 2 + 1))
		version $v
	done
	mkdir -p a.b a/b "a b"
	echo 1 >a.b/x
	echo 2 >a/b/y
	chmod +x a/b/y
	echo 3 >"a b/z"
	: >empty
	printf "\\n\\n\\n" >newlines
	printf "x,\\"a\\nb\\"\\n" >quoted.csv
	ln -s t.csv link
	i=0
	while [ $i -lt 3000 ]; do
		printf "%d,'\''it\n%d'\''\n" $i $((i * i))
		i=$((i + 1))
	done >quotes.log
	awk "BEGIN { for (i = 0; i < 300000; i++) printf \"x\" }" >long.txt
	awk "BEGIN { for (i = 0; i < 1500000; i++) printf \"%d\", i % 10
		for (i = 0; i < 9000; i++) print i }" >endless.txt
	head -c 200000 /dev/zero >zeros
	version six
	dsv branch exp v3
	dsv switch -q exp
	printf "id\\n1\\n" >own.csv
	version seven
	dsv tag t-1
	second >said 2>facts
	cat facts
	first | sort >want
	sort said >got
	same_lines want got
	sed -n "s/^\\(branch[^ ]*\\) \\(file\\|exec\\) /\\1 /p" said |
		sort >files
	sums | sort >summed
	same_lines summed files
	deltas=$(sed -n "s/.* \\([0-9]*\\) deltas/\\1/p" facts)
	[ "$deltas" -gt 10 ] && [ "$(wc -l <files)" -gt 3000 ]
'

check 'second: names that are not text' '
	printf 1 >"$(printf "new\nline")"
	printf 2 >"$(printf "\303\244 \360\237\230\200")"
	printf 3 >"$(printf "\377\376")"
	printf 4 >"back\\slash"
	version names
	second | sed -n "s/.*file [0-9a-f]* //p" >out
	same out <<-\.
	.dsvattributes
	back\x5cslash
	new\x0aline
	\xc3\xa4 \xf0\x9f\x98\x80
	\xff\xfe
	.
'

check 'second: what is collected and packed is read all the same' '
	for v in 1 2 3 4 5 1 2 3; do
		$BUILD/tests/gen csv 8000 $v t.csv
		version $v
	done
	second >before
	dsv gc -q
	second >after
	diff -u before after
'

check 'second: states of versions, and labels' '
	for v in 1 2 3 4 5 6; do
		echo $v >a
		version $v
	done
	dsv policy set -q main --approvals 2
	dsv comment -q v1 -m "commit is good"
	dsv submit -q v2
	dsv submit -q v3
	dsv withdraw -q v3
	dsv approve -q v4
	DSV_USER=Bob dsv approve -q v4 --as report/7
	dsv retract -q v4
	dsv reject -q v5 -m no
	DSV_USER=Bob expect_status 5 dsv approve v5
	dsv retract -q v6
	dsv unretract -q v6
	second | grep -e ^review -e ^approved | grep -v " file " >got
	for v in v1 v2 v3 v4 v5 v6; do
		dsv show --json $v | sed "s/{\"id\":\"\([0-9a-f]*\).*\
\"state\":\"\([a-z]*\)\",\"retracted\":\([a-z]*\).*/review \1 \2 \3/
			s/true/retracted/; s/false/in use/"
	done | sort >want
	dsv approved --json | sed "s|.*\"label\":\"\([^\"]*\)\",\"id\":\"\([0-9a-f]*\)\",\
\"version\":\([0-9]*\).*|approved/\1 v\3 \2|" >>want
	sort want >sorted
	sort got | diff sorted -
	[ "$(wc -l <got)" = 7 ]
'

check 'second: which rows were decided about' '
	dsv track -q "*.csv" --key id
	for v in 1 2 3; do
		$BUILD/tests/gen csv 3000 $v t.csv
		version $v
		dsv decide -q t.csv approve --where "id=$v"
		[ $v = 3 ] || dsv decide -q t.csv modify --reason "$v" --all-pending
	done
	printf "id,n\n1,\"a\"\"b\nc\"\n2,\n3,x\n" >"50%.csv"
	version odd
	dsv decide -q "50%.csv" approve --all-pending
	dsv decide -q "50%.csv" reject --key 2 -m no
	dsv branch -q early v2
	second | grep " rows of " >got
	for b in early main; do
		dsv review --json --stat $b | grep -o "\"path\":[^}]*\"carried\"" |
			sed "s|.*\"path\":\"\([^\"]*\)\".*\"pending\":\([0-9]*\),\
\"approved\":\([0-9]*\),\"rejected\":\([0-9]*\),\"modify\":\([0-9]*\).*|branch/$b rows of \1 \2 \3 \4 \5|"
	done >want
	diff want got
	grep -v " 0 [0-9]* 0 " got
'

check 'second: it finds what is damaged' '
	echo 1 >a
	version 1
	second >/dev/null
	broken_on_purpose
	set -- .dsv/objects/*/*
	chmod u+w "$1"
	printf x >>"$1"
	not second
'

finish
