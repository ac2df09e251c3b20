-- seed_0_15
-- A client given a user by its network is held to that user's senders.
-- The state is told that nobody logged in (seed_0_1: no affinity).
-- asked: MAIL 1 app-erp@example.com orders@erp.example.com 1
-- log: user=app-erp@example.com sender=alice@example.com client=192.0.2.7
dofile("lib.lua")
c = connect("submission", "192.0.2.7")
mail(c, nil, "orders@erp.example.com")
rcpt(c)
header(c, "From", "orders@erp.example.com")
finish(c)
mail(c, nil, "alice@example.com", "refused")
mt.disconnect(c)
