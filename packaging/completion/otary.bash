# Made from the option tables by `otary internal completion`: do not edit.
# shellcheck shell=bash
_otary()
{
    local word="${COMP_WORDS[COMP_CWORD]}" last="${COMP_WORDS[COMP_CWORD-1]}"
    local noun="${COMP_WORDS[1]}" verbs="" options="" words="" files=""
    local key="$noun"
    COMPREPLY=()
    if [[ $COMP_CWORD -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "help --help --version" -- "$word")
        return
    fi
    case "$noun" in
    esac
    if [[ -n $verbs ]]; then
        if [[ $COMP_CWORD -eq 2 ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$verbs --help" -- "$word")
            return
        fi
        key="$noun/${COMP_WORDS[2]}"
    fi
    case "$key:$last" in
    *:--color) words="never auto always" ;;
    *) files=1 ;;
    esac
    case "$key" in
    esac
    if [[ -n $words ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    elif [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    elif [[ -n $files ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}
complete -o filenames -F _otary otary
