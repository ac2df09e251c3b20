/*
 * Any text as weir.conf: it loads, or there is a mistake to read; never both,
 * never neither. Its directory does not exist, so that @include finds nothing.
 */
#include "fuzz.h"

#include "io/config_file.h"

#include "../unit/libconfig_leak.h"

#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config_errors errors;
	struct config *config = config_load_text((const char *)data, size,
	    "/nonexistent/weir.conf", &errors);
	size_t listed = errors.count < CONFIG_ERRORS_MAX ? errors.count
	                                                 : CONFIG_ERRORS_MAX;

	if ((config == NULL) != (errors.count > 0))
		abort();
	for (size_t i = 0; i < listed; i++) {
		for (const char *p = errors.list[i]; *p != '\0'; p++) {
			if ((unsigned char)*p < ' ')
				abort(); /* one mistake, one line */
		}
	}
	if (config != NULL &&
	    (config->nlisteners == 0 || config->milter.listen == NULL))
		abort();
	config_unref(&config);
	return 0;
}
