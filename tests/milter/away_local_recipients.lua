-- The state is away: the third recipient of two is refused, over two messages.
-- state: away
-- throttles: { name = "r"; what = "recipients"; by = [ "user" ]; limit = "2/h"; }
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
mt.abort(c)
mail(c, "alice", "alice@example.com")
rcpt(c)
rcpt(c, "y@example.org", "refused")
mt.disconnect(c)
