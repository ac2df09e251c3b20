-- A client is its IPv4 address, mapped or not, or its IPv6 network; a sender
-- is his address without a tag, in lower case.
-- state: away
-- identities: envelope = "ignore";
-- throttles: { name = "c"; what = "messages"; by = "client"; limit = "3/h"; }, { name = "s"; what = "recipients"; by = "sender"; limit = "3/h"; }
dofile("lib.lua")

function message(client, sender, want_mail, want_rcpt)
	local c = connect(nil, client)
	mail(c, "bob", sender, want_mail)
	if want_mail == nil then
		rcpt(c, nil, want_rcpt)
		mt.abort(c)
	end
	mt.disconnect(c)
end

message("192.0.2.1", "s@x.example")
message("::ffff:192.0.2.1", "S+one@X.example")
message("192.0.2.1", "s+two@x.Example")
message("::ffff:192.0.2.1", "s@x.example", "refused")
message("2001:db8::1", "s+three@x.example", nil, "refused") -- given back
message("2001:db8::1", "t@x.example")
message("2001:db8::2", "t@x.example")
message("2001:db8:0:0:ffff:1:2:3", "t@x.example")
message("2001:db8::4", "t@x.example", "refused")
message("2001:db8:0:1::1", "u@x.example")
