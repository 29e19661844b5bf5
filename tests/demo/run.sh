#!/bin/sh
# The S&P 500 through the years, versioned before the reader's eyes.  What
# follows "$" is run as it stands.  DSV is the program; "make demo" sets it.
set -eu

root=$(cd "${0%/*}/../.." && pwd)
data=$root/tests/data/sp500
dsv=${DSV:-$root/build/dsv}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dsv-demo.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
PATH=$(dirname "$dsv"):$PATH
DSV_USER='Ada <ada@example.org>'
DSV_PAGER=
LC_ALL=C
export PATH DSV_USER DSV_PAGER LC_ALL
mkdir "$tmp/sp500"
ln -s "$data" "$tmp/years"
cd "$tmp/sp500"

if [ -t 1 ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
else
	bold='' plain=''
fi

tell() {
	printf '\n%s\n' "$*"
}
run() {		# run LINE: show it, then do it
	printf '%s$ %s%s\n' "$bold" "$1" "$plain"
	eval "$1"
}

tell 'The companies of the S&P 500: one table, twelve times, 2012 to 2026.'
run 'dsv init'
run "dsv track '*.csv' --key Symbol"

tell 'Each of these is a version: the table as it stood on that day.'
for file in "$data"/*.csv; do
	day=$(basename "$file" .csv)
	run "cp ../years/$day.csv constituents.csv"
	run "dsv add -q . && dsv commit -q -m 'S&P 500 of $day' --date $day"
done

tell 'What there is, newest first.'
run 'dsv log --oneline'

tell 'What one version changed: rows and cells, and the columns.'
run 'dsv diff v11 v12 --only update --columns "Headquarters Location"'
run 'dsv diff v1 v12 --stat'
run 'dsv schema diff v1 v12 constituents.csv'

tell 'The life of one row: who, when, and what.'
run 'dsv log constituents.csv --key META --oneline'

tell 'Any version of the past, by number, by name, or by time: bit for bit.'
run 'dsv tag spring-2018 v4'
run 'dsv cat spring-2018:constituents.csv | sha256sum'
run 'sha256sum ../years/2018-04-02.csv'
run "dsv cat 'main@{2015-01-01}:constituents.csv' | head -n 3"

tell 'Two have to agree before it is given away, and not who made it.'
run 'dsv policy set main --approvals 2 --not-author'
run "dsv submit -m 'for the report'"
for name in Grace Edsger; do
	run "DSV_USER=$name dsv approve -m 'checked'"
done
run 'dsv log -n 1'

tell 'A version to hand on: an archive with the same bytes on every machine.'
run 'dsv export main@approved -o ../sp500.tar.gz'
run 'tar -tzf ../sp500.tar.gz'

tell 'All twelve, in how much?  And is all of it what it should be?'
run 'dsv gc --now'
run 'du -sk .dsv'
run 'cat ../years/*.csv | wc -c'
run 'dsv fsck'

tell 'What to try next, with your own data:'
cat <<EOT
	PATH=$(dirname "$dsv"):\$PATH
	cd somewhere/with/data
	dsv init && dsv add . && dsv commit -m 'First version'
	(change something) dsv status; dsv diff; dsv commit -a -m 'Second'
	dsv help; man $root/man/dsv.1
"make check" runs the tests, "make install" installs it.
EOT
