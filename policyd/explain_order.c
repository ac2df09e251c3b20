/*
 * A thread a question, a few at most; an eventfd brings it back to the loop.
 */
#include "explain_order.h"

#include "rights.h"

#include "core/text.h"
#include "io/loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { ORDERS_MAX = 8 };

struct order {
	struct explain_orders *orders;
	bool busy;
	atomic_bool done;
	pthread_t thread;
	struct tables *tables; /* its own reference */
	uint64_t ticket;
	char user[LOGIN_MAX + 1];
	size_t argc;
	char **argv;
	struct explain_found found;
};

struct explain_orders {
	struct daemon *daemon;
	explain_fn fn;
	int finished; /* an eventfd */
	struct event *event;
	struct order list[ORDERS_MAX];
};

static void *
look_up(void *ctx)
{
	struct order *order = ctx;

	order->found.reason = tables_find(order->tables, order->user,
	    &order->found.answer, &order->found.table);
	order->done = true;
	(void)eventfd_write(order->orders->finished, 1);
	return NULL;
}

static void
order_clear(struct order *order)
{
	tables_let_go(&order->found.answer);
	tables_unref(&order->tables);
	for (size_t i = 0; i < order->argc; i++)
		free(order->argv[i]);
	free(order->argv);
	order->busy = false;
}

static void
answer(struct explain_orders *orders, struct order *order)
{
	struct daemon *daemon = orders->daemon;
	struct state_peer *peer = state_resume(daemon->server, order->ticket);

	if (peer != NULL)
		orders->fn(daemon, peer, order->argc,
		    (const char *const *)order->argv, &order->found);
}

static void
finished_cb(evutil_socket_t fd, short what, void *ctx)
{
	struct explain_orders *orders = ctx;
	eventfd_t count;

	(void)what;
	(void)eventfd_read(fd, &count);
	for (size_t i = 0; i < ORDERS_MAX; i++) {
		struct order *order = &orders->list[i];

		if (!order->busy || !order->done)
			continue;
		(void)pthread_join(order->thread, NULL);
		answer(orders, order);
		order_clear(order);
	}
}

struct explain_orders *
explain_orders_new(struct daemon *daemon, explain_fn fn)
{
	struct explain_orders *orders = calloc(1, sizeof(*orders));

	if (orders == NULL)
		abort();
	orders->daemon = daemon;
	orders->fn = fn;
	orders->finished = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	orders->event = loop_event_new(daemon->base, LOOP_PRIORITY_REST,
	    orders->finished, EV_READ | EV_PERSIST, finished_cb, orders);
	if (orders->finished == -1)
		abort();
	(void)event_add(orders->event, NULL);
	return orders;
}

void
explain_orders_free(struct explain_orders **orders_p)
{
	struct explain_orders *orders = *orders_p;

	if (orders == NULL)
		return;
	for (size_t i = 0; i < ORDERS_MAX; i++) {
		if (!orders->list[i].busy)
			continue;
		(void)pthread_join(orders->list[i].thread, NULL);
		order_clear(&orders->list[i]);
	}
	event_free(orders->event);
	(void)close(orders->finished);
	free(orders);
	*orders_p = NULL;
}

static void
copy_question(struct order *order, const char *user, size_t argc,
    const char *const *argv)
{
	(void)text_copy(order->user, sizeof(order->user), user);
	order->argc = argc;
	order->argv = calloc(argc + 1, sizeof(*order->argv));
	for (size_t i = 0; i < argc && order->argv != NULL; i++) {
		order->argv[i] = strdup(argv[i]);
		if (order->argv[i] == NULL)
			abort();
	}
	if (order->argv == NULL)
		abort();
}

void
explain_orders_add(struct explain_orders *orders, struct state_peer *peer,
    const char *user, size_t argc, const char *const *argv)
{
	struct order *order = orders->list;

	while (order < orders->list + ORDERS_MAX && order->busy)
		order++;
	if (order == orders->list + ORDERS_MAX) {
		state_reply_error(peer, "ERR too many questions wait for a "
		    "table; try again");
		return;
	}
	memset(order, 0, sizeof(*order));
	order->orders = orders;
	order->tables = tables_ref(rights_tables(orders->daemon->rights));
	copy_question(order, user, argc, argv);
	order->busy = pthread_create(&order->thread, NULL, look_up,
	    order) == 0;
	if (order->busy) {
		order->ticket = state_suspend(peer);
	} else {
		order_clear(order);
		state_reply_error(peer, "ERR no thread can be made");
	}
}
