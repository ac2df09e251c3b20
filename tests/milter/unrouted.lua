-- A message whose way was not decided is refused at its end, once it has
-- passed everything else; it is over for the state then, without DONE.
-- says: END 1 => defer policy_not_asked ref=7F3A2C
-- log: refused queue_id="" user="alice@example.com" .*reason=policy_not_asked .*ref=7F3A2C code=451
-- asked: END 1
-- notasked: DONE
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "alice@example.com")
finish(c, "refused")
mt.disconnect(c)
