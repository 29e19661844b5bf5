#!/bin/sh
# The same files, dates and people give the same versions, and the same version
# the same archives, byte for byte: whatever the zone, the locale, the mask of
# modes, the number of cores, the order in which files were made and their
# times are.
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

# make_repo DIR ORDER: two versions, with names that fold in odd ways.
cat >"$SHARED/make" <<'END'
set -eu
mkdir "$1"
cd "$1"
dsv init -q
put() {
	seq 1 90000 | sed 's/$/,some text, "quoted, text",0.5/' >big.csv
	mkdir -p d/e
	for n in $(seq 1 60 | sort "$1"); do
		echo "file $n" >"d/f$n"
	done
	# Upper case I, i without a dot, I with one; e and an accent, both ways.
	for name in I.csv i2.csv "$(printf '\304\261.csv')" \
		"$(printf '\304\260.txt')" "$(printf 'e\314\201')" \
		"$(printf '\303\251x')" "$(printf '\377\376')"; do
		echo "$name" >"d/e/$name"
	done
	head -c 300000 big.csv | tr '0-9' '\000-\011' >binary
	ln -s big.csv link
	echo '#!/bin/sh' >run
	chmod 755 run
}
put "$2"
[ -z "${TOUCH-}" ] || find . -path ./.dsv -prune -o -type f \
	-exec touch -d "$TOUCH" {} +
dsv add -q .
dsv commit -q -m 'One: ı İ é' --job j --meta b=2 --meta a=1
sed -i '/^4500[0-9],/s/text/TEXT/' big.csv
rm d/f7
dsv commit -q -a -m two --date 2019-10-27T01:30:00+02:00 \
	--author 'Ö Ü <o@example.org>'
dsv tag -q there
END
# What must be the same; what is in what order the store is free to choose.
cat >"$SHARED/look" <<'END'
set -eu
cd "$1"
dsv log --json --stat
dsv show --raw v1
dsv show --raw v2
dsv ls -lr
dsv diff v1 v2
dsv tag --json
dsv branch --json
for format in tar tar.gz tar.zst zip; do
	for rev in v1 there; do
		dsv export -q -o - --format $format $rev | sha256sum
	done
done
dsv export -q -f -o ../tree there
(cd ../tree && find . ! -type d | LC_ALL=C sort | while IFS= read -r f; do
	[ -L "$f" ] && readlink "$f" || sha256sum <"$f"
done)
rm -rf ../tree
sqlite3 .dsv/index.db "SELECT hex(id), kind FROM object WHERE kind < 6
	ORDER BY id, kind"
END

# as [VARIABLE=VALUE|COMMAND ...]: made and looked at with these, it is the
# same.
as() {
	rm -rf repo
	env "$@" sh "$SHARED/make" repo "${order:-"-n"}"
	env "$@" sh "$SHARED/look" repo >seen
	same "$SHARED/seen" <seen
}

check 'same: made again' '
	sh "$SHARED/make" repo -n
	sh "$SHARED/look" repo >"$SHARED/seen"
	[ "$(wc -l <"$SHARED/seen")" -gt 200 ]
	as
'

check 'same: wherever, in whatever order, and from files of any time' '
	order=-rn
	as TOUCH=1969-07-20T20:17:40
	as TOUCH=2038-01-19T03:14:08 HOME=/nonexistent
'

check 'same: in any zone' '
	as TZ=America/St_Johns
	as TZ=XYZ-13:37
'

check 'same: in any locale' '
	locale -a >locales 2>/dev/null || skip "there is no locale(1)"
	for locale in C.UTF-8 C.utf8 tr_TR.UTF-8 tr_TR.utf8; do
		grep -qx "$locale" locales || continue
		echo "$locale" >>tried
		as LC_ALL=$locale
	done
	as LC_ALL=nonsense LANG=tr_TR.UTF-8
	[ -s tried ] || skip "there is no locale but C"
'

check 'same: with any mask' '
	umask 077
	as
'

check 'same: on one core or many' '
	as DSV_THREADS=7
	command -v taskset >/dev/null || {
		as DSV_THREADS=1
		exit 0
	}
	as taskset -c "$(taskset -cp $$ | sed "s/.*: //; s/[-,].*//")"
'

check 'same: a date is what is said, not what the clock says' '
	for date in 1969-12-31T23:59:59Z 2038-01-19T03:14:08Z \
		2100-02-28T12:00:00Z
	do
		for zone in UTC America/St_Johns; do
			rm -rf repo
			dsv init -q repo
			echo a >repo/a
			dsv -C repo add -q a
			DSV_DATE=$date TZ=$zone dsv -C repo commit -q -m x
			dsv -C repo show --raw
			dsv -C repo export -q -o - --format tar HEAD |
				sha256sum
		done >both
		grep -c "^author .*> $date\$" both >count
		[ "$(cat count)" = 2 ]
		lines=$(wc -l <both)
		head -n $((lines / 2)) both >one
		tail -n $((lines / 2)) both | same one
	done
'

finish
