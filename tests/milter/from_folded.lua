-- Folding belongs to the value, an address in the second line is the address.
-- log: from=bob@example.com
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", " Alice\n <alice@example.com>")
finish(c)
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "Alice\r\n\t<bob@example.com>")
finish(c, "refused")
mt.disconnect(c)
