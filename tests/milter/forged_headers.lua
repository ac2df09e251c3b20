-- Headers of ours that a client sends are removed, all of them, whoever sends.
dofile("lib.lua")
c = connect("smtpd")
mail(c, nil, "x@example.net")
rcpt(c)
header(c, "Weir-Identity", "alice@example.com")
header(c, "From", "x@example.net")
header(c, "WEIR-IDENTITY", "bob@example.com")
header(c, "X-Weir-Identity", "not ours")
finish(c)
if not mt.eom_check(c, MT_HDRDELETE, "Weir-Identity") then
	fail("Weir-Identity stays")
end
if mt.eom_check(c, MT_HDRDELETE, "X-Weir-Identity") then
	fail("X-Weir-Identity is gone")
end
mt.disconnect(c)
