"""One announcement, published once, arrives on every channel."""
import json

from conftest import documents, mails_of, sms_of, texts_of
from house import shifted, tally

STORM = "lf-2026-0002"


def test_a_storm_warning_arrives_on_every_channel(town):
    witness = town.broker.witness("litfass/v1/g/alle/a/storm-1")
    status = town.house.delivered(shifted(STORM, "storm-1"))
    assert status["state"] == "live"
    assert tally(status) == {
        "whatsapp": {"accepted": 2}, "displays": {"accepted": 1},
        "mail": {"accepted": 3}, "sms": {"accepted": 2}}
    headline = shifted(STORM)["content"]["de"]["headline"]
    text, = texts_of(town.meta, "+4917604069000")
    assert headline in text
    mail, = mails_of(town.relay, "anna@example.org")
    assert headline in mail["Subject"]
    assert headline in mail.get_body(("plain",)).get_content()
    sms, = sms_of(town.gateway, "+4917604069081")
    assert sms
    message, = witness.messages()
    doc = json.loads(message["payload"])
    assert doc["id"] == "storm-1" and doc["class"] == "warning"
    kept, = documents(town.broker.retained("litfass/v1/g/alle/a/storm-1"))
    assert kept == doc
    assert not town.meta.api.violations
