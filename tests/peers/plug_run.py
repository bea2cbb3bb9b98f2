"""Runs one plugin in a real worker, through tests/contract/plug.

LITFASS_BUILD names the build folder; default the current one.
"""
import json
import os
import subprocess

from worker_wire import Worker

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("LITFASS_BUILD", os.getcwd())
ANNOUNCEMENTS = os.path.join(SOURCE, "tests", "data", "announcements.json")


def plug(folder, plugin, params, addresses, secret=None,
         announcement="lf-2026-0001", lang="de"):
    """Send through the real plugin; the rendition and results by id."""
    path = folder / "params.json"
    path.write_text(json.dumps(params))
    command = [os.path.join(BUILD, "tests", "contract", "plug"),
               os.path.join(BUILD, "plugins", ".libs", plugin + ".so"),
               "--params", str(path), "--announcement", ANNOUNCEMENTS,
               "--id", announcement, "--lang", lang, "--submit"]
    if secret is not None:
        (folder / "password").write_text(secret)
        (folder / "password").chmod(0o600)
        command += ["--secret", "password=" + str(folder / "password")]
    for address in addresses:
        command += ["--address", address]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert lines, run.stderr
    return lines[0], {r["id"]: r for r in lines[1:]}, run.stderr


def worker_of(plugin, params, secrets=None):
    with open(ANNOUNCEMENTS, encoding="utf-8") as f:
        issuer = json.load(f)["issuer"]
    return Worker(os.path.join(BUILD, "litfassd"),
                  os.path.join(BUILD, "plugins", ".libs", plugin + ".so"),
                  params, secrets, issuer)


def submit_expired(plugin, params, address):
    """The result of a delivery whose time is over when its turn comes."""
    rendition = {"body": "too late", "slots": [], "measures": [],
                 "meta": {}, "warnings": []}
    with worker_of(plugin, params) as worker:
        number = worker.put(rendition, "lf-1", "lf-1", expires=1)
        worker.submit(number, address)
        return worker.result()
