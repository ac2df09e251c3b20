# Clocks, sockets, files, the state server and its client.
noinst_LIBRARIES += libweirio.a
libweirio_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(OPENSSL_CFLAGS) \
	$(CONFIG_CFLAGS) $(HIREDIS_CFLAGS) $(SQLITE_CFLAGS) $(JANSSON_CFLAGS) \
	$(IDN_CFLAGS)
libweirio_a_SOURCES = \
	common/io/become.c \
	common/io/become.h \
	common/io/clock.c \
	common/io/clock.h \
	common/io/idn.c \
	common/io/idn.h \
	common/io/listen.c \
	common/io/listen.h \
	common/io/log.c \
	common/io/log.h \
	common/io/resp.c \
	common/io/resp.h \
	common/io/resp_out.c \
	common/io/supervise.c \
	common/io/supervise.h

# What a program links after its own objects.
WEIR_LIBS = libweirio.a libweircore.a $(CONFIG_LIBS) $(HIREDIS_LIBS) \
	$(SQLITE_LIBS) $(JANSSON_LIBS) $(IDN_LIBS) $(EVENT_LIBS) \
	$(OPENSSL_LIBS) $(CARES_LIBS)
