-- The state is asked last at the end of the message; away then, "tempfail"
-- puts the message off.
-- milter: on_state_loss = "tempfail";
-- says: END 1 => nonsense nonsense
-- log: refused .*reason=state_away .*code=451
-- asked: END 1
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "alice@example.com")
finish(c, "refused")
mt.disconnect(c)
