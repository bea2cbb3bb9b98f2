"""An SMS gateway for tests: keeps requests, answers what it is told."""
import http.server
import sys
import threading

from plug_run import plug

PARAMS = {
    "preset": "generic", "url": "", "user": "AC1", "from": "Lindenfurt",
    "method": "preset", "body": "preset", "number": "preset", "fields": "",
    "headers": "", "ok": "", "id": "", "code": "", "error": "", "codes": "",
    "max_parts": 3, "transliterate": "auto", "timeout": 5000, "template": "",
}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        """A client that dies is no error of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Gateway:
    """answer(request) gives status, headers and body; None hangs up before
    the answer, "half" in the middle of it, "stall" says nothing."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        self.done = threading.Event()
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self):
                length = int(self.headers.get("Content-Length", 0))
                request = (self.command, self.path, dict(self.headers),
                           self.rfile.read(length).decode())
                gateway.requests.append(request)
                answer = gateway.answer
                if callable(answer):
                    answer = answer(request)
                gateway.speak(self, answer)

            do_GET = do_POST = do_PUT = reply

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       kwargs={"poll_interval": 0.05},
                                       daemon=True)

    def speak(self, handler, answer):
        handler.close_connection = answer in (None, "half", "stall")
        if answer == "stall":
            self.done.wait()
        elif answer == "half":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n"
                                b"\r\n{\"sid\"")
        elif answer is not None:
            status, headers, body = answer
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body.encode())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def send(folder, url, addresses=("+4917604069012",), **params):
    rest = {k: params.pop(k) for k in ("announcement", "lang")
            if k in params}
    values = dict(PARAMS, url=url, **params)
    rendition, results, log = plug(folder, "sms_http", values, addresses,
                                   "s3cret", **rest)
    assert sorted(results) == list(range(1, len(addresses) + 1)), log
    return rendition, results
