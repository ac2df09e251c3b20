# weirctl: one file a group of commands.
bin_PROGRAMS += weirctl
weirctl_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CONFIG_CFLAGS)
weirctl_LDADD = $(WEIR_LIBS)
weirctl_SOURCES = \
	ctl/args.c \
	ctl/args.h \
	ctl/ask.c \
	ctl/commands.c \
	ctl/config.c \
	ctl/config_show.c \
	ctl/content.c \
	ctl/content.h \
	ctl/ctl.h \
	ctl/doctor.c \
	ctl/doctor.h \
	ctl/doctor_facts.c \
	ctl/doctor_look.c \
	ctl/doctor_milter.c \
	ctl/doctor_log.c \
	ctl/doctor_site.c \
	ctl/doctor_policy.c \
	ctl/doctor_way.c \
	ctl/endpoint.c \
	ctl/endpoint.h \
	ctl/events.c \
	ctl/explain.c \
	ctl/explain.h \
	ctl/explain_limits.c \
	ctl/explain_past.c \
	ctl/explain_way.c \
	ctl/field.c \
	ctl/field.h \
	ctl/filter.c \
	ctl/filter.h \
	ctl/follow.c \
	ctl/grid.c \
	ctl/grid.h \
	ctl/hosts.c \
	ctl/limits.c \
	ctl/list.c \
	ctl/list.h \
	ctl/main.c \
	ctl/orders.c \
	ctl/reload.c \
	ctl/plan_milter.c \
	ctl/plan_parts.h \
	ctl/plan_route.c \
	ctl/plan_socketmap.c \
	ctl/postconf.c \
	ctl/postconf.h \
	ctl/postfix.c \
	ctl/postfix_plan.c \
	ctl/postfix_plan.h \
	ctl/postfix_run.h \
	ctl/postfix_service.c \
	ctl/postfix_tell.c \
	ctl/requeue.c \
	ctl/requeue.h \
	ctl/probe.c \
	ctl/skew.c \
	ctl/status.c \
	ctl/tree.c \
	ctl/tree.h \
	ctl/undo.c \
	ctl/undo.h
