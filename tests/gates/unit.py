#!/usr/bin/env python3
"""Gate on the systemd unit: what litfassd and its workers ask of the kernel
passes the unit's own filter. A denied call does not stop the service, it
only takes away what protects it, and nobody would see."""
import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
# what is needed, and who needs it
NEEDED = {
    "landlock_create_ruleset": "core/worker/sandbox.c",
    "landlock_add_rule": "core/worker/sandbox.c",
    "landlock_restrict_self": "core/worker/sandbox.c",
    "prctl": "core/worker/sandbox.c",
    "setrlimit": "core/worker/sandbox.c",
    "prlimit64": "core/worker/sandbox.c",
    "mlock": "core/config/secret.c",
    "memfd_create": "core/worker/wire.c",
    "chown": "core/control.c",
    "setsid": "core/engine/spawn.c",
    "epoll_wait": "core/base/loop_ev.c",
}


def members(group):
    """The calls of a systemd group, those of its groups included."""
    if not group.startswith("@"):
        return {group}
    out = subprocess.run(["systemd-analyze", "syscall-filter", group],
                         capture_output=True, check=True, text=True).stdout
    words = [line.strip() for line in out.splitlines()[1:]]
    return set().union(*(members(w) for w in words
                         if w and not w.startswith("#")))


def allowed(unit):
    """As systemd.exec(5) has it: the first line allows, later ones add, or
    with ~ take away."""
    calls = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        minus = line.startswith("~")
        for word in line.lstrip("~").split():
            calls = calls - members(word) if minus else calls | members(word)
    return calls


def main():
    if shutil.which("systemd-analyze") is None:
        print("unit: systemd-analyze is missing")
        return 77
    unit = (TOP / "conf/litfassd.service.in").read_text(encoding="utf-8")
    calls = allowed(unit)
    found = [f"litfassd.service: {c} is denied: needed by {who}"
             for c, who in NEEDED.items() if c not in calls]
    if "PrivateUsers=yes" in unit:
        found.append("litfassd.service: PrivateUsers hides who talks to the "
                     "control socket, and the group it belongs to")
    for line in found:
        print(line)
    print(f"unit: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
