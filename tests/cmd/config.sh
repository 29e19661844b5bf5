#!/bin/sh
# shellcheck disable=SC2016 # the checks are for the shell of the harness
. "${0%/*}/../lib.sh"

setup 'dsv init -q; rm -rf "$HOME/.config"'

check 'config set, get, list, unset: of the repository' '
	dsv config set user.name "Ada  L"
	dsv config get USER.name >out
	dsv config list >>out
	dsv config list --json >>out
	dsv config get --json user.name >>out
	same out <<-\.
	Ada  L
	user.name = Ada  L
	{"key":"user.name","value":"Ada  L","layer":"repository"}
	{"key":"user.name","value":"Ada  L","layer":"repository"}
	.
	dsv config unset user.name
	expect_status 1 dsv config get user.name
	[ "$(dsv config list)" = "" ]
'

check 'config --user: holds everywhere, the repository first' '
	dsv config set --user user.name Ada
	dsv config set --user user.email ada@example.org
	dsv config get user.name >out
	dsv config set user.name Bob
	dsv config get user.name >>out
	dsv config get user.name --user >>out
	dsv config list >>out
	dsv config list --user >>out
	same out <<-\.
	Ada
	Bob
	Ada
	user.name = Ada
	user.email = ada@example.org
	user.name = Bob
	user.name = Ada
	user.email = ada@example.org
	.
	mkdir ../elsewhere
	cd ../elsewhere
	[ "$(dsv config get user.name)" = Ada ]
	fails 3 "dsv: not a dsv repository; add --user, or run \"dsv init\"" \
		dsv config set user.name x
	XDG_CONFIG_HOME=$PWD/xdg dsv config set user.name Xdg --user
	tr -d "\\t" <xdg/dsv/config >out
	same out <<-\.
	[user]
	name = Xdg
	.
'

check 'config: who commits' '
	unset DSV_USER
	dsv config set user.name Cy
	dsv config set user.email cy@example.org
	echo x >x
	dsv add -q x
	dsv commit -q -m x
	dsv show --raw | grep -q "^author Cy <cy@example.org> "
	dsv config set user.email "not one"
	expect_status 2 dsv commit --allow-empty -m x
'

check 'config: nobody said who commits, so the system does' '
	unset DSV_USER
	echo x >x
	dsv add -q x
	dsv commit -q -m x
	dsv show --raw | grep -q "^author $(id -un) <> "
'

check 'config --dry-run: checks, and changes nothing' '
	cp -R .dsv ../before
	dsv config -n set user.name Ada >out
	dsv config -n unset user.name >>out
	same out <<-\.
	would set user.name to Ada
	would unset user.name
	.
	diff -r ../before .dsv
	expect_status 2 dsv config -n set user.nmae Ada
'

check 'config: keys with several values, and whom to trust' '
	dsv config set --user safe.directory /a
	dsv config set --user safe.directory /b
	dsv config list >out
	same out <<-\.
	safe.directory = /a
	safe.directory = /b
	.
	fails 2 "dsv: \"safe.directory\" is read from your own configuration only; add --user" \
		dsv config set safe.directory "*"
	printf "[safe]\ndirectory = *\n" >>.dsv/config
	dsv config list >out
	same out <<-\.
	safe.directory = /a
	safe.directory = /b
	.
'

check 'config: of mistakes' '
	fails 2 "dsv: no configuration key \"user.nam\"; did you mean \"user.name\"?" \
		dsv config get user.nam
	fails 2 "dsv: no configuration key \"core.editor\"; dsv-config(5) lists them" \
		dsv config set core.editor vi
	fails 2 "dsv: the forms are \"dsv config list\", \"get KEY\", \"set KEY VALUE\" and \"unset KEY\"" \
		dsv config set user.name
	expect_status 2 dsv config
	echo "[user" >>.dsv/config
	n=$(($(wc -l <.dsv/config)))
	fails 2 "dsv: \"$PWD/.dsv/config\" line $n: neither \"[section]\" nor \"key = value\"" \
		dsv log
	dsv fsck -q
	broken_on_purpose
'

finish
