#!/bin/sh
# What "make install" puts where, and that "make uninstall" takes it away.
. "${0%/*}/../lib.sh"

install_to() {
	${MAKE:-make} -s -C "$ROOT" B="$BUILD" PREFIX="$1" DESTDIR="$PWD/dest" \
		install >log 2>&1 || { cat log; return 1; }
}

check 'install: the program, its manual and its completions' '
	install_to /opt/dsv
	(cd dest && find . -type f | LC_ALL=C sort) >out
	{
		echo ./opt/dsv/bin/dsv
		echo ./opt/dsv/share/bash-completion/completions/dsv
		echo ./opt/dsv/share/fish/vendor_completions.d/dsv.fish
		echo ./opt/dsv/share/zsh/site-functions/_dsv
		for page in "$ROOT"/man/*.[1-9]; do
			echo "./opt/dsv/share/man/man${page##*.}/${page##*/}"
		done
	} | LC_ALL=C sort >want
	same out <want
	./dest/opt/dsv/bin/dsv version >out
	dsv version >want
	same out <want
	[ -x dest/opt/dsv/bin/dsv ]
'

check 'install: the manual is found by man' '
	install_to /usr
	man=dest/usr/share/man/man1/dsv-version.1
	mandoc "$man" | grep -q "print the version of dsv"
'

check 'uninstall: nothing is left' '
	install_to /usr
	${MAKE:-make} -s -C "$ROOT" B="$BUILD" PREFIX=/usr \
		DESTDIR="$PWD/dest" uninstall >log 2>&1
	find dest -type f >out
	same out </dev/null
'

finish
