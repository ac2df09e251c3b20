# Unit tests: one Check program a module.
# Check's own 4 s for a test are few on a machine that does other things too.
AM_TESTS_ENVIRONMENT = top_srcdir='$(top_srcdir)'; export top_srcdir; \
	CK_DEFAULT_TIMEOUT=60; export CK_DEFAULT_TIMEOUT;
TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
TEST_LIBS = $(WEIR_LIBS) $(CHECK_LIBS)

UNIT_TESTS = \
	tests/unit/args_test \
	tests/unit/balance_test \
	tests/unit/choose_test \
	tests/unit/config_file_test \
	tests/unit/config_test \
	tests/unit/connections_test \
	tests/unit/counts_claims_test \
	tests/unit/crc32_test \
	tests/unit/delivery_test \
	tests/unit/denials_test \
	tests/unit/doctor_test \
	tests/unit/event_test \
	tests/unit/exchangers_test \
	tests/unit/field_test \
	tests/unit/filter_test \
	tests/unit/flow_test \
	tests/unit/from_check_test \
	tests/unit/from_test \
	tests/unit/gate_test \
	tests/unit/grid_test \
	tests/unit/handover_test \
	tests/unit/headers_test \
	tests/unit/health_story_test \
	tests/unit/health_test \
	tests/unit/history_test \
	tests/unit/host_record_test \
	tests/unit/hosts_test \
	tests/unit/http_server_test \
	tests/unit/http_test \
	tests/unit/identities_test \
	tests/unit/identity_test \
	tests/unit/idn_test \
	tests/unit/limit_scope_test \
	tests/unit/limit_test \
	tests/unit/limit_what_test \
	tests/unit/list_test \
	tests/unit/listen_test \
	tests/unit/leases_test \
	tests/unit/lmdb_test \
	tests/unit/log_test \
	tests/unit/login_test \
	tests/unit/loop_test \
	tests/unit/mail_path_test \
	tests/unit/maillog_file_test \
	tests/unit/maillog_test \
	tests/unit/manual_examples_test \
	tests/unit/manual_test \
	tests/unit/match_test \
	tests/unit/memory_test \
	tests/unit/message_rate_test \
	tests/unit/model_test \
	tests/unit/nearest_test \
	tests/unit/netaddr_test \
	tests/unit/networks_test \
	tests/unit/openmetrics_test \
	tests/unit/offences_test \
	tests/unit/past_test \
	tests/unit/owner_file_test \
	tests/unit/owner_map_test \
	tests/unit/owner_rows_test \
	tests/unit/owner_text_test \
	tests/unit/owners_test \
	tests/unit/no_allocation_test \
	tests/unit/policy_test \
	tests/unit/postfix_plan_test \
	tests/unit/prober_test \
	tests/unit/prober_tls_test \
	tests/unit/rate_test \
	tests/unit/readahead_test \
	tests/unit/ready_test \
	tests/unit/reason_test \
	tests/unit/refusals_test \
	tests/unit/reload_test \
	tests/unit/resolver_test \
	tests/unit/resp_test \
	tests/unit/route_index_test \
	tests/unit/route_test \
	tests/unit/service_test \
	tests/unit/session_test \
	tests/unit/slots_test \
	tests/unit/smtp_test \
	tests/unit/socketmap_test \
	tests/unit/span_test \
	tests/unit/spread_test \
	tests/unit/state_client_test \
	tests/unit/state_server_test \
	tests/unit/store_test \
	tests/unit/supervise_test \
	tests/unit/suspects_test \
	tests/unit/table_spec_test \
	tests/unit/table_test \
	tests/unit/tables_test \
	tests/unit/text_test \
	tests/unit/transport_test \
	tests/unit/undo_test \
	tests/unit/unrouted_test \
	tests/unit/utf8_test \
	tests/unit/verdict_test \
	tests/unit/walk_test \
	tests/unit/walltime_test \
	tests/unit/wire_test

tests_unit_args_test_SOURCES = tests/unit/args_test.c ctl/args.c
tests_unit_field_test_SOURCES = tests/unit/field_test.c ctl/field.c
tests_unit_filter_test_SOURCES = tests/unit/filter_test.c ctl/filter.c
tests_unit_grid_test_SOURCES = tests/unit/grid_test.c ctl/grid.c
tests_unit_identities_test_SOURCES = tests/unit/identities_test.c \
	milter/checks.c milter/headers.c
tests_unit_handover_test_LDADD = libweirmilter.a $(LDADD)
tests_unit_headers_test_SOURCES = tests/unit/headers_test.c milter/headers.c
tests_unit_readahead_test_SOURCES = tests/unit/readahead_test.c \
	milter/readahead.c
tests_unit_list_test_SOURCES = tests/unit/list_test.c ctl/list.c
MANUAL_PAGE = tests/unit/manual_page.c tests/unit/manual_page.h
tests_unit_manual_test_SOURCES = tests/unit/manual_test.c $(MANUAL_PAGE)
tests_unit_manual_examples_test_SOURCES = tests/unit/manual_examples_test.c \
	$(MANUAL_PAGE)
EXTRA_DIST += tests/ctl/postfix_config.py tests/ctl/test_completion.py \
	tests/ctl/test_doctor.py tests/ctl/test_install.py \
	tests/ctl/test_ready.py tests/ctl/test_start.py \
	tests/ctl/test_postfix.py
POSTFIX_TEXT = tests/unit/postfix_text.c tests/unit/postfix_text.h \
	ctl/arena_text.c ctl/endpoint.c ctl/list.c ctl/plan_milter.c \
	ctl/plan_route.c ctl/plan_socketmap.c ctl/postconf.c \
	ctl/postfix_plan.c ctl/postfix_service.c
tests_unit_doctor_test_SOURCES = tests/unit/doctor_test.c ctl/doctor.h \
	ctl/doctor_log.c ctl/doctor_look.c ctl/doctor_site.c \
	ctl/doctor_milter.c ctl/doctor_policy.c \
	ctl/doctor_way.c $(POSTFIX_TEXT)
tests_unit_undo_test_SOURCES = tests/unit/undo_test.c ctl/content.h \
	ctl/bytes.c ctl/undo.c $(POSTFIX_TEXT)
tests_unit_postfix_plan_test_SOURCES = tests/unit/postfix_plan_test.c \
	$(POSTFIX_TEXT)

if HAVE_LIBSYSTEMD
UNIT_TESTS += tests/unit/maillog_journal_test
endif

check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS) tests/documented tests/man tests/purity tests/seeds tests/weirctl
EXTRA_DIST += tests/documented tests/man tests/no_seed tests/purity tests/seeds tests/weirctl \
	tests/browser/conftest.py tests/browser/driver.py \
	tests/browser/test_page.py \
	tests/ctl/conftest.py tests/ctl/smtp_tls.py tests/ctl/test_busy.py \
	tests/ctl/test_http.py tests/ctl/test_metrics.py \
	tests/ctl/web_client.py \
	tests/ctl/test_config.py tests/ctl/test_log.py tests/ctl/test_probe.py \
	tests/ctl/test_watch.py tests/ctl/test_map.py tests/ctl/test_past.py tests/ctl/test_reload.py \
	tests/ctl/test_routing.py tests/ctl/test_state.py tests/ctl/test_usage.py \
	tests/unit/check_main.h \
	tests/unit/libconfig_leak.h tests/unit/site.h tests/valgrind.supp
EXTRA_DIST += tests/data/identities.txt tests/data/maillog-samples.txt \
	tests/data/postmap.lmdb tests/data/requirements.txt
INTEGRATION_FILES = \
	tests/integration/conftest.py \
	tests/integration/harness/__init__.py \
	tests/integration/harness/activate.py \
	tests/integration/harness/asker.py \
	tests/integration/harness/certificates.py \
	tests/integration/harness/client.py \
	tests/integration/harness/connections.py \
	tests/integration/harness/deaths.py \
	tests/integration/harness/dovecot.py \
	tests/integration/harness/fixtures.py \
	tests/integration/harness/haproxy.py \
	tests/integration/harness/ledger.py \
	tests/integration/harness/lines.py \
	tests/integration/harness/machine.py \
	tests/integration/harness/nameserver.py \
	tests/integration/harness/newcomer.py \
	tests/integration/harness/place.py \
	tests/integration/harness/postfix.py \
	tests/integration/harness/process.py \
	tests/integration/harness/site.py \
	tests/integration/harness/smarthost.py \
	tests/integration/harness/stock.py \
	tests/integration/harness/template.py \
	tests/integration/harness/weir.py \
	tests/integration/harness/templates/dovecot.conf \
	tests/integration/harness/templates/haproxy.cfg \
	tests/integration/harness/templates/haproxy.listen \
	tests/integration/harness/templates/main.cf \
	tests/integration/harness/templates/master.cf \
	tests/integration/harness/templates/weir.conf \
	tests/integration/test_config.py \
	tests/integration/test_dead_hosts.py \
	tests/integration/test_faults.py \
	tests/integration/test_health.py \
	tests/integration/test_homes.py \
	tests/integration/test_identities.py \
	tests/integration/test_identity.py \
	tests/integration/test_limits.py \
	tests/integration/test_listeners.py \
	tests/integration/test_mail.py \
	tests/integration/test_map.py \
	tests/integration/test_name_gone.py \
	tests/integration/test_plain.py \
	tests/integration/test_postfix.py \
	tests/integration/test_probe.py \
	tests/integration/test_readme.py \
	tests/integration/test_reload.py \
	tests/integration/test_requeue.py \
	tests/integration/test_routes.py \
	tests/integration/test_sockets.py \
	tests/integration/test_state_away.py \
	tests/integration/test_tables.py \
	tests/integration/test_unrouted.py \
	tests/integration/test_whose_message.py
EXTRA_DIST += $(INTEGRATION_FILES)
# What breaks while mail flows, and the table of what that costs. Not part of
# check: some minutes each, and Postfix asks for root.
FAULTS = \
	tests/faults/conftest.py \
	tests/faults/disk.py \
	tests/faults/fault.py \
	tests/faults/spray.py \
	tests/faults/table.py \
	tests/faults/test_clients.py \
	tests/faults/test_clock.py \
	tests/faults/test_disk.py \
	tests/faults/test_dns.py \
	tests/faults/test_garbage.py \
	tests/faults/test_hosts.py \
	tests/faults/test_logs.py \
	tests/faults/test_processes.py
EXTRA_DIST += $(FAULTS)
check-faults: all
	PYTHONDONTWRITEBYTECODE=1 WEIR_BUILD='$(abs_top_builddir)' \
	    /usr/bin/python3 -m pytest -p no:cacheprovider -v \
	    $(srcdir)/tests/faults
.PHONY: check-faults
# Everything at once for half an hour: memory and descriptors stay flat.
SOAK = \
	tests/soak/flat.py \
	tests/soak/soak.py \
	tests/soak/traffic.py \
	tests/soak/trouble.py \
	tests/soak/watch.py
EXTRA_DIST += $(SOAK)
CLEANFILES += soak.csv
soak: all
	PYTHONDONTWRITEBYTECODE=1 WEIR_BUILD='$(abs_top_builddir)' \
	    /usr/bin/python3 $(srcdir)/tests/soak/soak.py
.PHONY: soak
# throttles
EXTRA_DIST += tests/ctl/test_limits.py tests/integration/test_throttles.py \
	tests/integration/harness/store.py tests/milter/bytes.lua \
	tests/milter/key_variants.lua tests/milter/key_variants_client.lua
LDADD = $(TEST_LIBS) $(REPLAY)

tests_unit_state_client_test_SOURCES = tests/unit/state_client_test.c \
	tests/unit/state_fixture.c tests/unit/state_fixture.h
tests_unit_no_allocation_test_LDFLAGS = -Wl,--wrap=malloc \
	-Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=reallocarray \
	-Wl,--wrap=strdup
POLICYD_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/policyd
tests_unit_delivery_test_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_unit_delivery_test_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_unit_exchangers_test_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_unit_exchangers_test_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_unit_host_record_test_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_unit_host_record_test_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_unit_http_server_test_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_unit_http_server_test_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_unit_maillog_file_test_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_unit_maillog_file_test_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_unit_maillog_journal_test_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_unit_maillog_journal_test_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_unit_service_test_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_unit_service_test_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_unit_prober_test_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_unit_prober_test_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_unit_prober_tls_test_SOURCES = tests/unit/prober_tls_test.c \
	tests/unit/certificates.c tests/unit/certificates.h
tests_unit_prober_tls_test_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_unit_prober_tls_test_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_unit_reload_test_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_unit_reload_test_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_unit_resolver_test_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_unit_resolver_test_LDADD = $(POLICYD_LIBS) $(LDADD)

tests_unit_state_server_test_SOURCES = tests/unit/state_server_test.c \
	tests/unit/state_fixture.c tests/unit/state_fixture.h

# Fuzzers: one file each with LLVMFuzzerTestOneInput, and its seeds and past
# crashes in tests/fuzz/corpus/NAME. Configured with --enable-fuzzers (and
# --enable-sanitizers, CC=clang) they fuzz; else each is an ordinary test that
# replays its corpus.
FUZZ_TARGETS = \
	tests/fuzz/fuzz_config \
	tests/fuzz/fuzz_counter \
	tests/fuzz/fuzz_from \
	tests/fuzz/fuzz_health \
	tests/fuzz/fuzz_host_record \
	tests/fuzz/fuzz_http \
	tests/fuzz/fuzz_lmdb \
	tests/fuzz/fuzz_mail_path \
	tests/fuzz/fuzz_maillog \
	tests/fuzz/fuzz_mx \
	tests/fuzz/fuzz_owner_text \
	tests/fuzz/fuzz_persist \
	tests/fuzz/fuzz_policy \
	tests/fuzz/fuzz_probe \
	tests/fuzz/fuzz_resp \
	tests/fuzz/fuzz_socketmap \
	tests/fuzz/fuzz_socketmap_answer \
	tests/fuzz/fuzz_verbs \
	tests/fuzz/fuzz_wire

tests_fuzz_fuzz_health_SOURCES = tests/fuzz/fuzz_health.c \
	tests/fuzz/health_story.c tests/fuzz/health_story.h
tests_fuzz_fuzz_host_record_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_fuzz_fuzz_host_record_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_fuzz_fuzz_mx_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_fuzz_fuzz_mx_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_fuzz_fuzz_persist_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_fuzz_fuzz_persist_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_fuzz_fuzz_probe_SOURCES = tests/fuzz/fuzz_probe.c \
	tests/unit/certificates.c tests/unit/certificates.h
tests_fuzz_fuzz_probe_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_fuzz_fuzz_probe_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_fuzz_fuzz_probe_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=socket \
	-Wl,--wrap=connect
tests_fuzz_fuzz_verbs_CPPFLAGS = $(POLICYD_CPPFLAGS)
tests_fuzz_fuzz_verbs_LDADD = $(POLICYD_LIBS) $(LDADD)
tests_unit_health_story_test_SOURCES = tests/unit/health_story_test.c \
	tests/fuzz/health_story.c tests/fuzz/health_story.h

EXTRA_DIST += tests/fuzz/corpus tests/fuzz/fuzz.h
if FUZZERS
noinst_PROGRAMS += $(FUZZ_TARGETS)
$(FUZZ_TARGETS): AM_LDFLAGS += $(FUZZ_LDFLAGS)
else
check_PROGRAMS += $(FUZZ_TARGETS)
TESTS += $(FUZZ_TARGETS)
# Brings main() to programs that have none.
check_LIBRARIES = libreplay.a
libreplay_a_SOURCES = tests/fuzz/replay.c
REPLAY = libreplay.a
endif

# make fuzz: each for so long, in turn, in a build that is configured for it;
# what it found is kept in fuzz/NAME, what failed in fuzz/NAME-crash-*. make
# fuzz-merge: what reaches more code than the corpus joins it.
FUZZ_SECONDS = 900
FUZZ_FLAGS = -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
FUZZ_NAMES = $(FUZZ_TARGETS:tests/fuzz/%=%)
FUZZ_CORPUS = $(srcdir)/tests/fuzz/corpus
fuzz: $(FUZZ_TARGETS)
	@for f in $(FUZZ_NAMES); do \
	    echo "$$f: $(FUZZ_SECONDS) s"; $(MKDIR_P) fuzz/$$f && \
	    tests/fuzz/$$f -max_total_time=$(FUZZ_SECONDS) $(FUZZ_FLAGS) \
	    -artifact_prefix=fuzz/$$f- fuzz/$$f $(FUZZ_CORPUS)/$$f \
	    >fuzz/$$f.log 2>&1 || { tail fuzz/$$f.log; exit 1; }; done
fuzz-merge: $(FUZZ_TARGETS)
	@for f in $(FUZZ_NAMES); do $(MKDIR_P) fuzz/$$f && tests/fuzz/$$f \
	    -merge=1 $(FUZZ_CORPUS)/$$f fuzz/$$f || exit 1; done
.PHONY: fuzz fuzz-merge

# A leak fails: each test runs in a process of its own, whose exit status
# valgrind changes.
check-valgrind: $(UNIT_TESTS)
	CK_FORK=no CK_TIMEOUT_MULTIPLIER=10 $(MAKE) $(AM_MAKEFLAGS) check \
	    TESTS='$(UNIT_TESTS)' LOG_COMPILER='valgrind -q --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=3 --suppressions=$(top_srcdir)/tests/valgrind.supp'
.PHONY: check-valgrind

# Stories on a virtual clock; each file says what it is about.
SCENARIOS = \
	tests/scenario/affinity.txt \
	tests/scenario/all_sick.txt \
	tests/scenario/dies_in_mid_message.txt \
	tests/scenario/drain.txt \
	tests/scenario/fall_rise.txt \
	tests/scenario/flapping.txt \
	tests/scenario/heartbeat_heals.txt \
	tests/scenario/homes.txt \
	tests/scenario/homes_off.txt \
	tests/scenario/homes_one_host.txt \
	tests/scenario/hosts_64.txt \
	tests/scenario/ladder_edge.txt \
	tests/scenario/ladder_hub.txt \
	tests/scenario/least_used.txt \
	tests/scenario/log_lags.txt \
	tests/scenario/max_ejection.txt \
	tests/scenario/max_ejection_0.txt \
	tests/scenario/max_rate.txt \
	tests/scenario/max_rate_try.txt \
	tests/scenario/minimum_share.txt \
	tests/scenario/minimum_share_0.txt \
	tests/scenario/none_direct.txt \
	tests/scenario/none_other.txt \
	tests/scenario/none_other_equal.txt \
	tests/scenario/none_other_three.txt \
	tests/scenario/none_other_trial.txt \
	tests/scenario/none_postfix.txt \
	tests/scenario/none_queue.txt \
	tests/scenario/none_refuse.txt \
	tests/scenario/one_attempt.txt \
	tests/scenario/one_host.txt \
	tests/scenario/slow_start.txt \
	tests/scenario/slow_start_alone.txt \
	tests/scenario/soft_failures.txt \
	tests/scenario/stage_auth.txt \
	tests/scenario/stage_auth_probed.txt \
	tests/scenario/stage_auth_starttls.txt \
	tests/scenario/standby.txt \
	tests/scenario/three_to_two.txt \
	tests/scenario/tls_by_mail.txt \
	tests/scenario/tls_by_probe.txt
tests_scenario_runner_SOURCES = tests/scenario/runner.c \
	tests/scenario/scene.c tests/scenario/story.h \
	tests/scenario/world.c tests/scenario/world.h
tests_scenario_runner_LDADD = $(TEST_LIBS)
check_PROGRAMS += tests/scenario/runner
TESTS += tests/scenario/runner
EXTRA_DIST += $(SCENARIOS)

# Figures, not verdicts: make bench, on a quiet machine.
BENCHES = \
	tests/bench/bench_choose \
	tests/bench/limit_bench \
	tests/bench/owners_bench \
	tests/bench/state_bench
BENCH_TOOLS = \
	tests/bench/load_mail \
	tests/bench/load_map \
	tests/bench/load_milter \
	tests/bench/load_policy \
	tests/bench/null_milter \
	tests/bench/null_server
LOAD_KIT = tests/bench/load_kit.c tests/bench/load_kit.h
tests_bench_load_mail_SOURCES = tests/bench/load_mail.c $(LOAD_KIT)
tests_bench_load_map_SOURCES = tests/bench/load_map.c $(LOAD_KIT)
tests_bench_load_milter_SOURCES = tests/bench/load_milter.c $(LOAD_KIT)
tests_bench_load_policy_SOURCES = tests/bench/load_policy.c $(LOAD_KIT)
tests_bench_null_milter_LDADD = $(MILTER_LIBS)
EXTRA_PROGRAMS = $(BENCHES) $(BENCH_TOOLS)
CLEANFILES += $(BENCHES) $(BENCH_TOOLS)
BENCHES_PY = tests/bench/daemons.py tests/bench/mail.py
EXTRA_DIST += tests/bench/kit.py $(BENCHES_PY)
bench: $(BENCHES) $(BENCH_TOOLS) weir-policyd weir-milter
	@for bench in $(BENCHES); do \
	    echo "$$bench:"; $$bench || exit 1; done
	@for bench in $(BENCHES_PY); do \
	    echo "$$bench:"; $(abs_top_srcdir)/$$bench || exit 1; done
.PHONY: bench

# weir-milter itself: miltertest scripts and a server of our own (pytest).
TEST_EXTENSIONS = .py
PY_LOG_COMPILER = $(srcdir)/tests/milter/run
MILTER_TESTS = \
	tests/milter/test_marks.py \
	tests/milter/test_replies.py \
	tests/milter/test_scripts.py \
	tests/milter/test_sessions.py \
	tests/milter/test_walk.py
TESTS += $(MILTER_TESTS)
EXTRA_DIST += $(MILTER_TESTS) tests/milter/run tests/milter/conftest.py \
	tests/milter/daemon.py tests/milter/mta.py tests/milter/state.py \
	tests/milter/lib.lua tests/milter/tsan.supp $(MILTER_LUA)
MILTER_LUA = \
	tests/milter/away_accept.lua \
	tests/milter/away_at_end.lua \
	tests/milter/away_local.lua \
	tests/milter/away_local_recipients.lua \
	tests/milter/away_tempfail.lua \
	tests/milter/envelope_ignore.lua \
	tests/milter/envelope_not_owned.lua \
	tests/milter/envelope_observe.lua \
	tests/milter/forged_headers.lua \
	tests/milter/from_domains.lua \
	tests/milter/from_folded.lua \
	tests/milter/from_hidden.lua \
	tests/milter/from_ignore.lua \
	tests/milter/from_missing.lua \
	tests/milter/from_not_owned.lua \
	tests/milter/from_observe.lua \
	tests/milter/from_owned.lua \
	tests/milter/from_several.lua \
	tests/milter/from_several_mailboxes.lua \
	tests/milter/give_back.lua \
	tests/milter/login_before_network.lua \
	tests/milter/login_by_network.lua \
	tests/milter/login_empty.lua \
	tests/milter/login_none.lua \
	tests/milter/next_message.lua \
	tests/milter/not_negotiated.lua \
	tests/milter/null_sender_accept.lua \
	tests/milter/null_sender_reject.lua \
	tests/milter/rcpt_limit.lua \
	tests/milter/rset.lua \
	tests/milter/too_many_headers.lua \
	tests/milter/unrouted.lua

# The thread sanitizer over what has threads, and both daemons under load; in a
# build configured with --enable-thread-sanitizer.
THREADED_TESTS = \
	tests/unit/identities_test \
	tests/unit/listen_test \
	tests/unit/log_test \
	tests/unit/owner_map_test \
	tests/unit/prober_test \
	tests/unit/prober_tls_test \
	tests/unit/reload_test \
	tests/unit/resolver_test \
	tests/unit/state_client_test \
	tests/unit/state_server_test \
	tests/unit/store_test \
	tests/unit/tables_test
EXTRA_DIST += tests/threads/test_load.py
check-threads: all tests/bench/load_map tests/bench/load_milter \
    tests/bench/load_policy
	@case '$(WEIR_CFLAGS)' in *-fsanitize=thread*) ;; *) \
	    echo 'configure with --enable-thread-sanitizer first'; exit 1 ;; \
	esac
	$(MAKE) $(AM_MAKEFLAGS) check \
	    TESTS='$(THREADED_TESTS) $(MILTER_TESTS) tests/threads/test_load.py'
.PHONY: check-threads
