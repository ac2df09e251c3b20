/*
 * explain: who sends, and whether he may as that address.
 */
#include "show_explain.h"

#include "rights.h"

#include "io/from_check.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { SOURCE_TEXT_MAX = PATH_MAX + 16 };

const char *
explain_user_of(const struct config *config,
    const struct explain_request *request)
{
	if (request->has_user)
		return request->login == REASON_OK ? request->user : NULL;
	return request->client.family == 0 ? NULL :
	    identity_by_network(&config->identities, &request->client);
}

/* The user; a reason when there is none. */
static enum reason
explain_login(struct explain *explain, json_t *object)
{
	const struct explain_request *request = explain->request;
	const char *by = request->has_user ? "login" : "network";

	explain->user = explain_user_of(explain->daemon->config, request);
	json_object_set_new(object, "user", text_json(explain->user));
	json_object_set_new(object, "by",
	    text_json(explain->user != NULL ? by : NULL));
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
		json_array_append_new(listed, text_json(text));
	}
	for (size_t i = 0; row != NULL && i < row->senders.count; i++)
		json_array_append_new(listed, text_json(row->senders.list[i]));
}

/* "/etc/weir/weir.conf:12", "file:/etc/weir/senders:3", "lmdb:/etc/senders" */
static json_t *
show_source(const struct explain *explain, const struct identity_user *row,
    const char *table)
{
	const struct config *config = explain->daemon->config;
	const struct strings *files = &config->identities.files;
	char text[SOURCE_TEXT_MAX], line[16] = "";

	if (row == NULL)
		return json_null();
	if (row->line != 0)
		(void)snprintf(line, sizeof(line), ":%u", row->line);
	(void)snprintf(text, sizeof(text), "%s%s",
	    table == NULL ? files->list[row->file] : table, line);
	return text_json(text);
}

/* Where his rights come from: his own row first, then those of many. */
static json_t *
show_sources(const struct explain *explain, const struct owner *owner)
{
	json_t *sources = json_array();

	for (size_t i = 0; i < OWNER_ROWS; i++) {
		const struct identity_user *row = owner->rows[i];
		json_t *object, *senders;

		if (row == NULL)
			continue;
		object = json_object();
		senders = json_array();
		show_row(row, senders);
		json_object_set_new(object, "user", text_json(row->user));
		json_object_set_new(object, "source", show_source(explain,
		    row, owner->sources[i]));
		json_object_set_new(object, "senders", senders);
		json_array_append_new(sources, object);
	}
	return sources;
}

static void
show_login_home(const struct explain *explain, json_t *object)
{
	const struct identity_user *row = NULL;
	const char *table = NULL;

	if (explain->user != NULL)
		row = rights_home(explain->daemon->rights,
		    &explain->daemon->config->identities, explain->user,
		    &table);
	json_object_set_new(object, "home",
	    text_json(row == NULL ? NULL : row->home));
	json_object_set_new(object, "home_source", show_source(explain, row,
	    table));
}

static void
explain_listed(const struct explain *explain, json_t *object)
{
	const struct identities *identities =
	    &explain->daemon->config->identities;
	static const struct owner nobody;
	const struct owner *owner =
	    explain->owner == NULL ? &nobody : explain->owner;
	json_t *listed = json_array();

	for (size_t i = 0; i < OWNER_ROWS; i++)
		show_row(owner->rows[i], listed);
	json_object_set_new(object, "listed", listed);
	json_object_set_new(object, "sources", show_sources(explain,
	    owner));
	show_login_home(explain, object);
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

	asked = asked && explain->owner != NULL;
	if (asked)
		reason = from_check(explain->owner, request->headers,
		    request->nheaders, &finding);
	explain_refuse(explain, identity_action(identities,
	    request->listener, reason), reason, finding.subject);
	json_object_set_new(object, "from", text_json(first_from(request)));
	set_allowed(object, "from_allowed", asked, reason);
	json_object_set_new(object, "from_reason",
	    json_string(reason_tag(reason)));
	json_object_set_new(object, "from_why", text_json(finding.why));
}

void
explain_who(struct explain *explain)
{
	const struct identities *identities =
	    &explain->daemon->config->identities;
	const char *sender = explain->request->sender, *subject = "";
	json_t *object = json_object();
	enum reason reason = explain_login(explain, object);

	if (reason == REASON_OK && explain->user != NULL) {
		reason = explain->found->reason;
		if (reason == REASON_OK)
			explain->owner = &explain->found->answer.owner;
	}
	explain_listed(explain, object);
	json_object_set_new(object, "sender", text_json(sender));
	json_object_set_new(object, "table_away",
	    text_json(reason == REASON_IDENTITY_AWAY ? explain->found->table :
	        NULL));
	if (explain->owner != NULL) {
		reason = identity_envelope(explain->owner, sender);
		subject = sender;
	}
	explain_refuse(explain, identity_action(identities,
	    explain->request->listener, reason), reason, subject);
	set_allowed(object, "sender_allowed", explain->user != NULL, reason);
	json_object_set_new(object, "reason", json_string(reason_tag(reason)));
	json_object_set_new(explain->object, "identity", object);
}

