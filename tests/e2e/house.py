"""One litfassd in a folder of its own, for tests of the whole system.

Nothing here sleeps: waiting means reading an answer of the control socket
or a line of the log. LITFASS_BUILD names the build folder.
"""
import copy
import datetime
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LITFASS_BUILD", os.getcwd())).resolve()
LITFASSD = BUILD / "litfassd"
LITFASS = BUILD / "tools/litfass/litfass"
PLUGINS = BUILD / "plugins" / ".libs"
os.umask(0o022)         # others must not be able to write what we write
WAIT = 60       # seconds until a test that waits has failed

with open(TOP / "tests/data/announcements.json", encoding="utf-8") as _f:
    FIXTURES = json.load(_f)
ANNOUNCEMENTS = {a["id"]: a for a in FIXTURES["announcements"]}

SCHEDULE = ("sent", "starts", "expires")


def shifted(fixture, name=None, now=None, **changes):
    """A fixture as if it were sent now, its durations kept; name is its new
    id, changes replace members."""
    a = copy.deepcopy(ANNOUNCEMENTS[fixture])
    now = now or datetime.datetime.now(datetime.timezone.utc)
    by = now.replace(microsecond=0) - \
        datetime.datetime.fromisoformat(a["sent"])
    for key in SCHEDULE:
        if a.get(key):
            at = datetime.datetime.fromisoformat(a[key]) + by
            a[key] = at.isoformat()
    a["id"] = name or a["id"]
    a.update(changes)
    return a


def in_seconds(n):
    """The time n seconds from now, as an announcement has it."""
    at = datetime.datetime.now(datetime.timezone.utc)
    return (at + datetime.timedelta(seconds=n)).replace(
        microsecond=0).isoformat()


def shifted_cap(name, identifier, now=None):
    """A CAP fixture as if it were sent now, under another identifier; its
    references go to identifiers with the same ending."""
    xml = (TOP / "tests/data/cap" / name).read_text(encoding="utf-8")
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"
    sent = re.search("<sent>(%s)</sent>" % stamp, xml).group(1)
    now = now or datetime.datetime.now(datetime.timezone.utc)
    by = now.replace(microsecond=0) - datetime.datetime.fromisoformat(sent)

    def later(match):
        return (datetime.datetime.fromisoformat(match.group(0)) +
                by).isoformat()

    return re.sub(r"DE-XX-STADT-\d+", identifier,
                  re.sub(stamp, later, xml))


def conf_value(value):
    """A value as libconfig writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join(map(conf_value, value))
    if isinstance(value, dict):
        return "{ %s }" % " ".join("%s = %s;" % (k, conf_value(v))
                                   for k, v in value.items())
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"%s"' % text.replace("\n", "\\n")


def group_text(name, pairs):
    """A group as libconfig writes it, a line for each pair."""
    return "%s: {\n%s};\n" % (name, "".join(
        "\t%s = %s;\n" % (k, conf_value(v)) for k, v in pairs))


class Refused(Exception):
    """The daemon said no."""

    def __init__(self, error, result):
        super().__init__("%(code)s: %(text)s" % error)
        self.code, self.text, self.result = \
            error["code"], error["text"], result


class Log:
    """What a process writes on standard error, line by line."""

    def __init__(self, stream):
        self.lines, self.ended = [], False
        self.moved = threading.Condition()
        self.thread = threading.Thread(target=self._read, args=(stream,),
                                       daemon=True)
        self.thread.start()

    def _read(self, stream):
        for line in stream:
            with self.moved:
                self.lines.append(line.rstrip("\n"))
                self.moved.notify_all()
        with self.moved:
            self.ended = True
            self.moved.notify_all()
        stream.close()

    def wait(self, test, start=0, timeout=WAIT):
        """The first line from start for which test says something."""
        seen = start
        with self.moved:
            while True:
                while seen < len(self.lines):
                    found = test(self.lines[seen])
                    if found:
                        return found
                    seen += 1
                if self.ended:
                    raise AssertionError("the process ended: %s" %
                                         "\n".join(self.lines[-9:]))
                if not self.moved.wait(timeout):
                    raise AssertionError("nothing for %d s" % timeout)

    def event(self, event, start=0, **fields):
        """Wait for an event with these fields; its object."""
        def test(line):
            try:
                o = json.loads(line)
            except ValueError:
                return None
            good = o.get("event") == event and \
                all(o.get(k) == v for k, v in fields.items())
            return o if good else None
        return self.wait(test, start)

    def text(self, pattern, start=0):
        return self.wait(re.compile(pattern).search, start)

    def mark(self):
        with self.moved:
            return len(self.lines)


class Control:
    """One connection to the control socket."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(WAIT)
        self.sock.connect(str(path))
        self.stream = self.sock.makefile("rwb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.sock.close()

    def send(self, cmd, **args):
        args.update(v=1, cmd=cmd)
        self.stream.write(json.dumps(args).encode() + b"\n")
        self.stream.flush()

    def receive(self):
        """(result, more to come)"""
        line = self.stream.readline()
        if not line:
            raise EOFError("litfassd hung up")
        answer = json.loads(line)
        if not answer["ok"]:
            raise Refused(answer["error"], answer.get("result"))
        return answer.get("result"), answer.get("more", False)

    def ask(self, cmd, **args):
        self.send(cmd, **args)
        return self.receive()[0]

    def watch(self, name, until=""):
        """The states of an announcement as they come, the last one last."""
        self.send("watch", id=name, until=until)
        end, more = time.monotonic() + WAIT, True
        while more:
            status, more = self.receive()
            yield status
            assert time.monotonic() < end, status


class House:
    """litfassd with the channels that are given, each a dictionary; keys
    that end in _secret become files. Settings of the main file replace the
    usual ones: sandbox="off"."""

    def __init__(self, folder, channels=None, env=None, **settings):
        self.folder = pathlib.Path(folder)
        self.config = self.folder / "litfass.conf"
        self.socket = self.folder / "run" / "control.sock"
        self.process, self.log, self.old_lines = None, None, []
        self.env = dict(os.environ, **(env or {}))
        self.settings = {
            "config_version": 1, "allow_root": True,
            "issuer": {
                "id": "lindenfurt", "domain": "lindenfurt.example",
                "name": {"de": "Stadt Lindenfurt",
                         "en": "City of Lindenfurt"},
                "sender_short": "Lindenfurt"},
            "store": {"path": self.folder / "state" / "litfass.db"},
            "control": {"socket": self.socket},
            "log": {"format": "json"},
            "plugins": {"dir": PLUGINS},
            "media": {"dir": self.folder / "media"},
            "drain_timeout": "20s"}
        self.settings.update(settings)
        self.channels = channels or {}
        self.write()

    # ------------------------------------------------------ configuration --

    def secret(self, name, text):
        path = self.folder / name
        if not path.exists():
            path.touch(0o600)
        if path.read_text() != text:    # touching it means a new worker
            path.write_text(text)
        return path

    def channel_text(self, name, values):
        made = []
        for key, value in values.items():
            if key.endswith("_secret"):
                value = self.secret("%s.%s" % (name, key), value)
                key = key[:-len("_secret")] + "_file"
            made.append((key, value))
        return group_text(name, made)

    def write(self):
        """Write the configuration as it is now in settings and channels."""
        self.config.write_text("".join(
            group_text(k, v.items()) if isinstance(v, dict) else
            "%s = %s;\n" % (k, conf_value(v))
            for k, v in self.settings.items()))
        drop = self.folder / "channels.d"
        drop.mkdir(exist_ok=True)
        for old in drop.iterdir():
            old.unlink()
        for name, values in self.channels.items():
            (drop / (name + ".conf")).write_text(
                self.channel_text(name, values))

    # ------------------------------------------------------------ process --

    def start(self, wait=True):
        self.process = subprocess.Popen(
            [str(LITFASSD), "-c", str(self.config)], env=self.env,
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            errors="replace")
        self.log = Log(self.process.stderr)
        if wait:
            self.log.text("litfassd .* is up")
            for name, values in self.channels.items():
                if values.get("enabled", True):
                    self.log.event("channel.up", ch=name)
        return self

    def wait(self):
        """The exit code."""
        rc = self.process.wait(WAIT)
        self.log.thread.join()
        self.old_lines += self.log.lines + ["--- exit code %d" % rc]
        self.process = None
        return rc

    def signal(self, sig):
        self.process.send_signal(sig)

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """As if the power of the process went: no goodbye."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def end(self):
        """Leave nothing behind, whatever went wrong."""
        if self.process is not None:
            self.kill()

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        rc = 0
        if self.process is not None:
            rc = self.stop()
        bad = [line for line in self.old_lines if "Sanitizer" in line or
               "runtime error" in line or
               '"level":"fatal","who":"litfassd"' in line]
        if kind is not None or rc != 0 or bad:
            print("\n".join(self.old_lines[-60:]), file=sys.stderr)
        if kind is None:
            assert rc == 0 and not bad, bad

    # ------------------------------------------------------------- orders --

    def ask(self, cmd, **args):
        with Control(self.socket) as c:
            return c.ask(cmd, **args)

    def publish(self, announcement, **args):
        return self.ask("publish", announcement=announcement, **args)

    def subscribers(self, *people):
        return self.ask("subscriber-import", subscribers=list(people))

    def status(self, name):
        return self.ask("status", id=name)

    def channel_of(self, name, channel):
        """The sending part of one channel in a status."""
        return next(c for c in self.status(name)["channels"]
                    if c["channel"] == channel and c["action"] == "send")

    def deliveries(self, name, **args):
        return self.ask("deliveries", id=name, **args)

    def channel(self, name):
        return next(c for c in self.ask("channels") if c["channel"] == name)

    def until(self, name, test):
        """Wait until the status of an announcement passes the test."""
        with Control(self.socket) as c:
            for status in c.watch(name):
                if test(status):
                    return status
        raise AssertionError("settled before: %s" % status)

    def sent(self, name):
        """Wait until all of it is sent; its status."""
        with Control(self.socket) as c:
            for status in c.watch(name, "live"):
                pass
        return status

    def delivered(self, announcement, **args):
        """Publish and wait until all of it is sent."""
        self.publish(announcement, **args)
        return self.sent(announcement["id"])

    def litfass(self, *args, **more):
        """Run the command line; its finished process."""
        command = [str(LITFASS), *map(str, args), "--socket", str(self.socket)]
        return subprocess.run(command, capture_output=True, text=True,
                              timeout=WAIT, env=self.env, **more)

    def idle(self):
        self.ask("idle")


def tally(status, action="send"):
    """{channel: {state: count}} without zeros."""
    words = ("queued", "retry", "accepted", "delivered", "failed", "expired",
             "unknown", "cancelled", "superseded", "suppressed")
    return {c["channel"]: {w: c[w] for w in words if c.get(w)}
            for c in status["channels"] if c["action"] == action}
