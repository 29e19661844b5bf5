#!/bin/sh
. "${0%/*}/../lib.sh"

check 'help: lists every command once, with its summary' '
	dsv help >out
	dsv meta commands | while IFS="	" read -r name summary; do
		printf "  %-12s%s\n" "$name" "$summary" | head -c 60 |
			grep -qFf - out
	done
	dsv meta commands | cut -f1 | sort -u >names
	[ "$(dsv meta commands | wc -l)" = "$(wc -l <names)" ]
	not grep -q "^  meta " out
'

check 'dsv alone, dsv --help, dsv -h and dsv help say the same' '
	dsv help >want
	dsv >out
	same out <want
	dsv --help >out
	same out <want
	dsv -h >out
	same out <want
	dsv -q help >out
	same out <want
'

check 'help COMMAND, COMMAND --help and COMMAND -h say the same' '
	for cmd in $(dsv meta words command); do
		dsv help "$cmd" >want
		dsv "$cmd" --help >out
		same out <want
		dsv "$cmd" -h >out
		same out <want
		dsv --help "$cmd" >out
		same out <want
	done
'

check 'help version: the whole of it' '
	dsv help version >out
	same out <<-\.
	dsv version: print the version of dsv

	usage: dsv version

	"man dsv-version" says more; "dsv help" lists the options of every command.
	.
'

check 'help: on standard output, in 80 columns, without a repository' '
	for cmd in "" $(dsv meta words command); do
		dsv help $cmd >out 2>err
		[ -s out ]
		[ ! -s err ]
		awk "length > 80 { print; bad = 1 } END { exit bad }" out
		not grep -n " \$" out
	done
'

check 'help --json: one object per command' '
	dsv help --json >out
	[ "$(wc -l <out)" = "$(dsv meta commands | wc -l)" ]
	dsv help --json version >out
	same out <<-\.
	{"name":"version","group":"upkeep","summary":"print the version of dsv","operands":"","options":[]}
	.
'

check 'help: unknown command' '
	fails 2 "dsv: unknown command \"hepl\"; did you mean \"help\"?" \
		dsv help hepl
	fails 2 "dsv: unknown command \"xyzzy\"; \"dsv help\" lists them" \
		dsv help xyzzy
	fails 2 "dsv: \"b\" is one argument too many; see \"dsv help --help\"" \
		dsv help version b
'

check 'unknown command: the nearest one is named' '
	fails 2 "dsv: unknown command \"verson\"; did you mean \"version\"?" \
		dsv verson
	fails 2 "dsv: unknown command \"frobnicate\"; \"dsv help\" lists them" \
		dsv frobnicate
	fails 2 "dsv: unknown command \"\\x1b[31m\"; \"dsv help\" lists them" \
		dsv "$(printf "\033[31m")"
	fails 2 "dsv: unknown command \"\"; \"dsv help\" lists them" dsv ""
'

check 'unknown option: the nearest one is named' '
	fails 2 "dsv: unknown option \"--jsn\"; did you mean \"--json\"?" \
		dsv help --jsn
	fails 2 "dsv: unknown option \"--jsn\"; did you mean \"--json\"?" \
		dsv --jsn help
'

check '-C: works there; a directory that is not there is an error' '
	mkdir d
	dsv -C d help >out
	dsv help -C d >out2
	same out2 <out
	fails 3 "dsv: cannot work in \"nowhere\": No such file or directory" \
		dsv -C nowhere version
	fails 3 "dsv: cannot work in \"nowhere\": No such file or directory" \
		dsv version --directory=nowhere
'

check '--color: always colours, never does not, anything else is an error' '
	dsv --color=always help >out
	grep -q "$(printf "\033\\[1m")" out
	dsv --color=never help >out
	not grep -q "$(printf "\033")" out
	dsv help >out
	not grep -q "$(printf "\033")" out
	expect_status 2 dsv --color=sometimes help
'

check 'output: a full disk is an error, a closed pipe is not' '
	[ -c /dev/full ] || skip "no /dev/full"
	expect_status 3 dsv help >/dev/full 2>err
	same err <<-\.
	dsv: cannot write "standard output": No space left on device
	.
	{ dsv help 2>err; echo $? >status; } | :
	same status <<-\.
	0
	.
	[ ! -s err ]
	expect_status 3 dsv help >&-
'

check '--wait: a number; --no-pager, --verbose, --quiet are taken everywhere' '
	dsv --wait 5 --no-pager -vq version >out
	dsv version --wait=0 --verbose --quiet >>out
	expect_status 2 dsv --wait soon version
	[ "$(sort -u out | head -n 1 | cut -d" " -f1)" ]
'

finish
