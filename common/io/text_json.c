/*
 * jansson takes valid UTF-8 only; strings from outside may be anything.
 */
#include "io/text_json.h"

#include "core/text.h"

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
	    text_clean(shown, sizeof(shown), text, strlen(text)));
}
