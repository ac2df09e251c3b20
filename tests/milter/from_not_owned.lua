-- The From of another user is refused and named; the envelope is his own.
-- log: event=IdentityRefused user=alice@example.com from=bob@example.com client=203.0.113.5 queue_id=\S+ reason=from_not_owned ref=[0-9A-F]{6}
-- asked: EVENT IdentityRefused user alice@example.com from bob@example.com
-- asked: DONE 1 1
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "bob@example.com")
finish(c, "refused")
mt.disconnect(c)
