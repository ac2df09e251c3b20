"""A browser, and a weir-policyd with its page (tests/ctl has the Weir)."""

import importlib.util
import pathlib

import pytest

from driver import Browser, free_port


def load(path):
    """Under a name of its own: this file is called conftest too."""
    spec = importlib.util.spec_from_file_location("weir_of_ctl", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ctl = load(pathlib.Path(__file__).parents[1] / "ctl" / "conftest.py")
make_weir = ctl.make_weir

WAIT = ctl.WAIT
MARKUP = "<img src=x onerror=window.hit=1><script>window.hit=1</script>"
TURNED = "\u202egnp.exe\u202c\u2066x"
LONG = "long" * 60


class HostileHost(ctl.SmartHost):
    """A smart host that refuses everybody, in words of its own."""

    @staticmethod
    def _talk(client):
        with client:
            client.sendall(f"554 {MARKUP} {TURNED}\r\n".encode())


@pytest.fixture(scope="session")
def browser():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def weir(make_weir):
    """isp-a is well, isp-b hostile, dr not there."""
    weir = make_weir()
    hostile = HostileHost()
    weir.port = free_port()
    weir.config.write_text(weir.config.read_text().replace(
        f"[127.0.0.1]:{weir.hosts[1].port}",
        f"[127.0.0.1]:{hostile.port}") + f"""
        http: {{ listen = "inet:127.0.0.1:{weir.port}"; }};""")
    weir.hosts[1].close()
    weir.hosts[1] = hostile
    weir.url = f"http://localhost:{weir.port}/"
    weir.start()
    return weir
