-- envelope = "ignore": not looked at.
-- identities: envelope = "ignore";
-- nolog: reason=sender
dofile("lib.lua")
c = connect()
mail(c, "alice", "bob@example.com")
rcpt(c)
header(c, "From", "alice@example.com")
finish(c)
mt.disconnect(c)
