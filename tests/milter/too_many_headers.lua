-- More headers than are looked at: refused rather than passed unseen.
-- log: reason=headers_too_large
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "alice@example.com")
for i = 1, 5000 do
	header(c, "X", "y")
end
finish(c, "refused")
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "alice@example.com")
finish(c)
mt.disconnect(c)
