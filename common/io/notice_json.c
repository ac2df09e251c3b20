/*
 * An event as JSON.
 */
#include "io/notice_json.h"

#include "core/walltime.h"
#include "io/text_json.h"

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
