"""weirctl explain --queue-id and --ref: what was decided, afterwards."""


def send(weir, milter, queue_id, recipients=1, user="alice@example.com"):
    """One message by the milter's verbs and the policy service."""
    verdict = milter.ask("MAIL", "1", user, user)
    for n in range(recipients):
        verdict = milter.ask("RCPT", "1", f"x{n}@far.example", "smtp",
                             "far.example", queue_id)
        if verdict[0] != "accept":
            return verdict
    weir.ask_policy(queue_id=queue_id, sender=user, sasl_username=user,
                    instance=queue_id, recipient_count=str(recipients))
    return verdict


def begin(weir):
    milter = weir.milter()
    milter.ask("CONNECT", "1", "submission", "192.0.2.7", "4567")
    return milter


def test_a_choice_is_told_as_it_stood(make_weir):
    weir = make_weir()
    weir.start()
    milter = begin(weir)
    send(weir, milter, "4jY54H2Vzjz1c6Kn")
    weir.text("drain", "isp-b")
    answer = weir.json("explain", "--queue-id", "4jY54H2Vzjz1c6Kn")
    assert (answer["verdict"], answer["reason"]) == ("accept", "ok")
    (choice,) = answer["past"]
    assert choice["what"] == "choice" and choice["route"] == "rest"
    assert choice["user"] == choice["sender"] == "alice@example.com"
    assert choice["client"] == "192.0.2.7"
    assert choice["action"].startswith("FILTER relay:[127.0.0.1]:")
    states = {c["host"]: c["reason"] for c in choice["candidates"]}
    assert sorted((states["isp-a"], states["isp-b"])) == [
        "chosen", "failover"], "isp-b was not drained then"
    assert states["dr"] == "unhealthy"
    text = weir.text("explain", "-q", "4jY54H2Vzjz1c6Kn")
    assert "route rest, connector outbound" in text
    assert "action=FILTER relay:" in text


def test_a_refusal_is_found_by_its_reference(weir):
    milter = begin(weir)
    verdict = send(weir, milter, "REFUSED1", recipients=6)
    assert verdict[0] == "defer"
    ref = verdict[9]
    answer = weir.json("explain", "--ref", ref.lower(), code=1)
    assert (answer["verdict"], answer["reason"]) == ("defer", "limit")
    (refusal,) = answer["past"]
    assert refusal["rule"] == "per-user" and refusal["limit"] == 5
    assert refusal["user"] == "alice@example.com"
    assert refusal["recipient"] == "x5@far.example"
    assert refusal["queue_id"] == "REFUSED1"
    assert f"reference {ref}" in weir.text("explain", "--ref", ref, code=1)
    assert answer == weir.json("explain", "--queue-id", "REFUSED1", code=1)


def test_what_a_milter_refused_is_found_too(weir):
    milter = begin(weir)
    milter.send("EVENT", "IdentityRefused", "user", "mallory", "from",
                "alice@example.com", "queue_id", "EVIL1", "reason",
                "from_not_owned", "ref", "0BADC0")
    answer = weir.json("explain", "--ref", "0BADC0", code=1)
    assert answer["verdict"] == "reject"
    assert answer["past"][0]["what"] == "IdentityRefused"
    assert answer["past"][0]["from"] == "alice@example.com"


def test_what_is_not_remembered_is_no(weir):
    done = weir.run("explain", "--queue-id", "NEVER")
    assert done.returncode == 1
    assert "nothing is remembered of NEVER" in done.stderr
