"""What the tests share: peers, people, and one house with all channels."""
import email
import email.policy
import itertools
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


TAKEN = (201, {}, '{"sid":"SM1"}')


class Answers:
    """What a gateway says: to some numbers what is written there, one after
    the other, and then, as to all others, that it took the message."""

    def __init__(self):
        self.to = {}

    def __call__(self, request):
        number = dict(urllib.parse.parse_qsl(request[3]))["To"]
        script = self.to.get(number)
        answer = script.pop(0) if script else TAKEN
        return answer() if callable(answer) else answer


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


class Place:
    """A corner of the country where nobody else lives: people, a group of
    displays, and announcements for them alone."""

    def __init__(self, town, number):
        self.town, self.number = town, number
        self.ars = "980%02d0000000" % number
        self.group = "group-%d" % number
        self.topic = "litfass/v1/g/%s/a/#" % self.group
        self.people = {}

    def add(self, ref, languages=("de",), kinds=("email", "sms", "whatsapp"),
            topics=(), ars=None, **addresses):
        """A person; the addresses are made up unless given."""
        n = next(self.town.numbers)
        known = {"email": "p%d@example.org" % n,
                 "sms": "+493023125%03d" % n,
                 "whatsapp": "+493023126%03d" % n}
        addresses = {**{k: known[k] for k in kinds}, **addresses}
        self.people[ref] = addresses
        person = {"ref": "%d-%s" % (self.number, ref),
                  "languages": list(languages), "ars": ars or self.ars,
                  "addresses": addresses}
        if topics:
            person["topics"] = list(topics)
        self.town.house.subscribers(person)
        return addresses

    def name(self, name):
        return "e2e-%d-%s" % (self.number, name)

    def news(self, fixture, name="one", follows=(), **changes):
        """A fixture for this place, sent now."""
        a = h.shifted(fixture, self.name(name), **changes)
        a["references"] = [self.name(f) for f in follows]
        a["area"]["ars"] = self.ars
        a["area"]["display_groups"] = [self.group]
        return a

    def sms(self, ref):
        return sms_of(self.town.gateway, self.people[ref]["sms"])

    def mails(self, ref):
        return mails_of(self.town.relay, self.people[ref]["email"])

    def texts(self, ref):
        return texts_of(self.town.meta, self.people[ref]["whatsapp"])


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
    with sms_peer.Gateway(Answers()) as g:
        yield g


@pytest.fixture
def meta():
    with wa_peer.Peer() as p:
        yield p


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """One house with all channels, for tests that disturb nobody else."""
    folder = tmp_path_factory.mktemp("town")
    with mail_peer.Relay(mail_peer.Taker()) as mail_relay, \
            mqtt_peer.Broker(folder) as mqtt_broker, \
            sms_peer.Gateway(Answers()) as sms_gateway, \
            wa_peer.Peer() as wa, \
            h.House(folder, {
                "whatsapp": whatsapp(wa),
                "displays": displays(mqtt_broker,
                                     default_groups=["rathaus"]),
                "mail": mail(mail_relay),
                "sms": sms(sms_gateway, timeout="2s")}) as house:
        yield types.SimpleNamespace(
            house=house, relay=mail_relay, broker=mqtt_broker,
            gateway=sms_gateway, meta=wa, numbers=itertools.count(),
            places=itertools.count(1))


@pytest.fixture
def place(town):
    return Place(town, next(town.places))
