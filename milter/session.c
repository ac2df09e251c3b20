/*
 * Made at CONNECT, freed at close.
 */
#include "session.h"

#include <stdlib.h>

struct milter_session *
milter_session_new(struct config *config, struct tables *tables)
{
	struct milter_session *session = calloc(1, sizeof(*session));

	if (session == NULL)
		abort();
	session->config = config;
	session->tables = tables;
	session->counts_bytes = config_counts(config, LIMIT_BYTES);
	return session;
}

void
milter_session_free(struct milter_session **session_p)
{
	struct milter_session *session = *session_p;

	if (session == NULL)
		return;
	*session_p = NULL;
	headers_clear(&session->headers);
	marks_clear(&session->marks);
	free(session->refused);
	tables_let_go(&session->rights);
	tables_unref(&session->tables);
	config_unref(&session->config);
	free(session);
}

void
milter_session_next_message(struct milter_session *session)
{
	headers_reset(&session->headers);
	marks_clear(&session->marks);
	tables_let_go(&session->rights);
	session->size = 0;
}
