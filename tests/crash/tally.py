"""What was accepted against what arrived."""
import collections
import time

LATE = 2.0      # seconds a request may be on its way at the time it expires
FINAL = ("accepted", "delivered")
NEVER = ("failed", "suppressed", "queued", "retry")


class Tally:
    """report: {announcement: (status, deliveries)}, None for one that is not
    known any more. wanted: {channel: deliveries of one announcement}.
    chain_of: {announcement: (chain, place in it)}, expires: {announcement:
    seconds}, brief: those whose time is over."""

    def __init__(self, report, wanted, chain_of, expires, brief):
        self.report, self.wanted = report, wanted
        self.chain_of, self.expires = chain_of, expires
        self.brief = brief
        self.figures, self.bad = collections.Counter(), []
        self.owner = {}
        for name, known in report.items():
            if known is None:
                self.bad.append("%s: accepted and lost" % name)
                continue
            self.figures["announcements"] += 1
            self.finished(name, known[0])
            for d in known[1]:
                if d["action"] == "send":
                    self.owner[d["delivery"]] = name
                elif d["state"] not in FINAL:
                    self.bad.append("%s: not taken back: %s" % (name, d))

    def finished(self, name, status):
        for c in status["channels"]:
            if c["action"] == "send" and (
                    c.get("total") != self.wanted[c["channel"]] or
                    c["queued"] or c["retry"]):
                self.bad.append("%s: %s: not finished: %s" %
                                (name, c["channel"], c))

    def deliveries(self, name, channel):
        known = self.report[name]
        return [d for d in known[1] if d["channel"] == channel and
                d["action"] == "send"] if known else []

    def state(self, what, d):
        """What every delivery on every channel must be."""
        f, state = self.figures, d["state"]
        f["deliveries"] += 1
        f[state] += 1
        f["in doubt"] += d["attempt"] > 1 or state == "unknown"
        if state in NEVER:
            self.bad.append("%s: %s" % (what, state))

    def twice(self, what, n, attempts, held):
        """Only what was in doubt, with a try in the report for each."""
        self.figures["sent twice"] += max(0, n - 1)
        if n > 1 and (held or attempts < n):
            self.bad.append("%s: came %d times in %d attempts" %
                            (what, n, attempts))

    # -------------------------------------------- channels that name each --

    def people(self, channel, arrived, held):
        came = collections.Counter(d for _, d in arrived)
        self.figures["arrived"] += len(arrived)
        for name in self.report:
            for d in self.deliveries(name, channel):
                what = "%s: %s %s" % (name, channel, d["delivery"])
                n = came[d["delivery"]]
                self.state(what, d)
                self.twice(what, n, d["attempt"], held)
                if d["state"] in FINAL and n == 0:
                    self.bad.append("%s: %s, but it never came" %
                                    (what, d["state"]))
        known = [(at, self.owner[d], d.split(".")[1]) for at, d in arrived
                 if d in self.owner]
        self.bad += ["%s: %s: came and is in no report" % (channel, d)
                     for d in came if d not in self.owner]
        self.in_order(channel, known)
        self.in_time(channel, known)

    def over(self, name):
        """Replaced or expired: nothing of it is tried again."""
        chain, place = self.chain_of[name]
        return self.expires[name] <= time.time() or any(
            self.chain_of[n][0] == chain and self.chain_of[n][1] > place
            for n in self.report)

    def files(self, channel, shown):
        """Like a display: written again under the name of the chain, gone
        when its time is over. In doubt only if that came first."""
        self.figures["arrived"] += len(shown)
        for name in self.report:
            for d in self.deliveries(name, channel):
                what = "%s: %s %s" % (name, channel, d["delivery"])
                self.state(what, d)
                if d["state"] == "unknown" and not self.over(name):
                    self.bad.append("%s: a file in doubt" % what)
        self.at_the_end(channel, shown, ["*"])

    # ------------------------------------------------------------ displays --

    def displays(self, channel, arrived, shown, groups):
        self.figures["arrived"] += len(arrived)
        came = collections.Counter(what for _, what in arrived)
        for name in self.report:
            all_ = self.deliveries(name, channel)
            what = "%s: %s" % (name, channel)
            for d in all_:
                self.state(what, d)
            n = [came[name, g] for g in groups]
            reached = sum(d["state"] in FINAL for d in all_)
            if sum(x > 0 for x in n) < reached:
                self.bad.append("%s: %d accepted, shown in %s" %
                                (what, reached, n))
            self.twice(what, 1 + sum(max(0, x - 1) for x in n),
                       1 + sum(max(0, d["attempt"] - 1) for d in all_),
                       False)
        known = [(at, name, group) for at, (name, group) in arrived]
        self.bad += ["%s: shown and in no report" % name
                     for _, name, _ in known if name not in self.report]
        self.in_order(channel, known)
        self.in_time(channel, known)
        self.at_the_end(channel, shown, groups)

    def at_the_end(self, channel, shown, groups):
        """The newest of each chain stands, unless its time is over."""
        newest = {}
        for name in self.report:
            chain, place = self.chain_of[name]
            if place >= newest.get(chain, (0, ""))[0]:
                newest[chain] = place, name
        for chain, (_, name) in newest.items():
            expected = None if name in self.brief else name
            for group in groups:
                stands = shown.get((chain, group))
                if stands != expected:
                    self.bad.append("%s: %s: %s shows %s" %
                                    (name, channel, group, stands))

    # ---------------------------------------------------------- both kinds --

    def in_order(self, channel, known):
        newest = {}
        for _, name, who in known:
            chain, place = self.chain_of[name]
            if place < newest.get((who, chain), 0):
                self.bad.append("%s: %s: came after what replaces it" %
                                (name, channel))
            newest[who, chain] = max(place, newest.get((who, chain), 0))

    def in_time(self, channel, known):
        for at, name, _ in known:
            if name in self.report and at > self.expires[name] + LATE:
                self.bad.append("%s: %s: sent %.1f s after it expired" % (
                    name, channel, at - self.expires[name]))
