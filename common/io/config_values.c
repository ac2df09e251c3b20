/*
 * The types of settings that hold several values: one alone, an array [ ] or a
 * list ( ) all mean the same.
 */
#include "io/config_load.h"

#include "core/text.h"

#include <inttypes.h>
#include <string.h>

static size_t
values_count(const config_setting_t *setting)
{
	int type = config_setting_type(setting);

	return type == CONFIG_TYPE_ARRAY || type == CONFIG_TYPE_LIST
	    ? (size_t)config_setting_length(setting) : 1;
}

static config_setting_t *
values_get(config_setting_t *setting, size_t i)
{
	int type = config_setting_type(setting);

	return type == CONFIG_TYPE_ARRAY || type == CONFIG_TYPE_LIST
	    ? config_setting_get_elem(setting, (unsigned)i) : setting;
}

/* How many there are, none when there are too few or too many. */
static size_t
values_bounded(struct loader *l, const struct row *row,
    const config_setting_t *setting)
{
	size_t count = values_count(setting);

	if (row->min > 0 && count < (size_t)row->min) {
		report(l, setting, "should have at least %" PRId64, row->min);
		return 0;
	}
	if (row->max > 0 && count > (size_t)row->max) {
		report(l, setting, "has %zu values; at most %" PRId64
		    " are possible", count, row->max);
		return 0;
	}
	return count;
}

static void
put_strings(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	size_t count = values_bounded(l, row, setting);
	struct strings strings = { arena_array(l->config->arena, count,
	    sizeof(char *)), 0 };

	for (size_t i = 0; i < count; i++) {
		config_setting_t *one = values_get(setting, i);
		const char *text = take_text(l, one,
		    "a string in quotes or a list of strings");

		if (text != NULL)
			text = row->text(l, one, text);
		if (text != NULL)
			strings.list[strings.count++] = text;
	}
	memcpy(row_field(row, base), &strings, sizeof(strings));
}

/* Into an array of the struct itself, with its number beside it. */
static void
put_words(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	size_t count = values_bounded(l, row, setting);
	int *list = row_field(row, base);
	unsigned n = 0;

	for (size_t i = 0; i < count; i++) {
		config_setting_t *one = values_get(setting, i);
		int at = take_word(l, row, one);

		if (at == -1)
			continue;
		for (unsigned j = 0; j < n; j++) {
			if (list[j] == row->words[at].value)
				report(l, one, "\"%s\" is given twice",
				    row->words[at].name);
		}
		list[n++] = row->words[at].value;
	}
	memcpy((char *)base + row->count_offset, &n, sizeof(n));
}

/* One kind of rate: how it is read, and what to say when it cannot be. */
struct rate_form {
	int (*parse)(const char *text, struct rate_spec *spec_r);
	const char *right;
};

static const struct rate_form of_numbers = { rate_spec_parse,
	"\"600/m\", \"20/2s\", \"200/h\", \"5000/d\" (a period of 1s to 31d)" };
static const struct rate_form of_bytes = { rate_spec_parse_bytes,
	"\"500k/m\", \"100M/h\", \"5G/d\" (a period of 1s to 31d)" };

static int
take_rate(struct loader *l, const struct row *row,
    const struct rate_form *form, const config_setting_t *setting,
    struct rate_spec *rate_r)
{
	const char *text = take_text(l, setting, "a rate in quotes");
	char value[SHOWN_MAX];

	if (text == NULL)
		return -1;
	if (form->parse(text, rate_r) == 0)
		return 0;
	report(l, setting, "%s should be a rate: %s%s", shown(text, value),
	    form->right, row->unlimited ? ", or \"unlimited\" alone" : "");
	return -1;
}

static void
put_rate(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	struct rate_spec rate = { 0 };

	(void)take_rate(l, row, &of_numbers, setting, &rate);
	memcpy(row_field(row, base), &rate, sizeof(rate));
}

static void
take_rates(struct loader *l, const struct row *row,
    const struct rate_form *form, config_setting_t *setting, void *base)
{
	size_t count = values_bounded(l, row, setting);
	struct rate_spec *list = row_field(row, base);
	const char *alone = config_setting_get_string(setting);
	unsigned n = 0;

	if (row->unlimited && alone != NULL && strcmp(alone, "unlimited") == 0)
		count = 0;
	for (size_t i = 0; i < count; i++)
		n += take_rate(l, row, form, values_get(setting, i),
		    &list[n]) == 0;
	memcpy((char *)base + row->count_offset, &n, sizeof(n));
}

static void
put_rates(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	take_rates(l, row, &of_numbers, setting, base);
}

/* Of a throttle, whose 'what' was taken before. */
static void
put_limits(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	const struct throttle *throttle = base;

	take_rates(l, row, throttle->what == LIMIT_BYTES ? &of_bytes :
	    &of_numbers, setting, base);
}

/* --- networks and ports --- */

static int
take_network(struct loader *l, const config_setting_t *setting,
    struct netblock *block_r)
{
	const char *text = take_text(l, setting, "a network in quotes");
	char value[SHOWN_MAX], addr[NETBLOCK_TEXT_MAX], right[NETADDR_TEXT_MAX];
	const char *slash = text == NULL ? NULL : strchr(text, '/');
	struct netaddr base;

	if (text == NULL)
		return -1;
	if (netblock_parse(text, block_r) == 0)
		return 0;
	if (slash != NULL && text_copy_n(addr, sizeof(addr), text,
	    (size_t)(slash - text)) == 0 && netaddr_parse(addr, &base) == 0 &&
	    block_r->prefix != 0 &&
	    block_r->prefix < (base.family == 4 ? 32 : 128)) {
		base = netaddr_mask(&base, block_r->prefix);
		report(l, setting, "%s has bits beyond its length; did you "
		    "mean \"%s/%u\"?", shown(text, value),
		    netaddr_format(&base, right), block_r->prefix);
		return -1;
	}
	report(l, setting, "%s should be a network such as \"192.0.2.0/24\" or "
	    "\"2001:db8::/32\", or one address", shown(text, value));
	return -1;
}

static void
put_network(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	struct netblock block = { 0 };

	(void)take_network(l, setting, &block);
	memcpy(row_field(row, base), &block, sizeof(block));
}

static void
put_networks(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	size_t count = values_bounded(l, row, setting);
	struct netblocks blocks = { arena_array(l->config->arena, count,
	    sizeof(struct netblock)), 0 };

	for (size_t i = 0; i < count; i++) {
		if (take_network(l, values_get(setting, i),
		    &blocks.list[blocks.count]) == 0)
			blocks.count++;
	}
	memcpy(row_field(row, base), &blocks, sizeof(blocks));
}

static void
put_ports(struct loader *l, const struct row *row, config_setting_t *setting,
    void *base)
{
	size_t count = values_bounded(l, row, setting);
	struct ports ports = { arena_array(l->config->arena, count,
	    sizeof(uint16_t)), 0 };

	for (size_t i = 0; i < count; i++) {
		config_setting_t *one = values_get(setting, i);
		int port = config_setting_get_int(one);

		if (config_setting_type(one) != CONFIG_TYPE_INT || port < 1 ||
		    port > UINT16_MAX)
			report(l, one, "a port should be a number from 1 to "
			    "65535");
		else
			ports.list[ports.count++] = (uint16_t)port;
	}
	memcpy(row_field(row, base), &ports, sizeof(ports));
}

const struct type type_strings = { "string or list of strings", put_strings };
const struct type type_words = { "word or list of words", put_words };
const struct type type_rate = { "rate", put_rate };
const struct type type_rates = { "rate or list of rates", put_rates };
const struct type type_limits = { "rate or list of rates", put_limits };
const struct type type_network = { "network", put_network };
const struct type type_networks = { "network or list of networks",
	put_networks };
const struct type type_ports = { "port or list of ports", put_ports };
