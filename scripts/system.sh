#!/usr/bin/env bash
# What no wheel carries: a browser, exiftool to read what we write, and libfaketime to shift clocks.  Installed where they are missing and apt may be
# used; otherwise said plainly.
set -euo pipefail

missing=()
command -v chromium google-chrome >/dev/null || missing+=(chromium)
command -v exiftool >/dev/null || missing+=(libimage-exiftool-perl)
command -v faketime >/dev/null || missing+=(faketime)
[ ${#missing[@]} = 0 ] && exit 0

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
  echo "Please install Chromium (chromium or google-chrome on PATH), exiftool and faketime: the tests need them." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null
"${as_root[@]}" apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}" >/dev/null
