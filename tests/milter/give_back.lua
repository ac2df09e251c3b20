-- A message that its From refuses is not charged; RSET and refusal by a limit
-- are no reason.
-- state: away
-- throttles: { name = "m"; what = "messages"; by = [ "user" ]; limit = "2/h"; }
dofile("lib.lua")
c = connect()
for i = 1, 5 do
	mail(c, "alice", "alice@example.com")
	rcpt(c)
	header(c, "From", "bob@example.com")
	finish(c, "refused")
end
mail(c, "alice", "alice@example.com")
mt.abort(c)
mail(c, "alice", "alice@example.com")
mt.abort(c)
mail(c, "alice", "alice@example.com", "refused")
mt.disconnect(c)
