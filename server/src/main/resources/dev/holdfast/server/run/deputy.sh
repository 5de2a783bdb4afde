# Ends a process group before its time is over, where the process that holds its lock no longer can. Each line of the standard input
# tells anew for how many milliseconds the group may run; "done" ends this. The end of the input is the end of the holder.
#
# Arguments: what to signal, the process id of the holder, and the first number of milliseconds.

trap '' HUP INT QUIT TERM TSTP TTIN TTOU USR1 USR2 ALRM PIPE
group=$1 holder=$2 left=$3 suspended=

signal_all() { kill -s "$1" -- "$group" 2>/dev/null; }

holder_is_suspended() {
  local stat
  if [ -r "/proc/$holder/stat" ]; then
    read -r stat 2>/dev/null <"/proc/$holder/stat"
    stat=${stat##*) }
  else
    stat=$(ps -o stat= -p "$holder" 2>/dev/null)
  fi
  case $stat in [Tt]*) return 0 ;; *) return 1 ;; esac
}

hear() {
  local seconds
  printf -v seconds '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
  # Before version 4, whole seconds only.
  ((BASH_VERSINFO[0] > 3)) || seconds=$(($1 < 1000 ? 1 : $1 / 1000))
  read -r -t "$seconds" line
}

while ((left > 0)); do
  step=$((left < 1000 ? left : 1000))
  hear "$step"
  heard=$?
  if ((heard == 0)); then
    [ "$line" != done ] || exit 0
    left=$line
    if [ -n "$suspended" ]; then
      suspended=
      signal_all CONT
    fi
  elif ((heard > 128)); then
    # A little more than the time that has passed: each turn takes some, too.
    left=$((left - step - step / 50 - 1))
    if [ -z "$suspended" ] && holder_is_suspended; then
      suspended=yes
      signal_all STOP
    fi
  else
    signal_all TERM
    signal_all CONT
    while ((left > 0)) && signal_all 0; do
      sleep 0.1
      left=$((left - 120))
    done
    break
  fi
done
signal_all KILL
