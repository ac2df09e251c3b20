/*
 * A decision in the words of Postfix: of its policy protocol (access(5)), and
 * of its transport tables (transport(5)).
 */
#include "core/choose.h"

#include <stdio.h>
#include <string.h>

const char *
decision_connector(const struct decision *decision)
{
	switch (decision->built_in) {
	case BUILT_IN_DIRECT:
		return "direct";
	case BUILT_IN_POSTFIX:
		return "postfix";
	case BUILT_IN_NONE:
		break;
	}
	return decision->connector != NULL ? decision->connector->name : NULL;
}

/*
 * Next hops stand as they are configured: SASL and TLS settings hang on the
 * names (postconf(5), smtp_sasl_password_maps). All are of one transport.
 */
static void
list_text(const struct decision *decision, const struct config *config,
    const char *before, char *buf)
{
	size_t used = (size_t)snprintf(buf, ACTION_TEXT_MAX, "%s%.255s:",
	    before, decision->connector->transport);

	for (size_t i = 0; i < decision->nlist; i++) {
		const char *hop = config->hosts[decision->list[i]].nexthop;
		const char *comma = i == 0 ? "" : ", ";

		if (used + strlen(comma) + strlen(hop) >= ACTION_TEXT_MAX)
			break;
		used += (size_t)snprintf(buf + used, ACTION_TEXT_MAX - used,
		    "%s%s", comma, hop);
	}
}

/* By MX without a connector: a transport alone means the recipient's domain. */
static void
route_text(const struct decision *decision, const struct config *config,
    const char *before, char *buf)
{
	if (decision->connector == NULL)
		(void)snprintf(buf, ACTION_TEXT_MAX, "%ssmtp:", before);
	else
		list_text(decision, config, before, buf);
}

/* A line break in a configured text would end the answer early. */
static void
reject_text(const struct decision *decision, const char *before, char *buf)
{
	const struct reason_row *row = reason_row(decision->reason);
	const char *text = decision->kind == DECISION_REJECT
	    ? decision->route->reject : NULL;

	(void)snprintf(buf, ACTION_TEXT_MAX, "%s%s %.400s", before,
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
	char code[16];

	switch (decision->kind) {
	case DECISION_REJECT:
	case DECISION_REFUSE:
		(void)snprintf(code, sizeof(code), "%s ",
		    reason_row(decision->reason)->code);
		reject_text(decision, code, buf);
		return buf;
	case DECISION_FILTER:
		route_text(decision, config, "FILTER ", buf);
		return buf;
	case DECISION_QUEUE:
	case DECISION_DUNNO:
		break;
	}
	(void)snprintf(buf, ACTION_TEXT_MAX, "DUNNO");
	return buf;
}

const char *
decision_entry(const struct decision *decision, const struct config *config,
    char buf[ACTION_TEXT_MAX])
{
	switch (decision->kind) {
	case DECISION_REJECT:
		reject_text(decision, "error:", buf);
		return buf;
	case DECISION_FILTER:
		route_text(decision, config, "", buf);
		return buf;
	case DECISION_QUEUE:
	case DECISION_REFUSE: /* it was taken already */
		(void)snprintf(buf, ACTION_TEXT_MAX,
		    "retry:4.3.2 no smart host is available");
		return buf;
	case DECISION_DUNNO:
		break;
	}
	return NULL;
}
