"""The SMS plugin against gateways that answer, refuse and break off."""
import json
import urllib.parse

import pytest

from plug_run import submit_expired
from sms_peer import PARAMS, Gateway, send

TAKEN = (201, {}, '{"sid":"SM1"}')
TEMPFAIL = 3


def outcome(results, number=1):
    return results[number]["outcome"]


def test_form_gateway_gets_text_number_and_credentials(tmp_path):
    with Gateway(TAKEN) as gateway:
        rendition, results = send(tmp_path, gateway.url, preset="twilio")
    assert outcome(results) == "accepted"
    assert results[1]["peer_id"] == "SM1"
    method, path, headers, body = gateway.requests[0]
    assert (method, path) == ("POST",
                              "/2010-04-01/Accounts/AC1/Messages.json")
    assert headers["Authorization"] == "Basic QUMxOnMzY3JldA=="
    form = dict(urllib.parse.parse_qsl(body))
    assert form["To"] == "+4917604069012"
    assert form["Body"] == rendition["body"]
    assert dict(rendition["measures"])["parts"] <= 3


def test_json_gateway_gets_escaped_text(tmp_path):
    fields = '{"n":"{to}","t":"{text}","u":"{encoding:no|yes}"}'
    with Gateway((200, {}, "")) as gateway:
        rendition, _ = send(tmp_path, gateway.url + "/x", fields=fields,
                            number="digits")
    _, path, headers, body = gateway.requests[0]
    assert path == "/x"
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {"n": "4917604069012", "t": rendition["body"],
                                "u": "no"}


def test_query_gateway_gets_everything_in_the_address(tmp_path):
    with Gateway((202, {}, "0: Accepted for delivery")) as gateway:
        rendition, results = send(tmp_path, gateway.url, preset="kannel")
    assert outcome(results) == "accepted"
    method, path, _, body = gateway.requests[0]
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
    assert (method, body) == ("GET", "")
    assert query["text"] == rendition["body"]
    assert query["password"] == "s3cret"


def test_error_inside_http_200_is_an_error(tmp_path):
    def answer(request):
        bad = "to=4917604069099" in request[3]
        return 200, {}, json.dumps({"messages": [
            {"status": "3" if bad else "0", "message-id": "V1"}]})
    with Gateway(answer) as gateway:
        _, results = send(tmp_path, gateway.url,
                          ["+4917604069012", "+4917604069099"],
                          preset="vonage")
    assert outcome(results, 1) == "accepted"
    assert outcome(results, 2) == "permfail"


@pytest.mark.parametrize("answer, want", [
    ((429, {"Retry-After": "7"}, "{}"), "tempfail"),
    ((503, {}, ""), "tempfail"),
    ((500, {}, ""), "unknown"),
    ((502, {}, ""), "unknown"),
    ((401, {}, ""), "channel_down"),
    ((402, {}, ""), "channel_down"),
    ((404, {}, ""), "channel_down"),
    ((302, {"Location": "http://127.0.0.1:1/"}, ""), "channel_down"),
    ((400, {}, '{"code":21610}'), "permfail"),
    ((400, {}, '{"code":21606}'), "channel_down"),
    (None, "unknown"),
    ("half", "unknown"),
    ("stall", "unknown"),
    ((201, {}, '{"sid":"' + 70000 * "x" + '"}'), "unknown"),
])
def test_answer_is_classed(tmp_path, answer, want):
    with Gateway(answer) as gateway:
        _, results = send(tmp_path, gateway.url, preset="twilio",
                          timeout=1000)
    assert outcome(results) == want
    if answer and answer[0] == 429:
        assert results[1]["retry_after"] == 7


def test_nobody_listens(tmp_path):
    with Gateway(TAKEN) as gateway:
        url = gateway.url
    _, results = send(tmp_path, url, preset="twilio")
    assert outcome(results) == "tempfail"


def test_number_that_is_none_is_not_sent(tmp_path):
    with Gateway(TAKEN) as gateway:
        _, results = send(tmp_path, gateway.url, ["0170&to=1"],
                          preset="twilio")
    assert outcome(results) == "permfail"
    assert gateway.requests == []


def test_hundred_messages_arrive_once_each(tmp_path):
    people = ["+49176040690%02d" % i for i in range(100)]
    with Gateway(TAKEN) as gateway:
        _, results = send(tmp_path, gateway.url, people, preset="twilio")
    assert {r["outcome"] for r in results.values()} == {"accepted"}
    sent = [dict(urllib.parse.parse_qsl(r[3]))["To"]
            for r in gateway.requests]
    assert sorted(sent) == people


def test_message_that_expired_while_it_waited_is_not_sent():
    with Gateway(TAKEN) as gateway:
        result = submit_expired("sms_http", dict(PARAMS, url=gateway.url),
                                "+4917604069012")
    assert result["outcome"] == TEMPFAIL
    assert gateway.requests == []
