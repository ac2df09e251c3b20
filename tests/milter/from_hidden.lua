-- What a mail program might show as another sender is refused.
-- log: reason=from_syntax
dofile("lib.lua")
c = connect()
for _, value in ipairs({ "", "alice", "alice@example.com bob@example.com",
    "friends: alice@example.com;", "<alice@example.com", "a@b@example.com" }) do
	mail(c, "alice", "alice@example.com")
	rcpt(c)
	header(c, "From", value)
	finish(c, "refused")
end
mt.disconnect(c)
