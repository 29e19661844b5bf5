#!/bin/sh
# What the compiler and the linker are asked for, seen in what they made.
. "${0%/*}/../lib.sh"

command -v readelf >/dev/null || elf='no readelf(1)'
[ "$(head -c 4 "$BUILD/dsv" | tail -c 3)" = ELF ] || elf='no ELF here'
export elf="${elf-}"

setup '
	[ ! "$elf" ] || skip "$elf"
'

check 'hardened: dsv is loaded anywhere' '
	readelf -hW "$BUILD/dsv" >out
	grep -q "Type: *DYN" out
	readelf -dW "$BUILD/dsv" >out
	grep -q "FLAGS_1.* PIE" out
'

check 'hardened: what the linker fills in is read-only before main' '
	readelf -dW "$BUILD/dsv" >out
	grep -Eq "\(FLAGS\).*BIND_NOW|FLAGS_1.* NOW" out
	readelf -lW "$BUILD/dsv" >out
	grep -q GNU_RELRO out
'

check 'hardened: no memory is both writable and executable' '
	readelf -lW "$BUILD/dsv" >out
	grep -q "GNU_STACK.* RW " out
	not grep -E "^ *(LOAD|GNU_STACK).* RWE " out
'

check 'hardened: the stack is guarded' '
	readelf -sW "$BUILD/dsv" >out
	grep -q __stack_chk_fail out
'

check 'hardened: calls that write to a known size are checked' '
	readelf -sW "$BUILD/dsv" >out
	not grep -q __asan_init out || skip "a sanitizer checks them"
	not grep -q __gcov_init out || skip "not optimized"
	grep -q __snprintf_chk out
	# The third level sees sizes that are known only when it runs.
	grep -Eq "__(memcpy|memmove|memset|pread|read|readlink)[a-z0-9]*_chk" out
'

check 'hardened: what is linked is what the Makefile names' '
	readelf -dW "$BUILD/dsv" >out
	not grep -E "RPATH|RUNPATH" out
	not grep TEXTREL out
'

check 'hardened: what most commands do not need is not loaded with them' '
	readelf -dW "$BUILD/dsv" >out
	grep -q "NEEDED.*libzstd" out
	not grep "NEEDED.*libarchive" out
	readelf -p .note.dlopen "$BUILD/dsv" | grep -q libarchive.so
'

finish
