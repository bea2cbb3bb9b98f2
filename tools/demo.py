"""The second half of tools/demo: peers, litfassd, and what arrived.

The peers are those of the tests: mosquitto, aiosmtpd, and strict stand-ins
for the WhatsApp Cloud API and an SMS gateway.
"""
import argparse
import contextlib
import email
import email.policy
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import urllib.parse

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TOP / "tests/e2e"), str(TOP / "tests/peers")]

import house as h               # noqa: E402
import mail_peer                # noqa: E402
import mqtt_peer                # noqa: E402
import sms_peer                 # noqa: E402
import wa_peer                  # noqa: E402

STORM, CAP = "lf-2026-0002", "DE-XX-STADT-DEMO-0001"
PEOPLE = """\
ref,languages,email,sms,whatsapp
anna,de,anna@example.org,+493023125001,+493023126001
burak,tr;en,burak@example.org,+493023125002,+493023126002
john,en,john@example.org,,
"""
EXPECTED = {"whatsapp": 2, "sms": 2, "mail": 3}
BOLD, PLAIN = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
WIDTH = 72


def say(text=""):
    print(text, flush=True)


def title(text):
    say("\n%s== %s%s" % (BOLD, text, PLAIN))


def show(head, text):
    """One thing that arrived, in a frame."""
    say("\n%s┌─ %s%s" % (BOLD, head, PLAIN))
    for line in text.strip().splitlines():
        for part in textwrap.wrap(line, WIDTH) or [""]:
            say("│ " + part)
    say("└" + "─" * WIDTH)


# ------------------------------------------------------- what each peer got --

class Inbox:
    """Counts what arrived on each channel, and shows it."""

    def __init__(self):
        self.lock, self.quiet, self.held = threading.Lock(), True, []

    def put(self, channel, head, text):
        with self.lock:
            if self.quiet:
                self.held.append((channel, head, text))
            else:
                show(head, text)

    def take(self):
        with self.lock:
            held, self.held = self.held, []
        return held

    def mail(self, to, raw):
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        body = mail.get_body(("plain",)).get_content()
        self.put("mail", "Mail to %s" % to, "From: %s\nSubject: %s\n\n%s" %
                 (mail["From"], mail["Subject"], body))

    def sms(self, request):
        form = dict(urllib.parse.parse_qsl(request[3]))
        self.put("sms", "SMS to %s" % form["To"], form["Body"])
        return 201, {}, '{"sid":"SM1"}'

    def whatsapp(self, call):
        self.put("whatsapp", "WhatsApp to %s" % call["to"],
                 call["text"]["body"])


class Taker(mail_peer.Taker):
    def __init__(self, inbox):
        super().__init__()
        self.inbox = inbox

    async def handle_DATA(self, server, session, envelope):
        self.inbox.mail(envelope.rcpt_tos[0], envelope.content)
        return await super().handle_DATA(server, session, envelope)


def document(message):
    """A display's document as a person sees it."""
    doc = json.loads(message["payload"])
    lines = ["%s, %s, until %s" % (doc["class"], doc["severity"],
                                   doc["until"])]
    for page in doc["pages"]:
        lines += ["", "[%s] %s" % (page["lang"], page["head"]),
                  page["text"]]
    show("Display, topic %s" % message["topic"], "\n".join(lines))


def parts_of(house, name):
    """How many parts each SMS text has, as the preview says."""
    run = litfass(house, "preview", name, "--channel", "sms", "-o", "json",
                  quiet=True)
    return {r["body"]: r["measures"]["parts"] for r in json.loads(run)}


# -------------------------------------------------------------- the house --

def litfass(house, *args, quiet=False):
    """Run the command line, as a person would; its output."""
    if not quiet:
        say("%s$ litfass %s%s" % (BOLD, " ".join(args), PLAIN))
    run = subprocess.run([str(h.LITFASS), *args], env=house.env, text=True,
                         cwd=house.folder, stdout=subprocess.PIPE,
                         timeout=120, stderr=subprocess.PIPE)
    if not quiet:
        say(run.stdout.rstrip())
    if run.returncode != 0:
        raise SystemExit("demo: litfass %s: exit code %d: %s" %
                         (args[0], run.returncode, run.stderr))
    return run.stdout


def channels(relay, broker, gateway, meta):
    return {
        "whatsapp": {
            "plugin": "whatsapp", "base_url": meta.url,
            "phone_number_id": "106540352242922",
            "token_secret": "secret-token"},
        "displays": {
            "plugin": "mqtt", "url": "mqtt://127.0.0.1:%d" % broker.port,
            "default_groups": ["alle"]},
        "mail": {
            "plugin": "email", "relay": "smtp://127.0.0.1:%d" % relay.port,
            "tls": "off", "from": "presse@lindenfurt.example"},
        "sms": {
            "plugin": "sms_http", "preset": "twilio", "url": gateway.url,
            "user": "demo", "password_secret": "demo",
            "from": "Lindenfurt"}}


def files(folder):
    """What the press office has: an announcement, a warning, a list."""
    (folder / "storm.json").write_text(json.dumps(
        h.shifted(STORM), ensure_ascii=False, indent=2), encoding="utf-8")
    (folder / "bomb.xml").write_text(
        h.shifted_cap("04-multilang.xml", CAP.rsplit("-", 1)[0]),
        encoding="utf-8")
    (folder / "people.csv").write_text(PEOPLE)


def arrived(house, inbox, broker, name):
    """Show the first of each channel for this announcement; the channels
    on which something is missing."""
    parts, came = parts_of(house, name), inbox.take()
    for channel in EXPECTED:
        mine = [m for m in came if m[0] == channel]
        for _, head, text in mine[:1]:
            if channel == "sms":
                head += " (parts: %s)" % parts.get(text, "?")
            if len(mine) > 1:
                head += ", one of %d" % len(mine)
            show(head, text)
    shown = broker.retained("litfass/v1/g/alle/a/" + name)
    for message in shown:
        document(message)
    missing = {c for c, n in EXPECTED.items()
               if sum(m[0] == c for m in came) != n}
    return missing | (set() if shown else {"displays"})


def publish(house, inbox, broker, name, *args):
    litfass(house, "publish", *args, "--wait")
    return arrived(house, inbox, broker, name)


def play(house, inbox):
    title("it keeps running; end it with Ctrl-C")
    say("In another terminal:\n")
    say("    export LITFASS_CONFIG=%s" % house.config)
    say("    export LITFASS_DAEMON=%s" % h.LITFASSD)
    say("    PATH=%s:$PATH" % h.LITFASS.parent)
    say("    litfass status")
    say("    litfass preview -f %s/storm.json" % house.folder)
    say("    litfass --help")
    say("\nWhat arrives is shown here.")
    inbox.quiet = False
    with contextlib.suppress(KeyboardInterrupt):
        house.process.wait()


def run(folder, keep):
    inbox = Inbox()
    (folder / "broker").mkdir()
    with mail_peer.Relay(Taker(inbox)) as relay, \
            mqtt_peer.Broker(folder / "broker") as broker, \
            sms_peer.Gateway(inbox.sms) as gateway, \
            wa_peer.Peer(show=inbox.whatsapp) as meta:
        house = h.House(folder, channels(relay, broker, gateway, meta))
        house.env.update(LITFASS_CONFIG=str(house.config),
                         LITFASS_DAEMON=str(h.LITFASSD))
        files(folder)
        title("on this machine only")
        for what, where in (
                ("MQTT broker (mosquitto)", "port %d" % broker.port),
                ("mail server (aiosmtpd)", "port %d" % relay.port),
                ("WhatsApp Cloud API (stand-in)", meta.url),
                ("SMS gateway (stand-in)", gateway.url),
                ("configuration", house.config)):
            say("    %-32s%s" % (what, where))
        with house:
            return publish_all(house, inbox, broker, keep)


def publish_all(house, inbox, broker, keep):
    title("who subscribed")
    litfass(house, "subscriber", "import", "people.csv")
    title("a storm warning, written by the press office")
    missing = publish(house, inbox, broker, STORM, "-f", "storm.json")
    title("a public warning in CAP 1.2, as an agency sends it")
    missing |= publish(house, inbox, broker, CAP, "--cap", "bomb.xml")
    title("and so they stand")
    litfass(house, "status")
    if keep:
        play(house, inbox)
    return missing


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--keep", action="store_true")
    args = ap.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="litfass-demo."))
    try:
        missing = run(folder, args.keep)
    except AssertionError as e:
        raise SystemExit("demo: litfassd: %s" % e) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if missing:
        say("\ndemo: something did not arrive on: %s" % ", ".join(sorted(missing)))
        return 1
    say("\n%sEverything arrived.%s All processes are ended, all files of "
        "the demo are gone\nexcept build/demo." % (BOLD, PLAIN))
    return 0


if __name__ == "__main__":
    sys.exit(main())
