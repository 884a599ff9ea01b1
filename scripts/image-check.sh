#!/usr/bin/env bash
# Builds the Dockerfile without a container engine and without an image registry, and asks its server (root, Debian).
# debootstrap makes the base image under the name that the Dockerfile uses; buildah runs each step in a chroot.
# Not exercised: namespaces, cgroups, seccomp, overlayfs, HEALTHCHECK; and the base is Debian's own, not the published image.
# usage: scripts/image-check.sh [FOLDER]   default var/image; keeps the base image there for the next time
set -euo pipefail
cd "$(dirname "$0")/.."

suite=trixie
base=docker.io/library/debian:$suite-slim
folder=$(mkdir -p "${1:-var/image}" && cd "${1:-var/image}" && pwd)
certificates=/etc/ssl/certs/ca-certificates.crt
python=$(command -v python3)

for tool in buildah debootstrap; do
  command -v "$tool" >/dev/null || { echo "Please install $tool: apt-get install buildah debootstrap" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "debootstrap and a chroot need root." >&2; exit 1; }

buildah() {
  command buildah --root "$folder/images" --runroot "$folder/run" --storage-driver vfs "$@"
}

if ! buildah images --quiet "$base" >/dev/null 2>&1; then
  [ -e "$folder/$suite/etc/debian_version" ] || debootstrap --variant=minbase "$suite" "$folder/$suite" >"$folder/debootstrap.log"
  scratch=$(buildah from scratch)
  buildah add --quiet "$scratch" "$folder/$suite" / >/dev/null
  buildah commit --quiet "$scratch" "$base" >/dev/null
  buildah rm "$scratch" >/dev/null
fi

# the host's certificates are bound in, so that an inspecting proxy's are known during the build; nothing of them stays
buildah bud --format docker --isolation chroot --network host --pull-never \
  --volume "$certificates:/usr/local/share/ca-certificates/host.crt:ro" --tag dateline:check .
container=$(buildah from --pull-never localhost/dateline:check)
trap 'buildah rm "$container" >/dev/null 2>&1 || true' EXIT

port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
inside() {
  buildah run --isolation chroot --network host --env DATELINE_HOST=127.0.0.1 --env DATELINE_PORT="$port" "$container" -- "$@"
}
# the image's own HEALTHCHECK, which no engine runs here: CMD and its words
mapfile -t health < <(buildah inspect --type image --format '{{range .Docker.Config.Healthcheck.Test}}{{println .}}{{end}}' localhost/dateline:check)

inside dateline migrate
inside sh -c 'echo $$ >server.pid; exec timeout 120 dateline serve' >"$folder/serve.log" 2>&1 &
server=$!
tries=0
until inside "${health[@]:1:3}" 2>"$folder/health.log"; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || { cat "$folder/health.log" "$folder/serve.log" >&2; exit 1; }
  sleep 0.5
done
echo "ready at port $port, as uid $(inside sh -c 'stat -c %u "/proc/$(cat server.pid)"')"
inside sh -c 'kill "$(cat server.pid)"'
wait "$server"
echo "stopped"
