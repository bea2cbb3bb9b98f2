"""Mail relays for tests: a real one (aiosmtpd) and one that follows a script.

Both listen on a port that the kernel chose and keep what they took.
"""
import asyncio
import socket
import ssl
import subprocess
import threading

from aiosmtpd.smtp import SMTP, AuthResult

from plug_run import plug


class Taker:
    """Takes mail; answers[stage] replaces the answer to MAIL, RCPT or DATA."""

    def __init__(self, answers=None):
        self.answers = answers or {}
        self.mails = []
        self.sessions = set()

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.sessions.add(session.peer)
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.answers.get("RCPT")
        if callable(answer):
            answer = answer(address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope):
        if "DOT" in self.answers:
            return self.answers["DOT"]
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos),
                           envelope.content, session.authenticated))
        return "250 2.0.0 Ok: queued as Q%d" % len(self.mails)


class Full(asyncio.Protocol):
    """A relay that has no room for one more connection."""

    def connection_made(self, transport):
        transport.write(b"421 4.7.0 too many connections\r\n")
        transport.close()


class Relay:
    """aiosmtpd in a thread of its own, with room for so many connections."""

    def __init__(self, taker, room=None, **options):
        self.taker = taker
        self.room = room
        self.open = self.refused = 0
        self.options = options
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _protocol(self):
        relay = self

        class Counted(SMTP):
            def connection_lost(self, error):
                relay.open -= 1
                super().connection_lost(error)

        if self.room is not None and self.open >= self.room:
            self.refused += 1
            return Full()
        self.open += 1
        return Counted(self.taker, hostname="relay.example",
                       enable_SMTPUTF8=True, **self.options)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(self.loop.create_server(
            self._protocol, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        self.ready.set()
        self.loop.run_forever()

    def __enter__(self):
        self.thread.start()
        self.ready.wait()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


class Script:
    """A relay that says what it is told. Steps, one list per connection:
    a string is sent; None waits for a line; "." waits for the final dot;
    "stall" says nothing more; at the end the connection is closed."""

    def __init__(self, *connections):
        self.connections = list(connections)
        self.lines = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _step(self, step, sock, stream):
        if step is None:
            self.lines.append(stream.readline())
        elif step == ".":
            while stream.readline() not in (b".\r\n", b""):
                pass
        elif step == "stall":
            self.done.wait()
        else:
            sock.sendall(step.encode() + b"\r\n")

    def _run(self):
        for steps in self.connections:
            try:
                sock, _ = self.listener.accept()
                with sock, sock.makefile("rb") as stream:
                    for step in steps:
                        self._step(step, sock, stream)
            except OSError:
                return

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


def certificate(folder):
    """A certificate for 127.0.0.1 that signs itself; context and PEM."""
    key, pem = str(folder / "key.pem"), str(folder / "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=relay.example", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
                    pem], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    with open(pem, encoding="ascii") as f:
        return context, f.read()


def authenticator(user, password, seen):
    def check(server, session, envelope, mechanism, data):
        seen.append(mechanism)
        good = (data.login.decode(), data.password.decode()) == \
            (user, password)
        return AuthResult(success=good, handled=good)
    return check


PARAMS = {
    "relay": "", "tls": "off", "ca": "", "user": "", "helo": "",
    "from": "press@lindenfurt.example", "from_name": "", "return_path": "",
    "reply_to": "", "list_id": "", "list_name": "", "unsubscribe_url": "",
    "unsubscribe_mailto": "", "connections": 1, "messages": 0,
    "timeout": 5000, "final_timeout": 60000, "template_text": "",
    "template_html": "",
}


def send(folder, port, addresses=("a@b.example",), secret=None, **params):
    values = dict(PARAMS, relay="smtp://127.0.0.1:%d" % port, **params)
    rendition, results, log = plug(folder, "email", values, addresses, secret)
    assert sorted(results) == list(range(1, len(addresses) + 1)), log
    return rendition, results
