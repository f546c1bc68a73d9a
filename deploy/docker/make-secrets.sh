#!/usr/bin/env bash
# Makes the secrets that docker-compose.yml hands to the containers as files, in the folder `secrets` or the one that is
# named; what is there already is kept. Keep a copy of `keyring` elsewhere: without it a backup of Redis cannot be read.
#
#   deploy/docker/make-secrets.sh [folder]
set -euo pipefail
folder=${1:-$(dirname "$0")/../../secrets}

# The folder keeps others out; within it the containers' users, which are not this one, must be able to read.
umask 077
mkdir -p "$folder"

# make <name> <contents>
make() {
  [[ -s $folder/$1 ]] && return
  printf '%s\n' "$2" >"$folder/$1"
  chmod 444 "$folder/$1"
  echo "made $folder/$1"
}

make keyring "k$(date -u +%Y%m%d):$(openssl rand -base64 32)"
make admin-key "ba_$(openssl rand -hex 32)"
# Redis takes its password from the same address as the processes, so the two cannot differ.
# With the user that a password alone means: redis-cli sends an empty one otherwise, and is refused.
make redis-url "redis://default:$(openssl rand -hex 32)@redis:6379"
