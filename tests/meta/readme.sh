#!/bin/sh
# The tour of the README is run, as it stands, and must print what it says.
# ACCEPT=1 writes what it printed into the README instead.
. "${0%/*}/../lib.sh"

# Run the lines that begin with "$ ", one after the other in this shell, and
# print the README again, with what they print in place of what stands there.
play() {		# play DIR: DIR is shown as /tmp
	inside=
	while IFS= read -r line; do
		case $inside$line in
		'```console')
			inside=1
			printf '%s\n' "$line" ;;
		'1```')
			inside=
			printf '%s\n' "$line" ;;
		'1$ '*)
			printf '%s\n' "$line"
			eval "${line#\$ }" >"$T/said" 2>&1 </dev/null
			sed "s|$1|/tmp|g" "$T/said" ;;
		1*)
			;;
		*)
			printf '%s\n' "$line" ;;
		esac
	done
}

check 'readme: the tour prints what the README says' '
	mkdir shop
	cd shop
	play "${PWD%/shop}" <"$ROOT/README.md" >../README.md
	cd ..
	if [ "${ACCEPT-}" = 1 ]; then
		cat README.md >"$ROOT/README.md"
	fi
	diff -u "$ROOT/README.md" README.md
'

check 'readme: every file and directory that it names is there' '
	grep -oE "\`[a-z.]+/[A-Za-z0-9_./*]*\`" "$ROOT/README.md" |
		tr -d "\`" | grep -v "^\.dsv" >names
	[ "$(wc -l <names)" -gt 10 ]
	while read -r name; do
		ls -d "$ROOT"/$name
	done <names
	[ -e "$ROOT/LICENSE" ]
'

finish
