/*
 * One run of postconf with a bound on its time. -x expands what refers to
 * other settings, -h leaves the names out: a line for each name, in order.
 */
#include "postconf.h"

#include "core/text.h"
#include "io/child.h"
#include "io/clock.h"

#include <stdio.h>
#include <string.h>

#define PATIENCE span_s(5)

enum { TRANSPORT, RELAYHOST, MYHOSTNAME, ASKED };

struct answers {
	char lines[ASKED][POSTCONF_VALUE_MAX]; /* in the order they are asked */
	size_t count;
};

/* One that is too long is none, and then there are too few. */
static void
line_cb(void *ctx, const char *line)
{
	struct answers *answers = ctx;

	if (answers->count < ASKED && text_copy(answers->lines[answers->count],
	    POSTCONF_VALUE_MAX, line) == 0)
		answers->count++;
}

static bool
ask(struct answers *answers)
{
	static const char *const argv[] = { "postconf", "-xh",
		"default_transport", "relayhost", "myhostname", NULL };

	answers->count = 0;
	return child_run(argv, 1, mono_add(clock_now().mono, PATIENCE), line_cb,
	    answers) == 0 && answers->count == ASKED;
}

static int
take_transport(const struct answers *answers,
    struct postfix_settings *settings)
{
	const char *transport = answers->lines[TRANSPORT];
	const char *relayhost = answers->lines[RELAYHOST];
	char shown[POSTCONF_VALUE_MAX], relay_shown[POSTCONF_VALUE_MAX];

	if (transport_parse(transport, relayhost,
	    &settings->default_transport) != 0)
		return -1;
	text_escape(shown, sizeof(shown), transport, strlen(transport));
	text_escape(relay_shown, sizeof(relay_shown), relayhost,
	    strlen(relayhost));
	(void)snprintf(settings->said, sizeof(settings->said),
	    "Postfix says default_transport=%s relayhost=%s: a message is "
	    "routed when each recipient is for %s:%s", shown, relay_shown,
	    settings->default_transport.mailer,
	    settings->default_transport.host);
	return 0;
}

void
postfix_ask(const char *given, struct postfix_settings *settings_r)
{
	struct answers answers;
	bool asked = ask(&answers);

	memset(settings_r, 0, sizeof(*settings_r));
	if (asked)
		(void)text_copy(settings_r->myhostname,
		    sizeof(settings_r->myhostname), answers.lines[MYHOSTNAME]);
	if (strcmp(given, "auto") != 0 && transport_parse(given, "",
	    &settings_r->default_transport) == 0) {
		(void)snprintf(settings_r->said, sizeof(settings_r->said),
		    "policy.default_transport is given: a message is routed "
		    "when each recipient is for %s:%s",
		    settings_r->default_transport.mailer,
		    settings_r->default_transport.host);
		return;
	}
	if (asked && take_transport(&answers, settings_r) == 0)
		return;
	(void)transport_parse("smtp", "", &settings_r->default_transport);
	settings_r->warning = true;
	(void)snprintf(settings_r->said, sizeof(settings_r->said),
	    "postconf does not tell the default transport; \"smtp\" is taken "
	    "for it, set policy.default_transport when that is wrong");
}
