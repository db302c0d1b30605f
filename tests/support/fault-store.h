/* fault-store.h: what a faulty server really has
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FaultUpload:
 * @number: which one, from 0
 * @resume_id: (owned) (nullable): that the client has given it
 * @mark: (owned) (nullable): that its object will bear
 * @whole: it is one object that is put whole
 * @parts: (owned): number → FaultBytes
 * @open: neither finished nor cancelled nor forgotten
 * @told: the answer with its id has gone out
 * @late: whoever asked for it had gone before it was begun
 * @is_second: another one of its resume id was closed by then
 * @began_at: seconds since 1970
 * @kept: (owned) (nullable): numbers of parts that need not be sent again, since the client's
 *   journal has them too
 * @resumed: begun after the client was told that its file has failed, and tried again
 * @n_finishes: how often it has become an object
 */
typedef struct
{
  guint number;
  char *id;  /* (owned) */
  char *key; /* (owned) */
  char *resume_id;
  char *mark;
  gboolean whole;
  gboolean overwrite;
  guint64 size;
  guint64 part_size;
  GTree *parts;
  gboolean open;
  gboolean told;
  gboolean late;
  gboolean is_second;
  gint64 began_at;
  GHashTable *kept;
  gboolean resumed;
  guint n_finishes;
} FaultUpload;

/**
 * FaultBytes:
 * @etag: (owned): without quotes
 * @mark: (owned) (nullable): of the upload that an object came of
 */
typedef struct
{
  GBytes *bytes;
  char *etag;
  char *mark;
} FaultBytes;

/**
 * FaultStore:
 *
 * The truth: objects, uploads and their parts, and what has gone wrong with them. Not locked.
 *
 * @violations: (owned): sentences about what must never happen
 * @healed: what is begun from now on is begun by somebody who tries again
 * @doubted: it has told an ETag that is wrong, and the client may believe it
 */
typedef struct
{
  GHashTable *files;   /* (owned): key → FaultBytes, what the client has */
  GHashTable *objects; /* (owned): key → FaultBytes */
  GPtrArray *uploads;  /* (owned) (element-type FaultUpload): all there ever were */
  GString *violations;
  gboolean healed;
  gboolean doubted;
} FaultStore;

FaultStore *fault_store_new (void);
void fault_store_free (FaultStore *store);

/** @bytes: what is going to be uploaded to @key: no other may appear there. */
void fault_store_expect (FaultStore *store, const char *key, GBytes *bytes);
/** There is another object under @key already. */
void fault_store_put_other (FaultStore *store, const char *key, GBytes *bytes);

/** @resume_id: (nullable). Returns: (transfer none): the upload, or the same as before */
FaultUpload *fault_store_begin (FaultStore *store, const char *key, const char *resume_id);
/** Returns: (transfer none) (nullable): the upload, open or not */
FaultUpload *fault_store_find_upload (FaultStore *store, const char *id);

/** Returns: (transfer none): the ETag */
const char *
fault_store_put_part (FaultStore *store, FaultUpload *upload, guint number, GBytes *bytes);
/** The client's journal has it: it is not to be sent again as long as the store has it. */
void fault_upload_keep (FaultUpload *upload, guint number);
/** The store has lost part @number, or says so. */
void fault_upload_lose (FaultUpload *upload, guint number);

/** The object at @key bears @mark from now on. */
void fault_store_mark (FaultStore *store, const char *key, const char *mark);

/** Puts an object whole. @upload: (nullable). Returns: (transfer none): the object */
const FaultBytes *
fault_store_put_object (FaultStore *store, const char *key, FaultUpload *upload, GBytes *bytes);

/**
 * fault_store_finish:
 * @numbers: (element-type guint)
 * @etags: (element-type char*): with quotes or without
 *
 * Returns: (transfer none) (nullable): the object; NULL where these are not the parts
 */
const FaultBytes *
fault_store_finish (FaultStore *store, FaultUpload *upload, GArray *numbers, GPtrArray *etags);

G_END_DECLS
