"""/metrics: two parsers of Prometheus' own take it, and it says what is so."""

import json
import os
import pathlib
import re
import subprocess

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families)

from conftest import WAIT
from web_client import get

TOP = pathlib.Path(os.environ.get("top_srcdir", pathlib.Path(
    __file__).parents[2]))
OPEN = "Accept: application/openmetrics-text; version=1.0.0\r\n"
PLAIN = "Accept: text/plain; version=0.0.4\r\n"


def families(weir):
    status, head, body = get(weir, "/metrics", more=OPEN)
    assert status == 200
    assert head["Content-Type"] == (
        "application/openmetrics-text; version=1.0.0; charset=utf-8")
    assert body.endswith(b"\n# EOF\n")
    return {family.name: family for family in
            text_string_to_metric_families(body.decode())}


def value(found, name, **labels):
    """Of the one row that has just these labels."""
    for family in found.values():
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    raise AssertionError(f"no {name} {labels}")


def promtool(*words, text=None):
    done = subprocess.run(["promtool", *words], input=text, timeout=WAIT,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_has_nothing_to_say(web):
    status, head, body = get(web, "/metrics", more=PLAIN)
    assert status == 200
    assert head["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    said = promtool("check", "metrics", text=body.decode())
    assert said == ""


def test_open_metrics_is_the_default(web):
    assert get(web, "/metrics")[2].endswith(b"# EOF\n")
    assert get(web, "/metrics", more="Accept: */*\r\n")[2].endswith(
        b"# EOF\n")


def test_what_is_counted(web):
    for i in range(4):
        web.ask_policy(instance=f"metric{i}", sender="a@b.example",
                       recipient="x@far.example", server_port="25")
    web.ask_policy(instance="metric-no", sender="a@bad.example",
                   recipient="x@far.example", server_port="25")
    found = families(web)
    assert value(found, "weir_policy_requests_total") >= 5
    assert value(found, "weir_decisions_total", reason="routed") >= 4
    assert value(found, "weir_decisions_total", reason="route_rejects") >= 1
    assert value(found, "weir_host_selected_total", host="isp-a") >= 2
    assert value(found, "weir_host_healthy", host="isp-a") == 1
    assert value(found, "weir_host_healthy", host="dr") == 0
    assert value(found, "weir_host_state", host="dr", state="unhealthy") == 1
    assert value(found, "weir_host_state", host="dr", state="healthy") == 0
    assert value(found, "weir_host_failing_stage", host="dr",
                 stage="tcp") == 1
    assert value(found, "weir_host_rung", host="dr") >= 1
    assert value(found, "weir_host_failed_total", host="dr") >= 1
    assert value(found, "weir_host_weight", host="dr") == 10
    assert value(found, "weir_connector_members", connector="outbound") == 3
    assert value(found, "weir_connector_usable", connector="outbound") == 2
    assert value(found, "weir_connector_in_use", connector="outbound") == 1
    assert value(found, "weir_events_total", event="Started") == 1
    assert value(found, "weir_events_total", event="MarkedUnhealthy") >= 1
    assert value(found, "weir_config_generation") == 1
    assert value(found, "weir_state_max_keys") == 1000000
    assert value(found, "weir_connections", socket="http") >= 1
    assert value(found, "weir_uptime_seconds") > 0
    assert value(found, "process_open_fds") > 5
    assert value(found, "process_max_fds") >= value(
        found, "process_open_fds")
    assert value(found, "process_resident_memory_bytes") > 1 << 20
    total = sum(value(found, "weir_host_share_ratio", host=host)
                for host in ("isp-a", "isp-b", "dr"))
    assert total == pytest.approx(1)


def test_listeners_and_their_caps(web):
    milter = web.milter()
    answers = [milter.ask("CONNECT", str(200 + i), "submission",
                          "198.51.100.7", str(2000 + i))[0]
               for i in range(12)]
    assert answers.count("accept") == 10
    found = families(web)
    assert value(found, "weir_listener_connections",
                 listener="submission") == 10
    assert value(found, "weir_listener_max_connections",
                 listener="submission") == 100
    assert value(found, "weir_listener_refused_total",
                 listener="submission") == 2
    assert value(found, "weir_milters") == 1


def test_limits_by_rule_and_outcome(web):
    before = families(web)
    milter = web.milter()
    milter.ask("CONNECT", "400", "submission", "198.51.100.99", "4000")
    milter.ask("MAIL", "400", "metric@example.com", "metric@example.com")
    answers = [milter.ask("RCPT", "400", f"r{i}@far.example", "smtp",
                          "far.example", "Q4")[0] for i in range(7)]
    assert answers == ["accept"] * 5 + ["defer"] * 2
    found = families(web)
    for outcome, count in [("allowed", 5), ("refused", 2), ("observed", 0)]:
        labels = {"rule": "per-user", "outcome": outcome}
        assert value(found, "weir_limit_requests_total", **labels) - value(
            before, "weir_limit_requests_total", **labels) == count
    assert value(found, "weir_limit_warnings_total", rule="mails") == 0


def test_no_user_stands_in_a_label(web):
    milter = web.milter()
    milter.ask("CONNECT", "300", "submission", "203.0.113.99", "3000")
    milter.ask("MAIL", "300", "secretuser@example.com",
               "secretuser@example.com")
    milter.ask("RCPT", "300", "secretrcpt@far.example", "smtp",
               "far.example", "Q2")
    text = get(web, "/metrics")[2].decode()
    assert "secret" not in text and "203.0.113.99" not in text


def test_turns_of_the_loop(web):
    found = families(web)
    turns = found["weir_loop_turn_seconds"]
    assert turns.type == "histogram"
    longest = value(found, "weir_loop_longest_turn_seconds")
    lately = value(found, "weir_loop_longest_turn_lately_seconds")
    assert 0 < lately <= longest
    count = value(found, "weir_loop_turn_seconds_count")
    assert count > 10
    assert value(found, "weir_loop_turn_seconds_sum") >= longest
    later = families(web)
    assert value(later, "weir_loop_turn_seconds_count") > count


# --- contrib/grafana, contrib/prometheus ---

NAME = r"\b(?:weir|process)_[a-z_]+\b"
RULES = TOP / "contrib/prometheus/weir.rules.yml"
DASHBOARD = TOP / "contrib/grafana/weir.json"


def sample_names(weir):
    """Of all that /metrics has, also of what has no row at present."""
    names = set()
    for family in families(weir).values():
        names |= {sample.name for sample in family.samples}
        names |= {"gauge": {family.name}, "counter": {
            family.name + "_total"}}.get(family.type, set())
    return names


def expressions(dashboard):
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["definition"]


def test_the_dashboard_names_what_there_is(web):
    dashboard = json.loads(DASHBOARD.read_text())
    used = {name for expr in expressions(dashboard)
            for name in re.findall(NAME, expr)}
    assert len(used) > 15
    assert used <= sample_names(web)
    known = {v["name"] for v in dashboard["templating"]["list"]}
    for expr in expressions(dashboard):
        assert set(re.findall(r"\$(\w+)", expr)) <= known | {
            "__rate_interval"}


def test_the_panels_of_the_dashboard_have_room():
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set()
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                 for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["title"] and panel["description"]
            assert panel["datasource"]["uid"] == "${datasource}"


def test_the_expressions_of_the_dashboard_are_promql(tmp_path):
    """As recording rules, with Grafana's variables put in."""
    dashboard = json.loads(DASHBOARD.read_text())
    rules = [{"record": f"x:{i}", "expr": expr.replace(
        "$__rate_interval", "1m")} for i, expr in enumerate(
            expr for expr in expressions(dashboard)
            if not expr.startswith("label_values("))]
    path = tmp_path / "rules.yml"
    path.write_text(json.dumps(
        {"groups": [{"name": "dashboard", "rules": [
            {**rule, "record": rule["record"].replace(":", ":n")}
            for rule in rules]}]}))
    promtool("check", "rules", str(path))


def test_the_alert_rules_are_right(web):
    promtool("check", "rules", str(RULES))
    promtool("test", "rules", str(RULES.with_name("weir.rules.test.yml")))
    used = set(re.findall(NAME, RULES.read_text()))
    assert len(used) > 10
    assert used <= sample_names(web)
