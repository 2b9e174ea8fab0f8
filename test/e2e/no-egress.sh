#!/bin/sh
# Runs a command in a network namespace with loopback only, and traces every attempt to reach anything else.
# Usage: no-egress.sh LOG COMMAND…   Exit code 97 when something outside was even tried.
log=$1
shift
rm -f "$log"
unshare -n sh -c 'ip link set lo up && exec "$@"' sh \
  strace --seccomp-bpf -f -q -e trace=connect,sendto,sendmsg,sendmmsg -o "$log" "$@"
status=$?
# Addresses of the internet families that are not loopback. Unix sockets and netlink stay on the machine.
if grep -E 'sa_family=AF_INET6?,' "$log" | grep -vE 'inet_addr\("127\.|"::1"|"::ffff:127\.' | grep -q .; then
  exit 97
fi
exit $status
