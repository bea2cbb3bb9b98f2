"""The mail plugin against real and broken relays."""
import email
import email.policy

import pytest

pytest.importorskip("aiosmtpd", reason="python3-aiosmtpd is not installed")

from mail_peer import (PARAMS, Relay, Script, Taker,  # noqa: E402
                       authenticator, certificate, send)
from plug_run import submit_expired, worker_of  # noqa: E402

HELLO = ["220 relay.example", None, "250-relay.example\r\n250 PIPELINING"]
ENVELOPE = [None, None, None]
TEMPFAIL, CHANNEL_DOWN = 3, 5


def outcome(results, number=1):
    return results[number]["outcome"]


def test_each_recipient_gets_an_envelope_and_a_name_of_their_own(tmp_path):
    people = ["a@b.example", "c@d.example", "e@f.example"]
    taker = Taker()
    with Relay(taker) as relay:
        _, results = send(tmp_path, relay.port, people,
                          unsubscribe_url="https://l.example/u?a={address}")
    assert {r["outcome"] for r in results.values()} == {"accepted"}
    assert sorted(m[1] for m in taker.mails) == [[p] for p in people]
    for sender, to, content, _ in taker.mails:
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert sender == "press@lindenfurt.example"
        assert mail["To"].addresses[0].addr_spec == to[0]
        assert to[0].replace("@", "%40") in mail["List-Unsubscribe"]
        assert not mail.defects
        kinds = [p.get_content_type() for p in mail.walk()]
        assert kinds == ["multipart/alternative", "text/plain", "text/html"]
        assert "Hauptstraße" in mail.get_body(("plain",)).get_content()
    ids = [email.message_from_bytes(m[2])["Message-ID"] for m in taker.mails]
    assert len(set(ids)) == 3


def test_peer_id_is_the_queue_id_of_the_relay(tmp_path):
    with Relay(Taker()) as relay:
        _, results = send(tmp_path, relay.port)
    assert results[1]["peer_id"] == "Q1"


def test_two_hundred_messages_share_four_connections(tmp_path):
    people = ["p%d@b.example" % i for i in range(200)]
    taker = Taker()
    with Relay(taker) as relay:
        _, results = send(tmp_path, relay.port, people, connections=4)
    assert {r["outcome"] for r in results.values()} == {"accepted"}
    assert sorted(m[1][0] for m in taker.mails) == sorted(people)
    assert 1 <= len(taker.sessions) <= 4


def test_relay_that_refuses_more_connections_is_not_pressed(tmp_path):
    people = ["p%d@b.example" % i for i in range(60)]
    with Relay(Taker(), room=1) as relay:
        _, results = send(tmp_path, relay.port, people, connections=4)
    assert {r["outcome"] for r in results.values()} == {"accepted"}
    assert 1 <= relay.refused <= 3


def test_connection_is_changed_after_so_many_messages(tmp_path):
    taker = Taker()
    with Relay(taker) as relay:
        send(tmp_path, relay.port, ["p%d@b.example" % i for i in range(6)],
             messages=2)
    assert len(taker.mails) == 6
    assert len(taker.sessions) == 3


def test_password_goes_through_starttls_only(tmp_path):
    context, pem = certificate(tmp_path)
    taker, seen = Taker(), []
    options = {"tls_context": context, "require_starttls": True,
               "auth_required": True,
               "authenticator": authenticator("press", "s3cret", seen)}
    with Relay(taker, **options) as relay:
        _, good = send(tmp_path, relay.port, secret="s3cret", user="press",
                       tls="starttls", ca=pem)
        tried = len(seen)
        _, unknown = send(tmp_path, relay.port, secret="s3cret", user="press",
                          tls="starttls")
        assert len(seen) == tried
        _, wrong = send(tmp_path, relay.port, secret="wrong", user="press",
                        tls="starttls", ca=pem)
        _, blind = send(tmp_path, relay.port, secret="s3cret", user="press",
                        tls="insecure")
    assert outcome(good) == "accepted"
    assert outcome(blind) == "accepted"
    assert outcome(unknown) == "channel_down"
    assert "not trusted" in unknown[1]["text"]
    assert outcome(wrong) == "channel_down"
    assert wrong[1]["code"] == 535
    assert [m[3] for m in taker.mails] == [True, True]


@pytest.mark.parametrize("line", ["250-SIZE 1", "235 2.7.0 welcome",
                                  "220 twice"])
def test_line_slipped_in_before_tls_is_not_believed(tmp_path, line):
    greeting = ["220 relay.example", None,
                "250-relay.example\r\n250 STARTTLS", None]
    with Script(greeting + ["220 go\r\n" + line, "stall"]) as script:
        _, results = send(tmp_path, script.port, secret="s3cret",
                          user="press", tls="starttls", timeout=2000)
    assert outcome(results) == "channel_down"
    assert not [said for said in script.lines if b"AUTH" in said]


@pytest.mark.parametrize("key, value", [
    ("from", "press@city.example\n"), ("from", "presse@müller.example"),
    ("reply_to", "a@b.example, c@d.example"), ("helo", "a b"),
    ("list_id", "warn.example\r\nBcc: x@y.example"),
    ("list_id", "warn@example"),
    ("unsubscribe_url", "http://city.example/u"),
    ("unsubscribe_url", "https://müller.example/u"),
    ("unsubscribe_mailto", "off@city.example>\r\nBcc: <x@y.example"),
    ("relay", "https://relay.example"),
])
def test_configuration_that_cannot_work_is_told_at_start(key, value):
    params = dict(PARAMS, relay="smtp://relay.example:587")
    with worker_of("email", params | {key: value}) as worker:
        ready = worker.ready
    assert ready["t"] == "failed"
    assert key + ":" in worker.log


def test_preview_needs_no_password_but_sending_does():
    taker = Taker()
    rendition = {"body": "x", "slots": [], "measures": [], "meta": {},
                 "warnings": []}
    with Relay(taker) as relay:
        params = dict(PARAMS, relay="smtp://127.0.0.1:%d" % relay.port,
                      user="press", tls="starttls")
        with worker_of("email", params) as worker:
            assert worker.ready["t"] == "ready"
            worker.submit(worker.put(rendition, "lf-1", "lf-1"),
                          "a@b.example")
            result = worker.result()
    assert result["outcome"] == CHANNEL_DOWN
    assert "password_file" in result["text"]
    assert taker.sessions == set()


def test_relay_without_starttls_gets_neither_password_nor_mail(tmp_path):
    taker, seen = Taker(), []
    with Relay(taker, auth_require_tls=False,
               authenticator=authenticator("press", "s3cret", seen)) as relay:
        _, results = send(tmp_path, relay.port, secret="s3cret", user="press",
                          tls="starttls")
    assert outcome(results) == "channel_down"
    assert "STARTTLS" in results[1]["text"]
    assert seen == [] and taker.mails == []


@pytest.mark.parametrize("stage, answer, want", [
    ("MAIL", "451 4.3.0 later", "tempfail"),
    ("MAIL", "550 5.1.8 who are you", "channel_down"),
    ("RCPT", "450 4.2.0 greylisted", "tempfail"),
    ("RCPT", "550 5.1.1 unknown", "permfail"),
    ("RCPT", "550 5.7.26 unauthenticated", "channel_down"),
    ("DOT", "451 4.3.0 later", "tempfail"),
    ("DOT", "552 5.3.4 too big", "permfail"),
    ("DOT", "554 5.7.1 spam", "channel_down"),
])
def test_refusal_is_classed_by_stage_and_code(tmp_path, stage, answer, want):
    with Relay(Taker({stage: answer})) as relay:
        _, results = send(tmp_path, relay.port)
    assert outcome(results) == want
    assert results[1]["code"] == int(answer[:3])


def test_refused_recipient_does_not_cost_the_connection(tmp_path):
    def answer(address):
        return "550 5.1.1 unknown" if address.startswith("no") else None
    taker = Taker({"RCPT": answer})
    people = ["a@b.example", "no@b.example", "c@b.example"]
    with Relay(taker) as relay:
        _, results = send(tmp_path, relay.port, people)
    assert [outcome(results, i) for i in (1, 2, 3)] == \
        ["accepted", "permfail", "accepted"]
    assert len(taker.sessions) == 1


@pytest.mark.parametrize("steps", [
    [None, "421 4.3.2 going"],
    [None, None, None, "250 Ok", "421 4.3.2 going"],
    [None, None, None, "250 Ok\r\n250 Ok\r\n354 go", ".", "421 going"],
])
def test_service_closing_blames_nobody(tmp_path, steps):
    with Script(HELLO + steps) as script:
        _, results = send(tmp_path, script.port)
    assert outcome(results) == "tempfail"
    assert results[1]["code"] == 421


@pytest.mark.parametrize("steps, want", [
    (ENVELOPE, "tempfail"),
    (ENVELOPE + ["250 Ok\r\n250 Ok"], "tempfail"),
    (ENVELOPE + ["250 Ok\r\n250 Ok\r\n354 go", "."], "unknown"),
])
def test_lost_connection_is_in_doubt_only_behind_the_dot(tmp_path, steps,
                                                         want):
    with Script(HELLO + steps) as script:
        _, results = send(tmp_path, script.port)
    assert outcome(results) == want


def test_connection_gone_while_idle_costs_no_attempt(tmp_path):
    first = HELLO + ENVELOPE + ["250 Ok\r\n250 Ok\r\n354 go", ".", "250 Ok"]
    with Script(first, first) as script:
        _, results = send(tmp_path, script.port,
                          ["a@b.example", "c@b.example"])
    assert [outcome(results, i) for i in (1, 2)] == ["accepted", "accepted"]


@pytest.mark.parametrize("steps, want", [
    ([], "channel_down"),
    (["stall"], "channel_down"),
    (["554 5.7.1 address is block listed"], "channel_down"),
    (["421 4.3.2 too busy"], "tempfail"),
    (["220 relay.example", None, "502 no", None, "502 no"], "channel_down"),
    (HELLO + ENVELOPE + ["stall"], "tempfail"),
])
def test_relay_that_does_not_serve_us(tmp_path, steps, want):
    with Script(steps) as script:
        _, results = send(tmp_path, script.port, timeout=1000)
    assert outcome(results) == want


def test_nobody_listens(tmp_path):
    with Script() as script:
        port = script.port
    _, results = send(tmp_path, port)
    assert outcome(results) == "channel_down"


def test_evil_address_never_reaches_the_relay(tmp_path):
    taker = Taker()
    with Relay(taker) as relay:
        _, results = send(tmp_path, relay.port,
                          ["a@b.example>\r\nRCPT TO:<c@d.example"])
    assert outcome(results) == "permfail"
    assert taker.mails == []


def test_message_that_expired_while_it_waited_is_not_sent():
    taker = Taker()
    with Relay(taker) as relay:
        params = dict(PARAMS, relay="smtp://127.0.0.1:%d" % relay.port)
        result = submit_expired("email", params, "a@b.example")
    assert result["outcome"] == TEMPFAIL
    assert taker.mails == []
