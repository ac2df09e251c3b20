-- envelope = "observe": said, and passed; From is still held.
-- identities: envelope = "observe";
-- log: sender=bob@example.com .*reason=sender_not_owned .*action=observe
-- asked: MAIL 1 alice@example.com bob@example.com
dofile("lib.lua")
c = connect()
mail(c, "alice", "bob@example.com")
rcpt(c)
header(c, "From", "bob@example.com")
finish(c, "refused")
mt.disconnect(c)
