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

complete -c dsv -n '__dsv_is ""' -a init -d 'make a new repository'
complete -c dsv -n '__dsv_is init' -s b -l branch -x -d 'call the first branch this'
complete -c dsv -n '__dsv_is init' -x -a '(__fish_complete_directories)'

complete -c dsv -n '__dsv_is ""' -a config -d 'read and change configuration'
complete -c dsv -n '__dsv_is config' -l user -d 'your own configuration, which holds for every repository'
complete -c dsv -n '__dsv_is config' -s n -l dry-run -d 'check, and say what would be set, change nothing'
complete -c dsv -n '__dsv_is_first config' -x -a 'list get set unset'

complete -c dsv -n '__dsv_is ""' -a track -d 'say what files are: keys, datasets, formats'
complete -c dsv -n '__dsv_is track' -s k -l key -x -d 'rows are known by these columns, separated by commas'
complete -c dsv -n '__dsv_is track' -l dataset -x -a '(__dsv_words dataset)' -d 'the files are part of this dataset'
complete -c dsv -n '__dsv_is track' -l component -x -d 'what part: data, metadata, schema, ...'
complete -c dsv -n '__dsv_is track' -l format -x -a 'csv tsv jsonl text binary' -d 'read the files so, whatever they are called'
complete -c dsv -n '__dsv_is track' -l delimiter -x -d 'what separates columns: one character, tab or space'
complete -c dsv -n '__dsv_is track' -l quote -x -a 'double single none' -d 'what cells are quoted with'
complete -c dsv -n '__dsv_is track' -l header -x -a 'yes no' -d 'whether the first row names the columns'
complete -c dsv -n '__dsv_is track' -l encoding -x -a 'utf-8 latin-1 utf-16' -d 'how text is written as bytes'
complete -c dsv -n '__dsv_is track' -l schema -x -a 'frozen compatible free' -d 'which changes of columns a version may bring'
complete -c dsv -n '__dsv_is track' -s f -l force -d 'a key too that does not tell the rows apart'
complete -c dsv -n '__dsv_is track' -s l -l list -d 'show the patterns that there are'
complete -c dsv -n '__dsv_is track' -s d -l delete -d 'remove the lines of these patterns'
complete -c dsv -n '__dsv_is track' -s n -l dry-run -d 'show the lines, and change nothing'
complete -c dsv -n '__dsv_is track' -F

complete -c dsv -n '__dsv_is ""' -a add -d 'put files into the next version'
complete -c dsv -n '__dsv_is add' -s A -l all -d 'everything in the working tree, wherever you are in it'
complete -c dsv -n '__dsv_is add' -s n -l dry-run -d 'say what would be added, and add nothing'
complete -c dsv -n '__dsv_is add' -s f -l force -d 'add ignored files too'
complete -c dsv -n '__dsv_is add' -l dataset -x -a '(__dsv_words dataset)' -d 'only the files of this dataset'
complete -c dsv -n '__dsv_is add' -l component -x -d 'only the files of this component type'
complete -c dsv -n '__dsv_is add' -F

complete -c dsv -n '__dsv_is ""' -a rm -d 'remove files from the next version'
complete -c dsv -n '__dsv_is rm' -l cached -d 'keep the file in the working tree'
complete -c dsv -n '__dsv_is rm' -s r -l recursive -d 'what is in directories too'
complete -c dsv -n '__dsv_is rm' -s f -l force -d 'even if changes that are in no version are lost'
complete -c dsv -n '__dsv_is rm' -s n -l dry-run -d 'say what would be removed, and remove nothing'
complete -c dsv -n '__dsv_is rm' -x -a '(__dsv_words tracked)'

complete -c dsv -n '__dsv_is ""' -a mv -d 'rename or move tracked files'
complete -c dsv -n '__dsv_is mv' -s f -l force -d 'replace a file that has the new name'
complete -c dsv -n '__dsv_is mv' -s n -l dry-run -d 'say what would be renamed, and rename nothing'
complete -c dsv -n '__dsv_is mv' -x -a '(__dsv_words tracked)'

complete -c dsv -n '__dsv_is ""' -a status -d 'show what differs from the last version'
complete -c dsv -n '__dsv_is status' -s s -l short -d 'one line per path, for reading by eye or program'
complete -c dsv -n '__dsv_is status' -l ignored -d 'ignored files and directories too'
complete -c dsv -n '__dsv_is status' -s u -l untracked -x -a 'none dirs all' -d 'untracked files: none, whole directories as one, or all'
complete -c dsv -n '__dsv_is status' -l dataset -x -a '(__dsv_words dataset)' -d 'only the files of this dataset'
complete -c dsv -n '__dsv_is status' -l component -x -d 'only the files of this component type'
complete -c dsv -n '__dsv_is status' -x -a '(__dsv_words tracked)'

complete -c dsv -n '__dsv_is ""' -a commit -d 'make a version of what is in the stage'
complete -c dsv -n '__dsv_is commit' -s m -l message -x -d 'what the version is about; without it an editor asks'
complete -c dsv -n '__dsv_is commit' -s a -l all -d 'first put all changed and deleted tracked files into the stage'
complete -c dsv -n '__dsv_is commit' -l author -x -d 'who made the data, as "Name <email>", if not you'
complete -c dsv -n '__dsv_is commit' -l date -x -d 'when, if not now'
complete -c dsv -n '__dsv_is commit' -l job -x -d 'the job that made the data'
complete -c dsv -n '__dsv_is commit' -l meta -x -d 'a fact to keep with the version; may be repeated'
complete -c dsv -n '__dsv_is commit' -l tag -x -d 'also tag the version so'
complete -c dsv -n '__dsv_is commit' -l allow-empty -d 'make a version even if nothing changed'
complete -c dsv -n '__dsv_is commit' -l allow-schema-change -d 'whatever the attribute schema= says of a changed table'
complete -c dsv -n '__dsv_is commit' -s S -l sign -d 'sign it with the SSH key user.signingKey'
complete -c dsv -n '__dsv_is commit' -s n -l dry-run -d 'say what would be committed, change nothing'

complete -c dsv -n '__dsv_is ""' -a restore -d 'bring files back as they were'
complete -c dsv -n '__dsv_is restore' -s s -l source -x -a '(__dsv_words rev)' -d 'take the files from this version'
complete -c dsv -n '__dsv_is restore' -s S -l staged -d 'restore what is in the next version; from HEAD unless said'
complete -c dsv -n '__dsv_is restore' -s W -l worktree -d 'restore the working tree, as without --staged'
complete -c dsv -n '__dsv_is restore' -s f -l force -d 'replace files that are not tracked too'
complete -c dsv -n '__dsv_is restore' -s n -l dry-run -d 'say what would be restored, and change nothing'
complete -c dsv -n '__dsv_is restore' -l dataset -x -a '(__dsv_words dataset)' -d 'only the files of this dataset'
complete -c dsv -n '__dsv_is restore' -l component -x -d 'only the files of this component type'
complete -c dsv -n '__dsv_is restore' -x -a '(__dsv_words tracked)'

complete -c dsv -n '__dsv_is ""' -a apply -d 'change rows of tables as a delta says'
complete -c dsv -n '__dsv_is apply' -l to -x -a '(__dsv_words tracked)' -d 'apply it to this file, whatever its lines say'
complete -c dsv -n '__dsv_is apply' -l key -x -d 'what tells rows apart, if not the key attribute'
complete -c dsv -n '__dsv_is apply' -l duplicates -d 'insert rows even if their key is there already'
complete -c dsv -n '__dsv_is apply' -s n -l dry-run -d 'say what would change, change nothing'
complete -c dsv -n '__dsv_is apply' -F

complete -c dsv -n '__dsv_is ""' -a switch -d 'go to another branch'
complete -c dsv -n '__dsv_is switch' -s c -l create -x -d 'make this branch, at START or HEAD, and go there'
complete -c dsv -n '__dsv_is switch' -l detach -d 'go to any version, on no branch'
complete -c dsv -n '__dsv_is switch' -s f -l force -d 'give up changes that are in the way, and all others'
complete -c dsv -n '__dsv_is switch' -s n -l dry-run -d 'say what would change, and change nothing'
complete -c dsv -n '__dsv_is switch' -x -a '(__dsv_words rev)'

complete -c dsv -n '__dsv_is ""' -a checkout -d 'go to a branch or version, or bring files back'
complete -c dsv -n '__dsv_is checkout' -s b -l branch -x -d 'make this branch, at REV or HEAD, and go there'
complete -c dsv -n '__dsv_is checkout' -l detach -d 'go to the version, on no branch, even if REV is one'
complete -c dsv -n '__dsv_is checkout' -s f -l force -d 'give up changes and untracked files that are in the way'
complete -c dsv -n '__dsv_is checkout' -s n -l dry-run -d 'say what would change, and change nothing'
complete -c dsv -n '__dsv_is checkout' -x -a '(__dsv_words rev-or-tracked)'

complete -c dsv -n '__dsv_is ""' -a log -d 'list versions, newest first'
complete -c dsv -n '__dsv_is log' -l oneline -d 'one line for each version'
complete -c dsv -n '__dsv_is log' -l graph -d 'draw lines from versions to their parents'
complete -c dsv -n '__dsv_is log' -l stat -d 'list the files that each version changed'
complete -c dsv -n '__dsv_is log' -s n -l limit -x -d 'at most so many versions'
complete -c dsv -n '__dsv_is log' -l since -x -d 'not older than this'
complete -c dsv -n '__dsv_is log' -l until -x -d 'not newer than this'
complete -c dsv -n '__dsv_is log' -l author -x -d 'with this in the author\'s name or address'
complete -c dsv -n '__dsv_is log' -l grep -x -d 'with this in the message'
complete -c dsv -n '__dsv_is log' -l job -x -d 'made by this job'
complete -c dsv -n '__dsv_is log' -l show-signature -d 'check signatures and show what came of it'
complete -c dsv -n '__dsv_is log' -l first-parent -d 'of a merge, follow only the branch merged into'
complete -c dsv -n '__dsv_is log' -l dataset -x -a '(__dsv_words dataset)' -d 'that changed files of this dataset'
complete -c dsv -n '__dsv_is log' -l component -x -d 'that changed files of this component type'
complete -c dsv -n '__dsv_is log' -l key -x -d 'that changed the row of PATH with this key, and how'
complete -c dsv -n '__dsv_is log' -x -a '(__dsv_words rev-or-tracked)'

complete -c dsv -n '__dsv_is ""' -a show -d 'show a version and what it changed, or facts about a file'
complete -c dsv -n '__dsv_is show' -l raw -d 'the stored bytes; sha256sum of them is the id'
complete -c dsv -n '__dsv_is show' -l stat -d 'only list the changed files, with sizes and records'
complete -c dsv -n '__dsv_is show' -l name-only -d 'only the names of the changed files'
complete -c dsv -n '__dsv_is show' -x -a '(__dsv_words rev)'

complete -c dsv -n '__dsv_is ""' -a diff -d 'show what differs, row by row'
complete -c dsv -n '__dsv_is diff' -l stat -d 'only list the files, with sizes and records'
complete -c dsv -n '__dsv_is diff' -l summary -d 'only say how many files differ'
complete -c dsv -n '__dsv_is diff' -l name-only -d 'only the names of the files'
complete -c dsv -n '__dsv_is diff' -l name-status -d 'only a letter and the name of each file'
complete -c dsv -n '__dsv_is diff' -l format -x -a 'table jsonl csv md html daff sql' -d 'how the rows of tables are shown'
complete -c dsv -n '__dsv_is diff' -l schema -d 'only what became of columns'
complete -c dsv -n '__dsv_is diff' -l key -x -d 'the columns that tell rows apart'
complete -c dsv -n '__dsv_is diff' -l columns -x -d 'look at these columns only'
complete -c dsv -n '__dsv_is diff' -l ignore-column -x -d 'do not look at this column'
complete -c dsv -n '__dsv_is diff' -l where -x -d 'only rows that have the value, before or after'
complete -c dsv -n '__dsv_is diff' -l only -x -a 'insert update delete' -d 'only such rows'
complete -c dsv -n '__dsv_is diff' -l decision -x -a 'pending approved rejected modify' -d 'only rows in this state in the newer version'
complete -c dsv -n '__dsv_is diff' -l limit -x -d 'no more than so many rows of each table'
complete -c dsv -n '__dsv_is diff' -l no-index -d 'compare two files, whatever repository they are in'
complete -c dsv -n '__dsv_is diff' -l staged -d 'compare a version, HEAD if none is given, with the stage'
complete -c dsv -n '__dsv_is diff' -l exit-code -d 'exit with status 1 if anything differs'
complete -c dsv -n '__dsv_is diff' -s R -l reverse -d 'from the second to the first'
complete -c dsv -n '__dsv_is diff' -l dataset -x -a '(__dsv_words dataset)' -d 'only the files of this dataset'
complete -c dsv -n '__dsv_is diff' -l component -x -d 'only the files of this component type'
complete -c dsv -n '__dsv_is diff' -x -a '(__dsv_words rev-or-tracked)'

complete -c dsv -n '__dsv_is ""' -a cat -d 'print files of a version, byte for byte'
complete -c dsv -n '__dsv_is cat' -l rev -x -a '(__dsv_words rev)' -d 'the version of all operands, which are plain paths then'
complete -c dsv -n '__dsv_is cat' -l key -x -d 'only the row of the table with this key'
complete -c dsv -n '__dsv_is cat' -l decision -x -a 'pending approved rejected modify' -d 'only the rows of the table in this state'
complete -c dsv -n '__dsv_is cat' -x -a '(__dsv_words rev-or-tracked)'

complete -c dsv -n '__dsv_is ""' -a ls -d 'list the files of a version'
complete -c dsv -n '__dsv_is ls' -s l -l long -d 'with type, size, records and id'
complete -c dsv -n '__dsv_is ls' -s r -l recursive -d 'all files below, without directories'
complete -c dsv -n '__dsv_is ls' -l dataset -x -a '(__dsv_words dataset)' -d 'only the files of this dataset'
complete -c dsv -n '__dsv_is ls' -l component -x -d 'only the files of this component type'
complete -c dsv -n '__dsv_is ls' -x -a '(__dsv_words rev-or-tracked)'

complete -c dsv -n '__dsv_is ""' -a schema -d 'show what is in the columns of a table, or what changed'
complete -c dsv -n '__dsv_is schema' -s e -l exit-code -d 'with diff: exit with 1 if anything differs'
complete -c dsv -n '__dsv_is schema' -x -a '(__dsv_words rev-or-tracked)'

complete -c dsv -n '__dsv_is ""' -a blame -d 'show for each row of a table the version it is from'
complete -c dsv -n '__dsv_is blame' -l key -x -d 'only the row with this key'
complete -c dsv -n '__dsv_is blame' -x -a '(__dsv_words rev-or-tracked)'

complete -c dsv -n '__dsv_is ""' -a lineage -d 'tell the whole story of a row'
complete -c dsv -n '__dsv_is lineage' -l key -x -d 'the row with this key'
complete -c dsv -n '__dsv_is lineage' -l limit -x -d 'no more than so many changes of the row'
complete -c dsv -n '__dsv_is lineage' -x -a '(__dsv_words rev-or-tracked)'

complete -c dsv -n '__dsv_is ""' -a du -d 'say what takes how much room, and what it shares'
complete -c dsv -n '__dsv_is du' -l by -x -a 'branch tag path version' -d 'a line for each of these'
complete -c dsv -n '__dsv_is du' -l depth -x -d 'of paths, add up what is below so many directories'
complete -c dsv -n '__dsv_is du' -x -a '(__dsv_words rev-or-tracked)'

complete -c dsv -n '__dsv_is ""' -a why -d 'say what an object is, and what keeps it'
complete -c dsv -n '__dsv_is why' -l limit -x -d 'at most so many refs, staged files, and paths'
complete -c dsv -n '__dsv_is why' -x -a '(__dsv_words rev)'

complete -c dsv -n '__dsv_is ""' -a branch -d 'list, make, rename, move or delete branches'
complete -c dsv -n '__dsv_is branch' -s d -l delete -d 'delete the branches'
complete -c dsv -n '__dsv_is branch' -s f -l force -d 'move a branch that exists; delete one that is not merged'
complete -c dsv -n '__dsv_is branch' -s l -l list -d 'list the branches, as without operands'
complete -c dsv -n '__dsv_is branch' -s m -l move -d 'rename a branch, the current one if one name is given'
complete -c dsv -n '__dsv_is branch' -s n -l dry-run -d 'say what would be done, change nothing'
complete -c dsv -n '__dsv_is branch' -x -a '(__dsv_words branch)'

complete -c dsv -n '__dsv_is ""' -a tag -d 'list, make or delete tags, which name one version for good'
complete -c dsv -n '__dsv_is tag' -s d -l delete -d 'delete the tags'
complete -c dsv -n '__dsv_is tag' -s l -l list -d 'list the tags, as without operands'
complete -c dsv -n '__dsv_is tag' -s m -l message -x -d 'what the tag is for'
complete -c dsv -n '__dsv_is tag' -s n -l dry-run -d 'say what would be done, change nothing'
complete -c dsv -n '__dsv_is tag' -x -a '(__dsv_words tag)'

complete -c dsv -n '__dsv_is ""' -a merge -d 'move a branch forward to a version'
complete -c dsv -n '__dsv_is merge' -l into -x -a '(__dsv_words branch)' -d 'the branch to move; the current one if not given'
complete -c dsv -n '__dsv_is merge' -s f -l force -d 'give up changes and untracked files that are in the way'
complete -c dsv -n '__dsv_is merge' -s n -l dry-run -d 'say what would be done, change nothing'
complete -c dsv -n '__dsv_is merge' -x -a '(__dsv_words rev)'

complete -c dsv -n '__dsv_is ""' -a submit -d 'ask for a version to be approved'
complete -c dsv -n '__dsv_is submit' -s m -l message -x -d 'what reviewers should know'
complete -c dsv -n '__dsv_is submit' -l into -x -a '(__dsv_words branch)' -d 'the branch that it is meant for, by whose rules it is decided'
complete -c dsv -n '__dsv_is submit' -s S -l sign -d 'sign it with the SSH key user.signingKey'
complete -c dsv -n '__dsv_is submit' -s n -l dry-run -d 'say what would be done, change nothing'
complete -c dsv -n '__dsv_is submit' -x -a '(__dsv_words rev)'

complete -c dsv -n '__dsv_is ""' -a approve -d 'say that a version is good'
complete -c dsv -n '__dsv_is approve' -s m -l message -x -d 'what was checked, and how'
complete -c dsv -n '__dsv_is approve' -l as -x -d 'also let approved/LABEL name the version'
complete -c dsv -n '__dsv_is approve' -l into -x -a '(__dsv_words branch)' -d 'the branch that it is meant for, by whose rules it is decided'
complete -c dsv -n '__dsv_is approve' -s S -l sign -d 'sign it with the SSH key user.signingKey'
complete -c dsv -n '__dsv_is approve' -s n -l dry-run -d 'say what would be done, change nothing'
complete -c dsv -n '__dsv_is approve' -x -a '(__dsv_words rev)'

complete -c dsv -n '__dsv_is ""' -a reject -d 'say that a version is not good'
complete -c dsv -n '__dsv_is reject' -s m -l message -x -d 'the reason; it has to be given'
complete -c dsv -n '__dsv_is reject' -l into -x -a '(__dsv_words branch)' -d 'the branch that it is meant for, by whose rules it is decided'
complete -c dsv -n '__dsv_is reject' -s S -l sign -d 'sign it with the SSH key user.signingKey'
complete -c dsv -n '__dsv_is reject' -s n -l dry-run -d 'say what would be done, change nothing'
complete -c dsv -n '__dsv_is reject' -x -a '(__dsv_words rev)'

complete -c dsv -n '__dsv_is ""' -a withdraw -d 'take back what was submitted'
complete -c dsv -n '__dsv_is withdraw' -s m -l message -x -d 'the reason'
complete -c dsv -n '__dsv_is withdraw' -s n -l dry-run -d 'say what would be done, change nothing'
complete -c dsv -n '__dsv_is withdraw' -x -a '(__dsv_words rev)'

complete -c dsv -n '__dsv_is ""' -a retract -d 'take a version out of use'
complete -c dsv -n '__dsv_is retract' -s m -l message -x -d 'the reason'
complete -c dsv -n '__dsv_is retract' -s n -l dry-run -d 'say what would be done, change nothing'
complete -c dsv -n '__dsv_is retract' -x -a '(__dsv_words rev)'

complete -c dsv -n '__dsv_is ""' -a unretract -d 'bring a retracted version back'
complete -c dsv -n '__dsv_is unretract' -s m -l message -x -d 'the reason'
complete -c dsv -n '__dsv_is unretract' -s n -l dry-run -d 'say what would be done, change nothing'
complete -c dsv -n '__dsv_is unretract' -x -a '(__dsv_words rev)'

complete -c dsv -n '__dsv_is ""' -a comment -d 'say something about a version'
complete -c dsv -n '__dsv_is comment' -s m -l message -x -d 'what there is to say; it has to be given'
complete -c dsv -n '__dsv_is comment' -s n -l dry-run -d 'say what would be done, change nothing'
complete -c dsv -n '__dsv_is comment' -x -a '(__dsv_words rev)'

complete -c dsv -n '__dsv_is ""' -a decide -d 'say of rows of a table whether they are good'
complete -c dsv -n '__dsv_is decide' -l key -x -d 'the row with this key'
complete -c dsv -n '__dsv_is decide' -l where -x -d 'all rows that have the value'
complete -c dsv -n '__dsv_is decide' -l all-pending -d 'all rows that nobody has decided about, as they are'
complete -c dsv -n '__dsv_is decide' -l from -r -F -d 'the decisions are in this file; - is standard input'
complete -c dsv -n '__dsv_is decide' -l rev -x -a '(__dsv_words rev)' -d 'the version, HEAD if not said'
complete -c dsv -n '__dsv_is decide' -s m -l message -x -d 'a note: what was checked, and how'
complete -c dsv -n '__dsv_is decide' -l source -x -d 'where the decision comes from: tester, llm, manual ...'
complete -c dsv -n '__dsv_is decide' -l reason -x -d 'why it is rejected, or what is to be modified'
complete -c dsv -n '__dsv_is decide' -s n -l dry-run -d 'say what would be decided, change nothing'
complete -c dsv -n '__dsv_is decide' -x -a '(__dsv_words tracked)'

complete -c dsv -n '__dsv_is ""' -a review -d 'list what waits for a decision, or what there is to see'
complete -c dsv -n '__dsv_is review' -l pending -d 'all that are submitted, as without REV'
complete -c dsv -n '__dsv_is review' -l mine -d 'those that you may decide about'
complete -c dsv -n '__dsv_is review' -l rows -d 'the rows that nobody has decided about, as they are'
complete -c dsv -n '__dsv_is review' -l stat -d 'only list the files that differ'
complete -c dsv -n '__dsv_is review' -l limit -x -d 'no more than so many rows of each table'
complete -c dsv -n '__dsv_is review' -l format -x -a 'text html' -d 'html is one page with everything in it'
complete -c dsv -n '__dsv_is review' -x -a '(__dsv_words rev)'

complete -c dsv -n '__dsv_is ""' -a approved -d 'list labels of approved versions, or the past of one'
complete -c dsv -n '__dsv_is approved' -x -a '(__dsv_words label)'

complete -c dsv -n '__dsv_is ""' -a policy -d 'show or change the rules of a branch'
complete -c dsv -n '__dsv_is policy' -l approvals -x -d 'so many people have to approve a version'
complete -c dsv -n '__dsv_is policy' -l not-author -d 'who made a version may not approve it'
complete -c dsv -n '__dsv_is policy' -l protect -d 'the branch takes approved versions only, and stays'
complete -c dsv -n '__dsv_is policy' -l require-signature -d 'only approvals with a good signature count'
complete -c dsv -n '__dsv_is policy' -l require-submit -d 'a version has to be submitted before it can be approved'
complete -c dsv -n '__dsv_is policy' -l reviewers -x -d 'only these decide; separated by commas'
complete -c dsv -n '__dsv_is policy' -s n -l dry-run -d 'say what would be done, change nothing'
complete -c dsv -n '__dsv_is_first policy' -x -a 'show set unset'

complete -c dsv -n '__dsv_is ""' -a grant -d 'give somebody a role'
complete -c dsv -n '__dsv_is grant' -l dataset -x -a '(__dsv_words dataset)' -d 'only for the files of this dataset'
complete -c dsv -n '__dsv_is grant' -l branch -x -a '(__dsv_words branch)' -d 'only on this branch'
complete -c dsv -n '__dsv_is grant' -s n -l dry-run -d 'say what would be done, change nothing'

complete -c dsv -n '__dsv_is ""' -a revoke -d 'take a role away'
complete -c dsv -n '__dsv_is revoke' -l dataset -x -a '(__dsv_words dataset)' -d 'only for the files of this dataset'
complete -c dsv -n '__dsv_is revoke' -l branch -x -a '(__dsv_words branch)' -d 'only on this branch'
complete -c dsv -n '__dsv_is revoke' -s n -l dry-run -d 'say what would be done, change nothing'

complete -c dsv -n '__dsv_is ""' -a access -d 'list who has which role, or check one'
complete -c dsv -n '__dsv_is access' -l check -d 'exit with status 0 if USER has at least ROLE, else with 1'
complete -c dsv -n '__dsv_is access' -l dataset -x -a '(__dsv_words dataset)' -d 'with --check: for the files of this dataset'
complete -c dsv -n '__dsv_is access' -l branch -x -a '(__dsv_words branch)' -d 'with --check: on this branch'
complete -c dsv -n '__dsv_is access' -l enforce -x -a 'on off' -d 'whether roles are checked'
complete -c dsv -n '__dsv_is access' -s n -l dry-run -d 'say what would be done, change nothing'

complete -c dsv -n '__dsv_is ""' -a audit -d 'list what happened, and check that it is whole'
complete -c dsv -n '__dsv_is audit' -l actor -x -d 'by those with this in their name or address'
complete -c dsv -n '__dsv_is audit' -l since -x -d 'not older than this'
complete -c dsv -n '__dsv_is audit' -l head -d 'only print an anchor, to be kept elsewhere'
complete -c dsv -n '__dsv_is audit' -l verify -x -d 'only check that nothing before the anchor changed'
complete -c dsv -n '__dsv_is audit' -x -a '(__dsv_words rev-or-tracked)'

complete -c dsv -n '__dsv_is ""' -a export -d 'write a version\'s files to a directory or an archive'
complete -c dsv -n '__dsv_is export' -s o -l output -r -F -d 'write to this archive or directory; - is standard output'
complete -c dsv -n '__dsv_is export' -l format -x -a 'dir tar tar.gz tar.zst zip' -d 'write this, whatever the output\'s name ends in'
complete -c dsv -n '__dsv_is export' -l prefix -x -d 'put everything below this directory'
complete -c dsv -n '__dsv_is export' -l dataset -x -a '(__dsv_words dataset)' -d 'only the files of this dataset'
complete -c dsv -n '__dsv_is export' -l component -x -d 'only the files of this component type'
complete -c dsv -n '__dsv_is export' -s f -l force -d 'replace a file, or files in a directory, that are there'
complete -c dsv -n '__dsv_is export' -l decision -x -a 'pending approved rejected modify' -d 'of tables only the rows in this state'
complete -c dsv -n '__dsv_is export' -l retracted -d 'even if the version was retracted'
complete -c dsv -n '__dsv_is export' -x -a '(__dsv_words rev-or-tracked)'

complete -c dsv -n '__dsv_is ""' -a gc -d 'free what nothing needs, pack the rest'
complete -c dsv -n '__dsv_is gc' -s n -l dry-run -d 'say what would be collected and why, change nothing'
complete -c dsv -n '__dsv_is gc' -l now -d 'free the space at once, not with the next gc'

complete -c dsv -n '__dsv_is ""' -a fsck -d 'check that everything stored is whole'
complete -c dsv -n '__dsv_is fsck' -l quick -d 'names and structure only; do not decode what is stored'
complete -c dsv -n '__dsv_is fsck' -l repair -d 'first bring back what can be found, delete nothing'

complete -c dsv -n '__dsv_is ""' -a help -d 'explain dsv or one of its commands'
complete -c dsv -n '__dsv_is help' -x -a '(__dsv_words command)'

complete -c dsv -n '__dsv_is ""' -a version -d 'print the version of dsv'
