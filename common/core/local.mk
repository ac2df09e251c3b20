# Pure decisions: no clock, no socket, no global (tests/purity).
noinst_LIBRARIES += libweircore.a
libweircore_a_CFLAGS = $(AM_CFLAGS)
libweircore_a_SOURCES = \
	common/core/arena.c \
	common/core/arena.h \
	common/core/balance.c \
	common/core/balance.h \
	common/core/balance_round_robin.c \
	common/core/choose.c \
	common/core/choose.h \
	common/core/config.c \
	common/core/config.h \
	common/core/connections.c \
	common/core/connections.h \
	common/core/decision.c \
	common/core/event.c \
	common/core/event.h \
	common/core/facts.h \
	common/core/health.c \
	common/core/health.h \
	common/core/host_events.c \
	common/core/host_events.h \
	common/core/host_order.c \
	common/core/hosts.c \
	common/core/hosts.h \
	common/core/identity.c \
	common/core/identity.h \
	common/core/match.c \
	common/core/match.h \
	common/core/nearest.c \
	common/core/nearest.h \
	common/core/netaddr.c \
	common/core/netaddr.h \
	common/core/policy.c \
	common/core/policy.h \
	common/core/rate.c \
	common/core/rate.h \
	common/core/reason.c \
	common/core/reason.h \
	common/core/route.c \
	common/core/route.h \
	common/core/smtp.c \
	common/core/smtp.h \
	common/core/span.c \
	common/core/span.h \
	common/core/text.c \
	common/core/text.h \
	common/core/transport.c \
	common/core/transport.h \
	common/core/verdict.c \
	common/core/verdict.h \
	common/core/walltime.c \
	common/core/walltime.h \
	common/core/wire.c \
	common/core/wire.h
