#!/usr/bin/env bash
# Builds the image `dateline` with whichever engine is here and running.
set -euo pipefail

for engine in docker podman; do
  if "$engine" info >/dev/null 2>&1; then
    exec "$engine" build --tag dateline .
  fi
done
if command -v buildah >/dev/null; then
  exec buildah build --tag dateline .
fi
echo "No running docker or podman and no buildah here; \`make image-check\` builds without them." >&2
exit 1
