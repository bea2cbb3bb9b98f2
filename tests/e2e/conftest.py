"""What the tests share: peers, people, and one house with all channels."""
import email
import email.policy
import json
import pathlib
import sys
import types
import urllib.parse

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "peers"))

import house as h               # noqa: E402
import mail_peer                # noqa: E402
import mqtt_peer                # noqa: E402
import sms_peer                 # noqa: E402
import wa_peer                  # noqa: E402


def sms_taken(_request):
    return 201, {}, '{"sid":"SM1"}'


def whatsapp(peer, **more):
    return {"plugin": "whatsapp", "base_url": peer.url,
            "phone_number_id": "106540352242922",
            "token_secret": "secret-token", **more}


def displays(broker, **more):
    return {"plugin": "mqtt", "url": "mqtt://127.0.0.1:%d" % broker.port,
            **more}


def mail(relay, **more):
    return {"plugin": "email", "relay": "smtp://127.0.0.1:%d" % relay.port,
            "tls": "off", "from": "presse@lindenfurt.example", **more}


def sms(gateway, **more):
    return {"plugin": "sms_http", "preset": "twilio", "url": gateway.url,
            "user": "AC1", "password_secret": "s3cret",
            "from": "Lindenfurt", **more}


def spool(folder, **more):
    folder.mkdir(exist_ok=True)
    return {"plugin": "file", "dir": folder, **more}


def sms_of(gateway, number=None):
    """The texts that came, to one number or to all."""
    forms = [dict(urllib.parse.parse_qsl(r[3])) for r in gateway.requests]
    return [f["Body"] for f in forms if number in (None, f["To"])]


def mails_of(relay, address=None):
    """The mails that came, parsed."""
    return [email.message_from_bytes(m[2], policy=email.policy.default)
            for m in relay.taker.mails if address in (None, m[1][0])]


def texts_of(peer, number=None):
    """The WhatsApp texts that came."""
    return [c["text"]["body"] for c in peer.api.accepted
            if number in (None, c["to"])]


def documents(messages):
    return [json.loads(m["payload"]) for m in messages if m["payload"]]


PEOPLE = [
    {"ref": "anna", "languages": ["de"], "addresses": {
        "email": "anna@example.org", "sms": "+4917604069081",
        "whatsapp": "+4917604069000"}},
    {"ref": "burak", "languages": ["tr", "en"], "addresses": {
        "email": "burak@example.org", "sms": "+4917604069082",
        "whatsapp": "+4917604069001"}},
    {"ref": "olena", "languages": ["uk"], "addresses": {
        "email": "olena@example.org"}},
]


@pytest.fixture(scope="session", autouse=True)
def built():
    if not h.LITFASSD.exists():
        pytest.skip("not built: set LITFASS_BUILD")


@pytest.fixture
def relay():
    with mail_peer.Relay(mail_peer.Taker()) as r:
        yield r


@pytest.fixture
def broker(tmp_path):
    folder = tmp_path / "broker"
    folder.mkdir()
    with mqtt_peer.Broker(folder) as b:
        yield b


@pytest.fixture
def gateway():
    with sms_peer.Gateway(sms_taken) as g:
        yield g


@pytest.fixture
def meta():
    with wa_peer.Peer() as p:
        yield p


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """All channels with people, for tests that leave it as they found it."""
    folder = tmp_path_factory.mktemp("town")
    with mail_peer.Relay(mail_peer.Taker()) as mail_relay, \
            mqtt_peer.Broker(folder) as mqtt_broker, \
            sms_peer.Gateway(sms_taken) as sms_gateway, \
            wa_peer.Peer() as wa, \
            h.House(folder, {
                "whatsapp": whatsapp(wa), "displays": displays(mqtt_broker),
                "mail": mail(mail_relay),
                "sms": sms(sms_gateway)}) as house:
        house.subscribers(*PEOPLE)
        yield types.SimpleNamespace(
            house=house, relay=mail_relay, broker=mqtt_broker,
            gateway=sms_gateway, meta=wa)
