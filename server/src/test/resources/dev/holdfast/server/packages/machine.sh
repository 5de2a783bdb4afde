#!/usr/bin/env bash
# Makes a machine of its own on this one, and ends it when standard input ends, as it does with whoever started this: it sees the
# files of this one, and what it writes to them goes to memory; processes, network and cgroups are its own. Its first process is systemd.
# Arguments: the folder to mount it at, the name of its cgroups, and what to do.
set -euo pipefail

place="$1"
name="$2"

case "$3" in
  enter)
    cgroups=()
    for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
      if [[ -e "$hierarchy/cgroup.procs" ]]; then cgroups+=("$hierarchy/$name"); fi
    done
    mkdir "${cgroups[@]}"
    (
      for each in "${cgroups[@]}"; do echo "$BASHPID" >"$each/cgroup.procs"; done
      exec unshare --mount --pid --cgroup --net --uts --ipc --fork --kill-child bash "$0" "$place" "$name" become
    ) </dev/null &
    machine=$!
    # The shell would give it /dev/null.
    exec 3<&0
    (
      cat <&3 >/dev/null
      kill -KILL "$machine"
    ) &
    watcher=$!
    status=0
    wait "$machine" 2>/dev/null || status=$?
    pkill -KILL -P "$watcher" || true
    kill -KILL "$watcher" 2>/dev/null || true
    # They can go once the last process has gone.
    for _ in {1..600}; do
      for each in "${cgroups[@]}"; do
        [[ ! -e "$each" ]] || find "$each" -depth -type d -exec rmdir {} + 2>/dev/null || true
      done
      left=0
      for each in "${cgroups[@]}"; do
        if [[ -e "$each" ]]; then left=1; fi
      done
      ((left)) || break
      sleep 0.1
    done
    exit "$status"
    ;;
  become) ;;
  *) exit 2 ;;
esac

mount --make-rprivate /
legacy=true
if [[ -e /sys/fs/cgroup/cgroup.procs ]]; then legacy=false; fi
mount -t tmpfs tmpfs "$place"
mkdir "$place/upper" "$place/work" "$place/root"
root="$place/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$root"

# Settings of the kernel are everybody's: nothing may change them.
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
if [[ "$legacy" == true ]]; then
  mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
  mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
  mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
else
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
fi
for each in run tmp dev; do
  mount -t tmpfs -o mode=0755 tmpfs "$root/$each"
done
chmod 1777 "$root/tmp"
for each in null zero full random urandom tty; do
  touch "$root/dev/$each"
  mount --bind "/dev/$each" "$root/dev/$each"
done
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ip link set lo up

# Nothing of what this machine runs is to run there, too.
units="$root/run/systemd/system"
mkdir -p "$units"
for each in dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount \
  systemd-remount-fs.service systemd-update-utmp.service systemd-sysusers.service cryptsetup.target; do
  ln -s /dev/null "$units/$each"
done
printf '[Unit]\nRequires=basic.target\nAfter=basic.target\n' >"$units/machine.target"

mkdir "$root/tmp/before"
cd "$root"
pivot_root . tmp/before
umount -l /tmp/before
echo "machine: systemd begins" >&2
exec env -i container=other PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  setpriv --bounding-set -sys_time,-sys_module,-sys_boot,-syslog /lib/systemd/systemd --system --unit=machine.target
