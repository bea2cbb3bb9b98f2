#!/usr/bin/env python3
"""kill -9 of litfassd and of its workers, again and again, and then a count
of what was accepted against what arrived, on every kind of channel.

usage: crash.py [--seconds N] [--seed S] [--keep]

Without --seconds each named point is tried once, and each channel's worker
dies or kills once. Mail goes through a real SMTP server, displays hang on a
real broker, SMS and WhatsApp have stand-ins, files are files. It must hold,
whenever the process dies:

    accepted announcements lost         0
    deliveries lost                     0
    sent twice                          only what was in doubt, and then
                                        with a second attempt in the report;
                                        never where doubt is held
    sent after it expired               0
    an older text after a newer one     0
    displays that show something else
    than the newest of each chain       0
"""
import argparse
import collections
import contextlib
import datetime
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "peers")]

from house import Control, House, Refused, in_seconds, shifted  # noqa: E402
from sinks import Displays, Gateway, Meta, Relay                # noqa: E402
from tally import Tally                                         # noqa: E402

POINTS = ("accept", "accepted", "claim", "claimed", "started", "submitted",
          "answered", "record", "recorded")
MOMENTS = ("core", "worker-before", "worker-after")
# What becomes of deliveries in doubt; None: the seed says.
DOUBT = {"sms-again": "resend", "sms-hold": "hold", "mail": None,
         "whatsapp": None, "displays": "resend"}
PEOPLE = 12
GROUPS = ["north", "south", "west"]
GONE = (EOFError, ConnectionError, FileNotFoundError, AssertionError)


class Trial:
    def __init__(self, folder, sinks, rng):
        self.sinks, self.rng = sinks, rng
        self.doubt = {c: d or rng.choice(["resend", "hold"])
                      for c, d in DOUBT.items()}
        self.spool = folder / "spool"
        self.spool.mkdir()
        channels = {"spool": {"plugin": "file", "dir": self.spool}}
        for name, sink in sinks.items():
            channels[name] = dict(sink.values, rate="200/s", burst=4,
                                  in_doubt=self.doubt[name])
        self.house = House(folder, channels,
                           log={"format": "json", "level": "info"})
        self.serial = 0
        self.pending = []           # announcements not accepted yet
        self.accepted = {}          # by id
        self.brief = set()          # ids of those that end soon
        self.chain_of = {}          # id to (chain, place in it)
        self.kills = collections.Counter()

    # -------------------------------------------------------------- work --

    def make(self, follows=None, lasts=None):
        self.serial += 1
        name = "crash-%d" % self.serial
        a = shifted("lf-2026-0002", name)
        a["content"] = {"de": {"headline": name, "body": "Sturm.",
                               "instruction": "Im Haus bleiben."}}
        a["area"]["display_groups"] = GROUPS
        chain, place = name, 0
        if follows:
            chain, place = self.chain_of[follows]
            place += 1
            a["references"] = [follows]
            a["msg_type"] = "update"
        if lasts:
            now = in_seconds(0)
            a.update(sent=now, starts=now, expires=in_seconds(lasts))
            self.brief.add(name)
        self.chain_of[name] = (chain, place)
        self.pending.append(a)
        return name

    def batch(self):
        first = self.make()
        if self.rng.random() < 0.5:
            self.make(follows=first)
        if self.rng.random() < 0.3:
            self.make(lasts=2)

    def publish(self):
        while self.pending:
            a = self.pending[0]
            try:
                self.house.publish(a)
                self.accepted[a["id"]] = a
            except Refused:
                # It expired before it could be accepted: nothing promised.
                if a["id"] not in self.accepted and \
                        self.expires(a) > time.time():
                    raise
            self.pending.pop(0)

    @staticmethod
    def expires(a):
        return datetime.datetime.fromisoformat(a["expires"]).timestamp()

    # ------------------------------------------------------------- rounds --

    def prepare(self, how):
        env = self.house.env
        env.pop("LITFASS_CRASH", None)
        if how in POINTS:
            env["LITFASS_CRASH"] = "%s:%d" % (how, self.rng.randint(1, 9))

    def arm(self, how, channel):
        """Die when a number of messages have arrived on this channel."""
        sink = self.sinks[channel]
        n = self.rng.randint(1, len(GROUPS) if channel == "displays" else
                             PEOPLE)
        if how == "core":
            sink.after(n, lambda: self.house.signal(signal.SIGKILL))
        else:
            pid = self.house.log.event("channel.up", ch=channel)["pid"]
            sink.after(n, lambda: self.kill_worker(pid),
                       how == "worker-after")

    @staticmethod
    def kill_worker(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def round(self, how, channel=None):
        """Start, work, die."""
        self.kills[how if channel is None else "%s %s" % (how, channel)] += 1
        self.prepare(how)
        self.batch()
        try:
            self.house.start(wait=False)
            self.house.log.text("litfassd .* is up")
            if channel:
                self.arm(how, channel)
            self.publish()
            self.wait_all(list(self.accepted)[-3:])
        except GONE:
            pass
        for sink in self.sinks.values():
            sink.after(0, None)
        self.house.kill()

    def wait_all(self, names, until="live"):
        with Control(self.house.socket) as c:
            for name in names:
                for _ in c.watch(name, until):
                    pass

    def finish(self):
        self.prepare("")
        self.house.start()
        self.publish()
        self.wait_all(list(self.accepted))
        self.wait_all(self.brief & set(self.accepted), "")
        self.house.idle()
        self.sinks["displays"].end()

    # -------------------------------------------------------------- count --

    def deliveries(self, name):
        after, all_ = "", []
        while True:
            page = self.house.deliveries(name, after=after, limit=1000)
            all_ += page
            if len(page) < 1000:
                return all_
            after = page[-1]["delivery"]

    def known(self, name):
        try:
            return self.house.status(name), self.deliveries(name)
        except Refused:
            return None

    def count(self):
        """(figures, complaints)"""
        wanted = dict.fromkeys(self.sinks, PEOPLE)
        wanted.update(displays=len(GROUPS), spool=1)
        t = Tally({name: self.known(name) for name in self.accepted}, wanted,
                  self.chain_of, {name: self.expires(a) for name, a in
                                  self.accepted.items()}, self.brief)
        for channel, sink in self.sinks.items():
            if channel == "displays":
                t.displays(channel, sink.arrived, sink.shown, GROUPS)
            else:
                t.people(channel, sink.arrived,
                         self.doubt[channel] == "hold")
        t.files("spool", {(p.stem, "*"): re.search(
            r"crash-\d+", p.read_text()).group() for p in
            self.spool.glob("*.txt")})
        return t.figures, t.bad


def plan(seconds, rng):
    """What to do in each round: how, and on which channel."""
    if seconds:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            how = rng.choice(POINTS + MOMENTS)
            yield how, rng.choice(list(DOUBT)) if how in MOMENTS else None
        return
    for how in POINTS:
        yield how, None
    for n, channel in enumerate(rng.sample(list(DOUBT), len(DOUBT))):
        yield MOMENTS[n % len(MOMENTS)], channel


def run(folder, args):
    rng = random.Random(args.seed)
    with contextlib.ExitStack() as stack:
        sinks = {name: stack.enter_context(sink) for name, sink in (
            ("sms-again", Gateway()), ("sms-hold", Gateway()),
            ("mail", Relay()), ("whatsapp", Meta()),
            ("displays", Displays(folder / "broker")))}
        t = Trial(folder, sinks, rng)
        stack.callback(t.house.end)
        t.house.start()
        t.house.subscribers(*[{
            "ref": "p%d" % i, "languages": ["de"],
            "addresses": {"sms": "+493023125%03d" % i,
                          "whatsapp": "+493023126%03d" % i,
                          "email": "p%d@example.org" % i}}
            for i in range(PEOPLE)])
        t.house.stop()
        for how, channel in plan(args.seconds, rng):
            t.round(how, channel)
        t.finish()
        figures, bad = t.count()
        rc = t.house.stop()
    return t, figures, bad + check_end(t, rc)


def check_end(t, rc):
    # A worker whose core is gone says so and dies: that is no fault.
    bad = [line for line in t.house.old_lines if "Sanitizer" in line or
           "runtime error" in line or
           '"level":"fatal","who":"litfassd"' in line]
    if rc != 0:
        bad.append("litfassd ended with %d" % rc)
    db = sqlite3.connect(t.house.folder / "state/litfass.db")
    check = db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    return bad if check == "ok" else bad + ["the database: " + check]


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("--seconds", type=float, default=0,
                    help="go on as long; 0: each named point once")
    ap.add_argument("--seed", type=int,
                    default=random.SystemRandom().randrange(1 << 32))
    ap.add_argument("--keep", action="store_true",
                    help="leave the folder where it is")
    args = ap.parse_args()
    print("crash: seed %d" % args.seed, flush=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="litfass-crash."))
    t, figures, bad = run(folder, args)
    print("killed %d times: %s" % (sum(t.kills.values()), ", ".join(
        "%s (%d)" % k for k in sorted(t.kills.items()))))
    print("in doubt: " + ", ".join("%s %s" % k for k in t.doubt.items()))
    print(", ".join("%s %d" % k for k in figures.items()))
    for line in bad[:40]:
        print("crash: " + line)
    print("crash: %s" % ("FAILED, seed %d" % args.seed if bad else
                         "nothing lost"))
    if bad or args.keep:
        (folder / "log").write_text("\n".join(t.house.old_lines))
        print("crash: all of it is in %s" % folder)
    else:
        shutil.rmtree(folder)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
