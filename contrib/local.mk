EXTRA_DIST += \
	.ci/run \
	contrib/analyze \
	contrib/check \
	contrib/cppcheck.h \
	contrib/grafana/weir.json \
	contrib/packages \
	contrib/prometheus/weir.rules.test.yml \
	contrib/prometheus/weir.rules.yml \
	contrib/quickstart \
	contrib/quickstart.py \
	contrib/setup.sh

# Units, for the sockets' default paths; where systemd looks with --prefix=/usr,
# and with /usr/local.
systemdsystemunitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
UNITS = contrib/systemd/weir-milter.service contrib/systemd/weir-policyd.service
nodist_systemdsystemunit_DATA = $(UNITS)
dist_systemdsystemunit_DATA = \
	contrib/systemd/weir-milter.socket \
	contrib/systemd/weir-policy.socket \
	contrib/systemd/weir-state.socket
dist_sysusers_DATA = contrib/systemd/sysusers.d/weir.conf
dist_tmpfiles_DATA = contrib/systemd/tmpfiles.d/weir.conf
EXTRA_DIST += $(UNITS:=.in)
CLEANFILES += $(UNITS)
FILL_UNIT = $(AM_V_GEN)$(MKDIR_P) contrib/systemd && sed \
	-e 's|@sbindir[@]|$(sbindir)|' -e 's|@sysconfdir[@]|$(sysconfdir)|' \
	$(srcdir)/$@.in >$@
contrib/systemd/weir-milter.service: contrib/systemd/weir-milter.service.in Makefile
	$(FILL_UNIT)
contrib/systemd/weir-policyd.service: contrib/systemd/weir-policyd.service.in Makefile
	$(FILL_UNIT)

# Where weir.conf will be.
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(sysconfdir)/weir"
uninstall-local:
	-rmdir "$(DESTDIR)$(sysconfdir)/weir"

logrotatedir = $(sysconfdir)/logrotate.d
dist_logrotate_DATA = contrib/logrotate.d/weir
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = contrib/completion/bash/weirctl
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = contrib/completion/zsh/_weirctl
examplesdir = $(docdir)/examples
dist_examples_DATA = \
	contrib/examples/gateway-before-exchange.conf \
	contrib/examples/large-submission.conf \
	contrib/examples/large-submission.senders \
	contrib/examples/small-office.conf \
	contrib/examples/two-isps-with-standby.conf

# Static analysis; ANALYZE names some of the tools.
ANALYZE = shellcheck cppcheck gcc clang-tidy
analyze:
	@sh $(srcdir)/contrib/analyze $(ANALYZE) -- $(DEFS) $(DEFAULT_INCLUDES) \
	    $(AM_CPPFLAGS) $(CPPFLAGS) -I$(top_srcdir)/policyd -std=c11 -pthread \
	    $(CARES_CFLAGS) $(CONFIG_CFLAGS) $(EVENT_CFLAGS) \
	    $(HIREDIS_CFLAGS) $(IDN_CFLAGS) $(JANSSON_CFLAGS) \
	    $(OPENSSL_CFLAGS) $(SQLITE_CFLAGS) $(SYSTEMD_CFLAGS)
.PHONY: analyze
clean-local:
	rm -rf analyzed
