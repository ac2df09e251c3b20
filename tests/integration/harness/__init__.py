"""
A private mail system to try Weir on: Postfix, dovecot for logins, smart hosts
that misbehave when told to, and the two daemons.

Everything lives in one temporary directory and on loopback addresses of its
own, so that any number may run beside each other and beside a system's own
Postfix. Whatever is started here is stopped here, each by its own process id.
Used by the integration tests and by contrib/quickstart.

    place     the directory and the addresses
    process   one child process: started, awaited, stopped
    lines     what a process or a log file says, line by line, to be awaited
    machine   a private copy of this system, to install things in
    newcomer  somebody in it, with a stock Postfix and the README
    nameserver names for the next hops
    smarthost the next hops, recording every message they took
    client    SMTP sessions and numbered messages
    asker     asks the policy service, as Postfix does
    ledger    accepted against delivered, message by message
    postfix   the real thing, with a configuration of its own
    dovecot   its authentication service
    weir      weir-policyd, weir-milter, weirctl
    site      all of it together
    deaths    the ways a smart host dies
    fixtures  for pytest
"""
