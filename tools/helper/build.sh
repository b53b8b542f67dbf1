#!/bin/sh
# Builds the static pump for one architecture: build.sh x86_64|aarch64 OUTPUT. The same compiler gives the same bytes.
set -eu
here=$(dirname "$0")
case $1 in
  x86_64) set -- "$2" gcc -m64 ;;
  aarch64) set -- "$2" aarch64-linux-gnu-gcc ;;
  *) echo "no such architecture: $1" >&2; exit 2 ;;
esac
output=$1
shift
command -v "$1" >/dev/null || { echo "$1 is missing (Debian: gcc, gcc-aarch64-linux-gnu)" >&2; exit 1; }
exec "$@" -std=gnu11 -Os -Wall -Wextra -Werror -static -nostdlib -ffreestanding -fno-pie -no-pie -fno-builtin -fno-stack-protector \
  -fno-strict-aliasing -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-tree-loop-distribute-patterns -fno-ident \
  -fcf-protection=none -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-s -o "$output" "$here/pump.c"
