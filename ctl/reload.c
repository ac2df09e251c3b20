/*
 * weirctl reload: both daemons read their configuration anew; what changed, and
 * who did not take it.
 */
#include "ctl.h"
#include "field.h"

#include "core/restart.h"

#include <inttypes.h>
#include <string.h>

/* Loading, then the milters' part, which weir-policyd bounds by 5 s. */
#define RELOAD_PATIENCE span_s(30)

static const char *
value_words(const json_t *change, const char *key)
{
	return field_null(change, key) ? "(not set)" : field_text(change, key);
}

static void
print_changes(struct page *page, const json_t *changes)
{
	static const char *const heads[] = { "SETTING", "BEFORE", "NOW" };
	struct grid *grid;
	const json_t *row;
	size_t i;

	if (json_array_size(changes) == 0) {
		page_line(page, PAINT_DIM, "nothing has changed");
		return;
	}
	grid = grid_new(heads, "lll");
	json_array_foreach(changes, i, row) {
		grid_put(grid, PAINT_BOLD, field_text(row, "setting"));
		grid_put(grid, PAINT_DIM, value_words(row, "before"));
		grid_put(grid, PAINT_PLAIN, value_words(row, "after"));
	}
	grid_print(grid, page);
	grid_free(&grid);
}

static void
print_programs(struct page *page, const json_t *programs)
{
	const json_t *row, *mistake;
	size_t i, j;

	json_array_foreach(programs, i, row) {
		bool ok = field_true(row, "ok");

		page_line(page, ok ? PAINT_GOOD : PAINT_BAD, "%s%s%s: %s",
		    field_text(row, "program"),
		    field_null(row, "instance") ? "" : " ",
		    field_text(row, "instance"),
		    ok ? "uses it" : field_null(row, "ok") ? "not known" :
		    "goes on with the old one");
		json_array_foreach(json_object_get(row, "mistakes"), j,
		    mistake)
			page_line(page, PAINT_PLAIN, "  %s",
			    json_string_value(mistake));
	}
}

static void
print_answer(struct page *page, const json_t *answer)
{
	const json_t *name;
	size_t i;

	print_changes(page, json_object_get(answer, "changes"));
	json_array_foreach(json_object_get(answer, "restart"), i, name)
		page_line(page, PAINT_WARN, "%s takes a restart of %s",
		    json_string_value(name),
		    restart_of(json_string_value(name)));
	page_gap(page);
	print_programs(page, json_object_get(answer, "programs"));
	page_line(page, PAINT_DIM, "generation %" PRId64,
	    field_number(answer, "generation"));
}

enum ctl_exit
run_reload(struct ctl *ctl, const struct args *args)
{
	static const char *const question[] = { "RELOAD" };
	enum ctl_exit code;
	json_t *answer;

	(void)args;
	ctl->patience = RELOAD_PATIENCE;
	code = ctl_ask(ctl, &answer, 1, question);
	if (code != CTL_DONE)
		return code;
	if (ctl->json)
		ctl_print_json(ctl, answer);
	else
		print_answer(&ctl->page, answer);
	if (!field_true(answer, "ok"))
		code = CTL_NO;
	json_decref(answer);
	return code;
}
