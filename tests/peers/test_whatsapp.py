"""The whatsapp plugin in a real worker against a strict peer."""
import json
import os
import pathlib

import pytest

from wa_peer import FICTION, Peer
from worker_wire import Worker

ACCEPTED, TEMPFAIL, PERMFAIL, CHANNEL_DOWN, UNKNOWN = 2, 3, 4, 5, 6

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LITFASS_BUILD", "."))
LITFASSD = BUILD / "litfassd"
PLUGIN = BUILD / "plugins/.libs/whatsapp.so"
SEND = 1

pytestmark = pytest.mark.skipif(not PLUGIN.exists(),
                                reason="not built: set LITFASS_BUILD")

with open(TOP / "tests/data/announcements.json", encoding="utf-8") as f:
    DATA = json.load(f)
ANNOUNCEMENTS = {a["id"]: a for a in DATA["announcements"]}
STORM = ANNOUNCEMENTS["lf-2026-0002"]
WARNING_TEMPLATE = ("warnung_v1\ntitel={{headline}}\ngebiet={{area}}\n"
                    "anweisung={{instruction}}")


@pytest.fixture
def peer():
    with Peer() as p:
        yield p


def worker(peer, token="secret-token", **params):
    params = {"base_url": peer.url, "phone_number_id": "106540352242922",
              **params}
    return Worker(str(LITFASSD), str(PLUGIN), params, {"token": token},
                  DATA["issuer"])


def send(peer, digits, attempts=1, **params):
    """The results of as many attempts to one scenario's number."""
    with worker(peer, **params) as w:
        assert w.ready["t"] == "ready", w.ready
        r = w.render(STORM)
        return [w.result(w.submit(r, FICTION + digits, "k", SEND, n + 1))
                for n in range(attempts)]


def outcomes(results):
    return [(r["outcome"], r["code"]) for r in results]


def test_a_text_arrives_and_is_accepted(peer):
    assert outcomes(send(peer, "00")) == [(ACCEPTED, 200)]
    call, = peer.api.accepted
    assert call["to"] == FICTION + "00"
    assert call["biz_opaque_callback_data"] == "k"
    assert STORM["content"]["de"]["headline"] in call["text"]["body"]
    assert peer.api.violations == []


def test_a_template_arrives_and_is_accepted(peer):
    results = send(peer, "00", mode="template",
                   template_warning=WARNING_TEMPLATE)
    assert outcomes(results) == [(ACCEPTED, 200)]
    call, = peer.api.accepted
    assert call["template"]["language"]["code"] == "de"
    assert peer.api.violations == []


def test_every_announcement_is_taken_in_every_language(peer):
    with worker(peer) as w:
        for a in DATA["announcements"]:
            for lang in a["content"]:
                r = w.render(a, lang)
                result = w.result(w.submit(r, FICTION + "00"))
                assert result["outcome"] == ACCEPTED, (a["id"], lang, result)
    assert peer.api.violations == []


def test_every_announcement_fits_the_template_in_every_language(peer):
    with worker(peer, mode="template", template_default=WARNING_TEMPLATE) as w:
        for a in DATA["announcements"]:
            for lang in a["content"]:
                r = w.render(a, lang)
                result = w.result(w.submit(r, FICTION + "00"))
                assert result["outcome"] == ACCEPTED, (a["id"], lang, result)
    assert peer.api.violations == []


def test_a_missing_template_stops_no_other_kind(peer):
    with worker(peer, mode="template", template_default="hinweis_v1\n"
                "{{headline}}\n{{teaser}}",
                template_warning="gibt_es_nicht\n{{headline}}") as w:
        result = w.result(w.submit(w.render(STORM), FICTION + "00"))
        assert (result["outcome"], result["code"]) == (TEMPFAIL, 132001)
        assert result["retry_after"] == 60
        event = ANNOUNCEMENTS["lf-2026-0008"]
        result = w.result(w.submit(w.render(event), FICTION + "00"))
        assert result["outcome"] == ACCEPTED


def test_a_kind_without_a_template_is_refused(peer):
    with worker(peer, mode="template", template_event="x") as w:
        with pytest.raises(ValueError, match="no-template"):
            w.render(STORM)


@pytest.mark.parametrize("digits,expected", [
    ("11", [(TEMPFAIL, 131056)] * 3 + [(ACCEPTED, 200)]),
    ("12", [(TEMPFAIL, 130429)] * 2 + [(ACCEPTED, 200)]),
    ("13", [(TEMPFAIL, 131000), (ACCEPTED, 200)]),
    ("14", [(UNKNOWN, 503), (ACCEPTED, 200)]),
    ("15", [(UNKNOWN, 0)]),
    ("16", [(UNKNOWN, 0)]),
    ("18", [(UNKNOWN, 0)]),
    ("19", [(ACCEPTED, 200)]),
    ("29", [(CHANNEL_DOWN, 190)]),
    ("30", [(CHANNEL_DOWN, 368)]),
    ("31", [(TEMPFAIL, 4), (ACCEPTED, 200)]),
    ("32", [(TEMPFAIL, 999999)]),
    ("33", [(TEMPFAIL, 133004), (ACCEPTED, 200)]),
    ("36", [(PERMFAIL, 131047)]),
])
def test_a_scenario_has_its_outcomes(peer, digits, expected):
    results = send(peer, digits, len(expected))
    assert outcomes(results) == expected
    if digits == "11":
        assert [r["retry_after"] for r in results] == [4, 16, 64, 0]
    if digits == "31":
        assert results[0]["retry_after"] == 7


def test_a_wrong_token_pauses_the_channel(peer):
    with worker(peer, token="other") as w:
        result = w.result(w.submit(w.render(STORM), FICTION + "00"))
    assert (result["outcome"], result["code"]) == (CHANNEL_DOWN, 190)
    assert "other" not in w.log


def test_a_call_that_is_taken_back_is_in_doubt(peer):
    with worker(peer) as w:
        number = w.submit(w.render(STORM), FICTION + "17")
        assert peer.arrived.wait(30)
        w.send({"t": "cancel", "d": [number]})
        assert w.result(number)["outcome"] == UNKNOWN


def test_nobody_listening_means_nothing_was_sent(peer):
    with worker(peer, base_url="http://127.0.0.1:1") as w:
        result = w.result(w.submit(w.render(STORM), FICTION + "00"))
    assert result["outcome"] == TEMPFAIL


def test_a_number_without_plus_is_refused(peer):
    with worker(peer) as w:
        result = w.result(w.submit(w.render(STORM), "0176123456"))
    assert result["outcome"] == PERMFAIL
    assert peer.api.count == 0


def test_the_header_may_be_written_in_small_letters(peer):
    assert outcomes(send(peer, "00", auth_header="authorization")) == \
        [(ACCEPTED, 200)]


def test_a_provider_has_its_own_header_and_path():
    with Peer(auth="D360-API-KEY") as peer:
        results = send(peer, "00", auth_header="D360-API-KEY",
                       messages_path="/messages", phone_number_id="")
    assert outcomes(results) == [(ACCEPTED, 200)]
    assert peer.api.violations == []


@pytest.mark.parametrize("params", [
    {"base_url": "http://graph.example"},
    {"phone_number_id": "+49301234"},
    {"mode": "template", "template_default": "Not A Name"},
    {"messages_path": "messages"},
    {"auth_header": ""},
    {"auth_header": "X-Key: no\r\nX-Other"},
])
def test_a_bad_configuration_is_refused(peer, params):
    with worker(peer, **params) as w:
        assert w.ready["t"] == "failed"


def test_the_log_tells_nothing_personal(peer):
    with worker(peer) as w:
        r = w.render(STORM)
        for digits in ("00", "29", "16"):
            w.result(w.submit(r, FICTION + digits))
    for secret in ("secret-token", FICTION, "wamid", "17604069"):
        assert secret not in w.log
