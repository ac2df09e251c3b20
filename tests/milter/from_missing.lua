-- No From at all is refused.
-- log: event=IdentityRefused user=alice@example.com from="" client=203.0.113.5 queue_id=\S+ reason=from_missing ref=[0-9A-F]{6}
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "Subject", "hello")
finish(c, "refused")
mt.disconnect(c)
