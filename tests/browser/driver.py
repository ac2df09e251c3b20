"""Chromium, driven by chromedriver's own protocol (W3C WebDriver) over plain
HTTP. No network but loopback; a profile of its own, gone at the end."""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

WAIT = 60  # seconds; only a failing test waits that long
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--force-prefers-reduced-motion",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, "
         "EXCLUDE localhost"]
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Left": "\ue012",
        "Right": "\ue014", "Home": "\ue011", "End": "\ue010"}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Browser:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="weirbrowser.")
        self.port = free_port()
        self.session = None
        self.process = subprocess.Popen(
            ["chromedriver", f"--port={self.port}", "--allowed-ips="],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.folder, "TMPDIR": self.folder},
            start_new_session=True)
        try:
            self._await_driver()
            self._open()
        except BaseException:
            self.close()
            raise

    def _await_driver(self):
        deadline = time.monotonic() + WAIT
        while True:
            try:
                if self._call("GET", "/status")["ready"]:
                    return
            except OSError:
                assert time.monotonic() < deadline, "no chromedriver"
                time.sleep(0.05)

    def _open(self):
        answer = self._call("POST", "/session", {"capabilities": {
            "alwaysMatch": {
                "goog:loggingPrefs": {"browser": "ALL"},
                "goog:chromeOptions": {"args": [
                    *FLAGS, f"--user-data-dir={self.folder}/profile"]}}}})
        self.session = f"/session/{answer['sessionId']}"

    def _call(self, method, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=WAIT) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"])

    def _post(self, path, **body):
        return self._call("POST", self.session + path, body)

    def _cdp(self, command, **parameters):
        return self._post("/goog/cdp/execute", cmd=command, params=parameters)

    def go(self, url):
        self._post("/url", url=url)

    def run(self, script, *arguments):
        """Runs the body of a function, returns its value."""
        return self._post("/execute/sync", script=script,
                          args=list(arguments))

    def until(self, script, *arguments):
        """Waits for a true value of an expression, returns it."""
        deadline = time.monotonic() + WAIT
        while not (value := self.run(f"return {script}", *arguments)):
            assert time.monotonic() < deadline, (
                f"never: {script}\n" + self.run(
                    "return document.body.innerText"))
            time.sleep(0.05)
        return value

    def look(self, width, height=900, dark=False):
        """As a screen of that size shows it."""
        self._cdp("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=width < 600)
        self._cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme",
             "value": "dark" if dark else "light"}])

    def press(self, *keys):
        actions = []
        for key in keys:
            actions += [{"type": "keyDown", "value": KEYS[key]},
                        {"type": "keyUp", "value": KEYS[key]}]
        self._post("/actions", actions=[
            {"type": "key", "id": "keys", "actions": actions}])

    def said(self):
        """What it wrote to the console since the last time."""
        return [line["message"] for line in
                self._post("/se/log", type="browser")]

    def picture(self, path):
        """All of the page, also what is below the window."""
        picture = self._cdp("Page.captureScreenshot",
                            captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def close(self):
        try:
            if self.session is not None:
                self._call("DELETE", self.session)
        finally:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)
