"""Core's end of the wire to one worker, for tests of plugins with real
peers. Packets are described in litfass-worker(7)."""
import array
import json
import os
import socket
import subprocess

PACKET_MAX = 128 * 1024


class Worker:
    """litfassd --worker with one plugin.

    with Worker(litfassd, plugin, params, secrets) as w:
        w.submit(w.render(announcement), "altstadt")
        w.result()
    """

    def __init__(self, litfassd, plugin, params, secrets=None, issuer=None,
                 live=True, timeout=30):
        ours, theirs = socket.socketpair(socket.AF_UNIX,
                                         socket.SOCK_SEQPACKET)
        fd = theirs.fileno()
        self.sock, self.renditions, self.submits = ours, 0, 0
        self.sock.settimeout(timeout)
        # The child has this descriptor as its number 3.
        self.process = subprocess.Popen(
            [litfassd, "--worker"], pass_fds=(3,), env=os.environ.copy(),
            preexec_fn=lambda: os.dup2(fd, 3) and os.set_inheritable(3, True),
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        theirs.close()
        self.results, self.log = [], None
        secrets = secrets or {}
        self.send({"t": "hello", "proto": 1, "channel": "test",
                   "plugin": os.path.basename(plugin)[:-3],
                   "path": os.path.abspath(plugin),
                   "live": live, "sandbox": "best-effort",
                   "log": {"format": "text", "level": "debug"},
                   "issuer": issuer or {}, "params": params,
                   "secrets": list(secrets), "state": {}},
                  [self.blob(s) for s in secrets.values()])
        self.ready = self.wait("ready", "failed")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Let the worker end; its log is in self.log afterwards."""
        if self.log is None:
            self.sock.close()
            self.log = self.process.communicate()[1].decode()

    @staticmethod
    def blob(data):
        fd = os.memfd_create("blob", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.write(fd, data.encode() if isinstance(data, str) else data)
        os.lseek(fd, 0, os.SEEK_SET)
        return fd

    def send(self, packet, fds=()):
        data = json.dumps(packet, ensure_ascii=False).encode()
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                   array.array("i", fds))] if fds else []
        self.sock.sendmsg([data], rights)
        for fd in fds:
            os.close(fd)

    def receive(self):
        data, rights, _, _ = self.sock.recvmsg(PACKET_MAX,
                                               socket.CMSG_SPACE(64))
        if not data:
            raise EOFError("the worker is gone")
        packet = json.loads(data)
        packet["fds"] = []
        for _, _, raw in rights:
            fds = array.array("i")
            fds.frombytes(raw)
            packet["fds"] += list(fds)
        if packet["t"] == "result":
            d = packet["d"]
            keys = ("id", "outcome", "code", "retry_after", "peer_id",
                    "text")
            self.results += [dict(zip(keys, d[i:i + 6]))
                             for i in range(0, len(d), 6)]
        return packet

    def wait(self, *types):
        while True:
            packet = self.receive()
            if packet["t"] in types:
                return packet

    def render(self, announcement, lang="de", wanted=None, chain=None):
        """The number of the rendition; its JSON is self.rendition."""
        text = json.dumps(announcement, ensure_ascii=False)
        chain = chain or announcement["id"]
        self.send({"t": "render", "id": 1, "lang": lang,
                   "wanted": wanted or lang, "chain": chain},
                  [self.blob(text)])
        answer = self.wait("rendered")
        if not answer["ok"]:
            raise ValueError("%(slug)s: %(text)s" % answer)
        self.rendition = b""
        with os.fdopen(answer["fds"][0], "rb") as f:
            f.seek(0)
            self.rendition = json.loads(f.read())
        return self.put(self.rendition, announcement["id"], chain, lang)

    def put(self, rendition, announcement, chain, lang="de", expires=0):
        """Hand a rendition to the worker; None is an empty one."""
        self.renditions += 1
        empty = rendition is None
        self.send({"t": "rendition", "r": self.renditions,
                   "announcement": announcement, "chain": chain,
                   "lang": lang, "expires": expires, "media": 0,
                   "empty": empty},
                  [] if empty else [self.blob(json.dumps(rendition))])
        return self.renditions

    def submit(self, rendition, address, key=None, action=1, attempt=1):
        """The id of the delivery."""
        self.submits += 1
        key = key or "key-%d" % self.submits
        self.send({"t": "submit", "d": [self.submits, rendition, action, 0,
                                        attempt, key, address]})
        return self.submits

    def result(self, number=None):
        """The result of this delivery, or of the last one."""
        number = number or self.submits
        while True:
            for r in self.results:
                if r["id"] == number:
                    self.results.remove(r)
                    return r
            self.receive()
