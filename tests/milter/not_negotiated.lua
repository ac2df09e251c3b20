-- Events we do not need are not asked for, headers and their end unanswered.
dofile("lib.lua")
c = connect()
for name, option in pairs({ HELO = SMFIP_NOHELO, BODY = SMFIP_NOBODY,
    UNKNOWN = SMFIP_NOUNKNOWN, DATA = SMFIP_NODATA, HDR = SMFIP_NR_HDR }) do
	if not mt.test_option(c, option) then
		fail(name .. " is not negotiated away")
	end
end
for name, option in pairs({ CONNECT = SMFIP_NOCONNECT, MAIL = SMFIP_NOMAIL,
    RCPT = SMFIP_NORCPT, HDRS = SMFIP_NOHDRS, EOH = SMFIP_NOEOH }) do
	if mt.test_option(c, option) then
		fail(name .. " is negotiated away")
	end
end
mt.disconnect(c)
