-- No variant of a login, a sender or a client is counted apart.
-- state: away
-- identities: envelope = "ignore";
-- throttles: { name = "u"; what = "messages"; by = "user"; limit = "4/h"; }, { name = "d"; what = "messages"; by = "sender-domain"; limit = "4/h"; users = "bob"; replaces = "u"; }
dofile("lib.lua")

-- the login: its case, and with the realm or without it
c = connect()
for i, login in ipairs({ "alice", "ALICE", "alice@example.com",
    "Alice@EXAMPLE.Com" }) do
	mail(c, login, "x" .. i .. "@sender.example")
	mt.abort(c)
end
mail(c, "aLiCe", "x@sender.example", "refused")
mt.disconnect(c)

-- its domain as an IDN, behind a local part that is compared as it is
c = connect()
for i, login in ipairs({ "\195\188ser@b\195\188cher.example",
    "\195\188ser@B\195\156CHER.Example",
    "\195\188ser@xn--bcher-kva.example",
    "\195\188SER@XN--BCHER-KVA.example" }) do
	mail(c, login, "x" .. i .. "@sender.example")
	mt.abort(c)
end
mail(c, "\195\188ser@bu\204\136cher.example", "x@sender.example", "refused")
mail(c, "\195\156ser@b\195\188cher.example", "x@sender.example")
mt.disconnect(c)

-- the domain: its case, and both forms of an IDN
c = connect()
for _, domain in ipairs({ "b\195\188cher.example", "B\195\156CHER.Example",
    "xn--bcher-kva.example", "XN--BCHER-KVA.example" }) do
	mail(c, "bob", "x@" .. domain)
	mt.abort(c)
end
mail(c, "bob", "y+tag@b\195\188cher.example", "refused")
mt.disconnect(c)
