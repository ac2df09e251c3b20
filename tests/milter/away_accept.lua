-- on_state_loss = "accept": limits are off, identity is not.
-- state: away
-- milter: on_state_loss = "accept";
-- throttles: { name = "m"; what = "messages"; by = [ "user" ]; limit = "1/h"; }
dofile("lib.lua")
c = connect()
for i = 1, 3 do
	mail(c, "alice", "alice@example.com")
	rcpt(c)
	header(c, "From", "alice@example.com")
	finish(c)
end
mail(c, "alice", "bob@example.com", "refused")
mt.disconnect(c)
