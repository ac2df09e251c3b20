-- The state is away: a message none of whose recipients passed uses no limit.
-- state: away
-- throttles: { name = "r"; what = "recipients"; by = [ "user" ]; limit = "1/h"; }, { name = "m"; what = "messages"; by = [ "user" ]; limit = "3/h"; }
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "alice@example.com")
finish(c)
for i = 1, 5 do
	mail(c, "alice", "alice@example.com")
	rcpt(c, "x@example.org", "refused")
	mt.abort(c)
end
-- what its client gives up before a recipient is charged all the same
mail(c, "alice", "alice@example.com")
mt.abort(c)
mail(c, "alice", "alice@example.com")
mt.abort(c)
mail(c, "alice", "alice@example.com", "refused")
mt.disconnect(c)
