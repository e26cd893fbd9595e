# shellcheck shell=bash
# Completes the arguments of cfmint in bash. cfmint itself knows them, so that this never gets old.
_cfmint() {
    local line value IFS=$'\n'
    COMPREPLY=()
    for line in $(cfmint complete --index "$COMP_CWORD" -- "${COMP_WORDS[@]}" 2> /dev/null); do
        printf -v value %q "${line%%$'\t'*}"
        COMPREPLY+=("$value")
    done
    # More of the word follows.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace 2> /dev/null
    fi
}
complete -F _cfmint cfmint
