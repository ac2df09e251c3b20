-- A recipient over the limit is refused; the others of the message stay.
-- says: RCPT 1 y@example.org => defer limit rule=per-user-hour what=recipients used=200 limit=200 period_ms=3600000 wait_ms=312000 ref=7F3A2C
-- log: refused .*user="alice@example.com" rule="per-user-hour" .*reason=limit .*ref=7F3A2C code=451
-- asked: END 1
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c, "x@example.org")
rcpt(c, "y@example.org", "refused")
rcpt(c, "z@example.org")
header(c, "From", "alice@example.com")
finish(c)
mt.disconnect(c)
