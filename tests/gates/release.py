#!/usr/bin/env python3
"""Gate on the release: the top level is what README promises, and nothing
names a machine of ours. (That every file is in the archive is asked by "make
dist" itself.)

Skips outside a git checkout: the archive itself has no list to compare with.
"""
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
TOP_LEVEL = {"core", "plugins", "conf", "tests", "tools", "configure.ac",
             "Makefile.am", "README.md", "LICENSE"}
# Somebody's home, or wherever this checkout is.
PRIVATE = re.compile(r"/home/\w|/root/|%s/" % re.escape(str(TOP)))


def git_files():
    try:
        out = subprocess.run(["git", "-C", str(TOP), "ls-files", "-z"],
                             capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return [f for f in out.stdout.decode().split("\0") if f]


def main():
    if not (TOP / ".git").exists() or (files := git_files()) is None:
        print("release: not a git checkout")
        return 77
    found = []
    for name in files:
        first = name.split("/")[0]
        if first not in TOP_LEVEL and not first.startswith("."):
            found.append(f"{name}: not one of the top-level names")
        path = TOP / name
        if path.is_file() and path != pathlib.Path(__file__).resolve():
            text = path.read_text(encoding="utf-8", errors="replace")
            for n, line in enumerate(text.splitlines(), 1):
                if PRIVATE.search(line):
                    found.append(f"{name}:{n}: names a machine of ours")
    for line in found:
        print(line)
    print(f"release: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
