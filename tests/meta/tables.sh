#!/bin/sh
# The option tables among themselves, and their tests.
. "${0%/*}/../lib.sh"

commands=$(dsv meta words command)
export commands

# Every option of a command, one a line: "letter name VALUE", "-" for none.
options() {
	dsv meta options "$@" | sed -E "s/^\.It (Fl (.) , )?Fl -([^ ]+)( Ar )?/\2 \3 /
		s/^ /- /; s/ \$/ -/"
}

check 'tables: no letter or name means two things in one command' '
	for cmd in $commands; do
		{ options; options $cmd; } | awk -v cmd=$cmd "
			\$1 != \"-\" && letter[\$1]++ { print cmd \": -\" \$1 }
			name[\$2]++ { print cmd \": --\" \$2 }"
	done >out
	cat out
	[ ! -s out ]
'

check 'tables: a letter has one meaning everywhere' '
	for cmd in $commands; do
		options $cmd
	done | awk "\$1 != \"-\" { print \$1, \$2 }" | sort -u >pairs
	grep -E "^[nqvf] " pairs | grep -vxE "n (dry-run|limit)|q quiet|v verbose|f force" \
		>out || :
	cat out
	[ ! -s out ]
'

check 'tables: values are in capitals, names in small letters' '
	for cmd in $commands; do
		options $cmd
	done | grep -vE "^[A-Za-z-] [a-z][a-z-]+ ([A-Z][A-Z0-9=:.-]*|-)\$" >out || :
	cat out
	[ ! -s out ]
'

check 'tables: summaries and help are short, in lower case, without a stop' '
	dsv help --json | grep -oE "\"(summary|help)\":\"[^\"]*\"" |
		grep -vE ":\"[^A-Z][^\"]{5,90}([^.\"]|[.][.][.])\"\$" >out || :
	grep -vE "^\"help\":\"[A-Z]{2,}" out >bad || :
	cat bad
	[ ! -s bad ]
'

for cmd in $commands; do
	export cmd
	check "tables: every option of $cmd is in the title of a test of $cmd" '
		titles=$ROOT/tests/cmd/$cmd.sh
		[ -e "$titles" ]
		options "$cmd" | while read -r letter name value; do
			grep -qE "^check .*--$name([^a-z-]|\$)" "$titles" ||
				echo "no test of dsv $cmd --$name"
		done >out
		cat out
		[ ! -s out ]
	'
done

check 'tables: every test of a command has a command' '
	for t in "$ROOT"/tests/cmd/*.sh; do
		t=${t##*/}
		echo "$commands" | grep -qx "${t%.sh}" || echo "$t"
	done >out
	cat out
	[ ! -s out ]
'

finish
