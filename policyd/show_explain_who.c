/*
 * explain: who sends, and whether he may as that address.
 */
#include "show_explain.h"

#include "io/from_check.h"

#include <stdio.h>
#include <string.h>

/* The login, else what the client's network gives; a reason when neither. */
static enum reason
explain_login(struct explain *explain, json_t *object)
{
	const struct explain_request *request = explain->request;
	const char *by = "login";

	if (request->has_user)
		explain->user =
		    request->login == REASON_OK ? request->user : NULL;
	else if (request->client.family != 0) {
		by = "network";
		explain->user = identity_by_network(
		    &explain->daemon->config->identities, &request->client);
	}
	json_object_set_new(object, "user", show_text(explain->user));
	json_object_set_new(object, "by",
	    show_text(explain->user != NULL ? by : NULL));
	if (request->login != REASON_OK)
		return request->login;
	return explain->user == NULL && request->listener->require_user ?
	    REASON_USER_REQUIRED : REASON_OK;
}

static const char *
unlisted_name(enum unlisted unlisted)
{
	static const char *const names[] = {
		[UNLISTED_REJECT] = "reject",
		[UNLISTED_OWN_ADDRESS] = "own-address",
		[UNLISTED_ANY] = "any",
	};

	return names[unlisted];
}

/* Denied ones come first, as they count first. */
static void
show_row(const struct identity_user *row, json_t *listed)
{
	char text[ADDRESS_MAX + 2];

	for (size_t i = 0; row != NULL && i < row->denied.count; i++) {
		(void)snprintf(text, sizeof(text), "!%s", row->denied.list[i]);
		json_array_append_new(listed, show_text(text));
	}
	for (size_t i = 0; row != NULL && i < row->senders.count; i++)
		json_array_append_new(listed, show_text(row->senders.list[i]));
}

static void
explain_listed(const struct explain *explain, json_t *object)
{
	const struct identities *identities =
	    &explain->daemon->config->identities;
	json_t *listed = json_array();
	struct owner owner;

	if (explain->user != NULL) {
		identity_owner(identities, explain->user, &owner);
		for (size_t i = 0; i < OWNER_ROWS; i++)
			show_row(owner.rows[i], listed);
	}
	json_object_set_new(object, "listed", listed);
	json_object_set_new(object, "unlisted",
	    json_string(unlisted_name(identities->unlisted)));
}

/* null where it was not asked, or nobody is there to be held to it */
static void
set_allowed(json_t *object, const char *key, bool asked, enum reason reason)
{
	json_object_set_new(object, key,
	    asked ? json_boolean(reason == REASON_OK) : json_null());
}

static const char *
first_from(const struct explain_request *request)
{
	for (size_t i = 0; i < request->nheaders; i++) {
		if (request->headers[i].kind == AUTHOR_FROM)
			return request->headers[i].value;
	}
	return NULL;
}

/* The headers are checked last of all, when the message has come in. */
void
explain_from(struct explain *explain)
{
	json_t *object = json_object_get(explain->object, "identity");
	const struct identities *identities =
	    &explain->daemon->config->identities;
	const struct explain_request *request = explain->request;
	bool asked = explain->user != NULL && request->nheaders > 0;
	struct from_finding finding = { .kind = AUTHOR_FROM };
	enum reason reason = REASON_OK;
	struct owner owner;

	if (asked) {
		identity_owner(identities, explain->user, &owner);
		reason = from_check(&owner, request->headers,
		    request->nheaders, &finding);
	}
	explain_refuse(explain, identity_action(identities,
	    request->listener, reason), reason, finding.subject);
	json_object_set_new(object, "from", show_text(first_from(request)));
	set_allowed(object, "from_allowed", asked, reason);
	json_object_set_new(object, "from_reason",
	    json_string(reason_tag(reason)));
	json_object_set_new(object, "from_why", show_text(finding.why));
}

void
explain_who(struct explain *explain)
{
	const struct identities *identities =
	    &explain->daemon->config->identities;
	const char *sender = explain->request->sender, *subject = "";
	json_t *object = json_object();
	enum reason reason = explain_login(explain, object);
	struct owner owner;

	explain_listed(explain, object);
	json_object_set_new(object, "sender", show_text(sender));
	if (reason == REASON_OK && explain->user != NULL) {
		identity_owner(identities, explain->user, &owner);
		reason = identity_envelope(&owner, sender);
		subject = sender;
	}
	explain_refuse(explain, identity_action(identities,
	    explain->request->listener, reason), reason, subject);
	set_allowed(object, "sender_allowed", explain->user != NULL, reason);
	json_object_set_new(object, "reason", json_string(reason_tag(reason)));
	json_object_set_new(explain->object, "identity", object);
}

