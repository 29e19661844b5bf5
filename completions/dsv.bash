# bash completion for dsv, made by "make generate"; do not edit.

_dsv_options()
{
	case $1 in
	init)
		options=' -b --branch' ;;
	config)
		options=' --user -n --dry-run' ;;
	track)
		options=' -k --key --dataset --component --format --delimiter --quote --header --encoding --schema -f --force -l --list -d --delete -n --dry-run' ;;
	add)
		options=' -A --all -n --dry-run -f --force --dataset --component' ;;
	rm)
		options=' --cached -r --recursive -f --force -n --dry-run' ;;
	mv)
		options=' -f --force -n --dry-run' ;;
	status)
		options=' -s --short --ignored -u --untracked --dataset --component' ;;
	commit)
		options=' -m --message -a --all --author --date --job --meta --tag --allow-empty --allow-schema-change -S --sign -n --dry-run' ;;
	restore)
		options=' -s --source -S --staged -W --worktree -f --force -n --dry-run --dataset --component' ;;
	apply)
		options=' --to --key --duplicates -n --dry-run' ;;
	switch)
		options=' -c --create --detach -f --force -n --dry-run' ;;
	checkout)
		options=' -b --branch --detach -f --force -n --dry-run' ;;
	log)
		options=' --oneline --graph --stat -n --limit --since --until --author --grep --job --show-signature --first-parent --dataset --component --key' ;;
	show)
		options=' --raw --stat --name-only' ;;
	diff)
		options=' --stat --summary --name-only --name-status --format --schema --key --columns --ignore-column --where --only --decision --limit --no-index --staged --exit-code -R --reverse --dataset --component' ;;
	cat)
		options=' --rev --key --decision' ;;
	ls)
		options=' -l --long -r --recursive --dataset --component' ;;
	schema)
		options=' -e --exit-code' ;;
	blame)
		options=' --key' ;;
	lineage)
		options=' --key --limit' ;;
	du)
		options=' --by --depth' ;;
	why)
		options=' --limit' ;;
	branch)
		options=' -d --delete -f --force -l --list -m --move -n --dry-run' ;;
	tag)
		options=' -d --delete -l --list -m --message -n --dry-run' ;;
	merge)
		options=' --into -f --force -n --dry-run' ;;
	submit)
		options=' -m --message --into -S --sign -n --dry-run' ;;
	approve)
		options=' -m --message --as --into -S --sign -n --dry-run' ;;
	reject)
		options=' -m --message --into -S --sign -n --dry-run' ;;
	withdraw)
		options=' -m --message -n --dry-run' ;;
	retract)
		options=' -m --message -n --dry-run' ;;
	unretract)
		options=' -m --message -n --dry-run' ;;
	comment)
		options=' -m --message -n --dry-run' ;;
	decide)
		options=' --key --where --all-pending --from --rev -m --message --source --reason -n --dry-run' ;;
	review)
		options=' --pending --mine --rows --stat --limit --format' ;;
	policy)
		options=' --approvals --not-author --protect --require-signature --require-submit --reviewers -n --dry-run' ;;
	grant)
		options=' --dataset --branch -n --dry-run' ;;
	revoke)
		options=' --dataset --branch -n --dry-run' ;;
	access)
		options=' --check --dataset --branch --enforce -n --dry-run' ;;
	audit)
		options=' --actor --since --head --verify' ;;
	export)
		options=' -o --output --format --prefix --dataset --component -f --force --decision --retracted' ;;
	gc)
		options=' -n --dry-run --now' ;;
	fsck)
		options=' --quick --repair' ;;
	esac
	options+=' -C --directory --json -q --quiet -v --verbose --color --no-pager --wait -h --help --version'
}

# What follows an option.
_dsv_value()
{
	kind=''
	case $1:$2 in
	init:--branch | init:-b)
		kind='none' ;;
	track:--key | track:-k)
		kind='none' ;;
	track:--dataset)
		kind='words dataset' ;;
	track:--component)
		kind='none' ;;
	track:--format)
		kind='choice csv tsv jsonl text binary' ;;
	track:--delimiter)
		kind='none' ;;
	track:--quote)
		kind='choice double single none' ;;
	track:--header)
		kind='choice yes no' ;;
	track:--encoding)
		kind='choice utf-8 latin-1 utf-16' ;;
	track:--schema)
		kind='choice frozen compatible free' ;;
	add:--dataset)
		kind='words dataset' ;;
	add:--component)
		kind='none' ;;
	status:--untracked | status:-u)
		kind='choice none dirs all' ;;
	status:--dataset)
		kind='words dataset' ;;
	status:--component)
		kind='none' ;;
	commit:--message | commit:-m)
		kind='none' ;;
	commit:--author)
		kind='none' ;;
	commit:--date)
		kind='none' ;;
	commit:--job)
		kind='none' ;;
	commit:--meta)
		kind='none' ;;
	commit:--tag)
		kind='none' ;;
	restore:--source | restore:-s)
		kind='words rev' ;;
	restore:--dataset)
		kind='words dataset' ;;
	restore:--component)
		kind='none' ;;
	apply:--to)
		kind='words tracked' ;;
	apply:--key)
		kind='none' ;;
	switch:--create | switch:-c)
		kind='none' ;;
	checkout:--branch | checkout:-b)
		kind='none' ;;
	log:--limit | log:-n)
		kind='none' ;;
	log:--since)
		kind='none' ;;
	log:--until)
		kind='none' ;;
	log:--author)
		kind='none' ;;
	log:--grep)
		kind='none' ;;
	log:--job)
		kind='none' ;;
	log:--dataset)
		kind='words dataset' ;;
	log:--component)
		kind='none' ;;
	log:--key)
		kind='none' ;;
	diff:--format)
		kind='choice table jsonl csv md html daff sql' ;;
	diff:--key)
		kind='none' ;;
	diff:--columns)
		kind='none' ;;
	diff:--ignore-column)
		kind='none' ;;
	diff:--where)
		kind='none' ;;
	diff:--only)
		kind='choice insert update delete' ;;
	diff:--decision)
		kind='choice pending approved rejected modify' ;;
	diff:--limit)
		kind='none' ;;
	diff:--dataset)
		kind='words dataset' ;;
	diff:--component)
		kind='none' ;;
	cat:--rev)
		kind='words rev' ;;
	cat:--key)
		kind='none' ;;
	cat:--decision)
		kind='choice pending approved rejected modify' ;;
	ls:--dataset)
		kind='words dataset' ;;
	ls:--component)
		kind='none' ;;
	blame:--key)
		kind='none' ;;
	lineage:--key)
		kind='none' ;;
	lineage:--limit)
		kind='none' ;;
	du:--by)
		kind='choice branch tag path version' ;;
	du:--depth)
		kind='none' ;;
	why:--limit)
		kind='none' ;;
	tag:--message | tag:-m)
		kind='none' ;;
	merge:--into)
		kind='words branch' ;;
	submit:--message | submit:-m)
		kind='none' ;;
	submit:--into)
		kind='words branch' ;;
	approve:--message | approve:-m)
		kind='none' ;;
	approve:--as)
		kind='none' ;;
	approve:--into)
		kind='words branch' ;;
	reject:--message | reject:-m)
		kind='none' ;;
	reject:--into)
		kind='words branch' ;;
	withdraw:--message | withdraw:-m)
		kind='none' ;;
	retract:--message | retract:-m)
		kind='none' ;;
	unretract:--message | unretract:-m)
		kind='none' ;;
	comment:--message | comment:-m)
		kind='none' ;;
	decide:--key)
		kind='none' ;;
	decide:--where)
		kind='none' ;;
	decide:--from)
		kind='file' ;;
	decide:--rev)
		kind='words rev' ;;
	decide:--message | decide:-m)
		kind='none' ;;
	decide:--source)
		kind='none' ;;
	decide:--reason)
		kind='none' ;;
	review:--limit)
		kind='none' ;;
	review:--format)
		kind='choice text html' ;;
	policy:--approvals)
		kind='none' ;;
	policy:--reviewers)
		kind='none' ;;
	grant:--dataset)
		kind='words dataset' ;;
	grant:--branch)
		kind='words branch' ;;
	revoke:--dataset)
		kind='words dataset' ;;
	revoke:--branch)
		kind='words branch' ;;
	access:--dataset)
		kind='words dataset' ;;
	access:--branch)
		kind='words branch' ;;
	access:--enforce)
		kind='choice on off' ;;
	audit:--actor)
		kind='none' ;;
	audit:--since)
		kind='none' ;;
	audit:--verify)
		kind='none' ;;
	export:--output | export:-o)
		kind='file' ;;
	export:--format)
		kind='choice dir tar tar.gz tar.zst zip' ;;
	export:--prefix)
		kind='none' ;;
	export:--dataset)
		kind='words dataset' ;;
	export:--component)
		kind='none' ;;
	export:--decision)
		kind='choice pending approved rejected modify' ;;
	*:--directory | *:-C)
		kind='dir' ;;
	*:--color)
		kind='choice auto always never' ;;
	*:--wait)
		kind='none' ;;
	esac
}

# What the Nth operand may be.
_dsv_operand()
{
	case $1:$2 in
	init:*)
		kind='dir' ;;
	config:0)
		kind='choice list get set unset' ;;
	track:*)
		kind='file' ;;
	add:*)
		kind='file' ;;
	rm:*)
		kind='words tracked' ;;
	mv:*)
		kind='words tracked' ;;
	status:*)
		kind='words tracked' ;;
	restore:*)
		kind='words tracked' ;;
	apply:*)
		kind='file' ;;
	switch:*)
		kind='words rev' ;;
	checkout:*)
		kind='words rev-or-tracked' ;;
	log:*)
		kind='words rev-or-tracked' ;;
	show:*)
		kind='words rev' ;;
	diff:*)
		kind='words rev-or-tracked' ;;
	cat:*)
		kind='words rev-or-tracked' ;;
	ls:*)
		kind='words rev-or-tracked' ;;
	schema:*)
		kind='words rev-or-tracked' ;;
	blame:*)
		kind='words rev-or-tracked' ;;
	lineage:*)
		kind='words rev-or-tracked' ;;
	du:*)
		kind='words rev-or-tracked' ;;
	why:*)
		kind='words rev' ;;
	branch:*)
		kind='words branch' ;;
	tag:*)
		kind='words tag' ;;
	merge:*)
		kind='words rev' ;;
	submit:*)
		kind='words rev' ;;
	approve:*)
		kind='words rev' ;;
	reject:*)
		kind='words rev' ;;
	withdraw:*)
		kind='words rev' ;;
	retract:*)
		kind='words rev' ;;
	unretract:*)
		kind='words rev' ;;
	comment:*)
		kind='words rev' ;;
	decide:*)
		kind='words tracked' ;;
	review:*)
		kind='words rev' ;;
	approved:*)
		kind='words label' ;;
	policy:0)
		kind='choice show set unset' ;;
	audit:*)
		kind='words rev-or-tracked' ;;
	export:*)
		kind='words rev-or-tracked' ;;
	help:*)
		kind='words command' ;;
	esac
}

_dsv()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local cmd='' kind='' options='' operands=0 dashes='' word i
	local -a at=()
	COMPREPLY=()
	# "--long=value" comes as three words.
	if [[ $cur == = ]]; then
		cur=''
	elif [[ $prev == = ]] && ((COMP_CWORD > 2)); then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $word == -- && ! $dashes ]]; then
			dashes=1
		elif [[ $word == -* && ! $dashes ]]; then
			_dsv_value "$cmd" "$word"
			[[ $kind ]] || continue
			[[ ${COMP_WORDS[i+1]} != = ]] || ((i++))
			((i++))
			((i < COMP_CWORD)) || break
			[[ $word != -C && $word != --directory ]] ||
				at=(-C "${COMP_WORDS[i]/#\~/$HOME}")
		elif [[ ! $cmd ]]; then
			cmd=$word
		else
			((operands++))
		fi
	done
	kind=''
	[[ $dashes || $prev != -* ]] || _dsv_value "$cmd" "$prev"
	if [[ ! $kind && $cur == -* && ! $dashes ]]; then
		_dsv_options "$cmd"
		kind="choice $options"
	elif [[ ! $kind && ! $cmd ]]; then
		kind='words command'
	elif [[ ! $kind ]]; then
		_dsv_operand "$cmd" "$operands"
	fi
	_dsv_offer
}

# Fill COMPREPLY with what is of the kind and begins like cur.
_dsv_offer()
{
	case $kind in
	file | dir)
		compopt -o filenames 2>/dev/null
		while IFS= read -r word; do
			COMPREPLY+=("$word")
		done < <(compgen -"${kind:0:1}" -- "$cur") ;;
	choice*)
		for word in ${kind#choice}; do
			[[ $word != "$cur"* ]] || COMPREPLY+=("$word")
		done ;;
	words*)
		[[ $kind != *tracked ]] || compopt -o filenames 2>/dev/null
		while IFS= read -r word; do
			[[ $kind != *tracked ]] || word=${word%/}
			[[ $word != "$cur"* ]] || COMPREPLY+=("$word")
		done < <(dsv "${at[@]}" meta words "${kind#words }" \
			"$cur" 2>/dev/null) ;;
	esac
}

complete -F _dsv dsv
