"""seccomp.py PROGRAM ARGUMENT…: runs a program that cannot open a sock_diag socket, as on a kernel without it: socket(AF_NETLINK, *, NETLINK_SOCK_DIAG) fails with EPROTONOSUPPORT."""
import ctypes
import os
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO, EPROTONOSUPPORT = 0x7FFF0000, 0x00050000, 93
AF_NETLINK, NETLINK_SOCK_DIAG = 16, 4
SOCKET = {"x86_64": 41, "aarch64": 198}[os.uname().machine]


def unless(offset, value, skipped):
    """struct seccomp_data: u32 number at 0, arguments as u64 from 16 on. Leaves `skipped` instructions out where the word is another."""
    return struct.pack("=HBBI", LOAD_WORD, 0, 0, offset) + struct.pack("=HBBI", JUMP_IF_EQUAL, 0, skipped, value)


program = unless(0, SOCKET, 5) + unless(16, AF_NETLINK, 3) + unless(32, NETLINK_SOCK_DIAG, 1)
program += struct.pack("=HBBI", RETURN, 0, 0, ERRNO | EPROTONOSUPPORT) + struct.pack("=HBBI", RETURN, 0, 0, ALLOW)
code = ctypes.create_string_buffer(program)
filter = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter, 0, 0):
    sys.exit("seccomp: " + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[1], sys.argv[1:])
