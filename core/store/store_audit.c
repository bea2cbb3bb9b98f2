/*
 * store_audit: who did what, in a chain of hashes: each row's hash is
 * SHA-256 over the hash before it and its own fields, each ended by a NUL,
 * so a row changed later breaks the chain. Rows are never changed or
 * deleted here. Called by every operation that a person causes.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/mem.h"
#include "store/store_private.h"

static void
previous(struct db *d, unsigned char *hash)
{
	sqlite3_stmt *st = db_query(d, "SELECT hash FROM audit WHERE seq > ?1"
	    " ORDER BY seq DESC LIMIT 1", DB_I(0));

	memset(hash, 0, crypto_hash_sha256_BYTES);
	if (!db_row(d, st))
		return;
	if (sqlite3_column_bytes(st, 0) == crypto_hash_sha256_BYTES)
		memcpy(hash, sqlite3_column_blob(st, 0),
		    crypto_hash_sha256_BYTES);
	db_end(st);
}

void
audit_add(struct db *d, const char *actor, const char *what,
    const char *object, const char *data, int64_t now)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state h;
	char at[24];
	const char *const fields[] = { at, actor, what, object, data };

	snprintf(at, sizeof(at), "%lld", (long long)now);
	previous(d, hash);
	crypto_hash_sha256_init(&h);
	crypto_hash_sha256_update(&h, hash, sizeof(hash));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		crypto_hash_sha256_update(&h,
		    (const unsigned char *)fields[i], strlen(fields[i]) + 1);
	crypto_hash_sha256_final(&h, hash);
	db_run(d, "INSERT INTO audit(at, actor, what, object, data, hash)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6)", DB_I(now), DB_T(actor),
	    DB_T(what), DB_T(object), DB_T(data), DB_B(hash, sizeof(hash)));
}

/* ------------------------------------------------------------------ op -- */

struct audit_op {
	struct op op;
	char *actor, *what, *object, *data;
	int64_t now;
};

static int
audit_run(struct store *s, struct op *op, struct err *e)
{
	const struct audit_op *a = (struct audit_op *)op;

	(void)e;
	audit_add(&s->wdb, a->actor, a->what, a->object, a->data, a->now);
	return 0;
}

static void
audit_fini(struct op *op)
{
	struct audit_op *a = (struct audit_op *)op;

	free(a->actor);
	free(a->what);
	free(a->object);
	free(a->data);
}

void
store_audit(struct store *s, const char *actor, const char *what,
    const char *object, const char *data, int64_t now)
{
	struct audit_op *a = xcalloc(1, sizeof(*a));

	a->op.run = audit_run;
	a->op.fini = audit_fini;
	a->actor = xstrdup(actor);
	a->what = xstrdup(what);
	a->object = xstrdup(object);
	a->data = xstrdup(data == NULL ? "" : data);
	a->now = now;
	writer_add(s->writer, &a->op);
}
