-- header_from = "observe": said, and passed.
-- identities: header_from = "observe";
-- log: event=IdentityRefused user=alice@example.com from=bob@example.com .*reason=from_not_owned ref=[0-9A-F]{6} action=observe
-- asked: END 1
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "bob@example.com")
finish(c)
mail(c, "alice", "bob@example.com", "refused")
mt.disconnect(c)
