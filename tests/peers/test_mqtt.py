"""The mqtt plugin in a real worker against mosquitto and false brokers."""
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

from mqtt_peer import MOSQUITTO, SUB, Broker, FalseBroker
from worker_wire import Worker

PATIENCE = 30  # seconds, until a test gives up
ACCEPTED, TEMPFAIL, PERMFAIL, CHANNEL_DOWN, UNKNOWN = 2, 3, 4, 5, 6
SEND, RETRACT = 1, 2

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LITFASS_BUILD", "."))
LITFASSD = BUILD / "litfassd"
PLUGIN = BUILD / "plugins/.libs/mqtt.so"

pytestmark = [
    pytest.mark.skipif(not PLUGIN.exists(),
                       reason="not built: set LITFASS_BUILD"),
    pytest.mark.skipif(not (MOSQUITTO and SUB),
                       reason="mosquitto is not installed")]

with open(TOP / "tests/data/announcements.json", encoding="utf-8") as f:
    DATA = json.load(f)
ANNOUNCEMENTS = {a["id"]: a for a in DATA["announcements"]}
STORM = ANNOUNCEMENTS["lf-2026-0002"]
TOPIC = "litfass/v1/g/altstadt/a/lf-2026-0002"


@pytest.fixture
def broker(tmp_path):
    with Broker(tmp_path) as b:
        yield b


def worker(port, scheme="mqtt", host="127.0.0.1", secrets=None, **params):
    params = {"url": "%s://%s:%d" % (scheme, host, port), **params}
    return Worker(str(LITFASSD), str(PLUGIN), params, secrets,
                  DATA["issuer"])


def send(w, group="altstadt", announcement=STORM, chain=None):
    r = w.render(announcement, chain=chain)
    return w.result(w.submit(r, group))


def outcomes_until(w, rendition, wanted):
    """What is answered on the way to one outcome, as litfass would try."""
    seen = []
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        seen.append(w.result(w.submit(rendition, "altstadt")))
        if seen[-1]["outcome"] == wanted:
            return seen
    pytest.fail("not %d, the last answer was %r" % (wanted, seen[-1]))


def send_until_accepted(w, rendition):
    """The outcomes on the way to success, each once."""
    seen = outcomes_until(w, rendition, ACCEPTED)
    return list(dict.fromkeys(r["outcome"] for r in seen))


def test_a_document_is_kept_for_displays_that_come_later(broker):
    with worker(broker.port) as w:
        assert send(w)["outcome"] == ACCEPTED
    message, = broker.retained()
    assert message["topic"] == TOPIC
    assert message["retain"] == 1 and message["qos"] == 1
    doc = json.loads(message["payload"])
    assert doc["id"] == doc["aid"] == "lf-2026-0002"
    assert [p["lang"] for p in doc["pages"]][0] == "de"
    assert {p["lang"] for p in doc["pages"]} == set(STORM["content"])


def test_a_display_that_listens_gets_it_with_its_properties(broker):
    witness = broker.witness()
    with worker(broker.port) as w:
        w.render(STORM)
        r = w.put(w.rendition, STORM["id"], STORM["id"],
                  expires=4102444800)
        result = w.result(w.submit(r, "altstadt", "the-key"))
    assert (result["outcome"], result["code"]) == (ACCEPTED, 0)
    message, = witness.messages()
    properties = message["properties"]
    assert properties["content-type"] == \
        "application/vnd.litfass.display+json;v=1"
    assert properties["message-expiry-interval"] > 1000000
    assert properties["correlation-data"] in ("the-key",
                                              b"the-key".hex().upper())


def test_no_display_listening_is_told(broker):
    with worker(broker.port) as w:
        result = send(w)
    assert (result["outcome"], result["code"]) == (ACCEPTED, 16)
    assert "no display" in result["text"]


def test_an_update_replaces_what_it_follows(broker):
    with worker(broker.port) as w:
        for name in ("lf-2026-0004", "lf-2026-0005"):
            assert send(w, announcement=ANNOUNCEMENTS[name],
                        chain="lf-2026-0004")["outcome"] == ACCEPTED
    message, = broker.retained("#", count=1)
    doc = json.loads(message["payload"])
    assert (doc["aid"], doc["id"]) == ("lf-2026-0004", "lf-2026-0005")
    assert doc["class"] == "allclear"


def test_taking_back_clears_the_topic(broker):
    with worker(broker.port) as w:
        assert send(w)["outcome"] == ACCEPTED
        empty = w.put(None, STORM["id"], STORM["id"])
        result = w.result(w.submit(empty, "altstadt", action=RETRACT))
        assert result["outcome"] == ACCEPTED
        other = dict(STORM, id="lf-2026-0099")
        assert send(w, announcement=other)["outcome"] == ACCEPTED
    message, = broker.retained()
    assert message["topic"].endswith("lf-2026-0099")


def test_every_announcement_fits_in_one_packet(broker):
    witness = broker.witness(count=len(ANNOUNCEMENTS))
    with worker(broker.port) as w:
        for a in DATA["announcements"]:
            assert send(w, announcement=a)["outcome"] == ACCEPTED
    messages = witness.messages()
    assert len(messages) == len(ANNOUNCEMENTS)
    for m in messages:
        size = len(m["payload"].encode())
        assert size + len(m["topic"]) + 300 <= 4096, m["topic"]
        assert json.loads(m["payload"])["pages"]


def test_a_burst_is_acknowledged_to_the_last(broker):
    with worker(broker.port) as w:
        r = w.render(STORM)
        for _ in range(20):
            numbers = [w.submit(r, "altstadt") for _ in range(100)]
            assert {w.result(n)["outcome"] for n in numbers} == {ACCEPTED}


def test_a_small_window_of_the_broker_is_kept(tmp_path):
    with Broker(tmp_path, "allow_anonymous true",
                "max_inflight_messages 3") as broker, \
            worker(broker.port) as w:
        r = w.render(STORM)
        numbers = [w.submit(r, "altstadt") for _ in range(100)]
        assert {w.result(n)["outcome"] for n in numbers} == {ACCEPTED}


def test_a_wildcard_group_is_refused(broker):
    with worker(broker.port) as w:
        assert send(w, "#")["outcome"] == PERMFAIL
        assert send(w, "a/b")["outcome"] == PERMFAIL


def test_a_forbidden_topic_stops_no_other_group(tmp_path):
    (tmp_path / "acl").write_text("topic read #\n"
                                  "topic write litfass/v1/g/rathaus/#\n")
    with Broker(tmp_path, "allow_anonymous true",
                "acl_file {dir}/acl") as broker, worker(broker.port) as w:
        result = send(w)
        assert (result["outcome"], result["code"]) == (TEMPFAIL, 0x87)
        assert send(w, "rathaus")["outcome"] == ACCEPTED


def test_a_broker_that_keeps_nothing_pauses_the_channel(tmp_path):
    with Broker(tmp_path, "allow_anonymous true",
                "retain_available false") as broker, \
            worker(broker.port) as w:
        result = send(w)
    assert (result["outcome"], result["code"]) == (CHANNEL_DOWN, 0x9a)


def test_a_wrong_password_pauses_the_channel(tmp_path):
    subprocess.run(["mosquitto_passwd", "-b", "-c", tmp_path / "passwd",
                    "city", "right"], check=True)
    with Broker(tmp_path, "allow_anonymous false",
                "password_file {dir}/passwd",
                auth=("-u", "city", "-P", "right")) as broker:
        with worker(broker.port, user="city",
                    secrets={"password": "wrong-one"}) as w:
            result = send(w)
            assert result["outcome"] == CHANNEL_DOWN
        assert "wrong-one" not in w.log
        with worker(broker.port, user="city",
                    secrets={"password": "right"}) as w:
            assert send(w)["outcome"] == ACCEPTED
        assert len(broker.retained()) == 1


def test_an_old_protocol_works_by_configuration(broker):
    with worker(broker.port, protocol="3.1.1") as w:
        assert send(w)["outcome"] == ACCEPTED
    assert len(broker.retained()) == 1


def test_an_old_broker_is_spoken_to_in_its_version():
    with FalseBroker("old") as broker, worker(broker.port) as w:
        assert send(w)["outcome"] == ACCEPTED
    assert broker.versions == [5, 4]
    assert broker.published == [TOPIC]


def test_a_busy_broker_is_asked_again():
    with FalseBroker("busy", "serve") as broker, worker(broker.port) as w:
        assert send_until_accepted(w, w.render(STORM)) == \
            [TEMPFAIL, ACCEPTED]


def test_a_broker_that_says_goodbye_is_asked_again():
    with FalseBroker("kick", "serve") as broker, worker(broker.port) as w:
        assert ACCEPTED in send_until_accepted(w, w.render(STORM))


def test_two_with_one_client_id_are_told_and_slow_down():
    with FalseBroker("taken") as broker, worker(broker.port) as w:
        r, told, wait = w.render(STORM), False, 0
        while not told or wait < 3:
            result = w.result(w.submit(r, "altstadt"))
            told = told or "client_id" in (result["text"] or "")
            wait = max(wait, result["retry_after"])
            assert result["outcome"] in (TEMPFAIL, UNKNOWN)


def test_nobody_listening_is_told():
    with worker(1) as w:
        result = send(w)
    assert result["outcome"] == TEMPFAIL
    assert result["text"] == "no connection: Connection refused"


def test_a_broker_that_dies_is_found_again(broker):
    with worker(broker.port) as w:
        r = w.render(STORM)
        assert w.result(w.submit(r, "altstadt"))["outcome"] == ACCEPTED
        broker.kill(signal.SIGSTOP)
        numbers = [w.submit(r, "altstadt") for _ in range(10)]
        w.send({"t": "ping", "n": 1})
        w.wait("pong")
        broker.kill()
        assert {w.result(n)["outcome"] for n in numbers} == {UNKNOWN}
        result = w.result(w.submit(r, "altstadt"))
        assert result["outcome"] == TEMPFAIL and result["retry_after"] > 0
        broker.start()
        assert ACCEPTED in send_until_accepted(w, r)
    assert len(broker.retained()) == 1


def test_what_was_not_published_can_be_called_back():
    with FalseBroker("mute") as broker, worker(broker.port) as w:
        number = w.submit(w.render(STORM), "altstadt")
        w.send({"t": "cancel", "d": [number]})
        assert w.result(number)["outcome"] == TEMPFAIL


def test_a_preview_does_not_connect():
    with FalseBroker("serve") as broker:
        with Worker(str(LITFASSD), str(PLUGIN),
                    {"url": "mqtt://127.0.0.1:%d" % broker.port}, None,
                    DATA["issuer"], live=False) as w:
            w.render(STORM)
    assert broker.versions == []


@pytest.mark.parametrize("params", [
    {"url": "mqtt://b/path"}, {"prefix": "a/#"}, {"cert_file": "/x"},
    {"ca_file": "/x"}, {"url": "mqtt://broker.example", "user": "city"},
])
def test_a_bad_configuration_is_refused(params):
    with worker(1, **params) as w:
        assert w.ready["t"] == "failed"


def test_a_password_without_a_user_is_refused():
    with worker(1, secrets={"password": "x"}) as w:
        assert w.ready["t"] == "failed"


# ------------------------------------------------------------------- TLS --

def openssl(folder, *args):
    subprocess.run(["openssl", *args], cwd=folder, check=True,
                   stderr=subprocess.DEVNULL)


@pytest.fixture
def tls_broker(tmp_path):
    """A broker with a certificate for localhost by an authority of ours."""
    for name in ("ca", "other"):
        openssl(tmp_path, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                name + ".key", "-out", name + ".pem", "-days", "2",
                "-subj", "/CN=" + name)
    (tmp_path / "san").write_text("subjectAltName=DNS:localhost\n")
    openssl(tmp_path, "req", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-keyout", "srv.key",
            "-out", "srv.csr", "-subj", "/CN=localhost")
    openssl(tmp_path, "x509", "-req", "-in", "srv.csr", "-CA", "ca.pem",
            "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "san", "-out", "srv.pem")
    with Broker(tmp_path, "allow_anonymous true", "cafile {dir}/ca.pem",
                "certfile {dir}/srv.pem", "keyfile {dir}/srv.key",
                auth=("--cafile", str(tmp_path / "ca.pem"), "-h",
                      "localhost")) as b:
        yield b


def test_tls_works_and_finds_a_killed_broker_again(tls_broker):
    with worker(tls_broker.port, "mqtts", "localhost",
                ca_file=str(tls_broker.folder / "ca.pem")) as w:
        r = w.render(STORM)
        assert ACCEPTED in send_until_accepted(w, r)
        tls_broker.kill()
        tls_broker.start()
        assert ACCEPTED in send_until_accepted(w, r)
    assert len(tls_broker.retained()) == 1


@pytest.mark.parametrize("host,ca", [("localhost", "other.pem"),
                                     ("127.0.0.1", "ca.pem")])
def test_a_stranger_with_a_certificate_pauses_the_channel(tls_broker, host,
                                                          ca):
    with worker(tls_broker.port, "mqtts", host,
                ca_file=str(tls_broker.folder / ca)) as w:
        seen = outcomes_until(w, w.render(STORM), CHANNEL_DOWN)
    assert ACCEPTED not in [r["outcome"] for r in seen]
    assert "certificate" in seen[-1]["text"]
