# Clocks, sockets, files, the state server and its client.
noinst_LIBRARIES += libweirio.a
libweirio_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(OPENSSL_CFLAGS) \
	$(CONFIG_CFLAGS) $(HIREDIS_CFLAGS) $(SQLITE_CFLAGS) $(JANSSON_CFLAGS) \
	$(IDN_CFLAGS)
libweirio_a_SOURCES = \
	common/io/clock.c \
	common/io/clock.h \
	common/io/log.c \
	common/io/log.h

# What a program links after its own objects.
WEIR_LIBS = libweirio.a libweircore.a $(CONFIG_LIBS) $(HIREDIS_LIBS) \
	$(SQLITE_LIBS) $(JANSSON_LIBS) $(IDN_LIBS) $(EVENT_LIBS) \
	$(OPENSSL_LIBS) $(CARES_LIBS)
