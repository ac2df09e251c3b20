-- null_sender = "reject": not for those who are known.
-- identities: null_sender = "reject";
-- log: reason=sender_null
dofile("lib.lua")
c = connect()
mail(c, "alice", "", "refused")
mt.disconnect(c)
c = connect("smtpd")
mail(c, nil, "")
mt.disconnect(c)
