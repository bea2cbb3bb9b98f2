#!/usr/bin/env python3
"""kill -9 of litfassd and of its workers, again and again, and then a count
of what was accepted against what arrived.

usage: crash.py [--seconds N] [--seed S] [--keep]

Without --seconds each named point is tried once. A sink takes messages on
two channels that differ in what becomes of deliveries in doubt, and files
are written by a third. It must hold, whenever the process dies:

    accepted announcements lost         0
    deliveries lost                     0
    sent twice                          only what was in doubt, and then
                                        with a second attempt in the report;
                                        never where doubt is held
    sent after it expired               0
    an older text after a newer one     0
"""
import argparse
import collections
import datetime
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "peers")]

from house import Control, House, Refused, in_seconds, shifted  # noqa: E402
from sms_peer import Gateway                                    # noqa: E402

POINTS = ("accept", "accepted", "claim", "claimed", "started", "submitted",
          "answered", "record", "recorded")
MOMENTS = ("core", "worker-before", "worker-after")
PEOPLE = 12
LATE = 2.0      # seconds a request may be on its way at the time it expires
GONE = (EOFError, ConnectionError, FileNotFoundError, AssertionError)
FIELDS = '{"key":"{key}","to":"{to}","text":"{text}"}'


def delivery_of(key):
    """INSTANCE-JOB-TARGET, as reports have it: JOB.TARGET."""
    return ".".join(key.split("-")[1:])


class Sink:
    """A gateway that writes down what comes and may kill who sent it."""

    def __init__(self, rng):
        self.rng, self.lock = rng, threading.Lock()
        self.arrived = []           # (time, delivery)
        self.count, self.deed = 0, None

    def after(self, n, deed, answer=False):
        """Do the deed when n more messages are there, before or after the
        answer."""
        with self.lock:
            self.count, self.deed, self.answer = n, deed, answer

    def __call__(self, request):
        key = json.loads(request[3])["key"]
        with self.lock:
            self.arrived.append((time.time(), delivery_of(key)))
            self.count -= 1
            deed = self.deed if self.count == 0 else None
        if deed:
            deed()
            if not self.answer:
                return None
        return 200, {}, ""


class Trial:
    def __init__(self, folder, gateways, sinks, rng):
        self.sinks, self.rng = sinks, rng
        spool = folder / "spool"
        spool.mkdir()
        self.house = House(folder, {
            "again": self.channel(gateways[0], "resend"),
            "hold": self.channel(gateways[1], "hold"),
            "spool": {"plugin": "file", "dir": spool}},
            log={"format": "json", "level": "info"})
        self.serial = 0
        self.pending = []           # announcements not accepted yet
        self.accepted = {}          # by id
        self.chain_of = {}          # id to (chain, place in it)
        self.kills = collections.Counter()

    @staticmethod
    def channel(gateway, doubt):
        return {"plugin": "sms_http", "url": gateway.url + "/send",
                "fields": FIELDS, "from": "Lindenfurt", "rate": "200/s",
                "burst": 4, "in_doubt": doubt}

    # -------------------------------------------------------------- work --

    def make(self, follows=None, lasts=None):
        self.serial += 1
        name = "crash-%d" % self.serial
        a = shifted("lf-2026-0002", name)
        a["content"] = {"de": {"headline": name, "body": "Sturm.",
                               "instruction": "Im Haus bleiben."}}
        chain, place = name, 0
        if follows:
            chain, place = self.chain_of[follows]
            place += 1
            a["references"] = [follows]
            a["msg_type"] = "update"
        if lasts:
            now = in_seconds(0)
            a.update(sent=now, starts=now, expires=in_seconds(lasts))
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

    def arm(self, how):
        sink = self.sinks[self.rng.randint(0, 1)]
        name = ("again", "hold")[self.sinks.index(sink)]
        n = self.rng.randint(1, PEOPLE)
        if how == "core":
            sink.after(n, lambda: self.house.signal(signal.SIGKILL))
        elif how.startswith("worker"):
            pid = self.house.channel(name)["pid"]
            sink.after(n, lambda: self.kill_worker(pid),
                       how == "worker-after")

    @staticmethod
    def kill_worker(pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def round(self, how):
        """Start, work, die."""
        self.kills[how] += 1
        self.prepare(how)
        self.batch()
        try:
            self.house.start(wait=False)
            self.house.log.text("litfassd .* is up")
            self.arm(how)
            self.publish()
            self.wait_all(list(self.accepted)[-3:])
        except GONE:
            pass
        for sink in self.sinks:
            sink.after(0, None)
        self.house.kill()

    def wait_all(self, names):
        with Control(self.house.socket) as c:
            for name in names:
                for _ in c.watch(name, "live"):
                    pass

    def finish(self):
        self.prepare("")
        self.house.start()
        self.publish()
        self.wait_all(list(self.accepted))
        self.house.idle()

    # -------------------------------------------------------------- count --

    def deliveries(self, name):
        after, all_ = "", []
        while True:
            page = self.house.deliveries(name, after=after, limit=1000)
            all_ += page
            if len(page) < 1000:
                return all_
            after = page[-1]["delivery"]

    def count(self):
        """(figures, complaints)"""
        f, bad = collections.Counter(), []
        arrived = [collections.Counter(d for _, d in s.arrived)
                   for s in self.sinks]
        files = collections.Counter(
            delivery_of(p.stem)
            for p in (self.house.folder / "spool").glob("*.txt"))
        came = {"again": arrived[0], "hold": arrived[1], "spool": files}
        owner = {}
        for name in self.accepted:
            try:
                status = self.house.status(name)
            except Refused:
                bad.append("%s: accepted and lost" % name)
                continue
            f["announcements"] += 1
            self.count_status(name, status, bad)
            for d in self.deliveries(name):
                owner[d["delivery"]] = name
                self.count_delivery(name, d, came[d["channel"]], f, bad)
        for sink in self.sinks:
            self.count_order(sink, owner, bad)
            self.count_late(sink, owner, bad)
        f["arrived"] = sum(len(s.arrived) for s in self.sinks) + \
            sum(files.values())
        return f, bad

    @staticmethod
    def count_status(name, status, bad):
        for c in status["channels"]:
            if c["action"] != "send":
                continue
            want = 1 if c["channel"] == "spool" else PEOPLE
            if c.get("total") != want or c["queued"] or c["retry"]:
                bad.append("%s: %s: not finished: %s" %
                           (name, c["channel"], c))

    @staticmethod
    def count_delivery(name, d, came, f, bad):
        n, state = came[d["delivery"]], d["state"]
        what = "%s: %s %s" % (name, d["channel"], d["delivery"])
        f["deliveries"] += 1
        f[state] += 1
        f["in doubt"] += d["attempt"] > 1
        if n > 1:
            f["sent twice"] += n - 1
            if d["channel"] == "hold" or d["attempt"] < n:
                bad.append("%s: came %d times in %d attempts: %s" %
                           (what, n, d["attempt"], state))
        if state in ("accepted", "delivered") and n == 0 and \
                d["channel"] != "spool":
            bad.append("%s: %s, but it never came" % (what, state))
        if state in ("failed", "suppressed", "queued", "retry"):
            bad.append("%s: %s" % (what, state))
        if state == "unknown" and d["channel"] == "spool":
            bad.append("%s: a file in doubt" % what)

    def count_order(self, sink, owner, bad):
        newest = {}
        for _, delivery in sink.arrived:
            if delivery not in owner:
                bad.append("%s: came and is in no report" % delivery)
                continue
            chain, place = self.chain_of[owner[delivery]]
            who = delivery.split(".")[1], chain
            if place < newest.get(who, 0):
                bad.append("%s: %s came after what replaces it" %
                           (owner[delivery], delivery))
            newest[who] = max(place, newest.get(who, 0))

    def count_late(self, sink, owner, bad):
        for at, delivery in sink.arrived:
            a = self.accepted.get(owner.get(delivery))
            if a and at > self.expires(a) + LATE:
                bad.append("%s: sent %.1f s after it expired" %
                           (a["id"], at - self.expires(a)))


def plan(seconds, rng):
    """What to do in each round."""
    if not seconds:
        yield from POINTS + MOMENTS
        return
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield rng.choice(POINTS + MOMENTS)


def run(folder, args):
    rng = random.Random(args.seed)
    sinks = Sink(rng), Sink(rng)
    with Gateway(sinks[0]) as g0, Gateway(sinks[1]) as g1:
        t = Trial(folder, (g0, g1), sinks, rng)
        t.house.start()
        t.house.subscribers(*[{
            "ref": "p%d" % i, "languages": ["de"],
            "addresses": {"sms": "+493023125%03d" % i}}
            for i in range(PEOPLE)])
        t.house.stop()
        for how in plan(args.seconds, rng):
            t.round(how)
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
        "%s %d" % k for k in sorted(t.kills.items()))))
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
