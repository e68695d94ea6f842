// The scripts that teach a shell to complete a program: each asks the program itself what may stand next, so that a script stays
// right when verbs change. The hidden word `__complete` answers with one candidate a line, and `:files` where files fit.
import type { Completion, SHELLS } from './completion.ts';

export const COMPLETE_WORD = '__complete';

const FILES_LINE = ':files';

/** The answer to a shell's question: `word<TAB>meaning` lines. */
export const completionLines = ({ candidates, files }: Completion): string =>
  [
    ...candidates.map(({ word, meaning }) => (meaning === '' ? word : `${word}\t${meaning}`)),
    ...(files ? [FILES_LINE] : []),
  ].join('\n');

const functionName = (program: string): string => `_${program.replaceAll('-', '_')}_complete`;

const bash = (
  program: string,
): string => `# Completion of ${program} for bash. In ~/.bashrc:  source <(${program} completion bash)
${functionName(program)}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line
  COMPREPLY=()
  while IFS= read -r line; do
    if [ "$line" = '${FILES_LINE}' ]; then
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${current#=}")
      compopt -o filenames 2>/dev/null
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${COMP_WORDS[0]}" ${COMPLETE_WORD} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F ${functionName(program)} ${program}
`;

const zsh = (program: string): string => `#compdef ${program}
# Completion of ${program} for zsh. In ~/.zshrc, after compinit:  source <(${program} completion zsh)
${functionName(program)}() {
  local line word meaning files=0
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == '${FILES_LINE}' ]]; then files=1; continue; fi
    word=\${line%%$'\\t'*}
    meaning=\${line#*$'\\t'}
    if [[ $word == $line ]]; then candidates+=("\${word//:/\\\\:}"); else candidates+=("\${word//:/\\\\:}:$meaning"); fi
  done < <("\${words[1]}" ${COMPLETE_WORD} "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then _describe '${program}' candidates; fi
  if (( files )); then _files; fi
}
compdef ${functionName(program)} ${program}
`;

const fish = (
  program: string,
): string => `# Completion of ${program} for fish. Once:  ${program} completion fish > ~/.config/fish/completions/${program}.fish
function ${functionName(program)}
    set -l words (commandline -opc) (commandline -ct)
    for line in (command $words[1] ${COMPLETE_WORD} $words[2..-1] 2>/dev/null)
        if test "$line" = '${FILES_LINE}'
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c ${program} -f -a '(${functionName(program)})'
`;

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], (program: string) => string>> = { bash, zsh, fish };

export const completionScript = (shell: (typeof SHELLS)[number], program: string): string => SCRIPTS[shell](program);
