#!/usr/bin/env python3
"""Every fixture on every channel in every language, byte for byte.

The real plugin renders in a real worker that is not live. What it writes is
compared with the file PLUGIN/ID.txt beside this script: one section a
language, the body as it is with its slots shown as {{=name=}}, then measures
and warnings.

usage: goldens.py             compare; exit 1 and show what differs
       goldens.py --update    write what is rendered now; look at git diff
"""
import base64
import difflib
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get("LITFASS_BUILD", os.getcwd())).resolve()
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "tests/peers"))

from worker_wire import Worker  # noqa: E402

# The least that each plugin wants to be told; all else is its default.
CHANNELS = {
    "file": {"dir": "/nonexistent"},
    "mqtt": {"url": "mqtt://broker.example"},
    "email": {"relay": "smtp://relay.example",
              "from": "presse@lindenfurt.example"},
    "sms_http": {"preset": "seven", "url": "https://gateway.example"},
    "whatsapp": {"phone_number_id": "106540352242922"},
}
# Somebody who reads a language that the text is not in.
FALLBACKS = {"lf-2026-0011": ["tr", "ar"]}


def body_of(rendition):
    body = (base64.b64decode(rendition["body64"]) if "body64" in rendition
            else rendition["body"].encode())
    out, at = b"", 0
    for offset, name, escape in rendition.get("slots", []):
        out += body[at:offset] + b"{{=%s=}}" % name.encode()
        at = offset
    return out + body[at:]


def section(rendition, title):
    out = b"##### %s\n%s\n" % (title.encode(), body_of(rendition))
    for name, n in rendition.get("measures", []):
        out += b"##### %s: %d\n" % (name.encode(), n)
    for key, value in sorted(rendition.get("meta", {}).items()):
        out += b"##### meta %s: %s\n" % (key.encode(), value.encode())
    for slug, text in rendition.get("warnings", []):
        out += b"##### warning %s: %s\n" % (slug.encode(), text.encode())
    return out


def chain_of(announcement):
    refs = announcement.get("references") or [announcement["id"]]
    return refs[0]


def render_all(worker, announcement):
    views = [(lang, lang) for lang in announcement["content"]]
    views += [("de", w) for w in FALLBACKS.get(announcement["id"], [])]
    out = b""
    for lang, wanted in views:
        title = lang if lang == wanted else f"{lang} for {wanted}"
        try:
            worker.render(announcement, lang, wanted, chain_of(announcement))
            out += section(worker.rendition, title)
        except ValueError as why:
            out += b"##### %s refused: %s\n" % (title.encode(),
                                                str(why).encode())
    return out


def show(name, old, new):
    old, new = (x.decode(errors="replace").splitlines() for x in (old, new))
    for line in difflib.unified_diff(old, new, f"{name} (kept)",
                                     f"{name} (now)", lineterm="", n=1):
        print(line)


def check(path, new, update):
    """1 when the kept file is not what is rendered now."""
    old = path.read_bytes() if path.exists() else b""
    if old == new:
        return 0
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(new)
    else:
        show(f"{path.parent.name}/{path.name}", old, new)
    return 1


def main():
    update = "--update" in sys.argv
    data = json.loads((TOP / "tests/data/announcements.json").read_text())
    differ = count = 0
    for plugin, params in CHANNELS.items():
        so = BUILD / "plugins/.libs" / f"{plugin}.so"
        with Worker(str(BUILD / "litfassd"), str(so), params,
                    issuer=data["issuer"], live=False) as worker:
            if worker.ready["t"] != "ready":
                print(f"{plugin}: {worker.ready}")
                return 1
            for a in data["announcements"]:
                differ += check(HERE / plugin / f"{a['id']}.txt",
                                render_all(worker, a), update)
                count += 1
    print(f"goldens: {count} files, {differ} "
          f"{'written' if update else 'differ: make update-goldens'}")
    return 1 if differ and not update else 0


if __name__ == "__main__":
    sys.exit(main())
