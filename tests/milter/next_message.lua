-- Each message stands for itself: login, envelope, From and findings of one
-- never count for the next.
-- asked: MAIL 1 alice@example.com alice@example.com
-- asked: END 1
-- asked: MAIL 1 bob@example.com bob@example.com
-- asked: DONE 1 1
-- asked: MAIL 1 alice@example.com alice@example.com
-- asked: DONE 1 1
dofile("lib.lua")
c = connect()
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "From", "alice@example.com")
finish(c)
mail(c, "bob", "alice@example.com", "refused")
mail(c, "bob", "bob@example.com")
rcpt(c)
header(c, "From", "alice@example.com")
finish(c, "refused")
mail(c, "alice", "alice@example.com")
rcpt(c)
header(c, "Subject", "x")
finish(c, "refused") -- no From, though the message before had one
mt.disconnect(c)
