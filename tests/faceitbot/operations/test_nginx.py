"""ops/nginx.conf in a real nginx, before two web processes: pages, websockets, what is kept outside."""

import http.client
import json
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest
import websockets.sync.client
from websockets.exceptions import InvalidStatus

from tests.eventually import eventually
from tests.faceitbot.live.serving import SOCKET, answers, cookie_of
from tests.factories import StaffFactory
from tests.other_process import ROOT, environment
from tests.startup.conftest import free_port

NGINX = shutil.which("nginx") or ""
NAME = "staff.example.com"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not NGINX, reason="there is no nginx on this machine"),
]
CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
    f"-subj /CN={NAME} -addext subjectAltName=DNS:{NAME}"
)
MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/faceitbot.conf;
}}
"""


def configuration(folder, ports):
    """Write the file of ops as it would be on this machine; only ports and the certificate are others."""
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    subprocess.run([*CERTIFICATE.split(), *files], check=True, capture_output=True)
    text = (ROOT / "ops" / "nginx.conf").read_text(encoding="utf-8")
    for old, new in {
        "127.0.0.1:8001": f"127.0.0.1:{ports['web1']}",
        "127.0.0.1:8002": f"127.0.0.1:{ports['web2']}",
        "listen 80;": f"listen 127.0.0.1:{ports['http']};",
        "listen 443 ssl;": f"listen 127.0.0.1:{ports['https']} ssl;",
        f"/etc/letsencrypt/live/{NAME}": str(folder),
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "faceitbot.conf").write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder), encoding="utf-8")
    return folder / "nginx.conf"


@contextmanager
def running(command, **variables):
    process = subprocess.Popen(command, cwd=ROOT, env={**environment(), **variables})
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


class Site:
    """The addresses of nginx, and the web processes behind it."""

    def __init__(self, folder):
        self.ports = {name: free_port() for name in ("web1", "web2", "http", "https")}
        self.configuration = configuration(folder, self.ports)
        self.tls = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
        self.processes = []

    @contextmanager
    def up(self):
        own = {
            "ALLOWED_HOSTS": NAME,
            "HTTPS": "true",
            "BEHIND_PROXY": "true",
            "STAFF_TOTP": "false",
            "METRICS_TOKEN": "a long token of the tests",
        }
        with ExitStack() as stack:
            for name in ("web1", "web2"):
                command = [sys.executable, "-m", "faceitbot.serving", "--port", str(self.ports[name])]
                self.processes.append(stack.enter_context(running(command, **own)))
            stack.enter_context(running([NGINX, "-c", str(self.configuration)]))
            for port in self.ports.values():
                eventually(partial(answers, port), within=60)
            yield self

    def get(self, path, scheme="https", **headers):
        """Give the status, the headers and the body of a page."""
        raw = socket.create_connection(("127.0.0.1", self.ports[scheme]), timeout=20)
        connection = http.client.HTTPConnection(NAME)
        connection.sock = self.tls.wrap_socket(raw, server_hostname=NAME) if scheme == "https" else raw
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body

    def watch(self, cookie, origin=f"https://{NAME}"):
        connection = socket.create_connection(("127.0.0.1", self.ports["https"]))
        return websockets.sync.client.connect(
            f"wss://{NAME}{SOCKET}",
            sock=connection,
            ssl=self.tls,
            origin=origin,
            additional_headers={"Cookie": cookie},
            proxy=None,
        )


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def test_nginx_takes_it_and_passes_on_what_it_should(site):
    checked = subprocess.run(
        [NGINX, "-t", "-c", str(site.configuration)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    cookie = cookie_of(StaffFactory.create())

    with site.up():
        status, headers, _body = site.get("/admin/?a=b", scheme="http")
        assert (status, headers["location"]) == (301, f"https://{NAME}/admin/?a=b")
        assert json.loads(site.get("/health/ready")[2]) == {"status": "fine"}
        assert site.get("/metrics", authorization="Bearer a long token of the tests")[0] == 404
        status, headers, _body = site.get("/admin/login/")
        assert (status, headers["strict-transport-security"][:16]) == (200, "max-age=31536000")
        assert site.get("/admin/", cookie=cookie)[0] == 200

        with site.watch(cookie) as viewer:
            assert json.loads(viewer.recv(timeout=20))["lamps"][0]["name"] == "database"
        with pytest.raises(InvalidStatus):
            site.watch(cookie, origin="https://evil.example")

        site.processes[0].kill()
        site.processes[0].wait()
        assert [site.get("/health/live")[0] for _time in range(4)] == [200] * 4
