/**
 * The program that leads a session's process group: it claims the session, runs the agent, and records its exit code.
 * Arguments: the session's folder, `owned` or `free`, then the agent's program with its arguments.
 *
 * - The claim is a hard link, which exists whole or not at all and is made once: of two leaders of one session the second
 *   ends. Closing descriptor 3 tells the platform, if there still is one, that the claim was decided.
 * - The agent runs in the foreground: a shell makes background programs deaf to interrupts, and they stay so.
 * - The leader outlives a SIGTERM to the group, to record how the agent took it. Handlers, unlike ignored signals, are not
 *   inherited by the agent.
 * - When the agent has ended nothing of the group goes on: the last act is to kill it, the leader included.
 * - Owned: descriptor 4 ends with the platform; then every process with the session's mark is killed.
 */
export const sessionLeader = `
dir=$1 owner=$2; shift 2
stopping=
trap 'stopping=yes' TERM INT HUP
set -f
start_ticks() { shift 19; ticks=$1; }
read -r stat < "/proc/$$/stat" || exit 74
start_ticks \${stat##*) }
printf '%s %s\\n' "$$" "$ticks" > "$dir/claim.$$" || exit 74
ln "$dir/claim.$$" "$dir/claim" 2> /dev/null || { rm -f "$dir/claim.$$"; exit 75; }
rm -f "$dir/claim.$$"
exec 3>&-
end_with() { printf '%s\\n' "$1" > "$dir/exit.$2" && mv -f "$dir/exit.$2" "$dir/exit"; }
watch_owner() {
  trap '' TERM INT HUP
  set +f
  read -r nothing <&4
  end_with owner-gone owner
  read -r self rest < /proc/self/stat
  for environ in /proc/[0-9]*/environ; do
    pid=\${environ%/environ} pid=\${pid#/proc/}
    [ "$pid" = "$self" ] && continue
    grep -qzxF "ABCA_SESSION_ID=$ABCA_SESSION_ID" "$environ" 2> /dev/null && kill -KILL "$pid" 2> /dev/null
  done
  kill -KILL 0
}
if [ "$owner" = owned ]; then watch_owner & fi
if [ -n "$stopping" ]; then code=143; else "$@" 4<&-; code=$?; fi
end_with "$code" "$$"
kill -KILL 0
`;
