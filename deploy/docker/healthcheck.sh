#!/usr/bin/env bash
# Asks /livez of whichever process runs in this container; exits 0 as soon as one of its ports answers 200. Bash opens
# the connection itself: starting a Node every five seconds would cost more than an idle process does.
set -uo pipefail

# Docker gives a check three seconds; a process that hangs takes connections and answers nothing.
readonly ANSWER_S=2

# port_of <variable> <default>: Kubernetes sets the same names from services, to addresses such as tcp://10.0.0.1:8081.
port_of() {
  if [[ ${!1-} =~ ^[0-9]+$ ]]; then echo "${!1}"; else echo "$2"; fi
}

# is_live <port>: in a shell of its own, since a connection that is refused ends the one it is opened by.
is_live() (
  exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
  printf 'GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
  read -r -t "$ANSWER_S" _ status _ <&3 && [[ $status == 200 ]]
) 2>/dev/null

for pair in BATON_INGRESS_PORT:8080 BATON_ADMIN_PORT:8081 BATON_WORKER_PORT:8082 BATON_SIMULATOR_PORT:8090; do
  is_live "$(port_of "${pair%%:*}" "${pair##*:}")" && exit 0
done
exit 1
