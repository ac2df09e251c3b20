-- A client given a user by its network is held to that user's senders.
-- log: user=app-erp@example.com sender=alice@example.com client=192.0.2.7
dofile("lib.lua")
c = connect("submission", "192.0.2.7")
mail(c, nil, "orders@erp.example.com")
rcpt(c)
header(c, "From", "orders@erp.example.com")
finish(c)
mail(c, nil, "alice@example.com", "refused")
mt.disconnect(c)
