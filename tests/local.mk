# Unit tests: one Check program a module.
AM_TESTS_ENVIRONMENT = top_srcdir='$(top_srcdir)'; export top_srcdir;
TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
TEST_LIBS = $(WEIR_LIBS) $(CHECK_LIBS)

UNIT_TESTS = \
	tests/unit/config_test \
	tests/unit/event_test \
	tests/unit/idn_test \
	tests/unit/listen_test \
	tests/unit/nearest_test \
	tests/unit/netaddr_test \
	tests/unit/policy_test \
	tests/unit/reason_test \
	tests/unit/span_test \
	tests/unit/supervise_test \
	tests/unit/text_test \
	tests/unit/transport_test

check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS) tests/purity
EXTRA_DIST += tests/purity tests/unit/check_main.h
LDADD = $(TEST_LIBS)
