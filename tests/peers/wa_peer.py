#!/usr/bin/env python3
"""A strict stand-in for the WhatsApp Cloud API: text and template sends.

    python3 wa_peer.py --port 0 --print

It listens on 127.0.0.1 only, says on its first line where, and judges each
send call in the order the real API does: path, token, JSON, recipient, type,
content, template, scenario. What happens to a correct call follows from the
last two digits of a number in +49 176 040690xx, a range kept free for
fiction (SCENARIOS); every other number is simply served.

Control: GET /_mock/state gives what was accepted and what a real API would
not have noticed but a good client never does; POST /_mock/reset forgets it.
"""
import argparse
import asyncio
import base64
import json
import re
import sys
import threading
import time

FICTION = "+49176040690"
TEXT_MAX = 4096
TEMPLATE_MAX = 1024

# How each scenario answers: (code, HTTP status, how often; 0: always).
ERRORS = {
    "11": (131056, 400, 3),     # pair rate
    "12": (130429, 429, 2),     # throughput
    "13": (131000, 500, 1),
    "29": (190, 401, 0),        # token expired
    "30": (368, 403, 0),        # account restricted
    "31": (4, 429, 1),          # with Retry-After: 7
    "32": (999999, 400, 0),     # a code nobody knows
    "33": (133004, 503, 1),
    "36": (131047, 400, 0),     # outside the 24 hours; templates pass
}
SCENARIOS = {
    "14": "503 with an HTML page, once",
    "15": "accepted, closed before the answer",
    "16": "not accepted, closed before the answer",
    "17": "accepted, never answers",
    "18": "accepted, the answer breaks off",
    "19": "held for the quality of the template",
}

MESSAGES = {
    4: "Application request limit reached",
    100: "Invalid parameter",
    104: "No access token was sent",
    190: "Access token has expired",
    368: "Temporarily blocked for policies violations",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131021: "Recipient cannot be sender",
    131047: "Re-engagement message",
    131051: "Unsupported message type",
    131056: "Pair rate limit hit",
    132000: "Number of parameters does not match",
    132001: "Template name does not exist in the translation",
    132005: "Translated text too long",
    132012: "Parameter format does not match",
    132018: "Parameter validation failed",
    133004: "Server temporarily unavailable",
}


class Refusal(Exception):
    """An answer of the API that is an error."""

    def __init__(self, code, status=400, details="", subcode=None):
        super().__init__(details)
        self.code, self.status = code, status
        self.details, self.subcode = details, subcode

    def body(self, trace):
        error = {"message": "(#%d) %s" % (self.code,
                 MESSAGES.get(self.code, "Unknown error")),
                 "type": "OAuthException", "code": self.code,
                 "error_data": {"messaging_product": "whatsapp",
                                "details": self.details},
                 "fbtrace_id": trace}
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.code == 4:
            error["is_transient"] = True
        if self.code == 999999:
            error["error_data"] = self.details      # older form: a string
        return json.dumps({"error": error}).encode()


def wamid(digits, number):
    """A message id as the real ones: the phone number is inside."""
    ident = b"%018X" % number
    raw = (b"\x1c\x18" + bytes([len(digits)]) + digits.encode() +
           b"\x15\x02\x00\x11\x18" + bytes([len(ident)]) + ident + b"\x00")
    return "wamid." + base64.b64encode(raw).decode()


def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError("a key comes twice")
    return dict(pairs)


class Api:
    """The rules, without a socket."""

    def __init__(self, token="secret-token", phone="106540352242922",
                 own="+4930231250", auth="authorization", templates=None):
        self.token, self.phone, self.own = token, phone, own
        self.auth = auth.lower()
        # (name, language) to the names of its parameters; numbers as
        # names: they go by position.
        self.templates = templates or {
            ("warnung_v1", "de"): ["titel", "gebiet", "anweisung"],
            ("hinweis_v1", "de"): ["1", "2"]}
        self.reset()

    def reset(self):
        self.accepted = []      # bodies, in order
        self.violations = []    # what a good client never does
        self.attempts = {}      # scenario uses by number
        self.count = 0          # of send calls

    # Each check raises Refusal; the order is that of the real API.

    def check_path(self, method, path):
        if "access_token" in path or self.token in path:
            self.violations.append("token in the URL")
        if method != "POST":
            raise Refusal(100, 400, "Unsupported request", 33)
        match = re.fullmatch(r"(?:/v\d+\.\d+)?/(\d+)/messages", path)
        if path == "/messages":
            return
        if not match:
            raise Refusal(2500, 400, "Unknown path components")
        if match.group(1) != self.phone:
            raise Refusal(100, 400, "Object does not exist", 33)

    def check_token(self, headers):
        value = headers.get(self.auth, "")
        if not value:
            raise Refusal(104, 401)
        if self.auth == "authorization":
            if not value.startswith("Bearer "):
                raise Refusal(190, 401)
            value = value[len("Bearer "):]
        if value != self.token:
            raise Refusal(190, 401)

    def check_json(self, headers, body):
        if not headers.get("content-type", "").startswith(
                "application/json"):
            raise Refusal(100, 400, "Content-Type")
        try:
            call = json.loads(body.decode("utf-8"),
                              object_pairs_hook=no_duplicates)
        except ValueError as e:
            raise Refusal(100, 400, "JSON: %s" % e)
        if not isinstance(call, dict):
            raise Refusal(100, 400, "JSON: not an object")
        if call.get("messaging_product") != "whatsapp":
            raise Refusal(100, 400, "messaging_product")
        return call

    def check_recipient(self, call):
        to = call.get("to")
        if not isinstance(to, str):
            raise Refusal(100, 400, "to")
        if not to.startswith("+"):
            self.violations.append("to without a plus")
        if not re.fullmatch(r"\+?\d{8,15}", to):
            raise Refusal(131009, 400, "to")
        if to == self.own:
            raise Refusal(131021, 400)
        return to

    def check_fields(self, call):
        known = {"messaging_product", "recipient_type", "to", "type",
                 "biz_opaque_callback_data", call.get("type")}
        for key in call:
            if key not in known:
                raise Refusal(100, 400, "unknown field %s" % key)
        opaque = call.get("biz_opaque_callback_data")
        if not opaque:
            self.violations.append("no biz_opaque_callback_data")
        elif not isinstance(opaque, str) or len(opaque) > 512:
            raise Refusal(100, 400, "biz_opaque_callback_data")

    def check_type(self, call):
        kind = call.get("type", "text")
        if kind in ("image", "video", "audio", "document", "interactive"):
            raise Refusal(131051, 400, kind)
        if kind not in ("text", "template"):
            raise Refusal(100, 400, "type")
        if not isinstance(call.get(kind), dict):
            raise Refusal(131008, 400, kind)
        return kind

    def check_text(self, text):
        body = text.get("body")
        if set(text) - {"body", "preview_url"}:
            raise Refusal(100, 400, "unknown field in text")
        if not isinstance(body, str):
            raise Refusal(131008, 400, "text.body")
        if not 1 <= len(body) <= TEXT_MAX:
            raise Refusal(100, 400, "text.body has %d characters" %
                          len(body))
        if not isinstance(text.get("preview_url", False), bool):
            raise Refusal(131009, 400, "preview_url")

    def check_template(self, template):
        name = template.get("name")
        language = template.get("language", {})
        if set(template) - {"name", "language", "components"}:
            raise Refusal(100, 400, "unknown field in template")
        if language.get("policy", "deterministic") != "deterministic":
            raise Refusal(131009, 400, "language.policy")
        wanted = self.templates.get((name, language.get("code")))
        if wanted is None:
            raise Refusal(132001, 404, "template name (%s) does not exist "
                          "in %s" % (name, language.get("code")))
        given = []
        for component in template.get("components", []):
            if component.get("type") != "body":
                raise Refusal(132012, 400, "component")
            given += component.get("parameters", [])
        if len(given) != len(wanted):
            raise Refusal(132000, 400, "%d parameters, %d expected" %
                          (len(given), len(wanted)))
        for parameter, expected in zip(given, wanted):
            self.check_parameter(parameter, expected)
        if sum(len(p["text"]) for p in given) > TEMPLATE_MAX:
            raise Refusal(132005, 400)

    def check_parameter(self, parameter, expected):
        text = parameter.get("text")
        named = not expected.isdigit()
        if parameter.get("type") != "text" or \
                named != ("parameter_name" in parameter) or \
                named and parameter["parameter_name"] != expected:
            raise Refusal(132012, 400, expected)
        if not isinstance(text, str) or not text:
            raise Refusal(131008, 400, expected)
        if re.search("[\n\t\r\u2028\u2029]| {5}", text):
            raise Refusal(132018, 400, expected)

    def check_scenario(self, to, kind, digits):
        code, status, times = ERRORS.get(digits, (0, 0, 0))
        if not code or code == 131047 and kind == "template":
            return
        self.attempts[to] = self.attempts.get(to, 0) + 1
        if times == 0 or self.attempts[to] <= times:
            raise Refusal(code, status, "scenario %s" % digits)

    def send(self, method, path, headers, body):
        """(status, headers, body, scenario) of one send call."""
        self.count += 1
        trace = "Trace%08d" % self.count
        try:
            self.check_path(method, path)
            self.check_token(headers)
            call = self.check_json(headers, body)
            to = self.check_recipient(call)
            kind = self.check_type(call)
            self.check_fields(call)
            if kind == "text":
                self.check_text(call["text"])
            else:
                self.check_template(call["template"])
            digits = to[-2:] if to.startswith(FICTION) else ""
            self.check_scenario(to, kind, digits)
        except Refusal as r:
            extra = {"Retry-After": "7"} if r.code == 4 else {}
            return r.status, extra, r.body(trace), ""
        return self.serve(call, to, kind, digits)

    def serve(self, call, to, kind, digits):
        if digits == "14":
            self.attempts[to] = self.attempts.get(to, 0) + 1
            if self.attempts[to] == 1:
                return 503, {"Content-Type": "text/html"}, \
                    b"<html>busy</html>", ""
        message = {"id": wamid(to.lstrip("+"), self.count)}
        if kind == "template":
            message["message_status"] = "accepted"
        if digits == "19":
            message["message_status"] = "held_for_quality_assessment"
        if digits != "16":
            self.accepted.append(call)
        return 200, {}, json.dumps({
            "messaging_product": "whatsapp",
            "contacts": [{"input": to, "wa_id": to.lstrip("+")}],
            "messages": [message]}).encode(), digits


class Peer:
    """The rules behind a socket, in a thread of its own.

    with Peer() as peer: peer.url, peer.api.accepted

    show(call) is called with each message that is accepted; when it returns
    False there is no answer.
    """

    def __init__(self, port=0, show=None, **options):
        self.api = Api(**options)
        self.show = show
        self.arrived = threading.Event()    # a message was accepted
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(asyncio.start_server(
            self.talk, "127.0.0.1", port))
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(
            *tasks, return_exceptions=True))
        self.server.close()
        self.loop.close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    async def read(self, reader):
        """One request, or None at the end of the connection."""
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {}
        for line in lines:
            key, colon, value = line.partition(":")
            if colon:
                headers[key.lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        return method, path, headers, await reader.readexactly(length)

    def control(self, path):
        if path == "/_mock/reset":
            self.api.reset()
        return 200, {}, json.dumps({
            "accepted": self.api.accepted, "calls": self.api.count,
            "violations": self.api.violations}).encode(), ""

    async def write(self, writer, status, extra, body, part):
        headers = {"Content-Type": "application/json; charset=UTF-8",
                   "facebook-api-version": "v25.0", "x-fb-rev": "1",
                   "Content-Length": str(len(body))}
        headers.update(extra)
        head = "HTTP/1.1 %d X\r\n" % status + "".join(
            "%s: %s\r\n" % pair for pair in headers.items()) + "\r\n"
        writer.write(head.encode() + body[:part])
        await writer.drain()

    async def talk(self, reader, writer):
        try:
            while True:
                method, path, headers, body = await self.read(reader)
                if path.startswith("/_mock/"):
                    answer = self.control(path)
                else:
                    before = len(self.api.accepted)
                    answer = self.api.send(method, path, headers, body)
                    if len(self.api.accepted) > before:
                        self.arrived.set()
                        if self.show and \
                                self.show(self.api.accepted[-1]) is False:
                            break
                status, extra, data, scenario = answer
                if scenario in ("15", "16"):
                    break
                if scenario == "17":
                    await asyncio.Event().wait()
                if scenario == "18":
                    await self.write(writer, status, extra, data,
                                     len(data) // 2)
                    break
                await self.write(writer, status, extra, data, len(data))
        except (asyncio.IncompleteReadError, asyncio.CancelledError,
                ConnectionError):
            pass
        finally:
            writer.close()


def show(call):
    """Print one accepted message as a person would see it."""
    to = call["to"][:3] + "…" + call["to"][-2:]
    if call["type"] == "text":
        text = call["text"]["body"]
    else:
        template = call["template"]
        text = "template %s (%s)" % (template["name"],
                                     template["language"]["code"])
        for component in template.get("components", []):
            for parameter in component["parameters"]:
                text += "\n  %s%s" % (
                    parameter.get("parameter_name", "") and
                    parameter["parameter_name"] + ": ",
                    parameter["text"])
    print("--- WhatsApp to %s ---\n%s\n" % (to, text), flush=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--port", type=int, default=0,
                    help="0: the kernel chooses")
    ap.add_argument("--token", default="secret-token")
    ap.add_argument("--phone", default="106540352242922",
                    help="phone number id")
    ap.add_argument("--print", action="store_true", dest="show",
                    help="print every message that arrives")
    args = ap.parse_args()
    with Peer(args.port, show if args.show else None, token=args.token,
              phone=args.phone) as peer:
        print("listening on %s" % peer.url, flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
