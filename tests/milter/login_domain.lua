-- A login owns by either form of its domain: the address that it is, and what
-- its row lists, in whichever form that is written.
-- log: event=IdentityRefused user=x@xn--bcher-kva.example sender=y@xn--bcher-kva.example
dofile("lib.lua")
c = connect()
for _, domain in ipairs({ "b\195\188cher.example", "xn--bcher-kva.example",
    "B\195\156CHER.example" }) do
	for _, address in ipairs({ "b\195\188cher.example",
	    "xn--bcher-kva.example" }) do
		mail(c, "y@" .. domain, "y@" .. address)
		mt.abort(c)
	end
	mail(c, "x@" .. domain, "info@example.com")
	mt.abort(c)
	mail(c, "x@" .. domain, "y@" .. domain, "refused")
	mt.abort(c)
	mail(c, "z@" .. domain, "z@example.com")
	mt.abort(c)
end
mt.disconnect(c)
