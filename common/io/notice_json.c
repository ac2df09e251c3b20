/*
 * jansson takes valid UTF-8 only; strings from outside may be anything.
 */
#include "io/notice_json.h"

#include "core/text.h"
#include "core/walltime.h"

#include <string.h>

enum { SHOWN_MAX = 4096 };

json_t *
text_json(const char *text)
{
	char shown[SHOWN_MAX];
	json_t *string;

	if (text == NULL)
		return json_null();
	string = json_string(text);
	if (string != NULL)
		return string;
	return json_string(
	    text_escape(shown, sizeof(shown), text, strlen(text)));
}

json_t *
notice_json(const struct notice *notice)
{
	json_t *object = json_object();
	char at[WALL_TEXT_MAX];

	(void)json_object_set_new(object, "time",
	    json_string(wall_format(notice->at, at)));
	(void)json_object_set_new(object, "event",
	    json_string(event_name(notice->kind)));
	for (unsigned i = 0; i < notice->nfields; i++)
		(void)json_object_set_new(object, notice->fields[i].key,
		    text_json(notice_value(notice, i)));
	return object;
}
