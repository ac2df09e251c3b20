-- Several owned mailboxes in one From are fine; one that is not is enough.
-- log: from=eve@example.net
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "alice@example.com, A <x@sales.example.com>")
finish(c)
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "alice@example.com, eve@example.net")
finish(c, "refused")
mt.disconnect(c)
