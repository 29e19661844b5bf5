#!/bin/sh
. "${0%/*}/../lib.sh"

setup 'dsv init -q; echo 1 >a; dsv add -q a; dsv commit -q -m one'

check 'comment --message: in any state, and it changes nothing' '
	dsv comment --message "the header is new" >out
	dsv approve -q
	DSV_USER=Bob dsv comment --json v1 -m "two
	lines" >>out
	dsv show --stat | grep -A 1 Review >>out
	same out <<-\.
	v1 dacada79 is a draft, and has a comment
	{"action":"comment","id":"dacada79bb4571664b84fbdce0d3271c70b4b43f132432add5fb739b3df2a786","version":1,"state":"approved","retracted":false,"into":"main","approvals":0,"needed":1,"label":null,"dry_run":false}
	Review:  2024-01-02T03:04:05Z Ada comment: the header is new
	Review:  2024-01-02T03:04:05Z Ada approve
	Review:  2024-01-02T03:04:05Z Bob comment: two\n\tlines

	.
	fails 2 "dsv: a comment needs a text; give it with -m" dsv comment
'

check 'comment --dry-run: changes nothing' '
	dsv comment --dry-run -m x >out
	dsv show --stat | grep -c Review >>out || :
	same out <<-\.
	v1 dacada79 would be a draft, and has a comment
	0
	.
'

finish
