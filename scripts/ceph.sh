#!/usr/bin/env bash
# Ceph's S3 gateway and the two servers it stands on, for `make drill`.  Installed where they are missing and apt may be
# used; otherwise said plainly.  Debian's packages enable units of systemd, none of which starts without a configuration.
set -euo pipefail

missing=()
for program in radosgw ceph-mon ceph-osd ceph; do
  command -v "$program" >/dev/null || missing+=("$program")
done
[ ${#missing[@]} = 0 ] && exit 0

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
  echo "Ceph is not installed (${missing[*]}): please install Debian's radosgw, ceph-mon, ceph-osd and ceph-common, or the like." >&2
  exit 1
fi
echo "Installing Ceph, the second S3 of the drill (about 40 s and 300 MB)."
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null
"${as_root[@]}" apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common >/dev/null
