#!/usr/bin/env python3
"""Gate on litfassd(8) and litfass.conf(5): every option of --help and every
state of a delivery is on the page, and nothing else is offered there as an
option; the kinds that a channel may carry are those of announcements."""
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LITFASS_BUILD", os.getcwd())).resolve()


def words(name, key):
    """The choices "a|b|c" in the row of a key in one of our tables."""
    row = re.search(r'"%s",.*?((?:"[a-z_|]+\|[a-z_|]+"\s*)+)' % key,
                    (TOP / name).read_text(encoding="utf-8"), re.S)
    return "".join(re.findall(r'"(.*?)"', row.group(1))).split("|") \
        if row else []


def main():
    help_text = subprocess.run([BUILD / "litfassd", "--help"],
                               capture_output=True, check=True,
                               text=True).stdout
    page = (TOP / "core/litfassd.8").read_text(encoding="utf-8")
    offered = set(re.findall(r"--([a-z-]+)", help_text))
    written = set(re.findall(r"^\.It Fl \w , -([a-z-]+)", page, re.M))
    states = re.findall(r'IN\(\w+\) = \{ "(\w+)"',
                        (TOP / "core/engine/delivery.c").read_text())
    found = [f"litfassd.8: --{o} is missing" for o in offered - written]
    found += [f"litfassd.8: --{o} is no option" for o in written - offered]
    found += [f"litfassd.8: state {s} is missing" for s in states
              if s not in ("sending", "cancelling") and
              not re.search(rf"^\.It {s}$", page, re.M)]
    kinds, carried = words("core/announce/schema.c", "kind"), \
        words("core/config/keys.c", "kinds")
    conf = (TOP / "core/litfass.conf.5").read_text(encoding="utf-8")
    found += [f"keys.c: kinds: {k} is in one table only"
              for k in set(kinds) ^ set(carried)]
    found += [f"litfass.conf.5: kind {k} is missing" for k in kinds
              if not re.search(rf"^\.Qq {k}\b", conf, re.M)]
    if len(offered) < 5 or len(states) < 10 or len(kinds) < 10:
        found.append("manual.py: the tables were not found")
    for line in found:
        print(line)
    print(f"manual: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
