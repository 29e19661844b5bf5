#!/bin/sh
# The manual says what the tables say.
. "${0%/*}/../lib.sh"

cd "$ROOT" || exit 1
commands=$(dsv meta words command)
export commands

# A section of a page, without its head.
section() {	# section FILE NAME
	sed -n "/^\.Sh $2\$/,/^\.Sh /{/^\.Sh /d;p;}" "$1"
}

check 'man: a page for each command, and no other' '
	for cmd in $commands; do
		[ -e "$ROOT/man/dsv-$cmd.1" ] || echo "no page for dsv $cmd"
	done >out
	for page in "$ROOT"/man/dsv-*.1; do
		cmd=${page##*/dsv-}
		echo "$commands" | grep -qx "${cmd%.1}" ||
			echo "no command for $page"
	done >>out
	cat out
	[ ! -s out ]
'

for cmd in $commands; do
	page=$ROOT/man/dsv-$cmd.1
	export cmd page
	check "man $cmd: NAME is the summary of the table" '
		{
			echo ".Nm dsv-$cmd"
			dsv meta commands | sed -n "s/^$cmd	/.Nd /p"
		} >want
		section "$page" NAME >out
		same out <want
	'
	check "man $cmd: SYNOPSIS is the form of the table" '
		dsv meta synopsis "$cmd" >want
		section "$page" SYNOPSIS >out
		same out <want
	'
	check "man $cmd: the options are those of the table" '
		dsv meta options "$cmd" >want
		grep "^\.It Fl" "$page" >out || :
		same out <want
	'
done

check 'man dsv: the commands are those of the table' '
	dsv meta manual >want
	section "$ROOT/man/dsv.1" COMMANDS | sed "1,/commands, made/d" |
		grep -v "end of commands" >out
	same out <want
'

check 'man dsv: the options are those of the table' '
	dsv meta options >want
	grep "^\.It Fl" "$ROOT/man/dsv.1" >out
	same out <want
'

check 'man dsv: the exit statuses are those of the table' '
	dsv meta exits >want
	section "$ROOT/man/dsv.1" "EXIT STATUS" | awk "
		/^\.El/ { print line; exit }
		/^\.It/ { if (line) print line; line = \$2 \"\t\"; gap = \"\"; next }
		line { line = line gap \$0; gap = \" \" }" >out
	same out <want
'

check 'man: mandoc has nothing to say' '
	mandoc -Tlint -Wwarning "$ROOT"/man/*.[1-9]
'

check 'man: pages of dsv that are named exist' '
	cat "$ROOT"/man/*.[1-9] | sed -n "s/^\.Xr \(dsv[a-z-]*\) \([1-9]\).*/\1.\2/p" |
		sort -u | while read -r page; do
			[ -e "$ROOT/man/$page" ] || echo "no page $page"
		done >out
	cat out
	[ ! -s out ]
'

check 'man: no line is longer than 80 columns' '
	awk "length > 80 { print FILENAME \":\" FNR; bad = 1 } END { exit bad }" \
		"$ROOT"/man/*.[1-9]
'

finish
