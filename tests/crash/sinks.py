"""Where messages arrive in the crash tests: real peers that write down what
came and when, and that may kill whoever sent it.

What arrived is (time, delivery), the delivery as reports have it; on displays
(time, (announcement, group)), because a display is not told of deliveries.
"""
import email
import json
import threading
import time

import mail_peer
import mqtt_peer
import sms_peer
import wa_peer

FIELDS = '{"key":"{key}","to":"{to}","text":"{text}"}'
END = "litfass/end"


def delivery_of(key):
    """INSTANCE-JOB-TARGET, as reports have it: JOB.TARGET."""
    return ".".join(key.split("-")[1:])


class Sink:
    """One kind of peer. `values` are the channel's settings."""

    def __init__(self):
        self.lock, self.arrived = threading.Lock(), []
        self.count, self.deed, self.answer = 0, None, False

    def after(self, n, deed, answer=False):
        """Do the deed when n more messages are there, before or after the
        answer."""
        with self.lock:
            self.count, self.deed, self.answer = n, deed, answer

    def came(self, what):
        """Write it down; False when there shall be no answer."""
        with self.lock:
            self.arrived.append((time.time(), what))
            self.count -= 1
            deed = self.deed if self.count == 0 else None
        if deed:
            deed()
        return not deed or self.answer

    def __exit__(self, *args):
        self.peer.__exit__(*args)


class Gateway(Sink):
    """SMS."""

    def __enter__(self):
        self.peer = sms_peer.Gateway(self.take).__enter__()
        self.values = {"plugin": "sms_http", "fields": FIELDS,
                       "url": self.peer.url + "/send", "from": "Lindenfurt"}
        return self

    def take(self, request):
        key = json.loads(request[3])["key"]
        return (200, {}, "") if self.came(delivery_of(key)) else None


class Relay(Sink):
    """Mail, through a real SMTP server."""

    def __enter__(self):
        self.peer = mail_peer.Relay(self.Taker(self)).__enter__()
        self.values = {"plugin": "email", "tls": "off",
                       "relay": "smtp://127.0.0.1:%d" % self.peer.port,
                       "from": "presse@lindenfurt.example"}
        return self

    class Taker(mail_peer.Taker):
        def __init__(self, sink):
            super().__init__()
            self.sink = sink

        async def handle_DATA(self, server, session, envelope):
            mail = email.message_from_bytes(envelope.content)
            key = mail["Message-ID"].strip("<>").partition("@")[0]
            if not self.sink.came(delivery_of(key)):
                server.transport.close()
            return "250 2.0.0 Ok"


class Meta(Sink):
    """WhatsApp, by the strict stand-in."""

    def __enter__(self):
        self.peer = wa_peer.Peer(show=self.take).__enter__()
        self.values = {"plugin": "whatsapp", "base_url": self.peer.url,
                       "phone_number_id": "106540352242922",
                       "token_secret": "secret-token"}
        return self

    def take(self, call):
        return self.came(delivery_of(call["biz_opaque_callback_data"]))


class Displays(Sink):
    """MQTT, through a real broker; a listener sees what displays see. It
    can't keep an answer back."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.shown = folder, {}
        self.ended = threading.Event()

    def __enter__(self):
        self.folder.mkdir()
        self.peer = mqtt_peer.Broker(self.folder)
        self.listener = self.peer.listen(self.take)
        self.values = {"plugin": "mqtt",
                       "url": "mqtt://127.0.0.1:%d" % self.peer.port}
        return self

    def __exit__(self, *args):
        self.listener.close()
        super().__exit__(*args)

    def take(self, message):
        topic, payload = message["topic"], message.get("payload")
        if topic == END:
            self.ended.set()
            return
        # litfass/v1/g/GROUP/a/CHAIN
        _, _, kind, group, _, chain = topic.split("/")
        assert kind == "g", topic
        name = json.loads(payload)["id"] if payload else None
        self.shown[chain, group] = name
        if name:
            self.came((name, group))

    def end(self):
        """Everything that was published before has been taken when this
        returns."""
        self.peer.publish(END, "end")
        assert self.ended.wait(60), "the listener is gone"
