"""What breaks, and what must not break with it. Tests that are named after
a report of another system's users say so."""
import json
import os
import re
import signal
import subprocess
import threading
import urllib.parse

import pytest

from conftest import TAKEN, displays, mail, mails_of, sms, spool
from house import BUILD, LITFASSD, TOP, House, Refused, shifted, tally
from mail_peer import Relay, Taker
from mqtt_peer import Broker
from sms_peer import Gateway

STORM, WASTE, ROAD = "lf-2026-0002", "lf-2026-0007", "lf-2026-0001"
EVIL = BUILD / "tests/contract/.libs"


def crowd(n, kinds=("sms",)):
    """n people with made-up addresses."""
    made = {"sms": "+493023127%03d", "email": "p%d@example.org"}
    return [{"ref": "p%d" % i, "languages": ["de"],
             "addresses": {k: made[k] % i for k in kinds}}
            for i in range(n)]


def numbers(people):
    return sorted(p["addresses"]["sms"] for p in people)


def reached(gateway):
    """The numbers of all messages that came, sorted."""
    return sorted(dict(urllib.parse.parse_qsl(r[3]))["To"]
                  for r in gateway.requests)


def two_channels(gateway, relay, **more):
    return {"sms": sms(gateway, **more), "mail": mail(relay)}


# ------------------------------------------------ answers of one recipient --

@pytest.mark.parametrize("answer", [
    (429, {"Retry-After": "1"}, "{}"), (503, {}, ""), (500, {}, "oops"),
    None, "half", "stall"],
    ids=["429", "503", "500", "closed", "half", "stall"])
def test_a_warning_is_tried_until_it_is_through(town, place, answer):
    who = place.add("anna", kinds=["sms"])
    town.gateway.answer.to[who["sms"]] = [answer]
    a = place.news(STORM)
    status = town.house.delivered(a, channels=["sms"])
    assert tally(status) == {"sms": {"accepted": 1}}
    assert len(place.sms("anna")) == 2
    d, = town.house.deliveries(a["id"])
    assert d["attempt"] == 2


def test_retry_after_is_kept(town, place):
    """Kannel: duplicates in masses when the centre throttles."""
    who = place.add("anna", kinds=["sms"])
    town.gateway.answer.to[who["sms"]] = \
        [(429, {"Retry-After": "2"}, "{}")]
    a = place.news(STORM)
    town.house.publish(a, channels=["sms"])
    status = town.house.until(a["id"], lambda s: tally(s)["sms"].get("retry"))
    d, = town.house.deliveries(a["id"])
    assert d["due"] - d["at"] >= 2000000
    assert status["state"] == "dispatching"
    town.house.sent(a["id"])
    assert len(place.sms("anna")) == 2


def test_tries_grow_rare_and_stay_with_the_one_that_fails(town, place):
    """Alertmanager 2286: 200 tries in ten minutes; 1494: healthy receivers
    are hit by the retries of others."""
    bad = place.add("bad", kinds=["sms"])
    place.add("good", kinds=["sms"])
    town.gateway.answer.to[bad["sms"]] = [(503, {}, "")] * 3
    a = place.news(STORM)
    town.house.delivered(a, channels=["sms"])
    assert (len(place.sms("bad")), len(place.sms("good"))) == (4, 1)
    d, = [d for d in town.house.deliveries(a["id"]) if d["attempt"] > 1]
    tries = town.house.ask("trace", delivery=d["delivery"])["attempts"]
    assert [t["state"] for t in tries[:3]] == ["retry"] * 3
    gaps = [b["at"] - a["at"] for a, b in zip(tries, tries[1:])]
    assert all(g >= 500000 for g in gaps)


def test_whatsapp_faults_end_as_they_should(town, place):
    """n8n 30215: errors left through the success output."""
    digits = {"11": "accepted", "13": "accepted", "14": "accepted",
              "36": "failed"}
    for d in digits:
        place.add(d, kinds=(), whatsapp="+49176040690" + d)
    a = place.news(STORM)
    town.house.publish(a, channels=["whatsapp"])
    town.house.until(a["id"], lambda s: sum(
        tally(s)["whatsapp"].get(k, 0) for k in ("accepted", "failed")) >= 3)
    assert tally(town.house.status(a["id"]))["whatsapp"]["failed"] == 1
    assert len(place.texts("13")) == 1


def test_one_dead_recipient_does_not_stop_the_group(town, place):
    """Home Assistant 155484, Apprise: one bad target aborts the rest."""
    for n in range(5):
        place.add("p%d" % n, kinds=["sms"])
    bad = place.people["p2"]["sms"]
    town.gateway.answer.to[bad] = [(400, {}, '{"code":21610}')]
    a = place.news(STORM)
    status = town.house.delivered(a, channels=["sms"])
    assert tally(status) == {"sms": {"accepted": 4, "failed": 1}}
    assert status["state"] == "partial"
    d, = town.house.deliveries(a["id"], state="failed")
    assert "21610" in (str(d["code"]) + d["text"])
    assert bad not in str(d)


def test_only_failures_are_sent_again(town, place):
    """listmonk 164: resend only what failed."""
    for n in range(3):
        place.add("p%d" % n, kinds=["sms"])
    bad = place.people["p1"]["sms"]
    town.gateway.answer.to[bad] = [(400, {}, '{"code":21610}')]
    a = place.news(STORM)
    town.house.delivered(a, channels=["sms"])
    assert town.house.ask("retry", id=a["id"],
                          state="failed") == {"count": 1}
    status = town.house.sent(a["id"])
    assert tally(status) == {"sms": {"accepted": 3}}
    assert [len(place.sms("p%d" % n)) for n in range(3)] == [1, 2, 1]


def test_states_only_move_forward(town, place):
    """VA Notify 1097: from delivered back to sent; listmonk 1802:
    "finished" before all were sent."""
    for n in range(40):
        place.add("p%d" % n, kinds=["email", "sms"])
    town.gateway.answer.to[place.people["p3"]["sms"]] = [(503, {}, "")]
    a = place.news(STORM)
    town.house.publish(a)
    seen = []
    town.house.until(a["id"], lambda s: seen.append(s) or
                     s["state"] != "dispatching")
    done = [sum(c["accepted"] for c in s["channels"]) for s in seen]
    assert done == sorted(done)
    assert [s["state"] for s in seen[:-1]] == \
        ["dispatching"] * (len(seen) - 1)
    last = seen[-1]
    assert last["state"] == "live"
    assert tally(last)["sms"] == tally(last)["mail"] == {"accepted": 40}
    assert len(town.house.deliveries(a["id"], channel="sms")) == 40


def test_a_text_over_the_limit_is_shortened_not_dropped(town, place):
    """Apprise 198: silently dropped over the limit."""
    place.add("anna")
    a = place.news(STORM)
    a["content"]["de"]["body"] = "Ein langer Satz. " * 1000
    status = town.house.delivered(a)
    assert all(set(t) == {"accepted"} for t in tally(status).values())
    assert len(place.texts("anna")[0]) <= 4096
    mail_, = place.mails("anna")
    assert mail_.get_body(("plain",)).get_content().count("Satz.") == 1000


# ------------------------------------------------------- a channel is down --

def test_a_refused_channel_waits_alone_and_blames_nobody(
        tmp_path, gateway, relay):
    """CAP Composer 194: publish to one target again after its credentials
    were mended; Home Assistant 7543: the others must not get it twice."""
    people = crowd(3, ("sms", "email"))
    gateway.answer = (401, {}, "{}")
    with House(tmp_path, two_channels(gateway, relay)) as house:
        house.subscribers(*people)
        a = shifted(STORM)
        house.publish(a)
        house.log.event("channel.down", ch="sms")
        status = house.until(a["id"], lambda s: tally(s)["mail"] ==
                             {"accepted": 3})
        assert "failed" not in tally(status)["sms"]
        assert house.channel("sms")["cause"]
        assert house.channel("mail")["cause"] == ""
        gateway.answer = TAKEN
        house.ask("resume", channel="sms")
        status = house.sent(a["id"])
        assert tally(status) == {"sms": {"accepted": 3},
                                 "mail": {"accepted": 3}}
        assert {d["attempt"] for d in house.deliveries(a["id"])} == {1}
    assert len(relay.taker.mails) == 3


def test_a_peer_that_is_absent_at_the_start_is_found_later(tmp_path):
    """Home Assistant 20026: services missing if the net was down at boot;
    mqttwarn 112: try again after a network failure."""
    folder = tmp_path / "broker"
    folder.mkdir()
    with Broker(folder) as broker:
        broker.kill()
        with House(tmp_path, {"displays": displays(broker)}) as house:
            a = shifted(STORM)
            house.publish(a)
            house.log.event("delivery", ch="displays", state="retry")
            broker.start()
            assert tally(house.sent(a["id"])) == {
                "displays": {"accepted": 1}}
        message, = broker.retained("litfass/v1/g/alle/a/#")
        assert message["payload"]


def test_a_full_mailbox_does_not_lose_the_rest(tmp_path):
    """Notifuse 414: lost after 452, shown as complete."""
    full = ["452 4.2.2 Mailbox full"]

    def rcpt(address):
        return full.pop() if full and address.startswith("p1@") else None

    with Relay(Taker({"RCPT": rcpt})) as relay, \
            House(tmp_path, {"mail": mail(relay)}) as house:
        house.subscribers(*crowd(5, ("email",)))
        status = house.delivered(shifted(STORM))
        assert tally(status) == {"mail": {"accepted": 5}}
    assert len(mails_of(relay, "p1@example.org")) == 1
    assert len(relay.taker.mails) == 5


def test_a_newsletter_never_holds_up_a_warning(tmp_path, gateway):
    """GC Notify 1262: bulk blocks others."""
    people = crowd(20)      # four seconds, however slow this machine is
    with House(tmp_path, {"sms": sms(gateway, rate="5/s", kinds=[
            "service", "warning"])}) as house:
        house.subscribers(*people)
        house.publish(shifted(WASTE))
        house.until(WASTE, lambda s: tally(s)["sms"].get("accepted"))
        house.delivered(shifted(STORM))
        left = tally(house.status(WASTE))["sms"].get("queued", 0)
        assert left > 0
        house.ask("cancel", id=WASTE)


def test_one_stuck_channel_does_not_hold_the_others(tmp_path, relay):
    """Prometheus 7676: one dead receiver fills the shared queue."""
    with Gateway("stall") as gateway, \
            House(tmp_path, two_channels(gateway, relay),
                  drain_timeout="1s") as house:
        house.subscribers(*crowd(20, ("sms", "email")))
        a = shifted(STORM)
        house.publish(a)
        house.until(a["id"], lambda s: tally(s)["mail"] == {"accepted": 20})
        assert set(tally(house.status(a["id"]))["sms"]) == {"queued"}


# ------------------------------------------------------ processes that die --

class Once:
    """An answer that first does something, once."""

    def __init__(self, deed):
        self.deed, self.lock = deed, threading.Lock()

    def __call__(self, _request):
        with self.lock:
            deed, self.deed = self.deed, None
        if deed:
            deed()
            return None
        return TAKEN


def test_a_worker_that_is_killed_takes_nothing_with_it(tmp_path, relay):
    with Gateway(None) as gateway, \
            House(tmp_path, two_channels(gateway, relay)) as house:
        people = crowd(30, ("sms", "email"))
        house.subscribers(*people)
        pid = house.channel("sms")["pid"]
        gateway.answer = Once(lambda: os.kill(pid, signal.SIGKILL))
        a = shifted(STORM)
        status = house.delivered(a)
        assert tally(status) == {"sms": {"accepted": 30},
                                 "mail": {"accepted": 30}}
        assert house.channel("sms")["restarts"] == 1
        assert house.channel("mail")["restarts"] == 0
        # Only what was under way may have come twice.
        twice = house.deliveries(a["id"], channel="sms")
        doubt = sum(d["attempt"] > 1 for d in twice)
        assert 1 <= doubt <= house.channel("sms")["window"]
        assert set(reached(gateway)) == set(numbers(people))
        assert len(gateway.requests) <= 30 + doubt
    assert len(relay.taker.mails) == 30


def test_a_worker_that_dies_with_several_announcements(tmp_path):
    """Their deliveries end in one commit, mixed; found by tests/crash."""
    arrived, middle = threading.Semaphore(0), [True]

    def stall(request):
        if middle and "127001" in request[3]:
            middle.pop()
            return TAKEN
        arrived.release()
        return "stall"

    with Gateway(stall) as gateway, House(
            tmp_path, {"sms": sms(gateway, in_doubt="hold")}) as house:
        house.subscribers(*crowd(3))
        house.publish(shifted(STORM, "one"))
        house.until("one", lambda s: tally(s)["sms"].get("accepted"))
        house.publish(shifted(STORM, "two"))
        for _ in range(5):
            assert arrived.acquire(timeout=60)
        os.kill(house.channel("sms")["pid"], signal.SIGKILL)
        assert tally(house.sent("one")) == \
            {"sms": {"accepted": 1, "unknown": 2}}
        assert tally(house.sent("two")) == {"sms": {"unknown": 3}}


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_a_restart_in_the_middle_sends_each_once(tmp_path, gateway, how):
    """listmonk 2313: resuming starts over, three to five copies; rsyslog
    5364: the queue is lost at a restart; Alertmanager 889: nothing is known
    after a restart."""
    people = crowd(60)
    channels = {"sms": sms(gateway, rate="10/s")}
    a = shifted(STORM)
    with House(tmp_path, channels) as house:
        house.subscribers(*people)
        house.publish(a)
        house.until(a["id"], lambda s: tally(s)["sms"].get("accepted", 0)
                    >= 5)
        house.kill() if how == "kill" else house.stop()
        before = len(gateway.requests)
        assert 5 <= before < 60
        channels["sms"]["rate"] = 0
        house.write()
        house.start()
        status = house.sent(a["id"])
        assert tally(status) == {"sms": {"accepted": 60}}
        again = sum(d["attempt"] > 1 for d in house.deliveries(a["id"]))
        assert set(reached(gateway)) == set(numbers(people))
        assert len(gateway.requests) <= 60 + again
        assert how == "kill" or again == 0


def test_a_cancel_finds_a_broker_that_was_away(tmp_path):
    """And litfassd was restarted in between. The broker has kept the
    document on its disk."""
    a = shifted(STORM)
    a["area"]["display_groups"] = ["altstadt"]
    with Broker(tmp_path, "allow_anonymous true", "persistence true",
                "persistence_location {dir}/") as broker, \
            House(tmp_path, {"displays": displays(broker)}) as house:
        assert tally(house.delivered(a)) == {"displays": {"accepted": 1}}
        broker.stop()
        house.ask("cancel", id=a["id"])
        house.log.event("delivery", ann=a["id"], state="retry")
        house.stop()
        broker.start()
        witness = broker.witness(count=2, wait=30)
        house.start()
        shown, cleared = witness.messages()
        assert shown["payload"] and not cleared["payload"]


def test_what_is_in_flight_lands_before_the_end(tmp_path):
    """SIGTERM drains: the answer that is under way is still taken."""
    release = threading.Event()

    def slow(_request):
        arrived.set()
        release.wait()
        return TAKEN

    arrived = threading.Event()
    with Gateway(slow) as gateway, \
            House(tmp_path, {"sms": sms(gateway)}) as house:
        house.subscribers(*crowd(1))
        house.publish(shifted(STORM))
        assert arrived.wait(60)
        house.signal(signal.SIGTERM)
        house.log.text("waiting for what is in flight")
        release.set()
        assert house.wait() == 0
        house.start()
        assert tally(house.sent(STORM)) == {"sms": {"accepted": 1}}
        assert len(gateway.requests) == 1


def test_a_plugin_that_hangs_is_ended_and_its_deliveries_kept(tmp_path):
    """n8n, Novu: a stuck provider call stays for ever."""
    if not (EVIL / "evil.so").exists():
        pytest.skip("tests/contract is not built")
    folder = tmp_path / "plugins"
    folder.mkdir()
    for so in (EVIL / "evil.so", BUILD / "plugins/.libs/file.so"):
        (folder / so.name).symlink_to(so)
    channels = {"evil": {"plugin": "evil", "how": "hang"},
                "spool": spool(tmp_path / "spool")}
    with House(tmp_path, channels, plugins={"dir": folder}) as house:
        a = shifted(STORM)
        house.publish(a)
        house.until(a["id"], lambda s: "delivered" in tally(s)["spool"])
        # Its pings go unanswered as well; that takes 15 to 20 seconds.
        house.log.event("worker.gone", ch="evil")
        assert set(tally(house.status(a["id"]))["evil"]) <= \
            {"retry", "queued"}
        channels["evil"]["how"] = "not"
        house.write()
        house.ask("reload")
        status = house.sent(a["id"])
        assert tally(status)["evil"] == {"accepted": 1}


# ------------------------------------------------------------- the house --

def test_a_good_reload_loses_nothing(tmp_path, gateway, relay):
    channels = two_channels(gateway, relay, rate="50/s")
    with House(tmp_path, channels) as house:
        house.subscribers(*crowd(40, ("sms", "email")))
        a = shifted(STORM)
        house.publish(a)
        house.until(a["id"], lambda s: tally(s)["sms"].get("accepted"))
        channels["sms"]["rate"] = "500/s"
        channels["sms"]["from"] = "Rathaus"
        channels["spool"] = spool(tmp_path / "spool")
        house.write()
        house.signal(signal.SIGHUP)
        house.log.text("configuration reloaded")
        status = house.sent(a["id"])
        assert tally(status) == {"sms": {"accepted": 40},
                                 "mail": {"accepted": 40}}
        assert {d["attempt"] for d in house.deliveries(a["id"])} == {1}
        assert len(gateway.requests) == 40
        assert "From=Rathaus" in gateway.requests[-1][3]
        assert house.channel("mail")["restarts"] == 0
        house.log.event("channel.up", ch="spool")
        b = shifted(STORM, "second")
        assert tally(house.delivered(b))["spool"] == {"delivered": 1}


def test_a_new_rate_counts_from_the_reload(tmp_path, gateway):
    channels = {"sms": sms(gateway, rate="1/h")}
    with House(tmp_path, channels) as house:
        house.subscribers(*crowd(10))
        a = shifted(STORM)
        house.publish(a)
        house.until(a["id"], lambda s: tally(s)["sms"].get("accepted"))
        pid = house.channel("sms")["pid"]
        channels["sms"]["rate"] = 0
        house.write()
        house.ask("reload")
        assert tally(house.sent(a["id"])) == {"sms": {"accepted": 10}}
        assert house.channel("sms")["pid"] == pid


def test_a_broken_configuration_changes_nothing(tmp_path, gateway):
    channels = {"sms": sms(gateway)}
    with House(tmp_path, channels) as house:
        house.subscribers(*crowd(1))
        pid = house.channel("sms")["pid"]
        channels["sms"]["form"] = "Rathaus"
        house.write()
        house.signal(signal.SIGHUP)
        house.log.text("sms.conf:.*form.*")
        house.log.text("the old one stays")
        house.delivered(shifted(STORM))
        assert house.channel("sms")["pid"] == pid
        assert len(gateway.requests) == 1
        # what only the plugin itself can find
        del channels["sms"]["form"]
        channels["spool"] = {"plugin": "file", "dir": "spool"}
        house.write()
        with pytest.raises(Refused):
            house.ask("reload")
        house.log.text("dir has to begin with")
        assert house.channel("sms")["pid"] == pid


def test_what_a_reload_refuses_is_said_in_the_form_of_the_log(
        tmp_path, gateway):
    with House(tmp_path, {"sms": sms(gateway)}) as house:
        house.settings["sandbox"] = "requierd"
        house.write()
        mark = house.log.mark()
        house.signal(signal.SIGHUP)
        house.log.text("the old one stays", mark)
        for line in house.log.lines[mark:]:
            assert json.loads(line)["level"] == "warn"
        assert "did you mean" in house.log.lines[mark]


def test_a_reload_changes_the_log_of_everybody(tmp_path, gateway):
    with House(tmp_path, {"sms": sms(gateway)}) as house:
        house.settings["log"] = {"format": "text", "level": "debug"}
        house.write()
        mark = house.log.mark()
        house.signal(signal.SIGHUP)
        house.log.text("info litfassd: configuration reloaded", mark)
        house.log.text("info sms: sandbox", mark)


def test_a_secret_that_is_changed_counts_from_the_reload(tmp_path, gateway):
    channels = {"sms": sms(gateway)}
    with House(tmp_path, channels) as house:
        house.subscribers(*crowd(1))
        house.delivered(shifted(STORM, "one"))
        channels["sms"]["password_secret"] = "another-one"
        house.write()
        house.ask("reload")
        house.delivered(shifted(STORM, "two"))
    first, second = (r[2]["Authorization"] for r in gateway.requests)
    assert first != second


def test_what_no_table_knows_is_checked_before_the_start(tmp_path, gateway):
    for where, key, value, words in (
            ("issuer", "ars", "12x", "has not 12 digits"),
            ("channel", "languages", ["de", "deutsch"],
             '"deutsch" is no language')):
        house = House(tmp_path, {"sms": sms(gateway)})
        group = house.channels["sms"] if where == "channel" else \
            house.settings["issuer"]
        group[key] = value
        house.write()
        run = subprocess.run([str(LITFASSD), "-t", "-c", str(house.config)],
                             capture_output=True, text=True, timeout=60)
        assert (run.returncode, words in run.stderr) == (78, True), run
        assert re.search(r"\.conf:\d+: .*%s" % key, run.stderr), run.stderr


EXAMPLES = sorted((TOP / "conf/channels.d").glob("*.example"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.name)
def test_shipped_examples_are_right(tmp_path, example):
    """As they are, and with every line that is offered in a comment."""
    text = example.read_text(encoding="utf-8")
    inner = re.sub(r"(?m)^\t# (\w+ = .*;)$", r"\t\1", text)
    whole = re.sub(r"(?m)^# ?", "", text[text.find("\n# sms: {"):])
    for variant in {text, inner, whole if "\n# sms: {" in text else text}:
        house = House(tmp_path)
        for path in set(re.findall(r'"(/[^"]+)"', variant)):
            mine = house.secret(path.replace("/", "-").strip("-"), "secret")
            variant = variant.replace('"%s"' % path, '"%s"' % mine)
        (tmp_path / "channels.d/example.conf").write_text(variant)
        run = subprocess.run([str(LITFASSD), "-t", "-c", str(house.config)],
                             capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, (run.stderr, variant)
        assert "ok, 1 channel" in run.stdout


def test_a_channel_that_is_removed_keeps_its_queue(tmp_path, gateway, relay):
    channels = two_channels(gateway, relay)
    with House(tmp_path, channels) as house:
        house.subscribers(*crowd(2, ("sms", "email")))
        house.ask("pause", channel="sms")
        a = shifted(STORM)
        house.publish(a)
        del channels["sms"]
        house.write()
        house.ask("reload")
        house.until(a["id"], lambda s: tally(s)["mail"] == {"accepted": 2})
        assert [c["channel"] for c in house.ask("channels")] == ["mail"]
        channels["sms"] = sms(gateway)
        house.write()
        house.ask("reload")
        house.ask("resume", channel="sms")
        assert tally(house.sent(a["id"]))["sms"] == {"accepted": 2}


def test_two_houses_never_share_a_store(tmp_path, gateway):
    with House(tmp_path, {"sms": sms(gateway)}) as house:
        second = subprocess.run(
            [str(LITFASSD), "-c", str(house.config)], capture_output=True,
            text=True, timeout=60)
        assert second.returncode not in (0, -signal.SIGABRT)
        assert "litfass.db" in second.stderr
        house.ask("ping")


def test_root_is_refused(tmp_path, gateway):
    if os.geteuid() != 0:
        pytest.skip("needs to be root to be refused as root")
    house = House(tmp_path, {"sms": sms(gateway)}, allow_root=False)
    run = subprocess.run([str(LITFASSD), "-c", str(house.config)],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 78
    assert "will not run as root" in run.stderr
