-- require_user: no login, no mail. Elsewhere a stranger is not checked.
-- log: reason=user_required
dofile("lib.lua")
c = connect("submission")
mail(c, nil, "alice@example.com", "refused")
mt.disconnect(c)
c = connect("smtpd")
mail(c, nil, "alice@example.com")
rcpt(c)
finish(c)
mt.disconnect(c)
