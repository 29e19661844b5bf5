# fish completion for dsv, made by "make generate"; do not edit.

# The words before the cursor: -C and its value, and the command.
function __dsv_parse
    set -g __dsv_at
    set -g __dsv_command
    set -g __dsv_operands 0
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        switch $words[1]
            case -C --directory
                set -e words[1]
                set __dsv_at -C (string replace -r '^~' $HOME -- $words[1])
            case --wait --color
                set -e words[1]
            case '-*'
            case '*'
                if test -z "$__dsv_command"
                    set __dsv_command $words[1]
                else
                    set __dsv_operands (math $__dsv_operands + 1)
                end
        end
        set -e words[1]
    end
end

function __dsv_is
    __dsv_parse
    test "$__dsv_command" = "$argv[1]"
end

function __dsv_is_first
    __dsv_is $argv[1]; and test $__dsv_operands = 0
end

function __dsv_words
    __dsv_parse
    dsv $__dsv_at meta words $argv[1] (commandline -ct) 2>/dev/null
end

complete -c dsv -f
complete -c dsv -s C -l directory -x -a '(__fish_complete_directories)' -d 'work as if started in DIR'
complete -c dsv -l json -d 'print results as JSON; see dsv-json(5)'
complete -c dsv -s q -l quiet -d 'say nothing but results, warnings and errors'
complete -c dsv -s v -l verbose -d 'say more'
complete -c dsv -l color -x -a 'auto always never' -d 'colour the output; auto: on a terminal'
complete -c dsv -l no-pager -d 'do not page long output'
complete -c dsv -l wait -x -d 'wait so long for another writer to finish; 30 if not given'
complete -c dsv -s h -l help -d 'explain the command'
complete -c dsv -l version -d 'print the version'

complete -c dsv -n '__dsv_is ""' -a export -d 'write a version\'s files to a directory or an archive'
complete -c dsv -n '__dsv_is export' -s o -l output -r -F -d 'write to this archive or directory; - is standard output'
complete -c dsv -n '__dsv_is export' -l format -x -a 'dir tar tar.gz tar.zst zip' -d 'write this, whatever the output\'s name ends in'
complete -c dsv -n '__dsv_is export' -l prefix -x -d 'put everything below this directory'
complete -c dsv -n '__dsv_is export' -l dataset -x -a '(__dsv_words dataset)' -d 'only the files of this dataset'
complete -c dsv -n '__dsv_is export' -l component -x -d 'only the files of this component type'
complete -c dsv -n '__dsv_is export' -s f -l force -d 'replace a file, or files in a directory, that are there'
complete -c dsv -n '__dsv_is export' -x -a '(__dsv_words rev-or-tracked)'

complete -c dsv -n '__dsv_is ""' -a fsck -d 'check that everything stored is whole'
complete -c dsv -n '__dsv_is fsck' -l quick -d 'names and structure only; do not decode what is stored'
complete -c dsv -n '__dsv_is fsck' -l repair -d 'build the index anew from the objects first'

complete -c dsv -n '__dsv_is ""' -a help -d 'explain dsv or one of its commands'
complete -c dsv -n '__dsv_is help' -x -a '(__dsv_words command)'

complete -c dsv -n '__dsv_is ""' -a version -d 'print the version of dsv'
