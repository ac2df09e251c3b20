-- A login counts before the client's network.
-- asked: MAIL 1 alice@example.com alice@example.com 0
dofile("lib.lua")
c = connect("submission", "192.0.2.7")
mail(c, "alice", "alice@example.com")
mt.abort(c)
mail(c, "alice", "orders@erp.example.com", "refused")
mt.disconnect(c)
