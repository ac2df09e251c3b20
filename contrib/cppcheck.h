/* For cppcheck, which does not read the headers of libraries: their macros. */
#define json_array_foreach(a, i, v) \
	for (i = 0; (v = json_array_get(a, i)) != NULL; i++)
#define LIST_HEAD(n, t)           struct n { struct t *lh_first; }
#define LIST_ENTRY(t)             struct { struct t *le_next, **le_prev; }
#define LIST_FOREACH(v, h, f)     for (v = (h)->lh_first; v; v = v->f.le_next)
#define TAILQ_HEAD(n, t)          struct n { struct t *tqh_first, **tqh_last; }
#define TAILQ_ENTRY(t)            struct { struct t *tqe_next, **tqe_prev; }
#define TAILQ_FOREACH(v, h, f)    for (v = (h)->tqh_first; v; v = v->f.tqe_next)
