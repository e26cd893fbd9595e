#compdef cfmint
# Completes the arguments of cfmint in zsh. cfmint itself knows them, so that this never gets old.
_cfmint() {
    local line value
    local -a whole shown parts
    for line in "${(@f)$(cfmint complete --index $((CURRENT - 1)) -- "${words[@]}" 2> /dev/null)}"; do
        value=${line%%$'\t'*}
        if [[ -z $value ]]; then
            continue
        elif [[ $value == *[/=] ]]; then
            # More of the word follows.
            parts+=("$value")
        else
            whole+=("$value")
            shown+=("${line/$'\t'/  -- }")
        fi
    done
    compadd -l -d shown -a whole
    compadd -S '' -a parts
}
if [[ ${funcstack[1]} == _cfmint ]]; then
    _cfmint "$@"
else
    compdef _cfmint cfmint
fi
