/*
 * What smtpd(8) is told of weir-policyd: to ask it first, at DATA, and to go on
 * when it is away.
 */
#include "doctor.h"

#include <string.h>

/* Whose restrictions at DATA those of a service are. */
static const char *
where(const struct look *look, const struct postfix_service *service)
{
	return postfix_given(look->postfix, service, DATA_RESTRICTIONS) !=
	    NULL ? service->id : MAIN_CF;
}

static void
policy_missing_of(const struct look *look,
    const struct postfix_service *service)
{
	struct list_place place;

	if (look->config->policy.pin != PIN_NEVER &&
	    !look_policy(look, service, DATA_RESTRICTIONS, &place))
		found(look, where(look, service), NULL);
}

/* With pin = never it still refuses what a route rejects. */
static void
policy_unasked_of(const struct look *look,
    const struct postfix_service *service)
{
	struct list_place place;

	if (look->config->policy.pin == PIN_NEVER &&
	    !look_policy(look, service, DATA_RESTRICTIONS, &place))
		found(look, where(look, service), NULL);
}

static bool
begins(const struct list_item *item, const char *head)
{
	size_t len = strlen(head);

	return item->len >= len && strncmp(item->text, head, len) == 0;
}

static bool
is(const struct list_item *item, const char *word)
{
	return item->len == strlen(word) && begins(item, word);
}

/* Behind this the rest of a list may not be looked at, though mail passes. */
static bool
may_end_list(const struct list_item *item)
{
	return begins(item, "permit") || begins(item, "check_") ||
	    is(item, "reject") || is(item, "defer");
}

/* The first such restriction before ours; "" when there is none. */
static const char *
ender_before_policy(const struct look *look,
    const struct postfix_service *service)
{
	const char *list =
	    postfix_value(look->postfix, service, DATA_RESTRICTIONS);
	const char *rest = list;
	struct list_place place;
	struct list_item item;

	if (!look_policy(look, service, DATA_RESTRICTIONS, &place))
		return "";
	while (list_next(&rest, &item) &&
	    (size_t)(item.text - list) < place.begin) {
		if (may_end_list(&item))
			return look_item(look, &item);
	}
	return "";
}

static void
policy_order_of(const struct look *look, const struct postfix_service *service)
{
	const char *before = ender_before_policy(look, service);

	if (before[0] != '\0')
		found(look, where(look, service), before);
}

static void
policy_second_of(const struct look *look,
    const struct postfix_service *service)
{
	struct list_place place;

	if (look_policy(look, service, DATA_RESTRICTIONS, &place) &&
	    place.before != 0 &&
	    ender_before_policy(look, service)[0] == '\0')
		found(look, where(look, service), NULL);
}

static void
policy_elsewhere_of(const struct look *look,
    const struct postfix_service *service)
{
	static const char *const lists[] = { "smtpd_client_restrictions",
		"smtpd_helo_restrictions", "smtpd_sender_restrictions",
		"smtpd_relay_restrictions", "smtpd_recipient_restrictions",
		"smtpd_etrn_restrictions", "smtpd_end_of_data_restrictions" };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct list_place place;

		if (look_policy(look, service, lists[i], &place))
			found(look, lists[i], service->id);
	}
}

static void
policy_default_of(const struct look *look,
    const struct postfix_service *service)
{
	struct list_place place;

	if (look_policy(look, service, DATA_RESTRICTIONS, &place) &&
	    !policy_may_stay(look->postfix, service, &place.item))
		found(look, where(look, service), NULL);
}

/* Seen of Postfix 3.7: the milter does not see the message behind it. */
static void
end_of_data_of(const struct look *look, const struct postfix_service *service)
{
	static const char name[] = "smtpd_end_of_data_restrictions";
	const char *rest = postfix_value(look->postfix, service, name);
	struct list_item item;

	while (list_next(&rest, &item)) {
		if (begins(&item, "reject") || begins(&item, "defer") ||
		    begins(&item, "check_"))
			found(look, service->id, look_item(look, &item));
	}
}

const struct check checks_policy[] = {
	{ "policy_missing", FINDING_ERROR, NULL, policy_missing_of,
	    "smtpd_data_restrictions of {1} does not ask weir-policyd: mail is "
	    "not routed",
	    "{apply}" },
	{ "policy_unasked", FINDING_WARNING, NULL, policy_unasked_of,
	    "smtpd_data_restrictions of {1} does not ask weir-policyd: what a "
	    "route rejects is not refused",
	    "{apply}" },
	{ "policy_order", FINDING_ERROR, NULL, policy_order_of,
	    "{2} comes before weir-policyd in smtpd_data_restrictions of {1}: "
	    "what it lets through is not routed",
	    "{apply}" },
	{ "policy_second", FINDING_WARNING, NULL, policy_second_of,
	    "weir-policyd is not the first in smtpd_data_restrictions of {1}",
	    "{apply}" },
	{ "policy_elsewhere", FINDING_WARNING, NULL, policy_elsewhere_of,
	    "{1} of {2} asks weir-policyd too, which answers at DATA only: "
	    "that costs time for each recipient",
	    "take its check_policy_service out of {1}" },
	{ "policy_default", FINDING_WARNING, NULL, policy_default_of,
	    "smtpd_data_restrictions of {1} refuses all mail while "
	    "weir-policyd is away: the default_action is not DUNNO",
	    "{apply}" },
	{ "end_of_data", FINDING_ERROR, NULL, end_of_data_of,
	    "{2} in smtpd_end_of_data_restrictions of {1}: after a refusal "
	    "there Postfix does not show the next message of the session to "
	    "milters",
	    "move it to smtpd_data_restrictions, or to a milter" },
	{ NULL, FINDING_ERROR, NULL, NULL, NULL, NULL },
};
