#!/usr/bin/env python3
"""Gate on litfassd(8): every option of --help and every state of a delivery
is on the page, and nothing else is offered there as an option."""
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LITFASS_BUILD", os.getcwd())).resolve()


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
    if len(offered) < 5 or len(states) < 10:
        found.append("manual.py: the tables were not found")
    for line in found:
        print(line)
    print(f"manual: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
