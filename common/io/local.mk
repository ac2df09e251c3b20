# Clocks, sockets, files, the state server and its client.
noinst_LIBRARIES += libweirio.a
libweirio_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(OPENSSL_CFLAGS) \
	$(CONFIG_CFLAGS) $(HIREDIS_CFLAGS) $(SQLITE_CFLAGS) $(JANSSON_CFLAGS) \
	$(IDN_CFLAGS)
libweirio_a_SOURCES = \
	common/io/acceptor.c \
	common/io/acceptor.h \
	common/io/become.c \
	common/io/become.h \
	common/io/child.c \
	common/io/child.h \
	common/io/clock.c \
	common/io/clock.h \
	common/io/complaints.c \
	common/io/complaints.h \
	common/io/config_check.c \
	common/io/config_check_home.c \
	common/io/config_check_listeners.c \
	common/io/config_check_none.c \
	common/io/config_check_sockets.c \
	common/io/config_check_throttle.c \
	common/io/config_file.c \
	common/io/config_file.h \
	common/io/config_given.c \
	common/io/config_load.h \
	common/io/config_names.c \
	common/io/config_nexthop.c \
	common/io/config_probe.c \
	common/io/config_report.c \
	common/io/config_schema.c \
	common/io/config_settings.c \
	common/io/config_source.c \
	common/io/config_text.c \
	common/io/config_tree.h \
	common/io/config_type.c \
	common/io/config_values.c \
	common/io/config_walk.c \
	common/io/credential.c \
	common/io/credential.h \
	common/io/deadline.c \
	common/io/deadline.h \
	common/io/from_check.c \
	common/io/from_check.h \
	common/io/home_check.c \
	common/io/home_check.h \
	common/io/idn.c \
	common/io/idn.h \
	common/io/listen.c \
	common/io/listen.h \
	common/io/log.c \
	common/io/log.h \
	common/io/log_target.c \
	common/io/log_target.h \
	common/io/login.c \
	common/io/login.h \
	common/io/loop.c \
	common/io/loop.h \
	common/io/memory.c \
	common/io/memory.h \
	common/io/notice_json.c \
	common/io/notice_json.h \
	common/io/owner_file.c \
	common/io/owner_file.h \
	common/io/owner_map.c \
	common/io/owner_map.h \
	common/io/owner_rows.c \
	common/io/owner_rows.h \
	common/io/program.c \
	common/io/program.h \
	common/io/ready.c \
	common/io/ready.h \
	common/io/resp.c \
	common/io/resp.h \
	common/io/resp_out.c \
	common/io/sender.c \
	common/io/sender.h \
	common/io/socketmap_client.c \
	common/io/socketmap_client.h \
	common/io/standard.c \
	common/io/standard.h \
	common/io/state_client.c \
	common/io/state_client.h \
	common/io/state_peer.c \
	common/io/state_peer.h \
	common/io/state_pipe.c \
	common/io/state_pipe.h \
	common/io/state_roles.c \
	common/io/state_roles.h \
	common/io/state_server.c \
	common/io/state_server.h \
	common/io/store.c \
	common/io/store.h \
	common/io/store_aside.c \
	common/io/store_aside.h \
	common/io/store_file.c \
	common/io/store_file.h \
	common/io/store_queue.c \
	common/io/store_queue.h \
	common/io/supervise.c \
	common/io/supervise.h \
	common/io/table_spec.c \
	common/io/table_spec.h \
	common/io/tables.c \
	common/io/tables.h \
	common/io/tables_inside.h \
	common/io/tables_watch.c \
	common/io/text_json.c \
	common/io/text_json.h \
	common/io/users.c \
	common/io/users.h

# What a program links after its own objects.
WEIR_LIBS = libweirio.a libweircore.a $(CONFIG_LIBS) $(HIREDIS_LIBS) \
	$(SQLITE_LIBS) $(JANSSON_LIBS) $(IDN_LIBS) $(EVENT_LIBS) \
	$(OPENSSL_LIBS) $(CARES_LIBS)
