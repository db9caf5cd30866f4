"""Runs a command with the network cut off and only the loopback interface up, where Linux allows it.

    python tests/offline.py COMMAND …

With COURSE_OFFLINE=required it fails where the network cannot be cut; otherwise it says so and goes on.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


def loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sh", b"lo", 0).ljust(40, b"\0")
        flags = struct.unpack("16sh", fcntl.ioctl(sock, SIOCGIFFLAGS, request)[:18])[1]
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | IFF_UP).ljust(40, b"\0"))


def can_cut() -> bool:
    return (
        shutil.which("unshare") is not None
        and subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0
    )


def main(command: list[str]) -> int:
    if command[:1] == ["--inside"]:
        loopback_up()
        os.execvp(command[1], command[1:])
    if can_cut():
        print("Network cut off; only loopback is up.", flush=True)
        return subprocess.run(["unshare", "-rn", sys.executable, __file__, "--inside", *command]).returncode
    print("The network cannot be cut off on this system (unshare -rn): running with the network as it is.", flush=True)
    if os.environ.get("COURSE_OFFLINE") == "required":
        return 1
    return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
