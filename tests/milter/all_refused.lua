-- A message none of whose recipients passed, since a limit refused them, is
-- given back; one of which a recipient passed is not.
-- says: RCPT 1 y@example.org => defer limit rule=r what=recipients used=2 limit=2 period_ms=3600000 wait_ms=312000 ref=7F3A2C
-- asked: MAIL 1
-- asked: RCPT 1 y@example.org
-- asked: DONE 1 1
-- asked: MAIL 1
-- asked: RCPT 1 y@example.org
-- asked: DONE 1 0
-- asked: MAIL 1
-- asked: DONE 1 0
-- asked: MAIL 1
-- asked: DONE 1 1
-- asked: CLOSE 1
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c, "y@example.org", "refused")
rcpt(c, "y@example.org", "refused")
mt.abort(c)
mail(c, "alice", "alice@example.com")
rcpt(c, "y@example.org", "refused")
rcpt(c, "x@example.org")
mt.abort(c)
-- nothing was refused
mail(c, "alice", "alice@example.com")
mt.abort(c)
-- the client leaves
mail(c, "alice", "alice@example.com")
rcpt(c, "y@example.org", "refused")
mt.disconnect(c)
