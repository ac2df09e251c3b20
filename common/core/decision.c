/*
 * A decision in the words of Postfix's policy protocol (access(5)).
 */
#include "core/choose.h"

#include <stdio.h>
#include <string.h>

/*
 * Next hops stand as they are configured: SASL and TLS settings hang on the
 * names (postconf(5), smtp_sasl_password_maps). All are of one transport.
 */
static void
filter_text(const struct decision *decision, const struct config *config,
    char *buf)
{
	size_t used = (size_t)snprintf(buf, ACTION_TEXT_MAX, "FILTER %.255s:",
	    decision->connector->transport);

	for (size_t i = 0; i < decision->nlist; i++) {
		const char *hop = config->hosts[decision->list[i]].nexthop;
		const char *comma = i == 0 ? "" : ", ";

		if (used + strlen(comma) + strlen(hop) >= ACTION_TEXT_MAX)
			break;
		used += (size_t)snprintf(buf + used, ACTION_TEXT_MAX - used,
		    "%s%s", comma, hop);
	}
}

/* A line break in a configured text would end the answer early. */
static void
reject_text(const struct decision *decision, char *buf)
{
	const struct reason_row *row = reason_row(decision->reason);
	const char *text = decision->route->reject;

	(void)snprintf(buf, ACTION_TEXT_MAX, "%s %s %.400s", row->code,
	    row->enhanced, text != NULL && text[0] != '\0' ? text : row->text);
	for (char *p = buf; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7F)
			*p = ' ';
	}
}

const char *
decision_action(const struct decision *decision, const struct config *config,
    char buf[ACTION_TEXT_MAX])
{
	if (decision->kind == DECISION_REJECT)
		reject_text(decision, buf);
	else if (decision->kind == DECISION_DUNNO)
		(void)snprintf(buf, ACTION_TEXT_MAX, "DUNNO");
	else if (decision->connector == NULL)
		(void)snprintf(buf, ACTION_TEXT_MAX, "FILTER smtp:");
	else
		filter_text(decision, config, buf);
	return buf;
}
