"""One announcement, published once, arrives on every channel."""
import json
import time

import pytest

from conftest import documents, spool
from house import (ANNOUNCEMENTS, TOP, House, Refused, in_seconds, shifted,
                   shifted_cap, tally)

STORM, WATER, WATER_CLEAR = "lf-2026-0002", "lf-2026-0004", "lf-2026-0005"
BOMB, BOMB_UPDATE, BOMB_CLEAR = \
    "lf-2026-0010", "lf-2026-0011", "lf-2026-0012"
ROAD, EXERCISE = "lf-2026-0001", "lf-2026-0017"


def headline(fixture, lang="de"):
    return ANNOUNCEMENTS[fixture]["content"][lang]["headline"]


def test_a_storm_warning_arrives_on_every_channel(town, place):
    place.add("anna")
    place.add("karl", kinds=["email"])
    witness = town.broker.witness(place.topic)
    storm = place.news(STORM)
    status = town.house.delivered(storm)
    assert status["state"] == "live"
    assert tally(status) == {
        "whatsapp": {"accepted": 1}, "displays": {"accepted": 1},
        "mail": {"accepted": 2}, "sms": {"accepted": 1}}
    text, = place.texts("anna")
    assert headline(STORM) in text
    mail, = place.mails("anna")
    assert headline(STORM) in mail["Subject"]
    assert headline(STORM) in mail.get_body(("plain",)).get_content()
    assert headline(STORM) in mail.get_body(("html",)).get_content()
    sms, = place.sms("anna")
    assert "Sturm" in sms and "Bleiben Sie" in sms
    message, = witness.messages()
    doc = json.loads(message["payload"])
    assert doc["id"] == storm["id"] and doc["class"] == "warning"
    assert documents(town.broker.retained(place.topic)) == [doc]
    assert not town.meta.api.violations


def test_a_warning_in_cap_arrives_on_every_channel(town, place):
    place.add("anna", ars="034040000000")
    place.add("john", ars="034040000000", languages=["en"])
    names = "e2e-%d" % place.number
    alert = town.house.litfass(
        "publish", "--cap", "-", "--wait", "-o", "json",
        input=shifted_cap("04-multilang.xml", names))
    assert alert.returncode == 0, alert.stderr
    assert "Bombenfund" in place.texts("anna")[0]
    assert "Bombenfund" in place.mails("anna")[0]["Subject"]
    assert "Unexploded bomb" in place.mails("john")[0]["Subject"]
    assert "Verlassen Sie das Gebiet" in place.sms("anna")[0]
    doc, = documents(town.broker.retained("litfass/v1/g/rathaus/a/%s-0001"
                                          % names))
    assert doc["class"] == "warning" and doc["severity"] == "severe"
    over = town.house.litfass(
        "publish", "--cap", "-", "--wait", "-o", "json",
        input=shifted_cap("26-cancel-allclear.xml", names))
    assert over.returncode == 0, over.stderr
    assert "Entwarnung" in place.mails("anna")[1]["Subject"]
    doc, = documents(town.broker.retained("litfass/v1/g/rathaus/a/%s-0001"
                                          % names))
    assert doc["class"] == "allclear"


def test_cap_that_is_not_for_the_public_is_withheld(town):
    for name in ("21-private.xml", "20-restricted.xml", "53-dtd.xml"):
        run = town.house.litfass("publish", "--cap", TOP / "tests/data/cap" /
                                 name)
        assert run.returncode != 0, name
        assert run.stderr


def try_channel(town, *args):
    return town.house.litfass("channel", "test", *args, "--wait", "-o",
                              "json")


def test_a_channel_is_tried_on_one_person_and_nobody_else(town, place):
    place.add("anna", topics=["verkehr"])
    place.add("karl")
    place.add("otto", kinds=["email"])
    ref = "%d-anna" % place.number
    for channel in ("mail", "sms", "whatsapp"):
        run = try_channel(town, channel, "--to", ref)
        assert run.returncode == 0, run.stderr
        row, = json.loads(run.stdout)
        assert row["channel"] == channel and row["state"] == "accepted"
    mail, = place.mails("anna")
    assert mail["Subject"].startswith("[TEST]")
    sms, = place.sms("anna")
    assert sms.startswith("[TEST]")
    text, = place.texts("anna")
    assert "TEST" in text.splitlines()[0]
    assert not place.mails("karl") and not place.mails("otto")
    assert not place.sms("karl") and not place.texts("karl")
    for channel, to in (("sms", "%d-otto" % place.number),
                        ("mail", "nobody"), ("fax", ref)):
        assert try_channel(town, channel, "--to", to).returncode == 4


def test_a_channel_of_displays_is_tried_for_a_short_time(town, place):
    run = try_channel(town, "displays", "--to", place.group)
    assert run.returncode == 0, run.stderr
    row, = json.loads(run.stdout)
    doc, = documents(town.broker.retained(place.topic))
    assert "TEST" in json.dumps(doc)
    ident = doc["id"]
    assert ident.startswith("test-displays-")
    assert not documents(town.broker.retained(
        "litfass/v1/g/rathaus/a/%s" % ident))
    status = town.house.status(ident)
    assert status["expires"] - status["accepted"] <= 120 * 1000000
    back, = [c for c in status["channels"] if c["action"] == "retract"]
    assert back["state"] == "scheduled" and back["total"] == 1
    assert try_channel(town, "displays", "--to", "a/#").returncode == 3


def test_an_exercise_is_marked_on_every_channel(town, place):
    place.add("anna")
    town.house.delivered(place.news(EXERCISE))
    mail, = place.mails("anna")
    assert mail["Subject"].startswith("[ÜBUNG]")
    assert "ÜBUNG" in mail.get_body(("plain",)).get_content()
    assert "ÜBUNG" in mail.get_body(("html",)).get_content()
    doc, = documents(town.broker.retained(place.topic))
    assert doc["test"] is True
    assert all("ÜBUNG" in p["head"] + p["text"] or p["lang"] == "en" and
               "EXERCISE" in (p["head"] + p["text"]).upper()
               for p in doc["pages"])


def test_an_exercise_is_marked_on_phones(town, place):
    place.add("anna")
    town.house.delivered(place.news(EXERCISE))
    assert place.sms("anna")[0].startswith("[ÜBUNG]")
    assert place.texts("anna")[0].startswith("*[ÜBUNG] ")


def test_the_exercise_flag_of_a_request_marks_it_too(town, place):
    place.add("anna", kinds=["email"])
    town.house.delivered(place.news(STORM), exercise=True)
    mail, = place.mails("anna")
    assert mail["Subject"].startswith("[ÜBUNG]")


def test_every_fixture_is_published_to_the_end(town):
    for name in sorted(ANNOUNCEMENTS):
        status = town.house.delivered(shifted(name))
        assert status["state"] in ("live", "done"), status
        assert "accepted" in tally(status)["displays"]


def test_an_all_clear_replaces_what_displays_show(town, place):
    place.add("anna")
    town.house.delivered(place.news(WATER, "water"))
    town.house.delivered(place.news(WATER_CLEAR, "clear",
                                    follows=["water"]))
    doc, = documents(town.broker.retained(place.topic))
    assert doc["class"] == "allclear"
    assert (doc["aid"], doc["id"]) == (place.name("water"),
                                       place.name("clear"))
    first, second = place.mails("anna")
    assert second["References"] == first["References"]


def test_displays_are_cleared_when_it_is_over(town, place):
    witness = town.broker.witness(place.topic, count=2, wait=30)
    now = in_seconds(0)
    short = place.news(STORM, sent=now, starts=now, expires=in_seconds(3))
    town.house.publish(short, channels=["displays"])
    shown, cleared = witness.messages()
    assert json.loads(shown["payload"])["id"] == short["id"]
    assert cleared["payload"] in ("", None)
    town.house.idle()
    assert town.house.status(short["id"])["state"] == "done"


def test_an_update_supersedes_what_is_still_queued(town, place):
    place.add("anna", kinds=["sms"])
    town.house.ask("pause", channel="sms", cause="test")
    try:
        first = place.news(BOMB, "first")
        town.house.publish(first)
        town.house.publish(place.news(BOMB_UPDATE, "update",
                                      follows=["first"]))
    finally:
        town.house.ask("resume", channel="sms")
    town.house.sent(place.name("update"))
    assert len(place.sms("anna")) == 1
    assert town.house.channel_of(first["id"], "sms")["state"] == \
        "superseded"


def test_a_scheduled_announcement_waits_for_its_time(town, place):
    place.add("anna", kinds=["sms"])
    at = int(time.time()) + 2
    a = place.news(STORM)
    answer = town.house.publish(a, at=at, channels=["sms"])
    assert answer["state"] == "scheduled"
    assert town.house.status(a["id"])["state"] == "scheduled"
    assert place.sms("anna") == []
    status = town.house.sent(a["id"])
    assert len(place.sms("anna")) == 1
    assert status["channels"][0]["first"] >= at * 1000000


def test_a_paused_channel_keeps_what_it_has_to_send(town, place):
    place.add("anna")
    a = place.news(STORM)
    assert town.house.ask("pause", channel="sms",
                          cause="invoice")["state"] == "paused"
    town.house.publish(a)
    town.house.until(a["id"], lambda s: tally(s).get("mail") ==
                     {"accepted": 1})
    assert town.house.channel("sms")["cause"] == "invoice"
    assert place.sms("anna") == []
    town.house.ask("resume", channel="sms")
    town.house.sent(a["id"])
    assert len(place.sms("anna")) == 1


def test_cancelling_takes_it_off_the_displays(town, place):
    witness = town.broker.witness(place.topic, count=2, wait=30)
    a = place.news(STORM)
    town.house.delivered(a)
    assert town.house.ask("cancel", id=a["id"])["retract"] == ["displays"]
    shown, cleared = witness.messages()
    assert shown["payload"] and not cleared["payload"]
    # The office must see which displays: a group is nobody's address.
    assert place.group in {d["address"] for d in
                           town.house.deliveries(a["id"])}
    town.house.idle()
    sent, *back = town.house.deliveries(a["id"], channel="displays")
    assert sent["action"] == "send"
    assert {(d["action"], d["state"]) for d in back} == \
        {("retract", "accepted")}


def test_cancelling_removes_the_file(tmp_path):
    folder = tmp_path / "spool"
    with House(tmp_path, {"spool": spool(folder)}) as house:
        house.delivered(shifted(STORM))
        file, = folder.iterdir()
        assert headline(STORM) in file.read_text(encoding="utf-8")
        house.ask("cancel", id=STORM)
        house.idle()
        assert list(folder.iterdir()) == []


def test_a_cancelled_schedule_is_never_sent(town, place):
    """GSA Notify admin 98: cannot cancel a scheduled message."""
    place.add("anna", kinds=["sms"])
    a = place.news(STORM)
    town.house.publish(a, at=int(time.time()) + 3600, channels=["sms"])
    town.house.ask("cancel", id=a["id"])
    assert town.house.sent(a["id"])["state"] == "cancelled"
    assert place.sms("anna") == []


def test_everybody_gets_the_first_language_there_is(town, place):
    place.add("anna")
    place.add("burak", languages=["tr", "en"])
    place.add("john", languages=["fr", "en"])
    town.house.delivered(place.news(WATER))
    for who, lang in (("anna", "de"), ("burak", "tr"), ("john", "en")):
        mail, = place.mails(who)
        assert headline(WATER, lang) in mail["Subject"]


def test_a_language_that_is_missing_falls_back_to_the_issuers(town, place):
    place.add("olena", languages=["uk"])
    town.house.delivered(place.news(STORM))
    mail, = place.mails("olena")
    assert headline(STORM) in mail["Subject"]
    assert "Українською" in mail.get_body(("plain",)).get_content()


def test_publishing_twice_is_answered_twice_and_sent_once(town, place):
    place.add("anna")
    a = place.news(STORM)
    assert town.house.publish(a)["duplicate"] is False
    assert town.house.publish(a)["duplicate"] is True
    town.house.sent(a["id"])
    assert len(place.sms("anna")) == 1
    other = dict(a, topics=["wetter"])
    with pytest.raises(Refused) as refused:
        town.house.publish(other)
    assert refused.value.code == "wrong-state"


def test_news_goes_to_those_who_chose_its_topics(town, place):
    place.add("driver", kinds=["email"], topics=["verkehr"])
    place.add("reader", kinds=["email"], topics=["kultur"])
    place.add("all", kinds=["email"])
    town.house.delivered(place.news(ROAD))
    assert [len(place.mails(w)) for w in ("driver", "reader", "all")] == \
        [1, 0, 1]


def test_a_warning_goes_to_the_whole_area_and_no_further(town, place):
    place.add("reader", kinds=["email"], topics=["kultur"])
    place.add("quarter", kinds=["email"], ars=place.ars[:9] + "123")
    place.add("neighbour", kinds=["email"], ars="97%s" % place.ars[2:])
    town.house.delivered(place.news(STORM))
    assert [len(place.mails(w)) for w in
            ("reader", "quarter", "neighbour")] == [1, 1, 0]


def test_a_bad_announcement_is_refused_with_every_reason(town, place):
    a = place.news(STORM)
    a["expires"] = a["sent"]
    del a["content"]["de"]["headline"]
    with pytest.raises(Refused) as refused:
        town.house.publish(a)
    problems = refused.value.result["problems"]
    assert len([p for p in problems if p["level"] == "error"]) >= 2, problems
    with pytest.raises(Refused):
        town.house.status(a["id"])


def test_an_update_reaches_displays_it_no_longer_names(town, place):
    """The group that is dropped stops showing the old one."""
    witness = town.broker.witness("litfass/v1/g/left-%d/a/#" % place.number,
                                  count=2, wait=30)
    first = place.news(BOMB, "first")
    first["area"]["display_groups"] = ["left-%d" % place.number, place.group]
    town.house.delivered(first)
    town.house.delivered(place.news(BOMB_UPDATE, "second",
                                    follows=["first"]))
    shown, cleared = witness.messages()
    assert shown["payload"] and not cleared["payload"]
