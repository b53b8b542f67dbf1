#!/bin/sh
# buildKernel.sh OUT DEB BUSYBOX: OUT/{vmlinuz,config,release,initrd.gz,modules/} from a kernel package.
set -eu
out=$1 deb=$2 busybox=$3 here=$(dirname "$(readlink -f "$0")")
work=$out.work
mkdir -p "$out" "$work/initrd/bin" "$work/initrd/dev" "$work/initrd/run" "$work/initrd/modules" "$work/initrd/newroot"
dpkg-deb -x "$deb" "$work/package"
release=$(ls "$work/package/lib/modules")
echo "$release" > "$out/release"
depmod -b "$work/package" "$release"
cp "$work/package/boot/vmlinuz-$release" "$out/vmlinuz"
cp "$work/package/boot/config-$release" "$out/config"
cp "$busybox" "$work/initrd/bin/busybox"
install -m 755 "$here/initrdInit" "$work/initrd/init"
n=10
for module in virtio_pci virtio_blk virtio_net ext4 overlay; do
  modprobe -d "$work/package" -S "$release" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
  n=$((n + 1))
  case $file in
    *.xz) xz -dc "$file" > "$work/initrd/modules/$n.ko" ;;
    *) cp "$file" "$work/initrd/modules/$n.ko" ;;
  esac
done
(cd "$work/initrd" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) > "$out/initrd.gz"
mv "$work/package/lib/modules/$release" "$out/modules"
rm -rf "$work"
