# Made from the option tables by `otary internal completion`: do not edit.
# shellcheck shell=bash
_otary()
{
    local word="${COMP_WORDS[COMP_CWORD]}" last="${COMP_WORDS[COMP_CWORD-1]}"
    local noun="${COMP_WORDS[1]}" verbs="" options="" words="" files=""
    local key="$noun"
    COMPREPLY=()
    if [[ $COMP_CWORD -eq 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "help flash --help --version" -- "$word")
        return
    fi
    case "$noun" in
    flash) verbs="new show extract" ;;
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
    flash/new:--table) files=1 ;;
    flash/new:--bootloader) files=1 ;;
    flash/new:--app) files=1 ;;
    flash/new:--data) files=1 ;;
    flash/new:--flash-size) ;;
    flash/new:--chip) ;;
    flash/new:--table-offset) ;;
    flash/show:--table-offset) ;;
    flash/extract:--table-offset) ;;
    *) files=1 ;;
    esac
    case "$key" in
    flash/new) options=" --json --color --help --table --bootloader --app --data --flash-size --chip --table-offset --force" ;;
    flash/show) options=" --json --color --help --table-offset" ;;
    flash/extract) options=" --json --color --help --whole --table-offset --force" ;;
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
