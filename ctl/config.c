/*
 * weirctl config check: every mistake of a weir.conf, without a daemon.
 */
#include "ctl.h"

#include "io/config_file.h"
#include "io/credential.h"
#include "io/tables.h"
#include "io/text_json.h"

#include <stdlib.h>

/* The list has an end; count says how many there are. */
static void
check_print_json(struct ctl *ctl, const char *file,
    const struct config_errors *errors)
{
	json_t *object = json_object(), *list = json_array();

	for (size_t i = 0; i < config_errors_listed(errors); i++)
		json_array_append_new(list, text_json(errors->list[i]));
	json_object_set_new(object, "ok", json_boolean(errors->count == 0));
	json_object_set_new(object, "file", text_json(file));
	json_object_set_new(object, "errors", list);
	json_object_set_new(object, "count",
	    json_integer((json_int_t)errors->count));
	ctl_print_json(ctl, object);
	json_decref(object);
}

void
ctl_say_mistakes(struct ctl *ctl, const char *file,
    const struct config_errors *errors)
{
	if (ctl->json)
		check_print_json(ctl, file, errors);
	else
		config_errors_print(errors, stderr);
}

/* What such files hold is as much a part of it; the daemons refuse it too. */
static void
check_files(struct config **config, struct config_errors *errors)
{
	struct tables *tables = tables_new(*config, errors);

	tables_unref(&tables);
	credentials_check(*config, errors);
	if (errors->count != 0)
		config_unref(config);
}

enum ctl_exit
run_config_check(struct ctl *ctl, const struct args *args)
{
	const char *file =
	    args->noperands > 0 ? args->operands[0] : ctl->config;
	struct config_errors *errors = calloc(1, sizeof(*errors));
	struct config *config;
	enum ctl_exit code;

	if (errors == NULL)
		abort();
	config = config_load(file, errors);
	if (config != NULL)
		check_files(&config, errors);
	if (config == NULL || ctl->json)
		ctl_say_mistakes(ctl, file, errors);
	else
		page_line(&ctl->page, PAINT_PLAIN, "%s is right (smart "
		    "hosts: %zu, routes: %zu, throttles: %zu)", file,
		    config->nhosts, config->nroutes, config->nthrottles);
	code = config != NULL ? CTL_DONE : CTL_NO;
	config_unref(&config);
	free(errors);
	return code;
}
