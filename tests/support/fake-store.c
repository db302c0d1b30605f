/* fake-store.c: a store in memory that does what its script says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fake-store.h"

#include "streamer-checksum.h"
#include "streamer-error.h"

typedef struct
{
  FakeOperation operation;
  guint nth; /* 0 for each */

  gboolean fails;
  StreamerError code;
  gboolean lost;
  gboolean blocks;
  gboolean blocks_answer;
  GFunc func; /* (nullable) */
  gpointer user_data;
} Line;

typedef struct
{
  char *id;
  char *resume_id;
  char *key;
  char *content_type;
  guint64 size;
  guint64 part_size;
  guint n_parts;
  gboolean overwrite;
  gboolean finished;
  gint64 began_at;   /* Unix seconds */
  GHashTable *parts; /* number → Part */
} Upload;

typedef struct
{
  GBytes *bytes; /* NULL where bytes are not kept */
  guint64 size;
  guint32 crc32;
  char *etag;
} Part;

typedef struct
{
  GBytes *bytes;
  char *content_type;
} Object;

struct _StreamerFakeStore
{
  GObject parent_instance;

  GMutex lock; /* guards what follows */
  GCond changed;
  StreamerLimits limits;
  gboolean drops_bytes;
  gboolean is_bucket;
  gint64 clock_offset;
  GPtrArray *script; /* (element-type Line) */
  guint edition;     /* of what blocks in it */
  guint n_calls[FAKE_N_OPERATIONS];
  guint n_blocked;
  guint n_at_once;
  guint max_at_once;
  guint n_begun;
  guint n_put;
  GHashTable *uploads; /* id → Upload, also those that are finished */
  GHashTable *objects; /* key → Object */
};

static void streamer_fake_store_iface_init (StreamerStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (StreamerFakeStore,
                               streamer_fake_store,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STORE,
                                                      streamer_fake_store_iface_init))

static void
part_free (Part *part)
{
  g_clear_pointer (&part->bytes, g_bytes_unref);
  g_free (part->etag);
  g_free (part);
}

static void
upload_free (Upload *upload)
{
  g_free (upload->id);
  g_free (upload->resume_id);
  g_free (upload->key);
  g_free (upload->content_type);
  g_hash_table_unref (upload->parts);
  g_free (upload);
}

static void
object_free (Object *object)
{
  g_clear_pointer (&object->bytes, g_bytes_unref);
  g_free (object->content_type);
  g_free (object);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  StreamerFakeStore *self = user_data;

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* With the lock held. */
static gboolean
wait_for_edition (StreamerFakeStore *self, GCancellable *cancellable, GError **error)
{
  guint edition = self->edition;
  gulong handler = 0;

  self->n_blocked++;
  g_mutex_unlock (&self->lock);
  g_main_context_wakeup (NULL);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);
  g_mutex_lock (&self->lock);
  while (edition == self->edition && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->changed, &self->lock);
  self->n_blocked--;
  g_mutex_unlock (&self->lock);
  g_cancellable_disconnect (cancellable, handler);
  g_mutex_lock (&self->lock);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* The next line of the script for this call, from @from on. */
static gboolean
find_line (StreamerFakeStore *self, FakeOperation operation, guint nth, guint *from, Line *line)
{
  for (; *from < self->script->len; (*from)++)
    {
      *line = *(const Line *) self->script->pdata[*from];
      if (line->operation == operation && (line->nth == 0 || line->nth == nth))
        {
          (*from)++;
          return TRUE;
        }
    }
  return FALSE;
}

/* Takes the lock, and lets it go where it fails. Returns: the number of this call, or 0 */
static guint
enter (StreamerFakeStore *self, FakeOperation operation, GCancellable *cancellable, GError **error)
{
  Line line;
  guint from = 0;
  guint nth;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return 0;
  g_mutex_lock (&self->lock);
  nth = ++self->n_calls[operation];
  while (find_line (self, operation, nth, &from, &line))
    {
      if (line.func != NULL)
        {
          g_mutex_unlock (&self->lock);
          line.func (self, line.user_data);
          g_mutex_lock (&self->lock);
        }
      if (line.blocks && !wait_for_edition (self, cancellable, error))
        {
          g_mutex_unlock (&self->lock);
          return 0;
        }
      if (line.fails && !line.lost)
        {
          g_set_error (error, STREAMER_ERROR, (int) line.code, "scripted, call %u", nth);
          g_mutex_unlock (&self->lock);
          return 0;
        }
    }
  return nth;
}

/* Lets the lock go. Returns: whether the answer arrives */
static gboolean
leave (StreamerFakeStore *self,
       FakeOperation operation,
       guint nth,
       GCancellable *cancellable,
       GError **error)
{
  Line line;
  guint from = 0;
  gboolean arrives = TRUE;

  while (arrives && find_line (self, operation, nth, &from, &line))
    {
      if (line.blocks_answer)
        arrives = wait_for_edition (self, cancellable, error);
      else if (line.fails && line.lost)
        {
          g_set_error (error, STREAMER_ERROR, (int) line.code, "scripted loss, call %u", nth);
          arrives = FALSE;
        }
    }
  g_mutex_unlock (&self->lock);
  return arrives;
}

/* With the lock held, which it lets go. */
static gboolean
refuse (StreamerFakeStore *self, StreamerError code, const char *what, GError **error)
{
  g_mutex_unlock (&self->lock);
  g_set_error_literal (error, STREAMER_ERROR, (int) code, what);
  return FALSE;
}

static gboolean
fake_get_limits (StreamerStore *store,
                 StreamerHttp *http,
                 StreamerLimits *limits,
                 GCancellable *cancellable,
                 GError **error)
{
  StreamerFakeStore *self = STREAMER_FAKE_STORE (store);
  guint nth = enter (self, FAKE_GET_LIMITS, cancellable, error);

  if (nth == 0)
    return FALSE;
  *limits = self->limits;
  return leave (self, FAKE_GET_LIMITS, nth, cancellable, error);
}

static Upload *
find_by_resume_id (StreamerFakeStore *self, const char *resume_id)
{
  GHashTableIter iter;
  gpointer upload;

  g_hash_table_iter_init (&iter, self->uploads);
  while (g_hash_table_iter_next (&iter, NULL, &upload))
    if (g_str_equal (((Upload *) upload)->resume_id, resume_id))
      return upload;
  return NULL;
}

static gboolean
fake_begin (StreamerStore *store,
            StreamerHttp *http,
            StreamerUpload *wanted,
            GCancellable *cancellable,
            GError **error)
{
  StreamerFakeStore *self = STREAMER_FAKE_STORE (store);
  guint nth = enter (self, FAKE_BEGIN, cancellable, error);
  g_autofree char *id = NULL;
  Upload *upload;

  if (nth == 0)
    return FALSE;
  upload = self->is_bucket ? NULL : find_by_resume_id (self, wanted->resume_id);
  if (upload == NULL)
    {
      if (!wanted->overwrite && g_hash_table_contains (self->objects, wanted->key))
        return refuse (self, STREAMER_ERROR_EXISTS, "it exists", error);
      upload = g_new0 (Upload, 1);
      upload->id = g_strdup_printf ("upload-%u", ++self->n_begun);
      upload->resume_id = g_strdup (wanted->resume_id);
      upload->key = g_strdup (wanted->key);
      upload->content_type = g_strdup (wanted->content_type);
      upload->size = wanted->size;
      upload->part_size = wanted->part_size;
      upload->n_parts = wanted->n_parts;
      upload->overwrite = wanted->overwrite;
      upload->began_at = g_get_real_time () / G_USEC_PER_SEC;
      upload->parts = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) part_free);
      g_hash_table_insert (self->uploads, upload->id, upload);
    }
  id = g_strdup (upload->id);
  if (!leave (self, FAKE_BEGIN, nth, cancellable, error))
    return FALSE;
  g_assert_null (wanted->upload_id);
  wanted->upload_id = g_steal_pointer (&id);
  return TRUE;
}

static GBytes *
read_all (GInputStream *body, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree guint8 *buffer = g_malloc (STREAMER_IO_SIZE);
  gssize n;

  while ((n = g_input_stream_read (body, buffer, STREAMER_IO_SIZE, cancellable, error)) > 0)
    g_byte_array_append (bytes, buffer, (guint) n);
  return n == 0 ? g_byte_array_free_to_bytes (g_steal_pointer (&bytes)) : NULL;
}

static gboolean
keep_part (StreamerFakeStore *self,
           const char *upload_id,
           guint number,
           GBytes *bytes,
           StreamerStoredPart *stored,
           GError **error)
{
  Upload *upload = g_hash_table_lookup (self->uploads, upload_id);
  Part *part;

  if (upload == NULL || upload->finished)
    return refuse (self, STREAMER_ERROR_NO_UPLOAD, "no such upload", error);

  part = g_new0 (Part, 1);
  part->size = g_bytes_get_size (bytes);
  part->crc32 = streamer_crc32_update (0, g_bytes_get_data (bytes, NULL), part->size);
  part->etag = g_strdup_printf ("\"etag-%u\"", ++self->n_put);
  if (!self->drops_bytes)
    part->bytes = g_bytes_ref (bytes);
  g_assert_cmphex (part->crc32, ==, stored->crc32);
  stored->etag = g_strdup (part->etag);
  g_hash_table_insert (upload->parts, GUINT_TO_POINTER (number), part);
  return TRUE;
}

static gboolean
fake_put_part (StreamerStore *store,
               StreamerHttp *http,
               StreamerUpload *upload,
               guint number,
               StreamerPartStream *body,
               StreamerStoredPart *stored,
               GCancellable *cancellable,
               GError **error)
{
  StreamerFakeStore *self = STREAMER_FAKE_STORE (store);
  g_autoptr (GBytes) bytes = NULL;
  gboolean arrives = FALSE;
  guint nth;

  g_mutex_lock (&self->lock);
  self->n_at_once++;
  self->max_at_once = MAX (self->max_at_once, self->n_at_once);
  g_mutex_unlock (&self->lock);

  /* The bytes travel first, as they do for real; what is said of them comes afterwards. */
  streamer_part_stream_rewind (body);
  bytes = read_all (G_INPUT_STREAM (body), cancellable, error);
  nth = bytes != NULL ? enter (self, FAKE_PUT_PART, cancellable, error) : 0;
  if (nth > 0)
    {
      stored->number = number;
      stored->size = g_bytes_get_size (bytes);
      stored->crc32 = streamer_part_stream_get_crc32 (body);
      arrives = keep_part (self, upload->upload_id, number, bytes, stored, error) &&
                leave (self, FAKE_PUT_PART, nth, cancellable, error);
      if (!arrives)
        streamer_stored_part_clear (stored);
    }

  g_mutex_lock (&self->lock);
  self->n_at_once--;
  g_mutex_unlock (&self->lock);
  return arrives;
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  return (int) ((const StreamerStoredPart *) a)->number -
         (int) ((const StreamerStoredPart *) b)->number;
}

static GArray *
fake_list_parts (StreamerStore *store,
                 StreamerHttp *http,
                 StreamerUpload *wanted,
                 GCancellable *cancellable,
                 GError **error)
{
  StreamerFakeStore *self = STREAMER_FAKE_STORE (store);
  guint nth = enter (self, FAKE_LIST_PARTS, cancellable, error);
  g_autoptr (GArray) parts = NULL;
  GHashTableIter iter;
  gpointer number;
  gpointer value;
  Upload *upload;

  if (nth == 0)
    return NULL;
  upload = g_hash_table_lookup (self->uploads, wanted->upload_id);
  if (upload == NULL || upload->finished)
    {
      refuse (self, STREAMER_ERROR_NO_UPLOAD, "no such upload", error);
      return NULL;
    }
  parts = g_array_new (FALSE, TRUE, sizeof (StreamerStoredPart));
  g_array_set_clear_func (parts, (GDestroyNotify) streamer_stored_part_clear);
  g_hash_table_iter_init (&iter, upload->parts);
  while (g_hash_table_iter_next (&iter, &number, &value))
    {
      const Part *part = value;
      StreamerStoredPart stored = { .number = GPOINTER_TO_UINT (number),
                                    .size = part->size,
                                    .etag = g_strdup (part->etag) };

      g_array_append_val (parts, stored);
    }
  g_array_sort (parts, compare_numbers);
  if (!leave (self, FAKE_LIST_PARTS, nth, cancellable, error))
    return NULL;
  return g_steal_pointer (&parts);
}

/* With the lock held. Returns: (nullable) (transfer full): why not */
static char *
check_parts (Upload *upload, GArray *parts, guint32 crc32)
{
  guint32 whole = 0;
  guint64 size = 0;

  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoredPart *listed = &g_array_index (parts, StreamerStoredPart, i);
      const Part *part = g_hash_table_lookup (upload->parts, GUINT_TO_POINTER (i + 1));

      if (listed->number != i + 1 || part == NULL)
        return g_strdup_printf ("part %u is missing", i + 1);
      if (!g_str_equal (listed->etag, part->etag) || listed->size != part->size)
        return g_strdup_printf ("part %u is another one", i + 1);
      whole = streamer_crc32_combine (whole, part->crc32, part->size);
      size += part->size;
    }
  if (parts->len != g_hash_table_size (upload->parts))
    return g_strdup ("not all parts");
  if (whole != crc32)
    return g_strdup ("wrong checksum");
  if (upload->size != STREAMER_SIZE_UNKNOWN && size != upload->size)
    return g_strdup ("wrong size");
  return NULL;
}

static void
make_object (StreamerFakeStore *self, Upload *upload, guint n_parts)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Object *object = g_new0 (Object, 1);

  for (guint number = 1; number <= n_parts; number++)
    {
      const Part *part = g_hash_table_lookup (upload->parts, GUINT_TO_POINTER (number));

      if (part->bytes != NULL)
        g_byte_array_append (bytes, g_bytes_get_data (part->bytes, NULL),
                             (guint) g_bytes_get_size (part->bytes));
    }
  object->bytes = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  object->content_type = g_strdup (upload->content_type);
  g_hash_table_insert (self->objects, g_strdup (upload->key), object);
  upload->finished = TRUE;
}

static StreamerStoredObject *
fake_finish (StreamerStore *store,
             StreamerHttp *http,
             StreamerUpload *wanted,
             GArray *parts,
             guint32 crc32,
             GCancellable *cancellable,
             GError **error)
{
  StreamerFakeStore *self = STREAMER_FAKE_STORE (store);
  guint nth = enter (self, FAKE_FINISH, cancellable, error);
  g_autofree char *reason = NULL;
  g_autofree char *url = NULL;
  guint64 size = 0;
  Upload *upload;

  if (nth == 0)
    return NULL;
  upload = g_hash_table_lookup (self->uploads, wanted->upload_id);
  if (upload == NULL)
    {
      refuse (self, STREAMER_ERROR_NO_UPLOAD, "no such upload", error);
      return NULL;
    }
  reason = check_parts (upload, parts, crc32);
  if (reason != NULL)
    {
      refuse (self, STREAMER_ERROR_CHECKSUM, reason, error);
      return NULL;
    }
  if (!upload->finished)
    {
      if (!upload->overwrite && g_hash_table_contains (self->objects, upload->key))
        {
          refuse (self, STREAMER_ERROR_EXISTS, "it exists", error);
          return NULL;
        }
      make_object (self, upload, parts->len);
    }
  for (guint i = 0; i < parts->len; i++)
    size += g_array_index (parts, StreamerStoredPart, i).size;
  url = g_strdup_printf ("https://fake.example/%s", upload->key);
  if (!leave (self, FAKE_FINISH, nth, cancellable, error))
    return NULL;
  return streamer_stored_object_new (size, "\"whole\"", url);
}

static gboolean
fake_cancel (StreamerStore *store,
             StreamerHttp *http,
             StreamerUpload *wanted,
             GCancellable *cancellable,
             GError **error)
{
  StreamerFakeStore *self = STREAMER_FAKE_STORE (store);
  guint nth = enter (self, FAKE_CANCEL, cancellable, error);

  if (nth == 0)
    return FALSE;
  g_hash_table_remove (self->uploads, wanted->upload_id);
  return leave (self, FAKE_CANCEL, nth, cancellable, error);
}

static gboolean
fake_remove (StreamerStore *store,
             StreamerHttp *http,
             const char *key,
             GCancellable *cancellable,
             GError **error)
{
  StreamerFakeStore *self = STREAMER_FAKE_STORE (store);
  guint nth = enter (self, FAKE_REMOVE, cancellable, error);

  if (nth == 0)
    return FALSE;
  if (!g_hash_table_remove (self->objects, key))
    return refuse (self, STREAMER_ERROR_NOT_FOUND, "no such object", error);
  return leave (self, FAKE_REMOVE, nth, cancellable, error);
}

/* Each link is another one, as signatures are. */
static char *
fake_link (StreamerStore *store,
           StreamerHttp *http,
           const char *key,
           guint expires_in,
           GCancellable *cancellable,
           GError **error)
{
  StreamerFakeStore *self = STREAMER_FAKE_STORE (store);
  guint nth = enter (self, FAKE_LINK, cancellable, error);

  if (nth == 0)
    return NULL;
  if (!g_hash_table_contains (self->objects, key))
    {
      refuse (self, STREAMER_ERROR_NOT_FOUND, "no such object", error);
      return NULL;
    }
  if (!leave (self, FAKE_LINK, nth, cancellable, error))
    return NULL;
  return g_strdup_printf ("https://fake.example/%s?expires=%u&signature=%u", key, expires_in, nth);
}

static GArray *
fake_list_unfinished (StreamerStore *store,
                      StreamerHttp *http,
                      const char *prefix,
                      GCancellable *cancellable,
                      GError **error)
{
  StreamerFakeStore *self = STREAMER_FAKE_STORE (store);
  guint nth = enter (self, FAKE_LIST_UNFINISHED, cancellable, error);
  g_autoptr (GArray) unfinished = streamer_unfinished_array_new ();
  GHashTableIter iter;
  gpointer value;

  if (nth == 0)
    return NULL;
  if (!self->is_bucket)
    {
      g_mutex_unlock (&self->lock);
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "no bucket");
      return NULL;
    }
  g_hash_table_iter_init (&iter, self->uploads);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Upload *upload = value;
      StreamerUnfinished found = { g_strdup (upload->key), g_strdup (upload->id),
                                   upload->began_at };

      if (!upload->finished && g_str_has_prefix (upload->key, prefix))
        g_array_append_val (unfinished, found);
      else
        streamer_unfinished_clear (&found);
    }
  if (!leave (self, FAKE_LIST_UNFINISHED, nth, cancellable, error))
    return NULL;
  return g_steal_pointer (&unfinished);
}

static gint64
fake_get_clock_offset (StreamerStore *store)
{
  StreamerFakeStore *self = STREAMER_FAKE_STORE (store);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->clock_offset;
}

static void
streamer_fake_store_iface_init (StreamerStoreInterface *iface)
{
  iface->list_unfinished = fake_list_unfinished;
  iface->get_limits = fake_get_limits;
  iface->begin = fake_begin;
  iface->put_part = fake_put_part;
  iface->list_parts = fake_list_parts;
  iface->finish = fake_finish;
  iface->cancel = fake_cancel;
  iface->remove = fake_remove;
  iface->link = fake_link;
  iface->get_clock_offset = fake_get_clock_offset;
}

static void
streamer_fake_store_finalize (GObject *object)
{
  StreamerFakeStore *self = STREAMER_FAKE_STORE (object);

  g_ptr_array_unref (self->script);
  g_hash_table_unref (self->uploads);
  g_hash_table_unref (self->objects);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (streamer_fake_store_parent_class)->finalize (object);
}

static void
streamer_fake_store_class_init (StreamerFakeStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = streamer_fake_store_finalize;
}

static void
streamer_fake_store_init (StreamerFakeStore *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->limits = (StreamerLimits){
    .min_part_size = 1, .max_part_size = 1 << 30, .max_parts = 10000, .max_object_size = 1 << 30
  };
  self->script = g_ptr_array_new_with_free_func (g_free);
  self->uploads =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) upload_free);
  self->objects =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) object_free);
}

StreamerFakeStore *
streamer_fake_store_new (void)
{
  return g_object_new (STREAMER_TYPE_FAKE_STORE, NULL);
}

void
streamer_fake_store_set_limits (StreamerFakeStore *self, const StreamerLimits *limits)
{
  self->limits = *limits;
}

void
streamer_fake_store_set_keep_bytes (StreamerFakeStore *self, gboolean keep_bytes)
{
  self->drops_bytes = !keep_bytes;
}

void
streamer_fake_store_set_is_bucket (StreamerFakeStore *self, gboolean is_bucket)
{
  self->is_bucket = is_bucket;
}

void
streamer_fake_store_set_clock_offset (StreamerFakeStore *self, gint64 seconds)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->clock_offset = seconds;
}

void
streamer_fake_store_age_uploads (StreamerFakeStore *self, guint seconds)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GHashTableIter iter;
  gpointer upload;

  g_hash_table_iter_init (&iter, self->uploads);
  while (g_hash_table_iter_next (&iter, NULL, &upload))
    ((Upload *) upload)->began_at -= seconds;
}

static void
add_line (StreamerFakeStore *self, Line line)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->script, g_memdup2 (&line, sizeof line));
  g_mutex_unlock (&self->lock);
}

void
streamer_fake_store_fail (StreamerFakeStore *self,
                          FakeOperation operation,
                          guint nth,
                          StreamerError code,
                          gboolean lost)
{
  add_line (
      self,
      (Line){ .operation = operation, .nth = nth, .fails = TRUE, .code = code, .lost = lost });
}

void
streamer_fake_store_block (StreamerFakeStore *self, FakeOperation operation, guint nth)
{
  add_line (self, (Line){ .operation = operation, .nth = nth, .blocks = TRUE });
}

void
streamer_fake_store_block_answer (StreamerFakeStore *self, FakeOperation operation, guint nth)
{
  add_line (self, (Line){ .operation = operation, .nth = nth, .blocks_answer = TRUE });
}

void
streamer_fake_store_call (StreamerFakeStore *self,
                          FakeOperation operation,
                          guint nth,
                          GFunc func,
                          gpointer user_data)
{
  add_line (self,
            (Line){ .operation = operation, .nth = nth, .func = func, .user_data = user_data });
}

void
streamer_fake_store_let_on (StreamerFakeStore *self)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->script->len; i++)
    {
      Line *line = self->script->pdata[i];

      line->blocks = FALSE;
      line->blocks_answer = FALSE;
    }
  self->edition++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
streamer_fake_store_clear_script (StreamerFakeStore *self)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_set_size (self->script, 0);
  self->edition++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

guint
streamer_fake_store_get_n_calls (StreamerFakeStore *self, FakeOperation operation)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_calls[operation];
}

guint
streamer_fake_store_get_n_blocked (StreamerFakeStore *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_blocked;
}

guint
streamer_fake_store_get_max_at_once (StreamerFakeStore *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->max_at_once;
}

guint
streamer_fake_store_get_n_uploads (StreamerFakeStore *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GHashTableIter iter;
  gpointer upload;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->uploads);
  while (g_hash_table_iter_next (&iter, NULL, &upload))
    n += ((Upload *) upload)->finished ? 0 : 1;
  return n;
}

guint
streamer_fake_store_get_n_objects (StreamerFakeStore *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_hash_table_size (self->objects);
}

GBytes *
streamer_fake_store_get_object (StreamerFakeStore *self, const char *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Object *object = g_hash_table_lookup (self->objects, key);

  return object != NULL ? g_bytes_ref (object->bytes) : NULL;
}

char *
streamer_fake_store_get_content_type (StreamerFakeStore *self, const char *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Object *object = g_hash_table_lookup (self->objects, key);

  return object != NULL ? g_strdup (object->content_type) : NULL;
}

void
streamer_fake_store_set_object (StreamerFakeStore *self, const char *key, const char *text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Object *object = g_new0 (Object, 1);

  object->bytes = g_bytes_new (text, strlen (text));
  g_hash_table_insert (self->objects, g_strdup (key), object);
}

void
streamer_fake_store_forget_uploads (StreamerFakeStore *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_hash_table_remove_all (self->uploads);
}

void
streamer_fake_store_forget_part (StreamerFakeStore *self, guint number)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GHashTableIter iter;
  gpointer upload;

  g_hash_table_iter_init (&iter, self->uploads);
  while (g_hash_table_iter_next (&iter, NULL, &upload))
    g_hash_table_remove (((Upload *) upload)->parts, GUINT_TO_POINTER (number));
}
