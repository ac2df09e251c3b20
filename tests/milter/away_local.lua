-- The state is away: identity is held, limits are kept here.
-- state: away
-- throttles: { name = "m"; what = "messages"; by = [ "user" ]; limit = "2/h"; }
-- log: event=StateLost
-- log: refused .*rule="m"
dofile("lib.lua")
c = connect()
mail(c, "alice", "bob@example.com", "refused")
for i = 1, 2 do
	mail(c, "alice", "alice@example.com")
	rcpt(c)
	header(c, "From", "alice@example.com")
	finish(c)
end
mail(c, "alice", "alice@example.com", "refused")
mail(c, "bob", "bob@example.com")
mt.disconnect(c)
