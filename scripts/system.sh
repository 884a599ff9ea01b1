#!/usr/bin/env bash
# What no wheel carries: a browser.  Installed where it is missing and apt may be used; otherwise said plainly.
set -euo pipefail

command -v chromium google-chrome >/dev/null && exit 0

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
  echo "Please install Chromium (chromium or google-chrome on PATH): the browser tests need it." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null
"${as_root[@]}" apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends chromium >/dev/null
