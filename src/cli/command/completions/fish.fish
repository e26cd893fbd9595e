# Completes the arguments of cfmint in fish. cfmint itself knows them, so that this never gets old.
function __cfmint_complete
    set --local words (commandline --current-process --tokenize --cut-at-cursor)
    cfmint complete --index (count $words) -- $words (commandline --current-token --cut-at-cursor) 2> /dev/null
end
complete --command cfmint --no-files --keep-order --arguments '(__cfmint_complete)'
