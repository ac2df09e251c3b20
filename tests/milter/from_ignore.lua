-- header_from = "ignore": not looked at. The envelope still is.
-- identities: header_from = "ignore";
-- nolog: reason=from
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "bob@example.com")
finish(c)
mail(c, "alice", "bob@example.com", "refused")
mt.disconnect(c)
