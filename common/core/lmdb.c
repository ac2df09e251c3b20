/*
 * LMDB's file format, for reading. Offsets are those of struct MDB_page,
 * MDB_node, MDB_meta and MDB_db in liblmdb's mdb.c, which has them in the
 * machine's byte order.
 */
#include "core/lmdb.h"

#include <string.h>

enum {
	PAGE_HEAD = 16, /* page number, pad, flags, lower, upper */
	NODE_HEAD = 8, /* lo, hi, flags, key size */
	META_SIZE = 24 + 2 * 48 + 16,
	DB_SIZE = 48,
	DEPTH_MAX = 32, /* CURSOR_STACK: deeper than liblmdb itself goes */
	PAGE_SIZE_MIN = 256,
	PAGE_SIZE_MAX = 32768, /* MAX_PAGESIZE */
};

enum { PAGE_BRANCH = 1, PAGE_LEAF = 2, PAGE_OVERFLOW = 4, PAGE_META = 8,
	PAGE_KINDS = 0x6F }; /* without P_DIRTY, a note of the writer's */
enum { NODE_LARGE = 1 };

#define META_MAGIC   UINT32_C(0xBEEFC0DE)
#define META_VERSION UINT32_C(1)
#define NO_PAGE      UINT64_MAX

struct meta {
	uint64_t commit, last_page, root;
	uint64_t branches, leaves, large, rows; /* of the main tree */
	unsigned depth;
	unsigned flags;
	size_t page_size;
};

struct reader {
	const uint8_t *bytes;
	uint64_t pages; /* that are there, whole */
	struct meta meta;
	uint64_t branches, leaves, large, rows; /* seen so far */
	struct lmdb_text last; /* key; NULL: none yet */
	lmdb_row_fn fn;
	void *ctx;
	bool ended; /* by fn */
	const char *why; /* NULL: nothing is wrong */
};

static uint16_t
get16(const uint8_t *p)
{
	uint16_t n;

	memcpy(&n, p, sizeof(n));
	return n;
}

static uint32_t
get32(const uint8_t *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return n;
}

static uint64_t
get64(const uint8_t *p)
{
	uint64_t n;

	memcpy(&n, p, sizeof(n));
	return n;
}

/* --- what describes a commit --- */

static bool
read_meta(const uint8_t *page, size_t len, uint64_t number, struct meta *meta)
{
	const uint8_t *head = page + PAGE_HEAD, *main_db;

	if (len < PAGE_HEAD + META_SIZE || get64(page) != number ||
	    (get16(page + 10) & PAGE_KINDS) != PAGE_META ||
	    get32(head) != META_MAGIC || get32(head + 4) != META_VERSION)
		return false;
	meta->page_size = get32(head + 24);
	main_db = head + 24 + DB_SIZE;
	meta->flags = get16(main_db + 4);
	meta->depth = get16(main_db + 6);
	meta->branches = get64(main_db + 8);
	meta->leaves = get64(main_db + 16);
	meta->large = get64(main_db + 24);
	meta->rows = get64(main_db + 32);
	meta->root = get64(main_db + 40);
	meta->last_page = get64(head + 24 + (size_t)2 * DB_SIZE);
	meta->commit = get64(head + 24 + (size_t)2 * DB_SIZE + 8);
	return meta->page_size >= PAGE_SIZE_MIN &&
	    meta->page_size <= PAGE_SIZE_MAX &&
	    (meta->page_size & (meta->page_size - 1)) == 0;
}

/*
 * The later of the two. Commits take turns, even ones in the first page, so
 * neighbours stand there; a number that was damaged would bring an old commit
 * back.
 */
static bool
last_meta(const uint8_t *bytes, size_t len, struct meta *meta)
{
	struct meta second;

	if (!read_meta(bytes, len, 0, meta) || len < meta->page_size ||
	    !read_meta(bytes + meta->page_size, len - meta->page_size, 1,
	    &second) || second.page_size != meta->page_size)
		return false;
	if (second.commit == meta->commit + 1) {
		*meta = second;
		return meta->commit % 2 == 1;
	}
	if (meta->commit == second.commit + 1)
		return meta->commit % 2 == 0;
	return meta->commit == 0 && second.commit == 0; /* none yet */
}

uint64_t
lmdb_commit(const void *bytes, size_t len)
{
	struct meta meta;

	return last_meta(bytes, len, &meta) ? meta.commit : 0;
}

/* --- pages --- */

static bool
damaged(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

/* One of the kind wanted, or NULL. Counting them ends every circle. */
static const uint8_t *
page_at(struct reader *r, uint64_t number, unsigned kind)
{
	const uint8_t *page;

	if (number < 2 || number >= r->pages || number > r->meta.last_page) {
		(void)damaged(r, "a page is missing");
		return NULL;
	}
	page = r->bytes + number * r->meta.page_size;
	if (get64(page) != number ||
	    (get16(page + 10) & PAGE_KINDS) != kind) {
		(void)damaged(r, "a page is not what it should be");
		return NULL;
	}
	return page;
}

static size_t
node_count(const struct reader *r, const uint8_t *page)
{
	size_t lower = get16(page + 12), upper = get16(page + 14);

	if (lower < PAGE_HEAD || lower % 2 != 0 || lower > upper ||
	    upper > r->meta.page_size)
		return 0;
	return (lower - PAGE_HEAD) / 2;
}

/* The node and how much of the page there is from it on; NULL: too little. */
static const uint8_t *
node_at(struct reader *r, const uint8_t *page, size_t i,
    struct lmdb_text *key_r, size_t *room_r)
{
	size_t at = get16(page + PAGE_HEAD + 2 * i), key;
	const uint8_t *node = page + at;

	if (at < get16(page + 14) || at + NODE_HEAD > r->meta.page_size) {
		(void)damaged(r, "a row lies outside its page");
		return NULL;
	}
	key = get16(node + 6);
	if (at + NODE_HEAD + key > r->meta.page_size) {
		(void)damaged(r, "a key lies outside its page");
		return NULL;
	}
	*key_r = (struct lmdb_text) { (const char *)node + NODE_HEAD, key };
	*room_r = r->meta.page_size - at - NODE_HEAD - key;
	return node;
}

/* --- rows --- */

static int
compare(struct lmdb_text a, struct lmdb_text b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.bytes, b.bytes, len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* A value that has pages of its own, the node only their number. */
static bool
large_value(struct reader *r, const uint8_t *number, size_t room,
    struct lmdb_text *value)
{
	const uint8_t *page;
	uint64_t count;

	if (room < 8)
		return damaged(r, "a value lies outside its page");
	page = page_at(r, get64(number), PAGE_OVERFLOW);
	if (page == NULL)
		return false;
	count = get32(page + 12);
	r->large += count;
	if (count == 0 || r->large > r->meta.large ||
	    count > r->pages - get64(number) ||
	    value->len > count * r->meta.page_size - PAGE_HEAD)
		return damaged(r, "a value is not as long as it should be");
	value->bytes = (const char *)page + PAGE_HEAD;
	return true;
}

static bool
read_row(struct reader *r, const uint8_t *node, struct lmdb_text key,
    size_t room)
{
	const uint8_t *data = node + NODE_HEAD + key.len;
	struct lmdb_text value = { (const char *)data,
		get16(node) | (size_t)get16(node + 2) << 16 };
	unsigned flags = get16(node + 4);

	if (flags != 0 && flags != NODE_LARGE)
		return damaged(r, "a key has several values, which is not as "
		    "postmap writes it");
	if (key.len == 0 || (r->last.bytes != NULL &&
	    compare(r->last, key) >= 0))
		return damaged(r, "the keys are not in their order");
	if (++r->rows > r->meta.rows)
		return damaged(r, "it has more rows than it says");
	if (flags == NODE_LARGE ? !large_value(r, data, room, &value)
	                        : value.len > room)
		return r->why == NULL ? damaged(r, "a value lies outside its "
		    "page") : false;
	r->last = key;
	r->ended = !r->fn(r->ctx, key, value);
	return !r->ended;
}

static bool
read_leaf(struct reader *r, uint64_t number)
{
	const uint8_t *page = page_at(r, number, PAGE_LEAF), *node;
	size_t count = page == NULL ? 0 : node_count(r, page), room;
	struct lmdb_text key;

	if (page == NULL)
		return false;
	if (count == 0 || ++r->leaves > r->meta.leaves)
		return damaged(r, "a page has no rows, or there are too many");
	for (size_t i = 0; i < count; i++) {
		node = node_at(r, page, i, &key, &room);
		if (node == NULL || !read_row(r, node, key, room))
			return false;
	}
	return true;
}

/* --- the tree --- */

struct place {
	const uint8_t *page;
	size_t next, count; /* of its nodes */
};

static bool
enter_branch(struct reader *r, struct place *place, uint64_t number)
{
	place->page = page_at(r, number, PAGE_BRANCH);
	place->next = 0;
	place->count = place->page == NULL ? 0 : node_count(r, place->page);
	if (place->page == NULL)
		return false;
	if (place->count == 0 || ++r->branches > r->meta.branches)
		return damaged(r, "a page has no branches, or there are too "
		    "many");
	return true;
}

/* Down and along; all leaves are at the same depth. */
static bool
read_tree(struct reader *r)
{
	struct place stack[DEPTH_MAX];
	unsigned branches = r->meta.depth - 1, depth = 0;

	if (branches == 0)
		return read_leaf(r, r->meta.root);
	if (!enter_branch(r, &stack[depth++], r->meta.root))
		return false;
	while (depth > 0) {
		struct place *top = &stack[depth - 1];
		struct lmdb_text key;
		const uint8_t *node;
		uint64_t child;
		size_t room;

		if (top->next == top->count) {
			depth--;
			continue;
		}
		node = node_at(r, top->page, top->next++, &key, &room);
		if (node == NULL)
			return false;
		child = get16(node) | (uint64_t)get16(node + 2) << 16 |
		    (uint64_t)get16(node + 4) << 32;
		if (depth < branches
		    ? !enter_branch(r, &stack[depth++], child)
		    : !read_leaf(r, child))
			return false;
	}
	return true;
}

static bool
read_all(struct reader *r)
{
	const struct meta *meta = &r->meta;

	if (meta->flags != 0)
		return damaged(r, "it is not of the kind postmap writes");
	if (meta->last_page >= r->pages)
		return damaged(r, "it is shorter than it says");
	if (meta->root == NO_PAGE || meta->depth == 0)
		return (meta->root == NO_PAGE && meta->depth == 0 &&
		    meta->rows == 0) || damaged(r, "its tree has no root");
	if (meta->depth > DEPTH_MAX)
		return damaged(r, "its tree is too deep");
	if (!read_tree(r))
		return r->ended;
	if (r->rows != meta->rows || r->leaves != meta->leaves ||
	    r->branches != meta->branches || r->large != meta->large)
		return damaged(r, "it has fewer rows than it says");
	return true;
}

int
lmdb_read(const void *bytes, size_t len, lmdb_row_fn fn, void *ctx,
    const char **why_r)
{
	struct reader r = { .bytes = bytes, .fn = fn, .ctx = ctx };

	*why_r = "it is no LMDB file of this kind of machine";
	if (!last_meta(bytes, len, &r.meta))
		return -1;
	r.pages = len / r.meta.page_size;
	if (read_all(&r))
		return 0;
	*why_r = r.why;
	return -1;
}
