-- A throttle of bytes: the body is seen, and the end of the message tells how
-- much came; MAIL what the client says. Without one neither is asked for.
-- throttles: { name = "b"; what = "bytes"; by = "user"; limit = "1M/h"; }
-- asked: MAIL 1 alice@example.com alice@example.com 0 12345
-- asked: END 1 5ABC 81
-- asked: MAIL 1 alice@example.com alice@example.com 0
dofile("lib.lua")
c = connect()
try(mt.macro(c, SMFIC_MAIL, "{auth_authen}", "alice", "{mail_addr}",
    "alice@example.com", "i", "5ABC"), "macro")
try(mt.mailfrom(c, "<alice@example.com>", "BODY=8BITMIME", "size=12345"),
    "mail")
expect(c, "continue", "MAIL")
rcpt(c)
-- 25 and 16 with their CRLFs, one of them at the fold; 2; 38 of body
header(c, "From", "alice@example.com")
header(c, "X", "12345\n 789")
try(mt.eoh(c), "eoh")
try(mt.bodystring(c, string.rep("x", 30) .. "\r\n"), "body")
try(mt.bodystring(c, "yyyy\r\n"), "body")
try(mt.eom(c), "eom")
expect(c, "continue", "end")
mail(c, "alice", "alice@example.com")
mt.abort(c)
mt.disconnect(c)
