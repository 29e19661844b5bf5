#!/bin/sh
# What the code promises about itself: who may call whom, who may include
# what, what is exported, what is not used.
. "${0%/*}/../lib.sh"

sources() {
	find "$ROOT/cmd" "$ROOT/lib" "$ROOT/store" -name '*.[ch]'
}

# Names defined in, and wanted by, the objects of an archive.
defined() {
	nm -g --defined-only "$BUILD/$1" 2>/dev/null |
		awk 'NF == 3 { print $3 }' | sort -u
}
wanted() {
	nm -u "$BUILD/$1" 2>/dev/null | awk 'NF == 2 { print $2 }' | sort -u
}

check 'store: whether two indexes say the same is asked of every table' '
	sed -n "s/.*CREATE TABLE \([a-z]*\) .*/\1/p" "$ROOT/store/schema.c" |
		sort >want
	[ -s want ]
	sed -n "s/.*FROM \([a-z]*\) .*/\1/p" \
		"$ROOT/store/rebuild_same.c" | sort >got
	diff -u want got
'

check 'layers: no archive calls one above it' '
	for pair in base:store base:core store:core; do
		low=lib${pair%:*}.a high=lib${pair#*:}.a
		wanted $low >wanted
		defined $low >own
		defined $high | comm -23 - own | comm -12 wanted - >upward
		[ ! -s upward ] || { echo "$low calls $high:"; cat upward; exit 1; }
	done
'

check 'layers: no header of an upper layer is included' '
	includes() {
		grep -nE "^#include \"($1)" "$ROOT"/$2/*.[ch] >out || return 0
		cat out
		exit 1
	}
	includes "store/|lib/(history|table|review|transfer)/|cmd/" lib/base
	includes "lib/(history|table|review|transfer)/|cmd/" store
	includes "lib/(history|review|transfer)/" lib/table
	for room in "$ROOT"/lib/*/; do
		includes cmd/ "lib/$(basename "$room")"
	done
	grep -nE "^#include \"store/[a-z_]*_int.h" $(sources | grep -v "/store/") \
		>out || exit 0
	cat out
	exit 1
'

check 'doors: each foreign header is included in one file' '
	door() {	# door FILE PATTERN
		grep -lE "^# *include <($2)>" $(sources) | sed "s|$ROOT/||" |
			grep -vx "$1" >strays || return 0
		echo "$2 is included outside of $1:"
		cat strays
		exit 1
	}
	door store/db.c "sqlite3.*"
	door lib/base/hash.c "openssl/.*"
	door lib/base/zst.c "zstd.*|zdict.*"
	door lib/base/json.c "jansson.*"
	door lib/base/text.c "utf8proc.*"
	door lib/transfer/archive.c "archive.*"
	door lib/base/library.c "dlfcn.h"
'

check 'doors: SQL and the inside of .dsv are not for cmd' '
	grep -nE "\"(SELECT|INSERT|UPDATE|DELETE|BEGIN|PRAGMA)\\b" \
		"$ROOT"/cmd/*.c "$ROOT"/lib/*/*.c >out || :
	grep -nE "\"\\.dsv/|\"objects/|index\\.db" "$ROOT"/cmd/*.c >>out || :
	[ ! -s out ] || { cat out; exit 1; }
'

check 'doors: every act is recorded through the gate' '
	grep -lE "\\bevent_record\(" $(sources) | sed "s|$ROOT/||" | grep -vxE \
		"lib/review/gate.c|store/(event.c|store.c|store.h)" >out || :
	[ ! -s out ] || { cat out; exit 1; }
'

# Names are module_verb.  A module is a file of the same room, or a structure
# or an enumeration or a kind of callback that is declared by a header of the room or by one that the
# file's own header includes.
included() {
	[ ! -e "$1" ] || sed -n "s|^#include \"\(.*\)\"|$ROOT/\1|p" "$1"
}

check 'symbols: a file exports only names of its own' '
	cd "$BUILD"
	for object in cmd/*.o store/*.o lib/*/*.o; do
		source=$ROOT/${object%.o}.c
		[ -e "$source" ] || continue
		{
			for f in "${source%/*}"/*.c; do
				basename "$f" .c | tr _ "\n"
			done
			case $object in cmd/*) echo cmd ;; esac
			sed -nE "s/^(struct|enum) ([a-z0-9_]+)[ ;].*/\\2/p
			s/^typedef .* ([a-z0-9]+)_[a-z0-9_]*fn\(.*/\\1/p" \
				"${source%/*}"/*.h $(included "${source%.c}.h") |
				sed "p; s/\$/s/"
		} | sort -u >"$T/prefixes"
		nm -g --defined-only "$object" |
			awk "NF == 3 && \$3 !~ /^_/ { print \$3 }" |
			while read -r name; do
				while read -r prefix; do
					case $name in
					"$prefix" | "$prefix"_*) continue 2 ;;
					esac
				done <"$T/prefixes"
				echo "${object%.o}.c exports $name"
			done
	done >"$T/strays"
	cat "$T/strays"
	[ ! -s "$T/strays" ]
'

check 'headers: each compiles alone' '
	${MAKE:-make} -C "$ROOT" --no-print-directory headers
'

check 'headers: each is guarded by its path' '
	for h in $(sources | grep "h\$"); do
		guard=$(echo "${h#"$ROOT/"}" | sed "s|^lib/||" |
			tr "a-z/." "A-Z__")
		[ "$(sed -n 1p "$h")" = "#ifndef $guard" ] ||
			echo "$h: the guard is not $guard"
	done >out
	cat out
	[ ! -s out ]
'

check 'sources: each includes its own header first' '
	for c in $(sources | grep "c\$"); do
		h=${c%.c}.h
		[ -e "$h" ] || continue
		first=$(sed -n "/^#include/{s/#include \"\(.*\)\"/\1/p;q;}" "$c")
		case $first in
		"${h#"$ROOT/"}" | */*_int.h) ;;
		*) echo "$c" ;;
		esac
	done >out
	cat out
	[ ! -s out ]
'

# Unbounded, not reentrant, silent about errors, or a door for a shell.
check 'banned functions are not called' '
	banned="strcpy strcat strncpy strncat stpcpy sprintf vsprintf gets
		strtok atoi atol atoll atof system popen tmpnam tempnam mktemp
		tmpfile asctime ctime localtime gmtime rand srand random
		setjmp longjmp alloca signal vfork readdir_r usleep"
	{ wanted libbase.a; wanted libstore.a; wanted libcore.a
	nm -u "$BUILD"/cmd/*.o | awk "NF == 2 { print \$2 }"; } | sed "s/^__//; s/_chk\$//; s/@.*//" |
		sort -u >called
	printf "%s\n" $banned | sort | comm -12 - called >out
	cat out
	[ ! -s out ]
'

check 'only cmd prints or exits' '
	for a in libstore.a libcore.a; do
		wanted $a
	done | sed "s/^__//; s/_chk\$//" | grep -xE \
		"stdout|stderr|v?printf|puts|putchar|putc|perror|exit|abort" \
		>out || :
	wanted libbase.a | grep -x exit >>out || :
	cat out
	[ ! -s out ]
'

check 'style: 80 columns, tabs, no line comments, no blanks at the end' '
	for f in $(sources); do
		expand "$f" | tr -d "\200-\277" | awk -v f="$f" "
			length > 80 { print f \":\" NR \": longer than 80\" }
			/[ \t]\$/ { print f \":\" NR \": blank at the end\" }
			/^\t*( {8}|[^\"]*[^\":]\/\/)/ && !/\"/ \
				{ if (/\/\//) print f \":\" NR \": line comment\" }"
	done >out
	grep -nE "^(\t* {8}|typedef struct)" $(sources) >>out || :
	cat out
	[ ! -s out ]
'

finish
