"""A litfassd that answers what a test told it to, and remembers requests."""

import json
import os
import socket
import tempfile
import threading


class FakeDaemon:
    """answers: command -> list of answers, the last one again and again.

    An answer is a result, or a dictionary with "ok" or "more" that is sent as
    it is; a list of lists means several answers to one request.
    """

    def __init__(self, answers):
        self.answers = {key: list(value) for key, value in answers.items()}
        self.requests = []
        self.dir = tempfile.mkdtemp(prefix="litfass-cli.")
        self.path = os.path.join(self.dir, "socket")
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.server.bind(self.path)
        self.server.listen(8)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.server.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.server.close()
        os.unlink(self.path)
        os.rmdir(self.dir)

    def run(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            with client, client.makefile("rwb") as stream:
                self.serve(stream)

    def serve(self, stream):
        for line in stream:
            request = json.loads(line)
            self.requests.append(request)
            for answer in self.next_answers(request["cmd"]):
                stream.write(json.dumps(self.frame(answer)).encode() + b"\n")
                stream.flush()

    def next_answers(self, command):
        queue = self.answers.get(command)
        if queue is None:
            return [fail("usage", "there is no such command")]
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        return answer if isinstance(answer, Several) else [answer]

    @staticmethod
    def frame(answer):
        if isinstance(answer, dict) and ("ok" in answer or "more" in answer):
            return {"v": 1, "ok": True, **answer}
        return {"v": 1, "ok": True, "result": answer}

    def asked(self, command):
        return [r for r in self.requests if r["cmd"] == command]


class Several(list):
    """Answers to one request, one after the other."""


def fail(code, text, **more):
    return {"ok": False, "error": {"code": code, "text": text}, **more}
