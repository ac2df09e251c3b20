-- A user's own address passes, in the envelope and in From.
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "Alice <alice@example.com>")
header(c, "Subject", "hello")
finish(c)
mt.disconnect(c)
