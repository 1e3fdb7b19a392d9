/** The completion scripts. Each hands the words up to the cursor to `chipmunk-host __complete` and shows what that prints. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type ShellName = (typeof SHELLS)[number];

/** Bash 3.2, which macOS has, knows neither `mapfile` nor `compopt`. */
const BASH = `# chipmunk-host completion bash: put   source <(chipmunk-host completion bash)   into ~/.bashrc
_chipmunk_host() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line word
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :files) compopt -o filenames 2>/dev/null
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current") ;;
      :directories) compopt -o filenames 2>/dev/null
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$current") ;;
      *) printf -v word '%q' "\${line%%$'\\t'*}"
        COMPREPLY+=("$word") ;;
    esac
  done < <(chipmunk-host __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _chipmunk_host chipmunk-host
`;

const ZSH = `#compdef chipmunk-host
# chipmunk-host completion zsh: put   source <(chipmunk-host completion zsh)   into ~/.zshrc, behind compinit
_chipmunk_host() {
  local line word paths=''
  local -a candidates
  while IFS= read -r line; do
    case "$line" in
      :*) paths="$line" ;;
      *) word="\${line%%$'\\t'*}"
        candidates+=("\${word//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done < <(chipmunk-host __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#candidates} )) && _describe -t values 'chipmunk-host' candidates
  [[ "$paths" == ':files' ]] && _files
  [[ "$paths" == ':directories' ]] && _files -/
  return 0
}
compdef _chipmunk_host chipmunk-host
`;

const FISH = `# chipmunk-host completion fish: save as   ~/.config/fish/completions/chipmunk-host.fish
function __chipmunk_host_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (chipmunk-host __complete -- $words[2..-1] "$current" 2>/dev/null)
        switch "$line"
            case ':files'
                __fish_complete_path "$current"
            case ':directories'
                __fish_complete_directories "$current"
            case '*'
                printf '%s\\n' "$line"
        end
    end
end
complete -c chipmunk-host -f -a '(__chipmunk_host_complete)'
`;

export const SCRIPTS: Readonly<Record<ShellName, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
