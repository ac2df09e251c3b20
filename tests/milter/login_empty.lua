-- A login that is there and empty is refused, wherever it comes in.
-- log: reason=login_empty
dofile("lib.lua")
c = connect("submission")
mail(c, "", "alice@example.com", "refused")
mt.disconnect(c)
c = connect("smtpd")
mail(c, "", "alice@example.com", "refused")
mt.disconnect(c)
