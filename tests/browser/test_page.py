"""The status page, in the browser that most people have."""

import json
import re
import signal
import threading
import urllib.request

import pytest

from conftest import LONG, MARKUP, TURNED, WAIT

STATE = "document.documentElement.dataset.state"
HOST = """[...document.querySelectorAll("#hosts-rows tr")].find(
    (row) => row.querySelector(".name").textContent === "%s")"""
VIEWS = [(1440, False), (1440, True), (360, False), (360, True)]

# What stands below 4.5:1 against its ground (WCAG 2.1, 1.4.3; 3:1 when large)
CONTRAST = """
const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) =>
    v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const ground = (node) => {
  for (; node; node = node.parentElement) {
    const color = rgb(getComputedStyle(node).backgroundColor);
    if (color.length === 3 || color[3] === 1)
      return color;
  }
  return [255, 255, 255];
};
const bad = [];
for (const node of document.querySelectorAll("body *")) {
  const text = [...node.childNodes].filter((n) => n.nodeType === 3)
    .map((n) => n.data.trim()).join("");
  const box = node.getBoundingClientRect();
  if (!text || box.width < 2 || node.closest("noscript"))
    continue;
  const style = getComputedStyle(node);
  const [a, b] = [light(rgb(style.color)), light(ground(node))].sort(
    (x, y) => y - x);
  const large = parseFloat(style.fontSize) >= 24;
  if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5))
    bad.push([text, style.color, ground(node).join()]);
}
return bad;
"""


def visit(browser, weir):
    browser.go(weir.url)
    browser.until(f"{STATE} !== 'loading'")


@pytest.fixture
def page(browser, weir):
    browser.look(1440)
    visit(browser, weir)
    yield browser
    assert browser.said() == [], "the console stays empty, CSP included"


def ask(weir, count, name):
    for i in range(count):
        weir.ask_policy(instance=f"{name}{i}", sender="a@b.example",
                        recipient="x@far.example", server_port="25")


def test_it_says_at_once_whether_mail_flows(page):
    assert page.run(f"return {STATE}") == "partly"
    assert page.run("return at('headline').textContent") == (
        "Mail flows without 2 of 3 smart hosts")
    detail = page.run("return at('detail').textContent")
    assert "isp-b is sick since " in detail and "dr is sick since " in detail
    assert "tcp: Connection refused" in detail
    assert page.run("return document.title").startswith("! Mail flows")
    page.until("at('hosts-count').textContent === '1 of 3 healthy'")
    note = page.run(f"return ({HOST % 'dr'}).querySelector('.note')"
                    ".textContent")
    assert note.startswith("since ") and "next try " in note


def test_it_loads_nothing_but_its_own(page, weir):
    loaded = page.run("return performance.getEntriesByType('resource')"
                      ".map((entry) => entry.name)")
    assert loaded and all(name.startswith(weir.url) for name in loaded)
    with urllib.request.urlopen(weir.url) as answer:
        html = answer.read().decode()
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?! src=)", html) == []


def test_it_updates_live_and_keeps_its_rows(page, weir):
    page.run(f"""window.row = {HOST % 'isp-a'};
        window.changes = [];
        new MutationObserver((list) => list.forEach((change) =>
          window.changes.push(...change.removedNodes)))
          .observe(document.querySelector("#hosts-rows"),
            {{ childList: true }});""")
    weir.json("drain", "isp-a", "--for", "2h")
    try:
        page.until("window.row.querySelector('.state').textContent === "
                   "'drained'")
        page.until(f"{STATE} === 'not'")
        assert page.run("return at('headline').textContent") == (
            "Mail does not flow")
        assert page.run("return window.row.querySelector('.note')"
                        ".textContent").startswith("until ")
        page.until("document.querySelector('#events-rows td:nth-child(2)')"
                   ".textContent === 'Drained'")
    finally:
        weir.json("enable", "isp-a")
    page.until(f"{STATE} === 'partly'")
    assert page.run(f"return window.row === {HOST % 'isp-a'}"), "the same row"
    assert page.run("return window.changes.length") == 0


def test_the_last_hour_is_drawn_and_read_by_keys(page, weir):
    ask(weir, 30, "drawn")
    for _ in range(WAIT * 5):
        with urllib.request.urlopen(weir.url + "history.json") as answer:
            hosts = json.load(answer)["hosts"]
        if sum(hosts[0]["selected"]) >= 30:
            break
        threading.Event().wait(0.2)
    visit(page, weir)
    page.until(f"({HOST % 'isp-a'}).querySelector('path.flow')"
               ".getAttribute('d').length > 0")
    chart = f"({HOST % 'isp-a'}).querySelector('.chart')"
    assert "30 messages" in page.run(
        f"return {chart}.getAttribute('aria-label')")
    page.run(f"{chart}.focus()")
    assert "isp-a, minute from " in page.until("at('readout').textContent")
    page.press("Left")
    earlier = page.run("return at('readout').textContent")
    page.press("End")
    assert page.run("return at('readout').textContent") != earlier
    page.press("Home")
    assert "nothing known yet" in page.run("return at('readout').textContent")


def test_it_says_plainly_when_policyd_is_away(page, weir):
    before = page.run("return document.querySelector('#hosts-rows').innerText")
    weir.process.send_signal(signal.SIGKILL)
    weir.process.wait(WAIT)
    try:
        page.until(f"{STATE} === 'away'")
        assert page.run("return at('headline').textContent") == (
            "weir-policyd does not answer")
        assert page.run("return document.querySelector('#hosts-rows')"
                        ".innerText").split()[:4] == before.split()[:4]
        # what the browser itself notes of a refused connection
        assert all("ERR_CONNECTION_REFUSED" in line for line in page.said())
    finally:
        weir.start()
    page.until(f"{STATE} === 'partly'")
    assert all("ERR_CONNECTION_REFUSED" in line for line in page.said())


@pytest.mark.parametrize("width, dark", VIEWS)
def test_it_fits_and_can_be_read(page, weir, width, dark):
    page.look(width, dark=dark)
    page.until("document.querySelectorAll('#hosts-rows tr').length === 3")
    assert page.run("return document.documentElement.scrollWidth <= "
                    "window.innerWidth")
    assert page.run("return window.innerWidth") == width
    ground = page.run("return getComputedStyle(document.documentElement)"
                      ".backgroundColor.match(/\\d+/g).map(Number)")
    assert (max(ground) < 60) if dark else (min(ground) > 200)
    assert page.run(CONTRAST) == []


def test_keys_reach_everything(page):
    reached = []
    page.run("document.activeElement.blur()")
    for _ in range(40):
        page.press("Tab")
        reached.append(page.run("""const node = document.activeElement;
            return node.id || node.className || node.getAttribute("href") ||
              node.tagName;"""))
        if reached[-1] == "BODY":
            break
    assert reached.count("chart") == 3
    for name in ("skip", "scroll", "/status.json", "/history.json",
                 "/metrics", "/healthz"):
        assert name in reached
    page.run("document.querySelector('.skip').focus()")
    page.press("Enter")
    assert page.run("return document.activeElement.id") == "hosts"
    assert page.run("""document.querySelector('nav a').focus();
        return getComputedStyle(document.activeElement).outlineStyle"""
                    ) != "none"


def test_it_tells_who_cannot_see_it(page):
    assert page.run("return document.documentElement.lang") == "en"
    for landmark in ("header", "main", "nav", "footer"):
        assert page.run(f"return document.querySelectorAll('{landmark}')"
                        ".length") == 1
    assert page.run("return document.querySelectorAll('h1').length") == 1
    assert page.run("return document.querySelector('h1')"
                    ".closest('[aria-live=polite]') !== null")
    tables = page.run("""return [...document.querySelectorAll("table")].map(
        (table) => [document.getElementById(
          table.getAttribute("aria-labelledby")).textContent,
          table.querySelectorAll("th[scope=col]").length,
          Math.max(0, ...[...table.querySelectorAll("tbody tr")].map(
            (row) => row.children.length))])""")
    assert len(tables) == 4
    for name, headers, cells in tables:
        assert name and cells in (0, headers)
    assert page.run("return [...document.images].every((i) => i.hasAttribute("
                    "'alt'))")
    # a second look changes no word that is read aloud
    page.run("""window.spoken = 0;
        for (const node of document.querySelectorAll("[aria-live]"))
          new MutationObserver(() => window.spoken++).observe(node,
            { childList: true, characterData: true, subtree: true });
        window.then = at("clock").textContent;""")
    page.until("at('clock').textContent !== window.then")
    assert page.run("return window.spoken") == 0


@pytest.mark.parametrize("width", [1440, 360])
def test_hostile_strings_are_text(page, weir, width):
    page.look(width)
    milter = weir.milter()
    logins = [f"{MARKUP}@example.com", f"{TURNED}@example.com",
              f"{LONG}@example.com"]
    for number, login in enumerate(logins):
        session = f"{width}{number}"
        assert milter.ask("CONNECT", session, "submission", "192.0.2.66",
                          session)[0] == "accept"
        milter.ask("MAIL", session, login, login)
        milter.ask("RCPT", session, "x@far.example", "smtp", "far.example",
                   "Q1")
    milter.send("EVENT", "IdentityRefused", "user", logins[0], "address",
                logins[1] + MARKUP)
    assert milter.ask("PING") == "+PONG"
    page.until("at('limits-rows').textContent.includes(arguments[0])",
               MARKUP)
    page.until("at('limits-rows').textContent.includes(arguments[0])", LONG)
    page.until("at('events-rows').textContent.includes('IdentityRefused')")
    text = page.run("return document.body.textContent")
    assert "\\u202egnp.exe\\u202c\\u2066x@example.com" in text
    assert not any(c in text for c in TURNED if ord(c) > 0x2000)
    assert MARKUP in page.run(f"return ({HOST % 'isp-b'}).textContent")
    assert MARKUP in page.run("return at('events-rows').textContent")
    assert page.run("return window.hit") is None
    assert page.run("return [document.images.length, "
                    "document.scripts.length]") == [1, 1]
    assert page.run("return document.documentElement.scrollWidth <= "
                    "window.innerWidth")
