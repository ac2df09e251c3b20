/*
 * weirctl probe: what a smart host says, stage by stage.
 */
#include "ctl.h"
#include "field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* health.timeout may be ten minutes, and the name takes its time too. */
#define PATIENCE span_s(INT64_C(11) * 60)

static void
stages_print(struct ctl *ctl, const json_t *stages)
{
	static const char *const heads[] = { "ADDRESS", "STAGE", "", "TIME",
		"ANSWER" };
	struct grid *grid = grid_new(heads, "lllrl");
	const char *last = "";
	const json_t *stage;
	char time[32];
	size_t i;

	json_array_foreach(stages, i, stage) {
		const char *ip = field_text(stage, "ip");
		bool ok = field_true(stage, "ok");

		(void)snprintf(time, sizeof(time), "%" PRId64 " ms",
		    field_number(stage, "ms"));
		grid_put(grid, PAINT_PLAIN, strcmp(ip, last) == 0 ? "" : ip);
		grid_put(grid, PAINT_PLAIN, field_text(stage, "stage"));
		grid_put(grid, ok ? PAINT_GOOD : PAINT_BAD,
		    ok ? "ok" : "failed");
		grid_put(grid, PAINT_PLAIN, time);
		grid_put(grid, PAINT_PLAIN, field_text(stage, "text"));
		last = ip;
	}
	grid_print(grid, &ctl->page);
	grid_free(&grid);
}

enum ctl_exit
run_probe(struct ctl *ctl, const struct args *args)
{
	const char *const question[] = { "PROBE", args->operands[0] };
	enum ctl_exit code;
	json_t *probe;

	ctl->patience = PATIENCE;
	code = ctl_ask(ctl, &probe, 2, question);
	if (code != CTL_DONE)
		return code;
	if (!field_true(probe, "ok"))
		code = CTL_NO;
	if (ctl->json)
		ctl_print_json(ctl, probe);
	else
		stages_print(ctl, json_object_get(probe, "stages"));
	json_decref(probe);
	return code;
}
