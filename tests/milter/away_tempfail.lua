-- on_state_loss = "tempfail": refused at MAIL, not at the connection.
-- state: away
-- milter: on_state_loss = "tempfail";
-- log: reason=state_away
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com", "refused")
mt.disconnect(c)
