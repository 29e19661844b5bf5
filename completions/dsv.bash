# bash completion for dsv, made by "make generate"; do not edit.

_dsv_options()
{
	case $1 in
	export)
		options=' -o --output --format --prefix --dataset --component -f --force' ;;
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
