# weir-milter: all but main() is a library, so that tests can link it.
noinst_LIBRARIES += libweirmilter.a
libweirmilter_a_CFLAGS = $(AM_CFLAGS)
libweirmilter_a_SOURCES = \
	milter/callbacks.c \
	milter/callbacks.h \
	milter/checks.c \
	milter/checks.h \
	milter/contact.c \
	milter/contact.h \
	milter/current.c \
	milter/current.h \
	milter/farewells.c \
	milter/farewells.h \
	milter/gatekeeper.c \
	milter/gatekeeper.h \
	milter/handover.c \
	milter/handover.h \
	milter/headers.c \
	milter/headers.h \
	milter/local.c \
	milter/local.h \
	milter/marks.c \
	milter/marks.h \
	milter/notes.c \
	milter/notes.h \
	milter/offence.c \
	milter/offence.h \
	milter/registry.c \
	milter/registry.h \
	milter/reply.c \
	milter/reply.h \
	milter/serve.c \
	milter/serve.h \
	milter/session.c \
	milter/session.h \
	milter/size.c \
	milter/size.h \
	milter/who.c \
	milter/who.h

sbin_PROGRAMS += weir-milter
weir_milter_CFLAGS = $(AM_CFLAGS)
weir_milter_SOURCES = milter/main.c milter/readahead.c
weir_milter_LDFLAGS = -Wl,--export-dynamic-symbol=__read_chk
weir_milter_LDADD = libweirmilter.a $(WEIR_LIBS) $(MILTER_LIBS)
