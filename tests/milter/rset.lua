-- RSET ends the message without giving back, and what it had is forgotten.
-- asked: MAIL 1 alice@example.com alice@example.com
-- asked: RCPT 1 x@example.org smtp example.org
-- asked: DONE 1 0
-- asked: MAIL 1 alice@example.com alice@example.com
-- asked: RCPT 1 y@example.org smtp example.org
-- asked: END 1
-- asked: CLOSE 1
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
mt.abort(c)
mail(c, "alice", "alice@example.com")
rcpt(c, "y@example.org")
header(c, "From", "alice@example.com")
finish(c)
mt.disconnect(c)
