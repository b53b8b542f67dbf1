#!/bin/sh
# buildDisk.sh OUT.img ROOT.tar KEYS KERNEL…: an ext4 image of the root with users, keys and the modules of each kernel.
# Runs as root or as the mapped root of a user namespace (hence no device nodes: the guest mounts devtmpfs).
set -eu
out=$1 tar=$2 keys=$3 here=$(dirname "$(readlink -f "$0")")
shift 3
root=$out.root
mkdir -p "$root"
tar -C "$root" -xf "$tar" --exclude='./dev/*'
mkdir -p "$root/usr/lib/modules"
for kernel in "$@"; do cp -a "$kernel/modules" "$root/usr/lib/modules/$(cat "$kernel/release")"; done
install -m 755 "$here/labinit" "$root/usr/sbin/labinit"
install -m 644 "$here/sshd.conf" "$root/etc/ssh/sshd_config.d/lab.conf"
rm -f "$root"/etc/ssh/ssh_host_*
install -m 600 "$keys/host_ed25519" "$root/etc/ssh/ssh_host_ed25519_key"
install -m 644 "$keys/host_ed25519.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
authorize() { # USER HOME
  install -d -m 700 "$root$2/.ssh"
  cat "$keys/id_ed25519.pub" "$keys/id_passphrase.pub" > "$root$2/.ssh/authorized_keys"
  chmod 600 "$root$2/.ssh/authorized_keys"
  chroot "$root" chown -R "$1:" "$2/.ssh"
}
authorize root /root
for user in knet knet-nopass knet-plain knet-kbd knet-password; do
  chroot "$root" useradd --create-home --shell /bin/bash "$user"
  authorize "$user" "/home/$user"
done
chroot "$root" chpasswd < "$keys/passwords"
printf 'Defaults lecture=never\nknet ALL=(ALL:ALL) ALL\nknet-nopass ALL=(ALL:ALL) NOPASSWD: ALL\n' > "$root/etc/sudoers.d/lab"
chmod 440 "$root/etc/sudoers.d/lab"
# Only what is unpacked counts; the overlay of the guest takes the writes.
size=$(($(du -sm "$root" | cut -f1) * 108 / 100 + 64))
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$root" -L lab "$out" "${size}M"
rm -rf "$root"
