-- What the scripts share. A script names its case, then says what Postfix
-- sends and what it must hear; the comments at its head are the setting
-- (test_scripts.py). miltertest does not show reply texts (test_replies.py does)
-- and sends a From header of its own where a script sends no header at all.

socket = os.getenv("MILTER_SOCKET")

names = {
	[SMFIR_CONTINUE] = "continue",
	[SMFIR_REPLYCODE] = "refused",
	[SMFIR_REJECT] = "reject",
	[SMFIR_TEMPFAIL] = "tempfail",
	[SMFIR_ACCEPT] = "accept",
	[SMFIR_DISCARD] = "discard",
}

-- miltertest does not print what error() is given
function fail(why)
	print("FAILED: " .. why)
	error(why)
end

function expect(c, want, what)
	local got = names[mt.getreply(c)] or tostring(mt.getreply(c))
	if got ~= want then
		fail(what .. ": " .. got .. " instead of " .. want)
	end
end

function try(problem, what)
	if problem ~= nil then
		fail(what .. ": " .. tostring(problem))
	end
end

function connect(daemon, client)
	local c = mt.connect("unix:" .. socket, 40, 0.05)
	if c == nil then
		fail("no connection")
	end
	try(mt.negotiate(c, nil, nil, nil), "negotiate")
	try(mt.macro(c, SMFIC_CONNECT, "{daemon_name}",
	    daemon or "submission"), "macro")
	try(mt.conninfo(c, "client.example", client or "203.0.113.5"),
	    "connect")
	return c
end

-- login nil: not authenticated, no macro
function mail(c, login, sender, want)
	local macros = { "{mail_addr}", sender }
	if login ~= nil then
		macros = { "{auth_authen}", login, "{mail_addr}", sender }
	end
	try(mt.macro(c, SMFIC_MAIL, table.unpack(macros)), "macro")
	try(mt.mailfrom(c, "<" .. sender .. ">"), "mail")
	expect(c, want or "continue", "MAIL of " .. sender)
end

function rcpt(c, recipient, want)
	recipient = recipient or "x@example.org"
	try(mt.macro(c, SMFIC_RCPT, "{rcpt_addr}", recipient, "{rcpt_mailer}",
	    "smtp", "{rcpt_host}", "example.org"), "macro")
	try(mt.rcptto(c, "<" .. recipient .. ">"), "rcpt")
	expect(c, want or "continue", "RCPT " .. recipient)
end

function header(c, name, value)
	try(mt.header(c, name, value), "header")
end

function finish(c, want)
	try(mt.eoh(c), "eoh")
	try(mt.eom(c), "eom")
	expect(c, want or "continue", "end of message")
end
