#!/bin/sh
# buildBare.sh OUT KERNEL KEYS DEBS: OUT/initrd.gz, a whole system of busybox and dropbear, with the few modules that sockets need.
# DEBS holds the unpacked packages. Without bash, python, perl, ss, sudo and bpftrace, on purpose.
set -eu
out=$1 kernel=$2 keys=$3 debs=$4 here=$(dirname "$(readlink -f "$0")")
root=$out.root lib=lib/x86_64-linux-gnu release=$(cat "$kernel/release")
mkdir -p "$out"
for dir in bin usr/bin dev proc sys tmp run root/.ssh home/knet/.ssh etc/dropbear lib64 "$lib" lib/modules; do mkdir -p "$root/$dir"; done
cp "$debs/bin/busybox" "$root/bin/busybox"
for applet in $("$debs/bin/busybox" --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
cp "$debs/usr/sbin/dropbear" "$debs/usr/bin/dropbearkey" "$root/usr/bin/"
cp -L "$debs/lib64/ld-linux-x86-64.so.2" "$root/lib64/"
for so in libc.so.6 libcrypt.so.1 libz.so.1 libtomcrypt.so.1 libtommath.so.1 libgmp.so.10; do
  cp -L "$(find "$debs" -name "$so" | head -n 1)" "$root/$lib/"
done
tree=$out.tree
mkdir -p "$tree/lib/modules" "$root/lib/modules/$release"
ln -s "$kernel/modules" "$tree/lib/modules/$release"
for module in virtio_pci virtio_net tcp_diag udp_diag unix_diag; do
  modprobe -d "$tree" -S "$release" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
  target=$root/lib/modules/$release/${file#*/lib/modules/"$release"/}
  mkdir -p "$(dirname "$target")"
  case $file in
    *.xz) xz -dc "$file" > "${target%.xz}" ;;
    *) cp "$file" "$target" ;;
  esac
done
depmod -b "$root" "$release"
printf 'root:x:0:0:root:/root:/bin/sh\nknet:x:1000:1000::/home/knet:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\nknet:x:1000:\n' > "$root/etc/group"
printf 'root:*:1::::::\nknet:*:1::::::\n' > "$root/etc/shadow"
echo /bin/sh > "$root/etc/shells"
for home in root home/knet; do cat "$keys/id_ed25519.pub" "$keys/id_passphrase.pub" > "$root/$home/.ssh/authorized_keys"; done
chmod 700 "$root/root" "$root/root/.ssh" "$root/home/knet" "$root/home/knet/.ssh"
chmod 600 "$root/root/.ssh/authorized_keys" "$root/home/knet/.ssh/authorized_keys" "$root/etc/shadow"
"$root/lib64/ld-linux-x86-64.so.2" --library-path "$root/$lib" \
  "$debs/usr/bin/dropbearconvert" openssh dropbear "$keys/host_ed25519" "$root/etc/dropbear/dropbear_ed25519_host_key"
install -m 755 "$here/bareInit" "$root/init"
chmod 1777 "$root/tmp"
# The archive says root owns everything; knet's home gets its owner by a second archive behind the first.
(cd "$root" && find . -path ./home/knet -prune -o -print | cpio -o -H newc -R 0:0 --quiet | gzip -6) > "$out/initrd.gz.1"
(cd "$root" && find ./home/knet | cpio -o -H newc -R 1000:1000 --quiet | gzip -6) > "$out/initrd.gz.2"
cat "$out/initrd.gz.1" "$out/initrd.gz.2" > "$out/initrd.gz"
rm -rf "$root" "$tree" "$out/initrd.gz.1" "$out/initrd.gz.2"
