"""Real and false MQTT brokers, and mosquitto_sub as a witness."""
import contextlib
import json
import shutil
import socket
import socketserver
import subprocess
import threading

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/sbin:/bin")
SUB, PUB = shutil.which("mosquitto_sub"), shutil.which("mosquitto_pub")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class PortTaken(Exception):
    """Somebody was faster between free_port and the broker."""


class Broker:
    """mosquitto on 127.0.0.1, its files in folder. lines go into its
    configuration; {dir} is the folder."""

    def __init__(self, folder, *lines, auth=()):
        self.folder, self.port, self.auth = folder, 0, list(auth)
        self.config = folder / "mosquitto.conf"
        self.lines = [line.format(dir=folder) for line in lines] or \
            ["allow_anonymous true"]
        self.process = None
        while self.process is None:
            self.port = free_port()
            with contextlib.suppress(PortTaken):
                self.start()

    def start(self):
        self.config.write_text("\n".join([
            "user root", "listener %d 127.0.0.1" % self.port,
            "set_tcp_nodelay true", "max_inflight_messages 100",
            "log_dest stderr", "log_type all"] + self.lines) + "\n")
        process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self.config)], stderr=subprocess.PIPE)
        said = b""
        for line in process.stderr:
            said += line
            if b" running" in line:
                break
        else:
            process.wait()
            process.stderr.close()
            if b"Address already in use" in said:
                raise PortTaken
            raise RuntimeError("mosquitto did not start: %r" % said)
        self.process = process
        self.drain = threading.Thread(target=self.process.stderr.read)
        self.drain.start()

    def kill(self, signal=9):
        self.process.send_signal(signal)
        if signal == 9:
            self.end()

    def stop(self):
        """In order: what is retained goes to disk, if it is to persist."""
        self.process.terminate()
        self.end()

    def end(self):
        self.process.wait()
        self.drain.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()

    def witness(self, topic="litfass/#", count=1, wait=10):
        """Subscribe; the subscription stands when this returns."""
        return Witness(self, topic, count, wait)

    def retained(self, topic="litfass/#", count=1, wait=10):
        return self.witness(topic, count, wait).messages()

    def listen(self, take, topic="litfass/#"):
        """Call take for each message as it comes."""
        return Listener(self, topic, take)

    def publish(self, topic, payload):
        subprocess.run([PUB, "-V", "5", "-h", "127.0.0.1", "-p",
                        str(self.port), "-q", "1", "-t", topic, "-m",
                        payload] + self.auth, check=True)


def subscribe(broker, topic, *options):
    """mosquitto_sub; the subscription stands when this returns."""
    process = subprocess.Popen(
        ["stdbuf", "-oL", SUB, "-V", "5", "-h", "127.0.0.1", "-p",
         str(broker.port), "-q", "1", "-t", topic, "-d", "-F", "%j",
         *options] + broker.auth, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if "SUBACK" in line:
            break
    return process


class Listener:
    def __init__(self, broker, topic, take):
        self.process = subscribe(broker, topic)
        self.thread = threading.Thread(target=self.read, args=(take,))
        self.thread.start()

    def read(self, take):
        for line in self.process.stdout:
            if line.startswith("{"):
                take(json.loads(line))

    def close(self):
        self.process.terminate()
        self.thread.join()
        self.process.stdout.close()
        self.process.wait()


class Witness:
    def __init__(self, broker, topic, count, wait):
        self.process = subscribe(broker, topic, "-C", str(count), "-W",
                                 str(wait))

    def messages(self):
        """What arrived: dicts of topic, qos, retain, payload ..."""
        out, _ = self.process.communicate()
        return [json.loads(line) for line in out.splitlines()
                if line.startswith("{")]


class FalseBroker:
    """A broker that misbehaves on demand: a list of scripts, one for each
    connection; the last one counts for all that follow. A script is
    old (knows only 3.1.1), busy (CONNACK 0x88), kick and taken (DISCONNECT
    0x8b or 0x8e right after CONNACK), mute (reads and says nothing) or
    serve."""

    def __init__(self, *scripts):
        self.scripts, self.versions, self.published = list(scripts), [], []
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                outer.talk(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       args=(0.05,))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @staticmethod
    def packet(sock):
        """(first byte, rest) of one packet; (0, b"") at the end."""
        def exactly(n):
            data = b""
            while len(data) < n:
                more = sock.recv(n - len(data))
                if not more:
                    raise EOFError
                data += more
            return data
        try:
            first, length, shift = exactly(1)[0], 0, 0
            while True:
                byte = exactly(1)[0]
                length |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return first, exactly(length)
        except (EOFError, ConnectionError):
            return 0, b""

    def talk(self, sock):
        script = self.scripts[0]
        if len(self.scripts) > 1:
            self.scripts.pop(0)
        _, connect = self.packet(sock)
        if len(connect) < 7:
            return
        v5 = connect[6] == 5
        self.versions.append(connect[6])
        if script == "old":             # knows 3.1.1 only
            if v5:
                sock.sendall(b"\x20\x02\x00\x01")
                return
        if script == "busy":
            sock.sendall(b"\x20\x03\x00\x88\x00")
            return
        if script == "mute":
            while self.packet(sock)[0]:
                pass
            return
        sock.sendall(b"\x20\x03\x00\x00\x00" if v5 else b"\x20\x02\x00\x00")
        if script in ("kick", "taken"):
            sock.sendall(b"\xe0\x01\x8b" if script == "kick" else
                         b"\xe0\x01\x8e")
            return
        self.serve(sock)

    def serve(self, sock):
        while True:
            first, body = self.packet(sock)
            if first == 0:
                return
            if first >> 4 == 3:
                n = int.from_bytes(body[:2], "big")
                self.published.append(body[2:2 + n].decode())
                sock.sendall(b"\x40\x02" + body[2 + n:4 + n])
            if first >> 4 == 12:
                sock.sendall(b"\xd0\x00")
