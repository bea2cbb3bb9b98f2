#!/usr/bin/env python3
"""litfass(1) as people and scripts meet it: exit codes, output, questions.

Runs the built program against a fake litfassd. Working folder: the build;
srcdir names the sources, as make check sets both.
"""

import csv
import fcntl
import io
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fake_daemon import FakeDaemon, Several, fail  # noqa: E402

SOURCE = os.environ.get("srcdir", ".")
LITFASS = os.path.abspath("tools/litfass/litfass")
DAEMON = os.path.abspath("litfassd")
PLUGINS = os.path.abspath("plugins/.libs")
DATA = os.path.join(SOURCE, "tests/data")
FIXTURES = os.path.join(DATA, "announcements.json")
MANUAL = os.path.join(SOURCE, "tools/litfass/litfass.1")

CONFIG = """config_version = 1;
issuer: { id = "lindenfurt"; name: { de = "Stadt Lindenfurt"; };
    domain = "lindenfurt.example"; };
plugins: { dir = "%s"; };
channels: {
    folder: { plugin = "file"; dir = "/nowhere"; %s };
};
"""


def run(*args, stdin="", **env):
    """(exit code, standard output, standard error) of litfass."""
    base = {k: v for k, v in os.environ.items()
            if not k.startswith("LITFASS_") and k != "NO_COLOR"}
    base.update(LITFASS_DAEMON=DAEMON, LITFASS_CONFIG="/nowhere.conf", **env)
    done = subprocess.run([LITFASS, *args], input=stdin, env=base,
                          capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout, done.stderr


def run_on_terminal(answer, *args, columns=80, **env):
    """The same with a terminal on all three descriptors; its exit code and
    what was shown."""
    base = dict(os.environ, LITFASS_CONFIG="/nowhere.conf", **env)
    base.pop("NO_COLOR", None)
    base.update(env)
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, columns, 0, 0))
        os.execve(LITFASS, [LITFASS, *args], base)
    os.write(fd, answer.encode())
    shown = b""
    while True:
        try:
            part = os.read(fd, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def fixture(number, **changes):
    """One of our announcements that is not over, as JSON text."""
    with open(FIXTURES, encoding="utf-8") as f:
        for item in json.load(f)["announcements"]:
            if item["id"] == f"lf-2026-{number:04}":
                item["expires"] = "2099-01-01T00:00:00+01:00"
                item.update(changes)
                return json.dumps(item)
    raise KeyError(number)


def status(state, **counts):
    channel = {"channel": "sms", "state": state, "total": 10, **counts}
    return {"id": "lf-2026-0001", "version": 1, "state": state,
            "channels": [channel]}


def imported(added, changed=0, unchanged=0, refused=()):
    return {"added": added, "changed": changed, "unchanged": unchanged,
            "refused": list(refused)}


ACCEPTED = {"id": "lf-2026-0001", "version": 1, "state": "dispatching",
            "duplicate": False,
            "channels": [{"channel": "sms", "targets": 10}], "problems": []}
SEVERE = {"severity": "extreme", "status": "actual"}


class WithConfig(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="litfass-cli.")
        self.addCleanup(self.dir.cleanup)

    def write(self, name, text):
        path = os.path.join(self.dir.name, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def config(self, more=""):
        return self.write("litfass.conf", CONFIG % (PLUGINS, more))


class ExitCodes(WithConfig):
    def test_every_code_by_table(self):
        good = self.write("good.json", fixture(1))
        bad = self.write("bad.json", fixture(1, kind="nonsense"))
        done = status("live", accepted=10)
        some = status("live", accepted=9, failed=1)
        late = status("expired", expired=10)
        none = status("partial", superseded=10)
        uncounted = status("live", accepted=9, failed=1)
        del uncounted["channels"][0]["total"]
        answers = {
            "publish": [ACCEPTED],
            "watch": [done],
            "status": [fail("not-found", "lf: there is none")],
            "pause": [fail("denied", "sms: not you")],
            "cancel": [fail("wrong-state", "lf: it is done")],
            "reload": [fail("failed", "config: disk full")],
        }
        table = [
            (0, {}, ["lint", "-f", good]),
            (0, {}, ["publish", "-f", good]),
            (0, {}, ["publish", "-f", good, "--wait"]),
            (0, {}, ["help"]),
            (0, {}, ["--version"]),
            (1, {}, ["reload"]),
            (2, {}, []),
            (2, {}, ["publsh"]),
            (2, {}, ["lint"]),
            (2, {}, ["lint", "--fiel", good]),
            (2, {}, ["lint", "-f"]),
            (2, {}, ["lint", "-f", good, "--cap", good]),
            (2, {}, ["lint", "-f", good, "extra"]),
            (2, {}, ["status", "--watch"]),
            (2, {}, ["trace"]),
            (2, {}, ["-o", "yaml", "status"]),
            (2, {}, ["channel", "lst"]),
            (2, {}, ["deliveries", "x", "--state", "lost"]),
            (2, {}, ["publish", "-f", good, "--at", "someday"]),
            (2, {}, ["completion", "tcsh"]),
            (3, {}, ["lint", "-f", bad]),
            (3, {}, ["publish", "-f", bad]),
            (3, {}, ["check-config", bad]),
            (4, {}, ["lint", "-f", "/nowhere.json"]),
            (4, {}, ["lint", "-f", good, "--id", "lf-2026-0002"]),
            (4, {}, ["status", "lf-2026-0001"]),
            (5, {}, ["pause", "sms"]),
            (6, {}, ["cancel", "lf-2026-0001"]),
            (8, {"watch": [some]}, ["publish", "-f", good, "--wait"]),
            (8, {"watch": [none]}, ["publish", "-f", good, "--wait"]),
            (8, {"watch": [uncounted]}, ["publish", "-f", good, "--wait"]),
            (9, {"watch": [late]}, ["publish", "-f", good, "--wait"]),
        ]
        for code, special, args in table:
            with self.subTest(args=args), \
                    FakeDaemon({**answers, **special}) as daemon:
                got, out, err = run("--socket", daemon.path, *args)
                self.assertEqual(got, code, out + err)
                if code != 0:
                    self.assertRegex(err, r"(?m)^litfass: .+: .+")

    def test_no_daemon_is_code_7_and_says_what_to_do(self):
        code, out, err = run("--socket", "/nowhere/socket", "status")
        self.assertEqual((code, out), (7, ""))
        self.assertEqual(err, "litfass: connect: /nowhere/socket: No such "
                         "file or directory: start litfassd, or name its "
                         "socket with --socket\n")

    def test_a_full_disk_is_not_success(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([LITFASS, "help"], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output", done.stderr)


class Lint(WithConfig):
    def test_all_our_announcements_can_be_published(self):
        code, out, _ = run("lint", "-f", FIXTURES, "-o", "jsonl")
        verdicts = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(code, 0)
        self.assertEqual(len(verdicts), 18)
        for verdict in verdicts:
            self.assertIn(verdict["result"], ("accept", "accept+warn"))

    def test_a_refusal_names_place_slug_and_cure(self):
        text = fixture(1, expires="2020-01-01T00:00:00Z")
        code, out, _ = run("lint", "-f", "-", "-o", "json", stdin=text)
        verdict = json.loads(out)
        self.assertEqual((code, verdict["result"]), (3, "reject"))
        slugs = {(p["level"], p["pointer"]) for p in verdict["problems"]}
        self.assertIn(("error", "/expires"), slugs)

    def test_junk_has_a_verdict_as_well(self):
        for junk in ("", "{", "[]", "\x00", "[" * 100):
            with self.subTest(junk=junk[:8]):
                code, out, _ = run("lint", "-f", "-", "-o", "json",
                                   stdin=junk)
                self.assertEqual(code, 3)
                self.assertEqual(json.loads(out)["result"], "reject")

    def test_ids_of_a_collection_can_be_listed(self):
        code, out, _ = run("lint", "-f", FIXTURES, "-o", "id")
        self.assertEqual(code, 0)
        self.assertEqual(out.splitlines()[0], "lf-2026-0001")
        self.assertEqual(len(out.splitlines()), 18)


class Readme(WithConfig):
    def setUp(self):
        super().setUp()
        with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as f:
            self.text = f.read()

    def test_its_announcement_can_be_published(self):
        text = re.search(r"(?ms)^    (\{.*?\}\}\})$", self.text).group(1)
        code, out, err = run("lint", "-f", "-", "-o", "json", stdin=text)
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads(out)["result"], "accept", out)

    def test_its_commands_are_ours(self):
        known = commands()
        for line in re.findall(r"(?m)^    litfass (.+)$", self.text):
            words = line.split()
            self.assertTrue(words[0] in known or
                            " ".join(words[:2]) in known, line)

    def test_the_source_files_it_names_are_there(self):
        for path in re.findall(r"`((?:core|plugins|tests|tools)/[^`]+)`",
                               self.text):
            path = path.split()[0]
            self.assertTrue(os.path.exists(os.path.join(SOURCE, path)), path)


class Cap(WithConfig):
    def cap(self, name):
        return os.path.join(DATA, "cap", name)

    def test_every_synthetic_message_is_judged_as_expected(self):
        table = os.path.join(DATA, "cap", "EXPECTED.tsv")
        if not os.path.exists(table):
            table = os.path.join(SOURCE, "..", "shared", "data", "cap",
                                 "synthetic", "EXPECTED.tsv")
        if not os.path.exists(table):
            self.skipTest("EXPECTED.tsv is not here")
        with open(table, encoding="utf-8") as f:
            rows = list(csv.DictReader(
                (x for x in f if not x.startswith("#")), delimiter="\t"))
        for row in rows:
            with self.subTest(file=row["file"]):
                code, out, err = run("lint", "--cap", self.cap(row["file"]),
                                     "-o", "json")
                verdict = json.loads(out)
                self.assertEqual(verdict["result"], row["expected"], out)
                self.assertEqual(code, 3 if row["expected"] == "reject"
                                 else 0, err)

    def test_a_rejected_message_is_not_published(self):
        with FakeDaemon({"publish": [ACCEPTED]}) as daemon:
            code, _, err = run("--socket", daemon.path, "publish", "--cap",
                               self.cap("53-dtd.xml"))
            self.assertEqual((code, daemon.requests), (3, []))
        self.assertIn("R01", err)

    def test_what_is_not_for_the_public_is_not_published(self):
        with FakeDaemon({"publish": [ACCEPTED]}) as daemon:
            code, _, err = run("--socket", daemon.path, "publish", "--cap",
                               self.cap("20-restricted.xml"))
            self.assertEqual((code, daemon.requests), (3, []))
        self.assertIn("not for the public", err)

    def test_a_warning_is_published_as_an_announcement(self):
        with open(self.cap("01-minimal.xml"), encoding="utf-8") as f:
            xml = re.sub(r"<expires>[^<]*", "<expires>"
                         "2099-01-01T00:00:00+01:00", f.read())
        with FakeDaemon({"publish": [ACCEPTED]}) as daemon:
            code, _, err = run("--socket", daemon.path, "publish", "--yes",
                               "--cap", self.write("a.xml", xml))
            asked = daemon.asked("publish")
        self.assertEqual((code, len(asked)), (0, 1), err)
        self.assertIn("headline", json.dumps(asked[0]["announcement"]))


class Publish(WithConfig):
    def publish(self, text, *args, answers=None, **kwargs):
        path = self.write("a.json", text)
        with FakeDaemon(answers or {"publish": [ACCEPTED]}) as daemon:
            got = run("--socket", daemon.path, "publish", "-f", path, *args,
                      **kwargs)
            return got, daemon.asked("publish")

    def test_everything_is_passed_on(self):
        (code, out, _), asked = self.publish(
            fixture(1), "--at", "2090-01-01T00:00:00Z", "--channel",
            "sms,mqtt", "--exercise", "--key", "k-1", "-o", "id")
        self.assertEqual((code, out), (0, "lf-2026-0001\n"))
        request = asked[0]
        self.assertEqual(request["announcement"]["id"], "lf-2026-0001")
        self.assertEqual(request["at"], 3786912000)
        self.assertEqual(request["channels"], ["sms", "mqtt"])
        self.assertTrue(request["exercise"])
        self.assertEqual(request["key"], "k-1")

    def test_nothing_more_is_passed_on_than_was_given(self):
        _, asked = self.publish(fixture(1))
        self.assertEqual(set(asked[0]), {"v", "cmd", "announcement"})

    def test_a_collection_is_published_in_order(self):
        both = json.dumps({"announcements": [json.loads(fixture(2)),
                                             json.loads(fixture(1))]})
        (code, _, _), asked = self.publish(both)
        self.assertEqual(code, 0)
        self.assertEqual([r["announcement"]["id"] for r in asked],
                         ["lf-2026-0002", "lf-2026-0001"])
        (code, _, _), asked = self.publish(both, "--id", "lf-2026-0001")
        self.assertEqual((code, len(asked)), (0, 1))

    def test_one_bad_announcement_stops_all_before_anything_is_sent(self):
        both = json.dumps({"announcements": [
            json.loads(fixture(1)), json.loads(fixture(2, kind="x"))]})
        (code, _, err), asked = self.publish(both)
        self.assertEqual((code, asked), (3, []))
        self.assertIn("nothing was sent", err)

    def test_what_is_over_is_not_published(self):
        text = fixture(1, expires="2026-03-10T00:00:00+01:00")
        (code, _, _), asked = self.publish(text)
        self.assertEqual((code, asked), (3, []))

    def test_extreme_and_real_needs_yes_without_a_terminal(self):
        text = fixture(1, **SEVERE)
        (code, _, err), asked = self.publish(text)
        self.assertEqual((code, asked), (3, []))
        self.assertIn("--yes", err)
        (code, _, _), asked = self.publish(text, "--yes")
        self.assertEqual((code, len(asked)), (0, 1))
        (code, _, _), asked = self.publish(text, "--exercise")
        self.assertEqual((code, len(asked)), (0, 1))

    def test_a_terminal_is_asked_with_the_audience_in_numbers(self):
        path = self.write("a.json", fixture(1, **SEVERE))
        answers = {"publish": [ACCEPTED], "audience": [{"channels": [
            {"channel": "mqtt"}, {"channel": "sms", "targets": 1234}]}]}
        for answer, code, count in (("yes\n", 0, 1), ("no\n", 6, 0),
                                    ("y\n", 6, 0), ("\n", 6, 0)):
            with self.subTest(answer=answer), \
                    FakeDaemon(answers) as daemon:
                got, shown = run_on_terminal(
                    answer, "--socket", daemon.path, "publish", "-f", path)
                self.assertEqual(got, code, shown)
                self.assertIn("mqtt, sms (1234)", shown)
                self.assertEqual(len(daemon.asked("publish")), count)

    def test_a_refusal_of_the_daemon_is_shown_whole(self):
        problem = {"level": "error", "pointer": "/id", "slug": "used",
                   "message": "take another id"}
        refusal = fail("invalid", "it is refused",
                       result={"problems": [problem]})
        (code, _, err), _ = self.publish(
            fixture(1), answers={"publish": [refusal]})
        self.assertEqual(code, 3)
        self.assertIn("error: /id: used: take another id\n", err)
        self.assertIn("litfass: publish lf-2026-0001: it is refused\n", err)

    def test_waiting_tells_progress_as_json_lines(self):
        answers = {"publish": [ACCEPTED], "watch": [Several([
            {"result": status("dispatching", accepted=3), "more": True},
            status("live", accepted=10)])]}
        (code, out, err), _ = self.publish(
            fixture(1), "--wait", "--progress=jsonl", "-o", "json",
            answers=answers)
        lines = [json.loads(line) for line in err.splitlines()]
        self.assertEqual(code, 0)
        self.assertEqual([x["done"] for x in lines], [3, 10])
        self.assertEqual(json.loads(out)["status"]["state"], "live")

    def test_dry_run_shows_and_sends_nothing(self):
        path = self.write("a.json", fixture(1))
        code, out, err = run("-c", self.config(), "--socket", "/nowhere",
                             "publish", "-f", path, "--dry-run",
                             "--exercise")
        self.assertEqual(code, 0, err)
        self.assertIn("--- folder, de (file)", out)
        self.assertIn("ÜBUNG", out)
        self.assertIn("recipients not counted", err)


class Preview(WithConfig):
    def preview(self, *args):
        return run("-c", self.config(), "preview", *args)

    def test_a_channel_is_shown_byte_for_byte(self):
        path = self.write("a.json", fixture(1))
        code, out, err = self.preview("-f", path, "-o", "json")
        self.assertEqual(code, 0, err)
        row = json.loads(out)[0]
        self.assertTrue(row["ok"])
        self.assertEqual(row["channel"], "folder")
        self.assertEqual(row["bytes"], len(row["body"].encode()))
        self.assertIn("Hauptstraße ab Montag voll gesperrt", row["body"])

    def test_a_language_may_be_chosen(self):
        path = self.write("a.json", fixture(1))
        _, out, _ = self.preview("-f", path, "--lang", "en", "-o", "json")
        self.assertEqual(json.loads(out)[0]["lang"], "en")

    def test_an_exercise_is_shown_with_its_mark(self):
        path = self.write("a.json", fixture(1))
        _, plain, _ = self.preview("-f", path)
        _, marked, _ = self.preview("-f", path, "--exercise")
        self.assertNotIn("ÜBUNG", plain)
        self.assertIn("ÜBUNG", marked)

    def test_a_mail_is_shown_without_marks_at_its_line_ends(self):
        conf = self.config("}; mail: { plugin = \"email\"; "
                           "relay = \"smtp://relay.example\"; "
                           "from = \"press@city.example\";")
        path = self.write("a.json", fixture(1))
        _, out, err = run("-c", conf, "preview", "-f", path, "--channel",
                          "mail")
        self.assertIn("\nAuto-Submitted: auto-generated\n", out, err)

    def test_an_unknown_channel_is_said(self):
        path = self.write("a.json", fixture(1))
        code, _, err = self.preview("-f", path, "--channel", "fax")
        self.assertEqual(code, 4)
        self.assertIn("fax", err)

    def test_a_broken_channel_is_shown_next_to_the_others(self):
        conf = self.config("}; broken: { plugin = \"nothing\";")
        path = self.write("a.json", fixture(1))
        code, out, _ = run("-c", conf, "preview", "-f", path, "-o", "json")
        rows = {row["channel"]: row for row in json.loads(out)}
        self.assertEqual(code, 0)
        self.assertTrue(rows["folder"]["ok"])
        self.assertEqual(rows["broken"]["slug"], "plugin-failed")

    def test_what_was_published_can_be_previewed(self):
        with FakeDaemon({"show": [json.loads(fixture(1))]}) as daemon:
            code, out, err = run("-c", self.config(), "--socket",
                                 daemon.path, "preview", "lf-2026-0001")
        self.assertEqual(code, 0, err)
        self.assertIn("Hauptstraße", out)

    def test_a_channel_can_be_tried_without_sending(self):
        code, out, err = run("-c", self.config(), "channel", "test",
                             "folder")
        self.assertEqual(code, 0, err)
        self.assertIn("TEST", out)


class ChannelTest(WithConfig):
    TAKEN = {"id": "test-sms-1", "version": 1, "state": "dispatching"}
    ROW = {"delivery": "7.1", "channel": "sms", "address": "+49…17",
           "state": "accepted", "code": 200, "peer_id": "m-1"}

    def try_channel(self, *args, **answers):
        answers = {k.replace("_", "-"): v for k, v in answers.items()}
        with FakeDaemon(answers) as daemon:
            return run("--socket", daemon.path, "channel", "test", "sms",
                       *args), daemon.requests

    def test_one_person_gets_it_and_the_outcome_is_shown(self):
        (code, out, err), asked = self.try_channel(
            "--to", "17", "--wait", channel_test=[self.TAKEN],
            watch=[status("live", accepted=1)], deliveries=[[self.ROW]])
        self.assertEqual(code, 0, err)
        self.assertEqual(asked[0], {"v": 1, "cmd": "channel-test",
                                    "channel": "sms", "to": "17"})
        self.assertRegex(out, r"(?m)^7\.1 .* accepted .* 200 .* m-1")
        self.assertEqual([r["id"] for r in asked[1:]],
                         ["test-sms-1", "test-sms-1"])

    def test_a_failure_is_shown_and_is_the_exit_code(self):
        (code, out, err), _ = self.try_channel(
            "--to", "17", "--wait", channel_test=[self.TAKEN],
            watch=[status("partial", failed=1)],
            deliveries=[[dict(self.ROW, state="failed", code=400)]])
        self.assertEqual(code, 8)
        self.assertRegex(out, r"failed .* 400")
        self.assertIn("no delivery succeeded", err)

    def test_without_wait_the_id_is_told(self):
        (code, out, err), _ = self.try_channel(
            "--to", "17", channel_test=[self.TAKEN])
        self.assertEqual(code, 0)
        self.assertIn("test-sms-1", out)
        self.assertIn("litfass deliveries test-sms-1", err)

    def test_nobody_is_not_found(self):
        (code, out, err), _ = self.try_channel(
            "--to", "99", channel_test=[fail("not-found", "99: nobody")])
        self.assertEqual((code, out), (4, ""))
        self.assertIn("99: nobody", err)

    def test_what_makes_no_sense_is_refused(self):
        for args in (["--wait"], ["--to", "17", "--lang", "en"]):
            with self.subTest(args=args):
                (code, _, _), asked = self.try_channel(*args)
                self.assertEqual((code, asked), (2, []))


class Output(WithConfig):
    ROW = {"delivery": "1.1", "channel": "sms", "address": "+49…17",
           "state": "failed", "attempt": 3, "code": 550,
           "at": 1772440000000000,
           "text": "bad \x1b[31m\u202eword\nsecond\x9b", "peer_id": 'a,"b"'}

    def deliveries(self, *args, rows=None, **env):
        with FakeDaemon({"deliveries": [rows or [self.ROW], []]}) as daemon:
            return run("--socket", daemon.path, "deliveries", "lf-1", *args,
                       **env), daemon

    def test_foreign_text_cannot_steer_the_terminal(self):
        (code, out, _), _ = self.deliveries()
        self.assertEqual(code, 0)
        self.assertIn("bad ?[31m?word?second", out)
        self.assertNotIn("\x1b", out)

    def test_json_keeps_the_text_as_it_is(self):
        (_, out, _), _ = self.deliveries("-o", "json")
        self.assertEqual(json.loads(out), [self.ROW])
        for steers in ("\x1b", "\u202e", "\x9b"):
            self.assertNotIn(steers, out)

    def test_csv_is_quoted(self):
        (_, out, _), _ = self.deliveries("--csv")
        rows = list(csv.DictReader(io.StringIO(out, newline="")))
        self.assertEqual(rows[0]["peer_id"], 'a,"b"')
        self.assertEqual(rows[0]["code"], "550")

    def test_all_pages_are_fetched(self):
        first = [{"delivery": f"1.{i}", "channel": "sms"}
                 for i in range(1000)]
        answers = {"deliveries": [first, [{"delivery": "1.1000"}]]}
        with FakeDaemon(answers) as daemon:
            code, out, _ = run("--socket", daemon.path, "deliveries", "lf-1",
                               "-o", "id")
            asked = daemon.asked("deliveries")
        self.assertEqual((code, len(out.splitlines())), (0, 1001))
        self.assertEqual([r["after"] for r in asked], ["", "1.999"])

    def test_tables_speak_german_if_asked(self):
        (_, out, _), _ = self.deliveries("--lang", "de")
        self.assertIn("Zustellung", out.splitlines()[0])
        self.assertIn("gescheitert", out.splitlines()[1])

    def test_colours_only_on_a_terminal_that_wants_them(self):
        answers = {"deliveries": [[self.ROW]]}
        for env, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
            with self.subTest(env=env), FakeDaemon(answers) as daemon:
                _, shown = run_on_terminal("", "--socket", daemon.path,
                                           "deliveries", "lf-1", **env)
                self.assertEqual("\x1b[31mfailed" in shown, coloured)

    def test_a_watch_streams_json_lines(self):
        answers = {"watch": [Several([
            {"result": status("dispatching", accepted=3), "more": True},
            status("done", accepted=10)])]}
        with FakeDaemon(answers) as daemon:
            code, out, _ = run("--socket", daemon.path, "status",
                               "lf-2026-0001", "--watch", "-o", "jsonl")
        self.assertEqual(code, 0)
        self.assertEqual([json.loads(x)["state"] for x in
                          out.splitlines()], ["dispatching", "done"])

    def test_a_retry_says_how_many(self):
        for n, words in ((0, "0 deliveries are tried again\n"),
                         (1, "1 delivery is tried again\n")):
            with FakeDaemon({"retry": [{"count": n}]}) as daemon:
                got = run("--socket", daemon.path, "retry", "lf-1")
            self.assertEqual(got, (0, words, ""))

    def test_a_bar_is_never_wider_than_the_terminal(self):
        answers = {"watch": [Several([
            {"result": status("dispatching", accepted=3, failed=2),
             "more": True}, status("done", accepted=10)])]}
        for columns in (80, 30, 12):
            with self.subTest(columns=columns), \
                    FakeDaemon(answers) as daemon:
                _, shown = run_on_terminal(
                    "", "--socket", daemon.path, "status", "lf-1",
                    "--watch", columns=columns, TERM="xterm")
                bars = re.findall(r"\r([^\r\n]*?)\x1b\[K", shown)
                self.assertEqual(len(bars), 2)
                self.assertIn("5/10", bars[0])
                self.assertLess(max(map(len, bars)), columns)

    def test_a_dumb_terminal_gets_no_bar(self):
        with FakeDaemon({"watch": [status("done", accepted=10)]}) as daemon:
            _, shown = run_on_terminal("", "--socket", daemon.path, "status",
                                       "lf-1", "--watch", TERM="dumb")
        self.assertNotIn("\x1b[K", shown)

    def test_limits_are_numbers(self):
        for command in (["status"], ["deliveries", "x"],
                        ["subscriber", "list"]):
            for limit in ("0", "7x", "-1", "x"):
                code, _, err = run(*command, "--limit", limit)
                self.assertEqual((code, "--limit" in err), (2, True))

    def test_a_trace_tells_every_attempt(self):
        story = {"delivery": "1.7", "id": "lf-1", "channel": "sms",
                 "state": "accepted", "attempts": [
                     {"attempt": 1, "at": 1772440000000000,
                      "state": "retry", "code": 503, "text": "busy"}]}
        with FakeDaemon({"trace": [story]}) as daemon:
            code, out, _ = run("--socket", daemon.path, "trace", "1.7")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"(?m)^state +accepted$")
        self.assertRegex(out, r"(?m)^ +1  .*  retry   503 +busy$")

    def test_what_is_taken_back_later_does_not_count(self):
        later = {"channel": "sms", "action": "retract", "total": 9}
        both = status("live", accepted=10)
        both["channels"].append(later)
        with FakeDaemon({"watch": [both]}) as daemon:
            _, _, err = run("--socket", daemon.path, "status", "lf-1",
                            "--watch", "--progress=jsonl")
        self.assertEqual(json.loads(err)["total"], 10)

    def test_environment_stands_in_for_options(self):
        with FakeDaemon({"list": [[{"id": "lf-1"}]]}) as daemon:
            code, out, _ = run("status", LITFASS_SOCKET=daemon.path,
                               LITFASS_OUTPUT="id")
            self.assertEqual((code, out), (0, "lf-1\n"))
        code, _, err = run("status", LITFASS_OUTPUT="yaml")
        self.assertEqual(code, 2)
        self.assertIn("LITFASS_OUTPUT", err)

    def test_the_socket_of_the_configuration_is_used(self):
        with FakeDaemon({"list": [[]]}) as daemon:
            conf = self.write("c.conf", CONFIG % (PLUGINS, "") +
                              f'control: {{ socket = "{daemon.path}"; }};')
            code, _, err = run("-c", conf, "status")
        self.assertEqual(code, 0, err)


class Subscribers(WithConfig):
    def test_one_person_is_added(self):
        with FakeDaemon({"subscriber-add": [None]}) as daemon:
            code, _, err = run("--socket", daemon.path, "subscriber", "add",
                               "--ref", "17", "--address",
                               "email=a@example.net,sms=+4930123456",
                               "--languages", "tr,de", "--topics",
                               "verkehr", "--ars", "990010000000")
            asked = daemon.asked("subscriber-add")[0]["subscriber"]
        self.assertEqual(code, 0, err)
        self.assertEqual(asked, {
            "ref": "17", "languages": ["tr", "de"], "topics": ["verkehr"],
            "ars": "990010000000", "addresses": {
                "email": "a@example.net", "sms": "+4930123456"}})

    def test_a_table_is_imported(self):
        path = self.write("p.csv", "\ufeffref,email,sms,languages\r\n"
                          "1,a@example.net,,tr de\r\n"
                          '"2","b@example.net",+4930123456,\r\n')
        with FakeDaemon({"subscriber-import": [imported(2)]}) as daemon:
            code, out, err = run("--socket", daemon.path, "subscriber",
                                 "import", path)
            requests = daemon.asked("subscriber-import")
        self.assertEqual((code, out), (0, "2 subscribers: 2 added, "
                                       "0 changed, 0 unchanged\n"), err)
        self.assertEqual([r["check"] for r in requests], [False])
        asked = requests[0]["subscribers"]
        self.assertEqual(asked[0]["languages"], ["tr", "de"])
        self.assertEqual(asked[0]["addresses"], {"email": "a@example.net"})
        self.assertEqual(asked[1]["ref"], "2")

    def import_table(self, text, *args, answers):
        path = self.write("p.csv", text)
        with FakeDaemon({"subscriber-import": answers}) as daemon:
            got = run("--socket", daemon.path, "subscriber", "import", path,
                      *args)
            return got, daemon.asked("subscriber-import")

    def test_rows_that_litfassd_refuses_are_named_by_line(self):
        text = ('ref,email\n1,a@example.net\n\n\n'
                '2,b@example.net\n')
        refusal = fail("wrong-state", "row", result=imported(
            1, refused=[{"row": 1, "text": "email: of subscriber 9"}]))
        for args in ([], ["--check"], ["-o", "json"]):
            with self.subTest(args=args):
                (code, out, err), _ = self.import_table(
                    text, *args, answers=[refusal])
                self.assertEqual(code, 3)
                self.assertIn("p.csv:5: email: of subscriber 9\n", err)
                self.assertIn("nothing was changed", err)
                if args[:1] == ["-o"]:
                    self.assertEqual(json.loads(out)["refused"], [
                        {"line": 5, "text": "email: of subscriber 9"}])
                else:
                    self.assertEqual(out, "")

    def test_a_check_says_what_would_happen(self):
        text = "ref,email\n1,a@example.net\n"
        (code, out, _), asked = self.import_table(
            text, "--check", answers=[imported(0, changed=1)])
        self.assertEqual((code, out), (0, "1 subscriber: 0 would be added, "
                                       "1 would be changed, 0 would stay "
                                       "as they are\n"))
        self.assertEqual([r["check"] for r in asked], [True])
        (_, out, _), _ = self.import_table(
            text, "--check", "-o", "json", answers=[imported(0, changed=1)])
        self.assertEqual(json.loads(out), {
            "rows": 1, "added": 0, "changed": 1, "unchanged": 0,
            "check": True, "refused": []})

    def test_a_large_table_is_tried_before_any_of_it_is_written(self):
        text = "ref,email\n" + "".join(
            f"{i},p{i}@example.net\n" for i in range(2001))
        (code, out, err), asked = self.import_table(text, answers=[
            imported(2000), imported(1), imported(2000), imported(1)])
        self.assertEqual((code, out.split(":")[0]),
                         (0, "2001 subscribers"), err)
        self.assertIn("2001 added", out)
        self.assertEqual([(r["check"], len(r["subscribers"]))
                          for r in asked],
                         [(True, 2000), (True, 1), (False, 2000),
                          (False, 1)])

    def test_no_request_is_longer_than_litfassd_takes(self):
        topics = " ".join(f"{i:048}" for i in range(64))
        text = "ref,email,topics\n" + "".join(
            f"{i},p{i}@example.net,{topics}\n" for i in range(400))
        (code, _, err), asked = self.import_table(
            text, answers=[imported(1)])
        self.assertEqual(code, 0, err)
        self.assertEqual(sum(len(r["subscribers"]) for r in asked
                             if not r["check"]), 400)
        for request in asked:
            self.assertLess(len(json.dumps(request)), 1024 * 1024)

    def test_check_finds_every_bad_row_and_tells_no_address(self):
        path = self.write("p.csv", "ref,email,sms,ars\n"
                          "1,secret-at-example,,\n"
                          "2,b@example.net,,\n"
                          "3,,030secret,\n"
                          ",c@example.net,,\n"
                          "5,d@example.net,,123\n"
                          "6,,,\n")
        code, out, err = run("subscriber", "import", "--check", path)
        self.assertEqual((code, out), (3, ""))
        lines = [int(n) for n in re.findall(r"p\.csv:(\d+):", err)]
        self.assertEqual(lines, [2, 4, 5, 6, 7])
        self.assertNotIn("secret", err)
        self.assertNotIn("example.net: ", err)

    def test_check_needs_no_daemon(self):
        path = self.write("p.csv", "ref,email\n1,a@example.net\n")
        code, out, _ = run("--socket", "/nowhere", "subscriber", "import",
                           "--check", path)
        self.assertEqual(code, 0)
        self.assertTrue(out.startswith("1 subscriber: nothing is wrong"))

    def test_broken_tables_are_refused(self):
        for text in ('ref,email\n1,"a', "ref,email\n1\n",
                     'ref,email\n"1"c,a@example.net\n',
                     "ref,email\n1,\udcff\n"):
            path = os.path.join(self.dir.name, "p.csv")
            with open(path, "w", encoding="utf-8",
                      errors="surrogateescape") as f:
                f.write(text)
            with self.subTest(text=text):
                code, _, err = run("subscriber", "import", "--check", path)
                self.assertEqual(code, 3)
                self.assertIn("p.csv:2: ", err)


class Config(WithConfig):
    def test_a_good_configuration_passes(self):
        code, out, err = run("check-config", self.config())
        self.assertEqual(code, 0, err)
        self.assertRegex(out, r"folder +file .* ok")

    def test_a_parameter_the_plugin_does_not_know_is_refused(self):
        code, out, err = run("check-config", self.config("dri = \"x\";"))
        self.assertEqual(code, 3)
        self.assertRegex(out, r"folder +file .* wrong")
        self.assertRegex(err, r"litfass\.conf:\d+: .*dri.*dir")

    def test_what_only_the_plugin_can_judge_is_judged(self):
        conf = self.config("}; mail: { plugin = \"email\"; "
                           "relay = \"smtp://relay.example\"; "
                           "from = \"nobody\";")
        code, _, err = run("check-config", conf)
        daemon = subprocess.run([DAEMON, "--check", "-c", conf],
                                capture_output=True, text=True)
        self.assertEqual((code, daemon.returncode), (3, 78))
        for said in err, daemon.stderr:
            self.assertIn("mail: from: not a mail address", said)
            self.assertRegex(said, r"litfass\.conf:\d+: .*channel mail")

    def test_plugins_tell_their_parameters(self):
        code, out, _ = run("-c", self.config(), "plugin", "info", "file")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"(?m)^dir +string +yes")
        code, out, _ = run("-c", self.config(), "plugin", "list", "-o", "id")
        self.assertIn("file", out.splitlines())


def commands():
    _, out, _ = run("help")
    part = out.split("Commands:\n")[1].split("\n\n")[0]
    return [re.match(r"  (\S+(?: \S+)?)  ", line).group(1)
            for line in part.splitlines()]


def options(command):
    _, out, _ = run("help", *command.split())
    return re.findall(r"(?m)^  (?:-., |    )--([a-z-]+)", out)


class Help(unittest.TestCase):
    def test_every_command_teaches_with_an_example(self):
        for command in commands():
            with self.subTest(command=command):
                code, out, err = run("help", *command.split())
                self.assertEqual((code, err), (0, ""))
                self.assertRegex(out, rf"\n +.*{command}|\n +source")
                again = run(*command.split(), "--help")
                self.assertEqual(again, (0, out, ""))
                self.assertLessEqual(max(map(len, out.split("\n\nOptions")
                                             [0].splitlines())), 80)

    def test_the_manual_knows_every_command_and_option(self):
        with open(MANUAL, encoding="utf-8") as f:
            manual = f.read()
        for command in commands():
            with self.subTest(command=command):
                part = manual.split(f".It Ic {command}", 1)[1]
                part = part.split("\n.It Ic ")[0]
                for option in options(command):
                    self.assertRegex(part, rf"Fl -{option}\b")

    def test_the_manual_knows_nothing_else(self):
        with open(MANUAL, encoding="utf-8") as f:
            manual = f.read()
        known = set(commands())
        for line in re.findall(r"(?m)^\.It Ic (.+)$", manual):
            words = line.split(" Op ")[0].split(" Ar ")[0].split()
            name = " ".join(words[:2])
            self.assertTrue(name in known or words[0] in known, line)

    def test_near_misses_are_named(self):
        _, _, err = run("publsh")
        self.assertIn("did you mean publish", err)
        _, _, err = run("publish", "--exercize")
        self.assertIn("did you mean --exercise", err)


class Completion(unittest.TestCase):
    def complete(self, *words):
        script = ("source <(\"$0\" completion bash); COMP_WORDS=(\"$@\");"
                  "COMP_CWORD=$(($# - 1)); _litfass;"
                  "printf '%s\\n' \"${COMPREPLY[@]}\"")
        out = subprocess.run(["bash", "-c", script, LITFASS, *words],
                             capture_output=True, encoding="utf-8",
                             check=True)
        return out.stdout.split()

    def test_bash_completes_from_the_table(self):
        self.assertEqual(self.complete("litfass", "publ"), ["publish"])
        self.assertIn("--exercise", self.complete("litfass", "publish",
                                                  "--e"))
        self.assertEqual(self.complete("litfass", "channel", ""),
                         ["list", "test"])
        self.assertEqual(self.complete("litfass", "-o", "js"),
                         ["json", "jsonl"])
        self.assertEqual(self.complete("litfass", "retry", "x", "--state",
                                       ""), ["failed", "unknown"])
        self.assertEqual(self.complete("litfass", "completion", "z"),
                         ["zsh"])
        self.assertEqual(self.complete("litfass", "publish", "-f", ""), [])
        self.assertEqual(self.complete("litfass", "--output", "js"),
                         ["json", "jsonl"])
        self.assertIn("--check", self.complete("litfass", "subscriber",
                                               "import", "--"))

    def test_fish_completes_from_the_table(self):
        if shutil.which("fish") is None:
            self.skipTest("fish is not installed")
        folder = tempfile.TemporaryDirectory(prefix="litfass-cli.")
        self.addCleanup(folder.cleanup)
        with open(os.path.join(folder.name, "people.csv"), "w",
                  encoding="utf-8"):
            pass
        _, script, _ = run("completion", "fish")

        def offers(line):
            done = subprocess.run(
                ["fish", "--no-config", "-c",
                 f"source -; complete -C '{line}'"], input=script,
                cwd=folder.name, capture_output=True, encoding="utf-8",
                env=dict(os.environ, HOME=folder.name), check=True)
            return [x.split("\t")[0] for x in done.stdout.splitlines()]

        self.assertEqual(offers("litfass publ"), ["publish"])
        self.assertEqual(offers("litfass channel "), ["list", "test"])
        self.assertEqual(offers("litfass subscriber import "),
                         ["people.csv"])
        self.assertIn("--check", offers("litfass subscriber import --"))
        self.assertNotIn("--check", offers("litfass subscriber list --"))
        self.assertEqual(offers("litfass completion "),
                         ["bash", "fish", "zsh"])
        self.assertEqual(offers("litfass -o js"), ["json", "jsonl"])
        self.assertEqual(offers("litfass preview --lang "), [])
        self.assertEqual(offers("litfass status "), [])
        self.assertEqual(offers("litfass publish -f peo"), ["people.csv"])

    def test_zsh_completes_from_the_table(self):
        if shutil.which("zsh") is None:
            self.skipTest("zsh is not installed")
        script = ("compadd() { shift; print -l -- $@ }; _files() {}\n"
                  "compdef() { print defined $@ }\n"
                  "source =(\"$LITFASS\" completion zsh)\n"
                  "words=(\"$@\"); CURRENT=$#; _litfass")

        def offers(*words):
            done = subprocess.run(
                ["zsh", "-f", "-c", script, "zsh", *words], check=True,
                env=dict(os.environ, LITFASS=LITFASS), encoding="utf-8",
                capture_output=True)
            first, *rest = done.stdout.splitlines()
            self.assertEqual(first, "defined _litfass litfass")
            return rest

        self.assertIn("publish", offers("litfass", ""))
        self.assertEqual(offers("litfass", "channel", ""), ["list", "test"])
        self.assertEqual(offers("litfass", "-o", ""),
                         ["table", "json", "jsonl", "id"])
        self.assertIn("--check", offers("litfass", "subscriber", "import",
                                        ""))

    def test_every_shell_has_a_script(self):
        for shell in ("bash", "zsh", "fish"):
            code, out, _ = run("completion", shell)
            self.assertEqual(code, 0)
            self.assertIn("exercise", out)


if __name__ == "__main__":
    unittest.main()
