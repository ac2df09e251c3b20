-- The envelope sender is held to the login at MAIL; nothing is charged.
-- log: event=IdentityRefused user=alice@example.com sender=bob@example.com client=203.0.113.5 queue_id="" reason=sender_not_owned ref=[0-9A-F]{6}
-- asked: EVENT IdentityRefused user alice@example.com sender bob@example.com
-- notasked: MAIL
dofile("lib.lua")
c = connect()
mail(c, "alice", "bob@example.com", "refused")
mt.disconnect(c)
