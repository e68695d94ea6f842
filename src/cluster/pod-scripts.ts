// The shell scripts that run a command inside a container, watch it, end it and hand over its files. They need only what every image of
// an inference engine has (POSIX sh, coreutils, grep); a caller's words reach them as arguments, never as text of a script.

/** Every process of a run carries this variable, so that it is known among others, also after a number was given anew. */
export const RUN_VARIABLE = 'PROFILE_AND_OPTIMIZE_RUN';

/** Below this folder of a container lies all that we put there. */
export const POD_FOLDER = '/tmp/profile-and-optimize';

/** The last line of an answer: without it the stream was cut. */
export const ANSWER_END = '#end';

/** What a script ends with where the container lacks a tool, takes no file, or keeps a process that cannot be killed. */
export const SCRIPT_EXIT = { toolMissing: 97, notWritable: 96, stays: 95 } as const;

/** Ends all processes of a run, asked first. Arguments: id, turns of 0.2 s between asking and force. */
const END = `
id=$1 turns=$2
marked() { grep -l "${RUN_VARIABLE}=$id" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3; }
tree() {
  found=" $(marked | tr '\\n' ' ')"
  [ "$found" = " " ] && return
  more=1
  while [ "$more" = 1 ]; do
    more=0
    for status in /proc/[0-9]*/status; do
      pid=\${status#/proc/}
      pid=\${pid%/status}
      [ "$pid" = "$$" ] && continue
      case "$found" in *" $pid "*) continue ;; esac
      parent=-
      while read -r key value; do
        [ "$key" = PPid: ] && { parent=$value; break; }
      done 2>/dev/null <"$status"
      case "$found" in *" $parent "*) found="$found$pid "; more=1 ;; esac
    done
  done
}
tree
for pid in $found; do kill -TERM "$pid" 2>/dev/null; done
while [ "$found" != " " ] && [ "$turns" -gt 0 ]; do sleep 0.2; turns=$((turns - 1)); tree; done
turns=50
while [ "$found" != " " ] && [ "$turns" -gt 0 ]; do
  for pid in $found; do kill -KILL "$pid" 2>/dev/null; done
  sleep 0.2
  turns=$((turns - 1))
  tree
done
[ "$found" = " " ] || exit ${SCRIPT_EXIT.stays}
`;

/**
 * Runs the command and leaves its output and exit code. Ends it where nobody has asked for longer than the lease. Arguments: run folder,
 * folder of results, id, lease in seconds, 1 to stay afterwards, script that ends a run, number of files, path and text of each, command.
 */
const RUN = `
run=$1 raw=$2 id=$3 lease=$4 stay=$5 end=$6 files=$7
shift 7
mkdir -p "$raw" || exit ${SCRIPT_EXIT.notWritable}
if ! mkdir "$run" 2>/dev/null; then
  while [ "$stay" = 1 ]; do sleep 60; done
  exit ${SCRIPT_EXIT.notWritable}
fi
while [ "$files" -gt 0 ]; do
  mkdir -p "\${1%/*}" && printf '%s' "$2" >"$1" || exit ${SCRIPT_EXIT.notWritable}
  files=$((files - 1))
  shift 2
done
cd "$raw" || exit ${SCRIPT_EXIT.notWritable}
: >"$run/stdout"
: >"$run/stderr"
echo $$ >"$run/pid.part" && mv "$run/pid.part" "$run/pid"
env -u ${RUN_VARIABLE} sh -c '
  run=$1 id=$2 lease=$3 end=$4 last=- idle=0
  while [ -d "$run" ] && [ ! -e "$run/exit" ] && [ "$idle" -lt "$lease" ]; do
    sleep 5
    now=$(cat "$run/lease" 2>/dev/null)
    if [ "$now" = "$last" ]; then idle=$((idle + 5)); else idle=0 last=$now; fi
  done
  [ -d "$run" ] && [ ! -e "$run/exit" ] || exit 0
  echo "nobody asked for $lease s" >"$run/ended"
  exec sh -c "$end" sh "$id" 25
' sh "$run" "$id" "$lease" "$end" >/dev/null 2>&1 </dev/null &
"$@" >"$run/stdout" 2>"$run/stderr" </dev/null
code=$?
[ -d "$run" ] && echo "$code" >"$run/exit.part" && mv "$run/exit.part" "$run/exit"
while [ "$stay" = 1 ]; do sleep 60; done
exit "$code"
`;

/** Starts RUN apart from the stream that asked for it; does nothing where it was started before. Arguments: run folder, id, then all words. */
const START = `
run=$1 id=$2
shift 2
for tool in setsid sha256sum base64 find; do
  command -v "$tool" >/dev/null || { echo "$tool"; echo "${ANSWER_END}"; exit ${SCRIPT_EXIT.toolMissing}; }
done
umask 077
mkdir -p "\${run%/*}" || { echo "${ANSWER_END}"; exit ${SCRIPT_EXIT.notWritable}; }
[ -d "$run" ] || ${RUN_VARIABLE}=$id setsid "$@" </dev/null >/dev/null 2>&1 &
turns=50
while [ ! -d "$run" ] && [ "$turns" -gt 0 ]; do sleep 0.1; turns=$((turns - 1)); done
echo "${ANSWER_END}"
`;

/** How the run is, and what it printed since. Arguments: run folder, id, a word that renews the lease or nothing, bytes known of stdout and of stderr, most bytes. */
const POLL = `
run=$1 id=$2
if [ ! -d "$run" ]; then echo "gone"; echo "${ANSWER_END}"; exit 0; fi
[ -n "$3" ] && echo "$3" >"$run/lease"
alive=0
pid=$(cat "$run/pid" 2>/dev/null)
[ -n "$pid" ] && grep -q "${RUN_VARIABLE}=$id" "/proc/$pid/environ" 2>/dev/null && alive=1
code=$(cat "$run/exit" 2>/dev/null)
echo "run \${code:--} $alive $(($(wc -c <"$run/stdout") + 0)) $(($(wc -c <"$run/stderr") + 0))"
cat "$run/ended" 2>/dev/null || echo
tail -c "+$(($4 + 1))" "$run/stdout" | head -c "$6" | base64 | tr -d '\\n'
echo
tail -c "+$(($5 + 1))" "$run/stderr" | head -c "$6" | base64 | tr -d '\\n'
echo
echo "${ANSWER_END}"
`;

/** Size, hash and name of every file. Argument: folder. */
const LIST = `
cd "$1" || exit ${SCRIPT_EXIT.notWritable}
find . -type f -exec sh -c 'for file; do printf "%s " "$(($(wc -c <"$file") + 0))"; sha256sum "$file"; done' sh {} +
echo "${ANSWER_END}"
`;

/** Parts of files, a line each. Arguments: folder, then name, first byte and number of bytes of each part. */
const READ = `
cd "$1" || exit ${SCRIPT_EXIT.notWritable}
shift
while [ "$#" -gt 2 ]; do
  tail -c "+$(($2 + 1))" "$1" | head -c "$3" | base64 | tr -d '\\n'
  echo
  shift 3
done
echo "${ANSWER_END}"
`;

/** Ends what is left of a run and removes its folder. Arguments: id, turns, folder, script that ends a run. */
const CLEAN = `
sh -c "$4" sh "$1" "$2" || { echo "${ANSWER_END}"; exit ${SCRIPT_EXIT.stays}; }
case "$3" in ${POD_FOLDER}/?*) rm -rf -- "$3"; rmdir ${POD_FOLDER} 2>/dev/null ;; esac
[ -e "$3" ] && { echo "${ANSWER_END}"; exit ${SCRIPT_EXIT.notWritable}; }
echo "${ANSWER_END}"
`;

/** Stays as long as somebody asks: holds the files of a run whose own container has ended. Arguments: run folder, lease in seconds. */
const KEEP = `
run=$1 lease=$2 last=- idle=0
trap 'exit 0' TERM
while [ "$idle" -lt "$lease" ]; do
  sleep 5 &
  wait $!
  now=$(cat "$run/lease" 2>/dev/null)
  if [ "$now" = "$last" ]; then idle=$((idle + 5)); else idle=0 last=$now; fi
done
`;

/** A run in a container: where it lies there, and what tells it from others. */
export interface PodRun {
  /** Absolute folder in the container that is ours alone. */
  readonly base: string;
  /** Folder below it of this command. */
  readonly run: string;
  /** Folder below it that takes what the command writes. */
  readonly raw: string;
  /** Lower-case letters, digits and dashes; unique to the command. */
  readonly id: string;
}

/** Seconds for which a run goes on though nobody asks for it. */
export const LEASE_S = 1800;

export interface RunCommand {
  readonly argv: readonly string[];
  /** Absolute paths in the container. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

const script = (text: string, words: readonly string[]): string[] => ['sh', '-c', text, 'sh', ...words];

/** The command of a container that runs it. `stay` where a container that ends would be started again. */
export const runWords = ({ run, raw, id }: PodRun, { argv, files }: RunCommand, stay: boolean): string[] =>
  script(RUN, [
    run,
    raw,
    id,
    String(LEASE_S),
    stay ? '1' : '0',
    END,
    String(files.length),
    ...files.flatMap(({ path, text }) => [path, text]),
    ...argv,
  ]);

export const startWords = (run: PodRun, command: RunCommand): string[] =>
  script(START, [run.run, run.id, ...runWords(run, command, false)]);

export const pollWords = (
  { run, id }: PodRun,
  lease: string,
  known: readonly [number, number],
  most: number,
): string[] => script(POLL, [run, id, lease, String(known[0]), String(known[1]), String(most)]);

/** A process that is started in a container has that container's variables: what ends a run must not be taken for a part of it. */
const apart = (words: readonly string[]): string[] => ['env', '-u', RUN_VARIABLE, ...words];

export const endWords = ({ id }: PodRun, graceMs: number): string[] =>
  apart(script(`${END}\necho "${ANSWER_END}"`, [id, String(Math.ceil(graceMs / 200))]));

export const listWords = ({ raw }: PodRun): string[] => script(LIST, [raw]);

export interface FilePart {
  readonly name: string;
  readonly from: number;
  readonly bytes: number;
}

export const readWords = ({ raw }: PodRun, parts: readonly FilePart[]): string[] =>
  script(READ, [raw, ...parts.flatMap(({ name, from, bytes }) => [name, String(from), String(bytes)])]);

export const cleanWords = ({ id, base }: PodRun): string[] => apart(script(CLEAN, [id, '10', base, END]));

export const keepWords = ({ run }: PodRun): string[] => script(KEEP, [run, String(LEASE_S)]);

/** What a server answers to a GET, asked from where it runs. Argument: URL. First line: answers, silent, or unknown for no program to ask with. */
export const probeScript = `
if command -v curl >/dev/null; then
  if body=$(curl -sS -m 10 "$1" 2>&1); then echo answers; else echo silent; fi
  printf '%s' "$body" | head -c 2000000 | base64 | tr -d '\\n'
elif command -v python3 >/dev/null; then
  python3 -c '
import base64, sys, urllib.error, urllib.request
try:
    body, state = urllib.request.urlopen(sys.argv[1], timeout=10).read(2000000), "answers"
except urllib.error.HTTPError as error:
    body, state = str(error).encode(), "answers"
except Exception as error:
    body, state = str(error).encode(), "silent"
print(state)
print(base64.b64encode(body).decode(), end="")
' "$1"
else echo unknown; fi
echo
echo "${ANSWER_END}"
`;

export const probeWords = (url: string): string[] => script(probeScript, [url]);

const SCRIPTS: Readonly<Record<string, string>> = { START, RUN, END, KEEP };

const nameOf = (word: string): string | undefined => Object.keys(SCRIPTS).find((name) => SCRIPTS[name] === word);

/** Words as a person reads them: a script stands as its name, `<RUN>`. */
export const withNamedScripts = (words: readonly string[]): string[] =>
  words.map((word) => {
    const name = nameOf(word);
    return name === undefined ? word : `<${name}>`;
  });

/** The scripts that stand in such words by their names, each once. */
export const scriptTexts = (words: readonly string[]): string[] =>
  Object.entries(SCRIPTS).flatMap(([name, text]) =>
    words.includes(`<${name}>`) ? [`<${name}>:\n${text.trim()}`] : [],
  );
