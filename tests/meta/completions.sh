#!/bin/sh
# The completions are those of the tables, and three real shells make of them
# what they should.
. "${0%/*}/../lib.sh"

mkdir "$SHARED/repo"
(cd "$SHARED/repo" && "$ROOT/tests/meta/example-repo") >"$SHARED/log" 2>&1

# offers SHELL LINE: the candidates for the end of the line, sorted.
offers() {
	case $1 in
	bash)
		# shellcheck disable=SC2016 # for that bash
		bash --norc --noprofile -c '. "$ROOT/completions/dsv.bash"
			compopt() { :; }
			COMP_WORDS=($1)
			[[ $1 != *" " ]] || COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			_dsv
			printf "%s\n" "${COMPREPLY[@]}"' bash "$2" ;;
	fish)
		# shellcheck disable=SC2016 # for that fish
		fish --no-config -c 'source $ROOT/completions/dsv.fish
			complete -C $argv[1]' "$2" | cut -f1 ;;
	esac | sort -u
}

# typed SHELL LINE WANT: the line after tabs, as the words that dsv gets.
typed() {
	"$ROOT/tests/meta/type" "$1" "$2" >typed
	# shellcheck disable=SC2086 # a list of words
	printf "<%s>\n" $3 >want
	grep -a '^<' typed >got || :
	diff -u want got || { cat -v typed; return 1; }
}

check 'completions: as "make generate" makes them' '
	dsv meta completion bash >out
	same out <"$ROOT/completions/dsv.bash"
	dsv meta completion zsh >out
	same out <"$ROOT/completions/_dsv"
	dsv meta completion fish >out
	same out <"$ROOT/completions/dsv.fish"
	expect_status 2 dsv meta completion tcsh
'

check 'completions: each shell can read its own' '
	bash -n "$ROOT/completions/dsv.bash"
	zsh -n "$ROOT/completions/_dsv"
	fish -n "$ROOT/completions/dsv.fish"
	shellcheck -s bash -e SC2206 "$ROOT/completions/dsv.bash"
'

check 'meta words: silent and successful outside a repository' '
	for kind in rev branch tag tracked rev-or-tracked dataset nonsense; do
		dsv meta words $kind >out 2>err
		cat out err
		[ ! -s out ] && [ ! -s err ]
	done
	dsv meta words command >out
	dsv meta commands | cut -f1 >want
	same out <want
'

check 'meta words: what is in a repository' '
	cp -a "$SHARED/repo/." .
	dsv meta words branch >out
	same out <<-\.
	exp
	main
	.
	dsv meta words tag >out
	same out <<-\.
	2024-q1
	.
	dsv meta words rev >out
	same out <<-\.
	HEAD
	exp
	main
	2024-q1
	.
	dsv meta words rev ex >out
	same out <<-\.
	exp
	.
	dsv meta words dataset >out
	same out <<-\.
	labels
	.
	dsv meta words tracked >out
	same out <<-\.
	.dsvattributes
	labels/
	links.csv
	prices.csv
	.
	dsv meta words tracked labels/t >out
	same out <<-\.
	labels/test.csv
	labels/train.csv
	.
	cd labels
	dsv meta words tracked >../out
	cd ..
	same out <<-\.
	test.csv
	train.csv
	.
	cd labels
	dsv meta words tracked ../p >../out
	cd ..
	same out <<-\.
	../prices.csv
	.
	dsv -C labels meta words tracked ../../ >out
	same out </dev/null
'

check 'meta words: a name that could disturb a terminal is not offered' '
	dsv init -q
	touch "$(printf "a\033b")" "$(printf "a\nb")" "a b" "\$(id)"
	dsv add -q .
	dsv meta words tracked >out
	same out <<-\.
	$(id)
	a b
	.
'

for shell in bash fish; do
	export shell
	check "$shell: commands" '
		dsv meta words command >want
		LC_ALL=C sort -o want want
		offers $shell "dsv " >out
		same out <want
		offers $shell "dsv -q ver" >out
		same out <<-\.
		version
		.
		offers $shell "dsv help ver" >out
		same out <<-\.
		version
		.
		offers $shell "dsv --color always ver" >out
		same out <<-\.
		version
		.
	'
	check "$shell: options and their choices" '
		offers $shell "dsv version --ver" >out
		same out <<-\.
		--verbose
		--version
		.
		offers $shell "dsv --color " >out
		same out <<-\.
		always
		auto
		never
		.
		offers $shell "dsv version --color a" >out
		same out <<-\.
		always
		auto
		.
		offers $shell "dsv export --form" >out
		same out <<-\.
		--format
		.
	'
	check "$shell: directories and files" '
		mkdir -p data/deep
		touch data.csv
		offers $shell "dsv -C da" | sed "s|/\$||" | sort >out
		same out <<-\.
		data
		.
		offers $shell "dsv export -o dat" | sed "s|/\$||" | sort >out
		same out <<-\.
		data
		data.csv
		.
	'
	check "$shell: revisions, datasets and tracked paths" '
		cp -a "$SHARED/repo/." .
		offers $shell "dsv switch " >out
		same out <<-\.
		2024-q1
		HEAD
		exp
		main
		.
		offers $shell "dsv log --dataset " >out
		same out <<-\.
		labels
		.
		offers $shell "dsv show 202" >out
		same out <<-\.
		2024-q1
		.
		offers $shell "dsv rm pri" >out
		same out <<-\.
		prices.csv
		.
		cd ..
		offers $shell "dsv -C ${OLDPWD##*/} switch e" >"$OLDPWD/out"
		cd "$OLDPWD"
		same out <<-\.
		exp
		.
	'
	check "$shell: nothing is evaluated, nothing is said where nothing is" '
		dsv init -q
		touch "\$(touch evil)" "\`touch evil\`"
		dsv add -q .
		offers $shell "dsv rm " >out
		[ ! -e evil ]
		[ "$(wc -l <out)" = 2 ]
		rm -rf .dsv
		offers $shell "dsv switch " 2>&1 | grep . >out || :
		[ ! -s out ]
	'
done

check 'bash: a value after =' '
	offers bash "dsv --color = al" >out
	same out <<-\.
	always
	.
	offers bash "dsv --color =" >out
	same out <<-\.
	always
	auto
	never
	.
'

for shell in bash zsh; do
	export shell
	check "$shell: typed at a prompt" '
		typed $shell "dsv vers\t" version
		typed $shell "dsv version --qui\t" "version --quiet"
		typed $shell "dsv --color alw\tvers\t" "--color always version"
	'
	check "$shell: typed at a prompt, in a repository" '
		cp -a "$SHARED/repo/." .
		typed $shell "dsv switch ex\t" "switch exp"
		typed $shell "dsv rm pri\t" "rm prices.csv"
		typed $shell "dsv rm lab\ttr\t" "rm labels/train.csv"
		typed $shell "dsv log --dataset la\t" "log --dataset labels"
	'
done

check 'zsh: all commands are offered' '
	"$ROOT/tests/meta/type" zsh "dsv \t\t" >out
	for cmd in $(dsv meta words command); do
		grep -aq "$cmd  *-- " out
	done
'

finish
