#!/bin/sh
# Signatures of acts and versions: which are good, which are not, and what
# depends on it.
. "${0%/*}/../lib.sh"

if ! command -v ssh-keygen >/dev/null; then
	echo "1..0 # SKIP there is no ssh-keygen"
	exit 0
fi

for name in ada bob eve old; do
	ssh-keygen -q -t ed25519 -N '' -C $name -f "$SHARED/$name" || exit
done
signer() {	# signer PRINCIPAL KEY [OPTIONS]
	echo "$1 ${3-} $(cut -d ' ' -f 1,2 "$SHARED/$2.pub")"
}
as() {	# as NAME COMMAND ...: with that one's name and key
	who=$1
	shift
	with "$who" "$who" "$@"
}
with() {	# with NAME KEY COMMAND ...: with another one's key, too
	[ -d "$T/$2" ] || mkdir -p "$T/$2/dsv"
	printf '[user]\nsigningKey = %s\n' "$SHARED/$2" >"$T/$2/dsv/config"
	mine=$T/$2
	DSV_USER="$1 <$1@example.org>"
	shift 2
	DSV_USER=$DSV_USER XDG_CONFIG_HOME=$mine "$@"
}
forge() {	# forge WHO ACT ...
	who=$1
	shift
	DSV_USER="$who <$who@example.org>" "$BUILD/tests/record" . "$@"
}
id_of() {
	dsv show --json "$1" | sed 's/{"id":"\([0-9a-f]*\).*/\1/'
}
states() {	# of the signatures of a version, and of the acts about it
	dsv show --json "$1" | sed 's/"changes".*//' |
		grep -o '"signature":\(null\|{"state":"[a-z]*"\)' |
		sed 's/.*:"*//; s/"//' | paste -s -d ' ' -
}
unnamed() {	# ids and times are other ones each time
	sed 's/[0-9a-f]\{8\}/ID/g'
}

# v1 says who may sign; main is at it and wants signatures.  work has v2.
(
	mkdir "$SHARED/repo" && cd "$SHARED/repo" || exit
	dsv init -q
	echo 1 >a
	{
		signer ada@example.org ada
		signer bob@example.org bob
		signer old@example.org old 'valid-before="20230101"'
		signer eve@example.org eve 'namespaces="mail"'
	} >.dsvsigners
	dsv add -q .
	dsv commit -q -m one
	dsv approve -q
	dsv policy set -q main --protect --approvals 2 --require-signature
	dsv switch -q -c work
	echo 2 >a
	as ada dsv commit -q -S -a -m two
)
setup '
	cp -a "$SHARED/repo/." .
	v2=$(id_of v2)
'
export v2=				# set by the setup

check 'approve --sign, submit -S, commit -S: good, shown, and enough for the gate' '
	as ada dsv submit -q -S --into main -m "please"
	as ada dsv approve --sign -m "I checked" | unnamed >out
	as bob dsv approve -S -m "so did I" | unnamed >>out
	dsv merge work --into main | unnamed >>out
	dsv audit -q
	python3 "$ROOT/tests/meta/second.py" .dsv >/dev/null
	dsv log --show-signature -n 1 work | unnamed >>out
	dsv show --name-only work | unnamed | sed -n 5,7p >>out
	states v2 >>out
	same out <<-\.
	v2 ID is approved by 1 of 2
	v2 ID is approved
	main went forward to v2 ID
	v2 ID (main, HEAD -> work)
	Author:  ada <ada@example.org> [good signature by ada@example.org]
	Date:    2024-01-02T03:04:05Z
	State:   approved by ada [good signature by ada@example.org], bob [good signature by bob@example.org]

	    two
	Review:  2024-01-02T03:04:05Z ada submit [good signature by ada@example.org]: please
	Review:  2024-01-02T03:04:05Z ada approve [good signature by ada@example.org]: I checked
	Review:  2024-01-02T03:04:05Z bob approve [good signature by bob@example.org]: so did I
	good good good good good good
	.
'

check 'policy --require-signature: what is not signed, or not by a key for it, does not count' '
	fails 5 "dsv: \"main\" wants approvals signed; \"dsv approve -S $(echo "$v2" | cut -c 1-8)\"" \
		dsv approve v2 --into main
	refused() {
		expect_status 5 "$@" dsv approve -S v2 --into main 2>&1 |
			unnamed >>out
	}
	refused with bob eve
	refused with ada bob
	refused as old
	refused as eve
	dsv audit --json v2 | grep -c "\"act\":\"approve\"" >>out || :
	dsv audit -q
	same out <<-\.
	dsv: "main" wants approvals signed, and this would not count: bad signature: its key is that of "eve@example.org", not of "bob@example.org"
	dsv: "main" wants approvals signed, and this would not count: bad signature: its key is that of "bob@example.org", not of "ada@example.org"
	dsv: "main" wants approvals signed, and this would not count: unknown signature: ".dsvsigners" did not let its key sign this as "old@example.org" then; a key gets there by a version that is approved
	dsv: "main" wants approvals signed, and this would not count: unknown signature: ".dsvsigners" did not let its key sign this as "eve@example.org" then; a key gets there by a version that is approved
	0
	.
'

check 'policy --require-signature: approvals that were given before it do not count' '
	dsv policy unset -q main --require-signature
	with ada ada dsv approve -q v2 --into main
	dsv policy set -q main --require-signature
	as bob dsv approve -S v2 --into main | unnamed >out
	as ada dsv approve -S v2 --into main | unnamed >>out
	dsv merge -q work --into main
	dsv audit -q
	same out <<-\.
	v2 ID is approved by 1 of 2
	v2 ID is approved
	.
'

check 'policy --require-signature: only where somebody is trusted to sign' '
	expect_status 5 dsv policy set other --require-signature 2>err
	dsv policy unset -q main
	dsv policy set main --require-signature >out
	dsv policy unset main --require-signature >>out
	cat err >>out
	same out <<-\.
	main: 1 signed approval
	main: no rules
	dsv: no approved version on "other" says who may sign, so nobody could; commit the keys as ".dsvsigners" and "dsv approve" that first
	.
'

check 'sign: who signs is said by the version before, not by the one that is judged' '
	signer eve@example.org eve >>.dsvsigners
	as eve dsv commit -q -S -a -m "let me in"
	expect_status 5 as eve dsv approve -S v3 --into main 2>&1 | unnamed >out
	as ada dsv approve -q -S v3 --into main
	as bob dsv approve -q -S v3 --into main
	dsv merge -q work --into main
	echo 4 >a
	dsv commit -q -a -m four
	as eve dsv approve -S v4 --into main | unnamed >>out
	states v3 >>out
	states v4 >>out
	dsv audit -q
	same out <<-\.
	dsv: "main" wants approvals signed, and this would not count: unknown signature: ".dsvsigners" did not let its key sign this as "eve@example.org" then; a key gets there by a version that is approved
	v4 ID is approved by 1 of 2
	good good good good unknown
	good good null
	.
'

# An ssh-keygen that hands out the first signature that it makes from then on,
# or makes one for something else.
swapped() {
	mkdir bin
	cat >bin/ssh-keygen <<-\.
	#!/bin/sh
	PATH=${PATH#*:}
	[ "$2" = sign ] || exec ssh-keygen "$@"
	[ ! "$WRONG" ] || exec ssh-keygen -Y sign -n file -f "$6"
	[ -e first ] || ssh-keygen "$@" >first
	cat first
	.
	chmod +x bin/ssh-keygen
	PATH=$PWD/bin:$PATH
}
export WRONG=

check 'sign: of another note, version, act or namespace is bad, and audit finds it' '
	swapped
	dsv policy unset -q main
	as bob dsv approve -q -S v2 --into main -m fine
	states v2 >out
	dsv audit -q
	as ada dsv commit -q -S --allow-empty -m three
	as bob dsv submit -q -S v3 --into main -m fine
	as bob dsv approve -q -S v3 --into main -m fine
	states v3 >>out
	rm first
	as ada dsv commit -q -S --allow-empty -m four
	as ada dsv commit -q -S --allow-empty -m five
	states v4 >>out
	states v5 >>out
	export WRONG=1
	as bob dsv approve -q -S v5 --into main
	states v5 >>out
	expect_status 1 dsv audit 2>>out | grep finding: >>out
	same out <<-\.
	good good good
	bad bad bad bad
	good
	bad
	bad bad bad
	14 acts checked: 5 findings
	  finding: the version has a bad signature: it is not of this
	  finding: it has a bad signature: it is not of this
	  finding: it has a bad signature: it is not of this
	  finding: the version has a bad signature: it is not of this
	  finding: it has a bad signature: it is not of this
	.
'

check 'sign: an approval without one, put there by hand, is found' '
	forge bob approve approvals=1 commit="$v2" into=main
	expect_status 1 dsv audit 2>&1 | grep finding: | unnamed >out
	as ada dsv approve -S v2 --into main | unnamed >>out
	same out <<-\.
	  finding: it was not allowed: "main" wants approvals signed, and this would not count: no signature
	v2 ID is approved by 1 of 2
	.
'

check 'sign: a key that was taken out of the file was good until then' '
	signer ada@example.org ada >.dsvsigners
	as ada dsv commit -q -S -a -m "without Bob"
	as bob dsv approve -q -S v3 --into main -m bye
	as ada dsv approve -q -S v3 --into main
	dsv policy set -q main --approvals 1
	dsv merge -q work --into main
	echo 4 >a
	dsv commit -q -a -m four
	expect_status 5 as bob dsv approve -S v4 --into main 2>&1 |
		unnamed >out
	states v3 >>out
	dsv audit -q
	same out <<-\.
	dsv: "main" wants approvals signed, and this would not count: unknown signature: ".dsvsigners" did not let its key sign this as "bob@example.org" then; a key gets there by a version that is approved
	good good good good good
	.
'

check 'sign: the name is the principal of those who have no address' '
	signer "\"Grace H\"" ada >.dsvsigners
	dsv commit -q -a -m three
	dsv policy unset -q main
	dsv merge -q work --into main
	dsv approve -q v3 --into main
	as ada true
	DSV_USER="Grace H" XDG_CONFIG_HOME=$T/ada \
		dsv commit -q -S --allow-empty -m four
	dsv log --show-signature --json -n 1 |
		grep -o "\"signature\":{.*" >out
	same out <<-\.
	"signature":{"state":"good","principal":"Grace H","fact":null}}
	.
'

check 'sign: without ssh-keygen nothing is good' '
	as bob dsv approve -q -S v2 --into main
	as ada dsv approve -q -S v2 --into main
	mkdir bin
	ln -s "$BUILD/dsv" bin
	for name in sed cut cat grep tr diff; do
		ln -s "$(command -v $name)" bin
	done
	all=$PATH
	PATH=$PWD/bin
	hash -r
	dsv show --name-only v2 >out
	dsv audit 2>>out | grep -c "not checked" >>out
	dsv merge work --into main 2>>out || echo $? >>out
	dsv switch -q -c other
	as ada dsv commit --allow-empty -S -m no 2>>out || echo $? >>out
	PATH=$all
	unnamed <out >seen
	same seen <<-\.
	v2 IDIDIDIDIDIDIDID (HEAD -> work)
	Author:  ada <ada@example.org> [signature: not checked (no ssh-keygen)]
	Date:    2024-01-02T03:04:05Z
	State:   approved by bob [signature: not checked (no ssh-keygen)], ada [signature: not checked (no ssh-keygen)]
	Review:  2024-01-02T03:04:05Z bob approve [signature: not checked (no ssh-keygen)]
	Review:  2024-01-02T03:04:05Z ada approve [signature: not checked (no ssh-keygen)]

	    two

	a
	8 acts checked: the chain is whole, and all were allowed
	3 signatures not checked (no ssh-keygen)
	2
	dsv: "main" wants approvals signed, and without "ssh-keygen" those of ID cannot be checked; install OpenSSH
	5
	dsv: there is no "ssh-keygen", which makes and checks signatures; install OpenSSH
	3
	.
'

check 'user.signingKey: has to be there; review.sign and commit.sign say -S' '
	no_key="dsv: there is no key to sign with; say which with \"dsv config set --user user.signingKey FILE\""
	fails 2 "$no_key" dsv commit --allow-empty -S -m x
	fails 2 "$no_key" dsv approve --sign v2
	fails 2 "$no_key" dsv reject --sign v2 -m no
	dsv config set --user user.signingKey "~/nokey"
	dsv policy unset -q main
	fails 3 "dsv: ssh-keygen cannot sign with \"$HOME/nokey\": Couldn'"'"'t load public key $HOME/nokey: No such file or directory" \
		dsv submit --sign v2 --into main
	dsv config set --user user.signingKey "$SHARED/ada"
	dsv config set review.sign true
	dsv config set commit.sign true
	dsv commit -q --allow-empty -m three
	dsv submit -q --into main
	dsv comment -q -m "not signed"
	states HEAD >out
	dsv config unset --user user.signingKey
	same out <<-\.
	good null good
	.
'

check 'sign: with an agent, which has the key, its public half is enough' '
	command -v ssh-agent >/dev/null || skip "there is no ssh-agent"
	cp "$SHARED/bob.pub" only.pub
	dsv config set --user user.signingKey "$PWD/only.pub"
	DSV_USER="bob <bob@example.org>" ssh-agent sh -c "
		ssh-add -q \"$SHARED/bob\" &&
		dsv approve -q -S v2 --into main
		status=\$?
		kill \"\$SSH_AGENT_PID\"
		exit \$status"
	dsv config unset --user user.signingKey
	states v2 >out
	same out <<-\.
	good good good
	.
'

finish
