-- Exactly one From, whatever the case of its name, and though both are owned.
-- log: reason=from_several
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "alice@example.com")
header(c, "FROM", "alice@example.com")
finish(c, "refused")
mt.disconnect(c)
