# weir-policyd: all but main() is a library, so that tests can link it.
noinst_LIBRARIES += libweirpolicyd.a
libweirpolicyd_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(CARES_CFLAGS) \
	$(JANSSON_CFLAGS) $(OPENSSL_CFLAGS)
libweirpolicyd_a_SOURCES = \
	policyd/daemon.c \
	policyd/daemon.h \
	policyd/delivery.c \
	policyd/delivery.h \
	policyd/dns.c \
	policyd/dns.h \
	policyd/exchangers.c \
	policyd/exchangers.h \
	policyd/explain_order.c \
	policyd/explain_order.h \
	policyd/host_record.c \
	policyd/host_record.h \
	policyd/http_server.c \
	policyd/http_server.h \
	policyd/maillog_file.c \
	policyd/maillog_file.h \
	policyd/maillog_journal.h \
	policyd/mx_reply.c \
	policyd/mx_reply.h \
	policyd/names.c \
	policyd/names.h \
	policyd/own_failure.h \
	policyd/persist.c \
	policyd/persist.h \
	policyd/policy_server.c \
	policyd/policy_server.h \
	policyd/postconf.c \
	policyd/postconf.h \
	policyd/probe.h \
	policyd/probe_auth.c \
	policyd/probe_auth.h \
	policyd/probe_dialogue.c \
	policyd/probe_io.c \
	policyd/probe_kit.c \
	policyd/probe_kit.h \
	policyd/probe_order.c \
	policyd/probe_order.h \
	policyd/probe_target.c \
	policyd/probe_tls.c \
	policyd/probe_tls.h \
	policyd/prober.c \
	policyd/prober.h \
	policyd/reload.c \
	policyd/reload.h \
	policyd/reload_order.c \
	policyd/reload_order.h \
	policyd/resolver.c \
	policyd/resolver.h \
	policyd/rights.c \
	policyd/rights.h \
	policyd/service.c \
	policyd/service.h \
	policyd/show.c \
	policyd/show.h \
	policyd/show_connections.c \
	policyd/show_explain.c \
	policyd/show_explain.h \
	policyd/show_explain_choice.c \
	policyd/show_explain_limits.c \
	policyd/show_explain_route.c \
	policyd/show_explain_who.c \
	policyd/show_hosts.c \
	policyd/show_homes.c \
	policyd/show_limits.c \
	policyd/show_past.c \
	policyd/socketmap_server.c \
	policyd/socketmap_server.h \
	policyd/trials.c \
	policyd/trials.h \
	policyd/verbs.c \
	policyd/verbs_ctl.c \
	policyd/verbs_explain.c \
	policyd/verbs_limits.c \
	policyd/notes_milter.c \
	policyd/report.c \
	policyd/report.h \
	policyd/verbs_milter.c \
	policyd/web.c \
	policyd/web.h \
	policyd/web_history.c \
	policyd/web_json.c \
	policyd/web_metrics.c \
	policyd/web_metrics_hosts.c \
	policyd/web_metrics_process.c \
	policyd/web_near.c \
	policyd/web_parts.h \
	policyd/web_status.c
if HAVE_LIBSYSTEMD
libweirpolicyd_a_SOURCES += policyd/maillog_journal.c
else
libweirpolicyd_a_SOURCES += policyd/maillog_journal_none.c
endif
# The status page: its files as they are, within the program.
PAGE_FILES = \
	policyd/page/index.html \
	policyd/page/weir.css \
	policyd/page/weir.js \
	policyd/page/weir.svg
EXTRA_DIST += $(PAGE_FILES) policyd/page/embed
CLEANFILES += policyd/web_files.c
nodist_libweirpolicyd_a_SOURCES = policyd/web_files.c
policyd/web_files.c: $(PAGE_FILES) policyd/page/embed
	$(AM_V_GEN)$(MKDIR_P) policyd && \
	    sh $(srcdir)/policyd/page/embed $(srcdir)/policyd/page >$@.tmp && \
	    mv $@.tmp $@

POLICYD_LIBS = libweirpolicyd.a $(SYSTEMD_LIBS)

sbin_PROGRAMS += weir-policyd
weir_policyd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
weir_policyd_SOURCES = policyd/main.c
weir_policyd_LDADD = $(POLICYD_LIBS) $(WEIR_LIBS)
