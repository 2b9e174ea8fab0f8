#!/bin/sh
# Runs a command in a network namespace with loopback only, and traces every attempt to reach anything else, or to ask for a name.
# Usage: no-egress.sh LOG COMMAND…   Exit code 97 when something was even tried.
log=$1
shift
rm -f "$log"
unshare -n sh -c 'ip link set lo up && exec "$@"' sh \
  strace --seccomp-bpf -f -q -e trace=connect,sendto,sendmsg,sendmmsg -o "$log" "$@"
status=$?
[ -f "$log" ] || exit 98
# Every address of every family but Unix sockets, netlink and none at all; of the internet families all but 127.0.0.0/8 and ::1.
outside=$(grep -E 'sa_family=AF_' "$log" | grep -vE 'sa_family=AF_(UNIX|LOCAL|NETLINK|UNSPEC)' |
  grep -vE 'inet_addr\("127\.|inet_pton\(AF_INET6, "(::1|::ffff:127\.[0-9.]+)"')
# Questions for names, also to a resolver on this machine that would pass them on: port 53, and the socket of systemd-resolved, or of
# nscd where there is one (glibc also asks it for users; where there is none it asks port 53 itself).
names=$(grep -E 'sin6?_port=htons\(53\)|sun_path="[^"]*systemd/resolve[^"]*"|sun_path="[^"]*nscd[^"]*".*= 0$' "$log")
[ -z "$outside$names" ] || exit 97
exit $status
