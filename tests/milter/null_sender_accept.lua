-- A null envelope sender with an owned From passes by default.
-- asked: MAIL 1 alice@example.com  
dofile("lib.lua")
c = connect()
mail(c, "alice", "")
rcpt(c)
header(c, "From", "alice@example.com")
finish(c)
mail(c, "alice", "")
rcpt(c)
header(c, "From", "bob@example.com")
finish(c, "refused")
mt.disconnect(c)
