#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one
	dsv approve -q; echo 2 >a; dsv commit -qam two; dsv approve -q'

check 'retract --message: out of use, not gone' '
	dsv cat main@approved:a >out
	dsv retract --message "prices of March" >>out
	dsv cat main@approved:a >>out
	dsv log --oneline >>out
	dsv cat v2:a >>out
	same out <<-\.
	2
	v2 8b417971 is approved, retracted
	1
	v2 8b417971 (HEAD -> main) [approved, retracted] two
	v1 dacada79 [approved] one
	2
	.
	fails 5 "dsv: v2 (8b417971) is retracted; \"dsv show 8b417971\" says why, and \"dsv export --retracted\" exports it nevertheless" \
		dsv export v2 -o out
'

check 'retract --dry-run: changes nothing' '
	dsv retract --dry-run >out
	dsv log --oneline -n 1 >>out
	same out <<-\.
	v2 8b417971 would be approved, retracted
	v2 8b417971 (HEAD -> main) [approved] two
	.
'

check 'retract: a protected branch does not go to what is retracted' '
	dsv branch -q stable v1
	dsv policy set -q stable --protect
	dsv retract -q v2
	fails 5 "dsv: 8b417971 is retracted; \"dsv unretract 8b417971\" comes first" \
		dsv merge v2 --into stable
	dsv retract -q v1
	fails 3 "dsv: no version on the line of \"main\" is approved" \
		dsv cat main@approved:a
'

finish
